//! Addresses in variables of whom the code does not have: partners, and what other code declares.

use std::net::IpAddr;

use hermetic_hop::ExternalEndpoint;

use super::super::address;
use super::super::connection::{Wish, of_text, scheme};
use super::super::outsider::Outsider;
use super::super::store::Dialect;
use super::super::way::{Floor, Verified, Way};
use super::brokers::{self, Broker};

/// Schemes of databases, whose clients use TLS or not by their options.
const DATABASES: [&str; 9] =
    ["postgres", "postgresql", "mysql", "mysql2", "mariadb", "mongodb", "sqlserver", "oracle", "redshift"];

/// Somebody outside to whom code connects.
pub struct Outside {
    /// What they are called.
    pub who: Outsider,
    /// Where they are, as far as a probe can look there.
    pub address: Option<ExternalEndpoint>,
    /// The way there.
    pub way: Way,
    /// The variable, where it has the host alone: whether TLS is used, another one says.
    pub alone: Option<String>,
}

impl Outside {
    /// A host of a database, cache or broker that a variable has alone.
    fn by_host(name: &str, text: &str) -> Option<Self> {
        let host = text.trim();
        let is_host =
            host.contains('.') && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
        if !is_host || is_local(host) || !is_host_of_store(name) {
            return None;
        }
        let way = of_wish(name, None, "")?;
        Some(Self { who: Outsider::at(host), address: None, way, alone: Some(name.to_owned()) })
    }

    /// The same with what a variable that switches TLS says of it.
    pub fn told(self, wish: Option<Wish>) -> Self {
        let way = self.alone.as_deref().filter(|_| wish.is_some()).and_then(|name| of_wish(name, wish, ""));
        match way {
            Some(way) => Self { way, ..self },
            None => self,
        }
    }
}

/// Whether a name says that the variable has a host of a store: `PGHOST`, `ORDERS_DB_HOST`, `REDIS_HOSTNAME`.
fn is_host_of_store(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.rsplit('_');
    match words.next() {
        Some("pghost") => true,
        Some("host" | "hostname" | "endpoint") => {
            words.next().is_some_and(|word| Dialect::ALL.iter().any(|dialect| dialect.is_called(word)))
        }
        _ => false,
    }
}

/// Who is at the addresses that a variable has, and the way there; none where they never leave the machine. A variable
/// may hold an `https` address that nobody connects to, such as an issuer's name: that leads nowhere.
pub fn ways(name: &str, text: &str) -> Vec<Outside> {
    let text = text.to_ascii_lowercase();
    let addresses = text.split([',', ' ']).filter(|address| scheme(address).is_some());
    let ways = addresses.filter_map(|address| {
        let way = of_address(name, address)?;
        let address_of = address::of_url(address);
        Some(Outside { who: Outsider::at(address), address: address_of, way, alone: None })
    });
    let whole = || {
        if let Some(Broker { host, wish }) = brokers::of(&text) {
            let way = of_wish(name, Some(wish), "")?;
            return Some(Outside { who: Outsider::at(host), address: None, way, alone: None });
        }
        let Some(host) = listed(&text) else { return Outside::by_host(name, &text) };
        let way = of_wish(name, of_text(&text), "").filter(|_| !is_local(host))?;
        Some(Outside { who: Outsider::at(host), address: None, way, alone: None })
    };
    ways.chain(scheme(&text).is_none().then(whole).flatten()).collect()
}

/// The host of a key/value string, whose words have no scheme. SQL Server's begins with a protocol and ends with a port.
fn listed(text: &str) -> Option<&str> {
    let keys = ["host=", "server=", "data source=", "bootstrap.servers="];
    let (at, key) = keys.iter().filter_map(|key| Some((text.find(key)?, key))).min()?;
    let value = text.get(at + key.len()..)?.split([';', ',', ' ']).next()?;
    let value = value.strip_prefix("tcp:").unwrap_or(value);
    value.split(':').next()
}

/// The host of a URL.
pub fn host(text: &str) -> Option<&str> {
    address::parts(text).map(|place| place.host)
}

