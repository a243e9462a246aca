//! The first configuration: who the parties are called, which hops lead where, and what is said of it.

use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::path::Path;

use hermetic_hop::{ExternalEndpoint, PartyName, Scheme};
use hermetic_tls::SystemClock;

const HEAD: &str = "\
# The hops of your data, as they are today. Nothing in here touches your traffic: Hermetic looks at
# each far end from this machine, beside the path.
#
#   hermetic check --probe   looks once, and judges
#   hermetic up              keeps looking; `hermetic hops` shows what was seen
#
# `hermetic config reference` tells all that may be written here.
";

const EVIDENCE: &str = "\
# What is written here is what you wish for; only evidence makes a hop `sealed`. A probe is a handshake
# from here. It shows what the far end offers, and not what others make of it: for that, add the far
# end's log, such as { log = \"/var/log/nginx/tls.log\", format = \"nginx\" }.
";

const OWN_AUTHORITY: &str = "\
# The system's roots must vouch for it. Where a certificate authority of your own does, name its root:
# tls = { trust = \"ca.pem\" }
";

const FLOW: &str = "\
# The path of the data: parties in order, each neighbouring pair a hop. Its verdict is that of its
# worst hop.
";

const REQUIREMENT: &str = "\
# What you demand of every hop of every flow. Take the `#` away when you want to be held to it.
# [[requirement]]
# tls = \"1.2\"
# verified = true
";

/// A configuration that is made of endpoints.
#[derive(Debug)]
pub struct Draft<'e> {
    hops: Vec<Hop<'e>>,
    flows: Vec<Vec<String>>,
}

#[derive(Debug)]
struct Hop<'e> {
    from: String,
    to: String,
    endpoint: &'e ExternalEndpoint,
}

impl<'e> Draft<'e> {
    /// Servers in front of each other, in their order, and behind the last of them what keeps or
    /// takes the data: each of those ends a flow of its own.
    pub fn of(endpoints: &'e [ExternalEndpoint]) -> Self {
        let (ends, fronts): (Vec<_>, Vec<_>) = endpoints.iter().partition(|endpoint| is_end(endpoint.scheme));
        // Databases are not for whoever comes from outside; without a server before them, somebody
        // unnamed connects.
        let first = if fronts.is_empty() { "app" } else { "client" };
        let mut names = Names(vec![first.to_owned(), PartyName::client().to_string()]);
        let mut hops = Vec::new();
        let mut path = vec![first.to_owned()];
        for front in fronts {
            let (from, to) = (last(&path), names.name(front));
            path.push(to.clone());
            hops.push(Hop { from, to, endpoint: front });
        }
        let mut flows = Vec::new();
        for end in &ends {
            let to = names.name(end);
            flows.push([path.as_slice(), std::slice::from_ref(&to)].concat());
            hops.push(Hop { from: last(&path), to, endpoint: end });
        }
        if ends.is_empty() {
            flows.push(path);
        }
        Self { hops, flows }
    }

    /// Whether it is a valid configuration.
    pub fn holds(&self) -> bool {
        hermetic_config::parse(&self.to_string(), Path::new("hermetic.toml"), &SystemClock).is_ok()
    }

    /// The flows for people, one a line.
    pub fn flows(&self) -> String {
        self.flows.iter().map(|path| format!("flow   {}\n", path.join(" → "))).collect()
    }
}

impl fmt::Display for Draft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}\n{EVIDENCE}")?;
        for Hop { from, to, endpoint } in &self.hops {
            writeln!(f, "[[hop]]\nfrom = \"{from}\"\nto = \"{to}\"\nendpoint = \"{endpoint}\"")?;
            writeln!(f, "evidence = [\"probe\"]")?;
            if is_private(endpoint) {
                f.write_str(OWN_AUTHORITY)?;
            }
            f.write_char('\n')?;
        }
        f.write_str(FLOW)?;
        for path in &self.flows {
            let parties: Vec<String> = path.iter().map(|party| format!("\"{party}\"")).collect();
            writeln!(f, "[[flow]]\nname = \"{}\"\npath = [{}]\n", last(path), parties.join(", "))?;
        }
        f.write_str(REQUIREMENT)
    }
}

/// Names that are taken.
struct Names(Vec<String>);

impl Names {
    /// The first label of the host where it says something, else what is spoken there; with a
    /// number where that is taken.
    fn name(&mut self, endpoint: &ExternalEndpoint) -> String {
        let mut labels = endpoint.host.split('.').skip_while(|label| *label == "www");
        let label = labels.next().filter(|label| says_something(label, &endpoint.host));
        let name = label.unwrap_or_else(|| role(endpoint.scheme));
        // A label has 63 characters at most, as a name has; a number must fit behind it.
        let stem: String = name.chars().take(59).collect();
        let numbered = (2..).map(|number| format!("{stem}-{number}"));
        let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !self.0.contains(name));
        let free = free.unwrap_or_default();
        self.0.push(free.clone());
        free
    }
}

