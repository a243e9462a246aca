//! Addresses in variables of whom the code does not have: partners, and what other code declares.

use std::net::IpAddr;

use super::super::connection::{Wish, of_text, scheme};
use super::super::way::{Floor, Verified, Way};

/// Schemes of databases, whose clients use TLS or not by their options.
const DATABASES: [&str; 9] =
    ["postgres", "postgresql", "mysql", "mysql2", "mariadb", "mongodb", "sqlserver", "oracle", "redshift"];

/// The way to the address that a variable has; none where it has none, it never leaves the machine, or its TLS is
/// verified: then it says nothing that falls short, and of the far end nobody can tell.
pub fn way(name: &str, text: &str) -> Option<Way> {
    let text = text.to_ascii_lowercase();
    let addresses = text.split([',', ' ']).filter(|address| scheme(address).is_some());
    let ways = addresses.filter_map(|address| of_address(name, address));
    // Words of a key/value string have no scheme.
    let listed =
        ["host=", "server=", "data source=", "bootstrap.servers="].iter().any(|key| text.contains(key));
    let whole = (scheme(&text).is_none() && listed).then(|| of_wish(name, of_text(&text), "")).flatten();
    ways.chain(whole).reduce(Way::worse)
}

/// The host of a URL.
pub fn host(text: &str) -> Option<&str> {
    scheme(text)?;
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#', ',']).next()?;
    let host = authority.rsplit('@').next()?;
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next(),
        None => host.split(':').next(),
    }
}

fn of_address(name: &str, address: &str) -> Option<Way> {
    let host = host(address)?;
    if is_local(host) || is_a_name_alone(host) {
        return None;
    }
    let scheme = scheme(address)?;
    let wish = of_text(address);
    if wish.is_none() && !DATABASES.contains(&scheme) {
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
        Some(Wish::Verified) => return None,
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
        way("URL", text).map(|way| way.verdict())
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
        assert_eq!(verdict("postgres://db.partner.example/app?sslmode=verify-full"), None);
    }
}