fn of_address(name: &str, address: &str) -> Option<Way> {
    let host = host(address)?;
    if is_local(host) || is_a_name_alone(host) {
        return None;
    }
    let scheme = scheme(address)?;
    let wish = of_text(address);
    // SQLAlchemy names its driver behind a plus.
    let is_database = scheme.split('+').next().is_some_and(|database| DATABASES.contains(&database));
    let is_a_name = scheme == "https" && wish == Some(Wish::Verified);
    if is_a_name || (wish.is_none() && !is_database) {
        return None;
    }
    of_wish(name, wish, scheme)
}

fn of_wish(name: &str, wish: Option<Wish>, scheme: &str) -> Option<Way> {
    let told = match scheme {
        "" => format!("the host in {name} is not part of this code"),
        scheme => format!("the {scheme} address in {name} is not part of this code"),
    };
    Some(match wish {
        Some(Wish::Verified) => {
            let reason = format!("{told}, and is asked by TLS that verifies it");
            Way::tls(Floor::default(), Verified::Yes, reason)
        }
        Some(Wish::Never) => Way::clear(format!("{told}, and is asked in cleartext")),
        Some(Wish::Perhaps) => {
            Way::optional(Verified::No, format!("{told}, and is asked by TLS only where it offers that"))
        }
        Some(Wish::Unverified) => Way::tls(
            Floor::default(),
            Verified::No,
            format!("{told}, and is asked by TLS that verifies nobody"),
        ),
        Some(Wish::Untold | Wish::Encrypted) | None => {
            Way::unknown(format!("{told}, and whether its TLS is verified is not known"))
        }
    })
}

/// Whether what is sent there never leaves the machine, or goes to what the platform has beside it.
fn is_local(host: &str) -> bool {
    let named = ["localhost", "host.docker.internal", ""].contains(&host) || host.ends_with(".localhost");
    named
        || host.parse::<IpAddr>().is_ok_and(|address| match address {
            IpAddr::V4(v4) => v4.is_loopback() || v4.is_link_local() || v4.is_unspecified(),
            IpAddr::V6(v6) => v6.is_loopback() || v6.is_unicast_link_local() || v6.is_unspecified(),
        })
}

/// Whether an address is the name of a vocabulary, which nobody connects to.
fn is_a_name_alone(host: &str) -> bool {
    ["www.w3.org", "purl.org", "xmlns.com"].contains(&host)
        || host.starts_with("schemas.")
        || host.starts_with("xmlns.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hermetic_hop::Verdict;

    fn verdict(text: &str) -> Option<Verdict> {
        ways("URL", text).first().map(|outside| outside.way.verdict())
    }

    #[test]
    fn each_host_of_a_list_has_a_way_of_its_own() {
        let ways = ways("HOSTS", "redis://a.example:6379,rediss://b.example:6379");
        let named: Vec<_> = ways.iter().map(|outside| (outside.who.name(), outside.way.verdict())).collect();
        assert_eq!(
            named,
            [("a.example".to_owned(), Verdict::Clear), ("b.example".to_owned(), Verdict::Unknown)]
        );
    }

    #[test]
    fn the_host_of_a_connection_string_is_known_by_its_key() {
        for text in ["dbname=a host=db.example sslmode=disable", "Server=tcp:db.example,1433;Encrypt=False"] {
            let ways = ways("DB", text);
            assert_eq!(ways.first().map(|outside| outside.who.name()).as_deref(), Some("db.example"));
        }
    }

    #[test]
    fn an_address_in_clear_of_somebody_else_is_clear() {
        assert_eq!(verdict("http://api.partner.example/v1"), Some(Verdict::Clear));
        assert_eq!(verdict("redis://cache.partner.example:6379"), Some(Verdict::Clear));
        assert_eq!(verdict("host=db.partner.example sslmode=disable"), Some(Verdict::Clear));
    }

    #[test]
    fn what_stays_on_the_machine_or_names_a_vocabulary_goes_nowhere() {
        for text in
            ["http://localhost:3000", "http://127.0.0.1:2000", "http://[::1]/", "http://www.w3.org/ns"]
        {
            assert_eq!(verdict(text), None, "{text}");
        }
    }

    #[test]
    fn a_database_whose_address_says_nothing_of_tls_is_unknown() {
        assert_eq!(verdict("postgres://db.partner.example/app"), Some(Verdict::Unknown));
        assert_eq!(verdict("postgres://db.partner.example/app?sslmode=require"), Some(Verdict::Weak));
        assert_eq!(verdict("postgres://db.partner.example/app?sslmode=verify-full"), Some(Verdict::Unknown));
    }
}