fn says_something(label: &str, host: &str) -> bool {
    !label.is_empty() && label != "localhost" && host.parse::<IpAddr>().is_err()
}

fn role(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Https => "web",
        Scheme::Tls => "server",
        Scheme::Postgres => "postgres",
        Scheme::Mysql => "mysql",
        Scheme::Redis | Scheme::Rediss => "redis",
        Scheme::Ldap | Scheme::Ldaps => "directory",
        Scheme::Mqtt | Scheme::Mqtts | Scheme::Amqp | Scheme::Amqps | Scheme::Nats => "broker",
        Scheme::Ftp | Scheme::Ftps => "files",
        // Mail in all of its protocols.
        _ => "mail",
    }
}

/// Whether data ends there, and nothing lies behind it.
fn is_end(scheme: Scheme) -> bool {
    !matches!(scheme, Scheme::Https | Scheme::Tls)
}

/// Whether no public authority could vouch for it (RFC 6761, RFC 6762, RFC 1918, and ICANN's
/// `internal`), or usually none does.
fn is_private(endpoint: &ExternalEndpoint) -> bool {
    let inside = [".internal", ".local", ".localhost", ".lan", ".home.arpa"];
    let host = endpoint.host.as_str();
    is_end(endpoint.scheme)
        || !host.contains('.')
        || host.parse::<IpAddr>().is_ok()
        || inside.iter().any(|domain| host.ends_with(domain))
}

fn last(path: &[String]) -> String {
    path.last().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flows(endpoints: &[&str]) -> Vec<String> {
        let endpoints: Vec<ExternalEndpoint> = endpoints.iter().map(|text| text.parse().unwrap()).collect();
        let draft = Draft::of(&endpoints);
        assert!(draft.holds(), "{draft}");
        draft.flows().lines().map(|line| line.trim_start_matches("flow   ").to_owned()).collect()
    }

    #[test]
    fn the_first_configuration_teaches() {
        let endpoints =
            ["https://shop.example.com", "postgres://db.internal"].map(|text| text.parse().unwrap());
        insta::assert_snapshot!(Draft::of(&endpoints));
    }

    #[test]
    fn what_is_commented_out_holds_too() {
        let endpoints = ["postgres://db.internal"].map(|text| text.parse().unwrap());
        let text = Draft::of(&endpoints)
            .to_string()
            .replace("# [[requirement]]\n# tls", "[[requirement]]\ntls")
            .replace("# verified", "verified")
            .replace("# tls = { trust = \"ca.pem\" }", "tls = { trust = \"authority\" }");
        let configuration = hermetic_config::parse(&text, Path::new("hermetic.toml"), &SystemClock).unwrap();
        assert!(configuration.requirements[0].verified);
        assert!(matches!(configuration.external[0].trust, hermetic_config::Trust::Authority));
    }

    #[test]
    fn a_flow_leads_from_the_client_over_servers_to_the_database() {
        assert_eq!(
            flows(&["https://shop.example.com", "https://api.example.com", "postgres://db.internal"]),
            ["client → shop → api → db"]
        );
    }

    #[test]
    fn no_data_passes_through_a_database_to_another() {
        assert_eq!(
            flows(&["postgres://db", "redis://cache", "https://www.example.com"]),
            ["client → example → db", "client → example → cache"]
        );
    }

    #[test]
    fn a_database_alone_is_not_for_clients() {
        assert_eq!(flows(&["mysql://127.0.0.1"]), ["app → mysql"]);
    }

    #[test]
    fn names_are_told_apart() {
        assert_eq!(
            flows(&["https://client.example", "https://10.0.0.1", "https://10.0.0.2", "smtp://localhost"]),
            ["client → client-2 → web → web-2 → mail"]
        );
        assert_eq!(flows(&["postgres://app.internal"]), ["app → app-2"]);
    }

    #[test]
    fn only_where_public_roots_may_not_vouch_is_a_root_asked_for() {
        let asks = |text: &str| Draft::of(&[text.parse().unwrap()]).to_string().contains("ca.pem");
        assert!(!asks("https://shop.example.com"));
        assert!(
            asks("https://shop.internal") && asks("https://10.0.0.1") && asks("postgres://db.example.com")
        );
    }

    proptest! {
        #[test]
        fn what_is_drafted_holds(
            picked in proptest::collection::vec((0..Scheme::ALL.len(), "[a-z]([a-z0-9_-]{0,61}[a-z0-9])?", 1..9999_u16), 1..6)
        ) {
            let endpoint = |(scheme, host, port): (usize, String, u16)| ExternalEndpoint {
                scheme: Scheme::ALL[scheme],
                host: format!("{host}.example"),
                port,
            };
            let endpoints: Vec<ExternalEndpoint> = picked.into_iter().map(endpoint).collect();
            let draft = Draft::of(&endpoints);
            prop_assert!(draft.holds(), "{}", draft);
        }
    }
}
