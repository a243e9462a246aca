//! What a setting asks for, as far as its text says: cleartext, or TLS that verifies nobody.
//!
//! It is about texts that drivers and runtimes read, each by the manual of its maker.

use crate::control::Control;
use crate::controls::url;
use crate::policy::UNKNOWN;

/// What is wrong with a setting, and by what.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It asks for cleartext, or leaves it open.
    Clear(String),
    /// Nobody is verified.
    Unverified(String),
    /// What an option says is not known here.
    Unknown(String),
}

/// Schemes without TLS. That of PostgreSQL, MySQL and MongoDB say nothing by themselves.
const CLEAR_SCHEMES: [&str; 12] =
    ["http", "ws", "redis", "valkey", "amqp", "ldap", "mqtt", "nats", "ftp", "smtp", "stomp", "memcached"];

/// Options of drivers that ask for no TLS, or for TLS where the other side likes it.
const CLEAR_OPTIONS: [&str; 17] = [
    "sslmode=disable",
    "sslmode=allow",
    "sslmode=prefer",
    "sslmode=disabled",
    "sslmode=preferred",
    "sslmode=none",
    "ssl-mode=disabled",
    "ssl-mode=preferred",
    "ssl=false",
    "ssl=0",
    "tls=false",
    "tls=0",
    "usessl=false",
    "encrypt=false",
    "encrypt=no",
    "encrypt=optional",
    "security.protocol=plaintext",
];

/// Options that take any certificate.
const UNVERIFIED_OPTIONS: [&str; 8] = [
    "verify=none",
    "trustservercertificate=true",
    "trustservercertificate=yes",
    "tlsinsecure=true",
    "tlsallowinvalidcertificates=true",
    "verifyservercertificate=false",
    "ssl_cert_reqs=none",
    "tls=skip-verify",
];

/// Hosts of names that are written as addresses and never called: namespaces of XML and of JSON documents.
const NAMESPACES: [&str; 9] = [
    "www.w3.org",
    "schemas.xmlsoap.org",
    "schemas.microsoft.com",
    "schemas.openxmlformats.org",
    "docs.oasis-open.org",
    "json-schema.org",
    "purl.org",
    "xmlns.com",
    "www.springframework.org",
];

/// Variables that switch something off by themselves.
const VARIABLES: [(&str, &str); 7] = [
    ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
    ("PYTHONHTTPSVERIFY", "0"),
    ("GIT_SSL_NO_VERIFY", "true"),
    ("GIT_SSL_NO_VERIFY", "1"),
    ("PGSSLMODE", "disable"),
    ("PGSSLMODE", "allow"),
    ("PGSSLMODE", "prefer"),
];

/// What is wrong with a variable of that name and value.
pub(super) fn problem(control: &Control, name: &str, value: &str) -> Option<Problem> {
    let (name, lower) = (name.to_ascii_uppercase(), value.trim().to_ascii_lowercase());
    if let Some((variable, _)) = VARIABLES.iter().find(|(known, off)| *known == name && *off == lower) {
        return Some(match *variable {
            "PGSSLMODE" => Problem::Clear(format!("PGSSLMODE={lower}")),
            _ => Problem::Unverified(format!("{variable}={lower}")),
        });
    }
    if name == "GODEBUG" {
        let old =
            lower.split(',').find(|option| ["tls10server=1", "tls3des=1", "tlsrsakex=1"].contains(option));
        return old.map(|old| Problem::Clear(old.to_owned()));
    }
    let addresses: Vec<(&str, &str)> = addresses(&lower).collect();
    let all_exempt = !addresses.is_empty() && addresses.iter().all(|(_, host)| url::is_exempt(control, host));
    if all_exempt {
        return None;
    }
    let clear = addresses
        .iter()
        .find(|(scheme, host)| CLEAR_SCHEMES.contains(scheme) && !url::is_exempt(control, host));
    if let Some((scheme, _)) = clear {
        return Some(Problem::Clear(format!("{scheme}://")));
    }
    let options: Vec<String> = options(&lower).collect();
    let among = |known: &[&str]| options.iter().find(|option| known.contains(&option.as_str())).cloned();
    let unknown = || options.iter().find_map(|option| unknown_option(option)).map(Problem::Unknown);
    among(&CLEAR_OPTIONS)
        .map(Problem::Clear)
        .or_else(|| among(&UNVERIFIED_OPTIONS).map(Problem::Unverified))
        .or_else(unknown)
}

/// The name of an option that decides, where its value is not known.
fn unknown_option(option: &str) -> Option<String> {
    let (name, value) = option.split_once('=')?;
    let names = |known: &&str| known.split_once('=').is_some_and(|(known, _)| known == name);
    let decides = CLEAR_OPTIONS.iter().chain(&UNVERIFIED_OPTIONS).any(names);
    (decides && value.starts_with(UNKNOWN)).then(|| name.to_owned())
}

/// Schemes and hosts of all addresses in a text, which may be a list of them, or have one behind another scheme, as
/// `jdbc:` has.
fn addresses(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices("://").filter_map(|(at, _)| {
        let (before, behind) = (text.get(..at)?, text.get(at + 3..)?);
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
        let scheme = before.rsplit(|c| !is_scheme(c)).next().filter(|scheme| !scheme.is_empty())?;
        let host = url::host(behind.split([',', ' ', '"', '\'']).next().unwrap_or(behind));
        (!is_namespace(before, scheme, host)).then_some((scheme, host))
    })
}

/// Whether an address is a name: of a namespace that is well known, or one that XML declares (`xmlns:x="…"`).
fn is_namespace(before: &str, scheme: &str, host: &str) -> bool {
    let attribute = before.strip_suffix(scheme).unwrap_or(before).trim_end_matches(['"', '\'']);
    let attribute = attribute.strip_suffix('=').and_then(|it| it.split([' ', '\t', '\n', '<']).next_back());
    NAMESPACES.contains(&host) || attribute.is_some_and(|name| name == "xmlns" || name.starts_with("xmlns:"))
}

/// `name=value` pairs as addresses, drivers and property files have them, without blanks.
fn options(text: &str) -> impl Iterator<Item = String> {
    let pairs = text.split(['?', '&', ';', ',', '\n']).flat_map(|part| {
        // Words of a key/value string stand between blanks, where no blank stands around the sign.
        let whole: String = part.chars().filter(|c| !c.is_whitespace()).collect();
        part.split_whitespace().map(str::to_owned).chain(std::iter::once(whole)).collect::<Vec<_>>()
    });
    pairs.filter(|pair| pair.contains('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: &str) -> Option<Problem> {
        let control = crate::controls::called("workload-connection-strings-tls").next().unwrap();
        problem(control, name, value)
    }

    fn clear(value: &str) -> bool {
        matches!(of("URL", value), Some(Problem::Clear(_)))
    }

    #[test]
    fn a_scheme_without_tls_asks_for_cleartext_and_its_sibling_does_not() {
        assert!(clear("http://api.internal/v1"));
        assert!(clear("redis://user:pass@cache:6379/0"));
        assert!(!clear("https://api.internal/v1"));
        assert!(!clear("rediss://cache:6379/0"));
        assert!(!clear("amqps://mq.internal"));
    }

    #[test]
    fn options_of_drivers_are_found_in_addresses_and_in_lists_of_words() {
        assert!(clear("postgresql://db.internal/app?sslmode=prefer"));
        assert!(clear("host=db.internal dbname=app sslmode=disable"));
        assert!(clear("jdbc:sqlserver://db.internal;databaseName=app;encrypt=false"));
        assert!(clear("Server=db.internal; Encrypt = False"));
        assert!(!clear("postgresql://db.internal/app?sslmode=verify-full"));
    }

    #[test]
    fn encryption_without_verification_is_told_apart() {
        assert!(matches!(
            of("DSN", "sqlserver://db;trustServerCertificate=true"),
            Some(Problem::Unverified(_))
        ));
        assert!(matches!(of("NODE_TLS_REJECT_UNAUTHORIZED", "0"), Some(Problem::Unverified(_))));
    }

    #[test]
    fn what_never_leaves_the_machine_is_nobodys_business() {
        assert_eq!(of("META", "http://169.254.169.254/latest"), None);
        assert_eq!(of("LOCAL", "postgresql://localhost/app?sslmode=disable"), None);
        assert_eq!(of("LOCAL", "http://[::1]:8080/"), None);
    }

    #[test]
    fn a_namespace_is_a_name_and_no_address() {
        assert_eq!(of("CLAIM", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"), None);
        assert_eq!(of("XML", "<a xmlns:b=\"http://example.com/names/b\"/>"), None);
        assert!(clear("<a href=\"http://example.com/b\"/>"));
    }

    #[test]
    fn an_option_that_is_given_when_it_is_deployed_is_not_known() {
        let url = format!("postgresql://db.internal/app?sslmode={UNKNOWN}parameter-mode");
        assert_eq!(of("URL", &url), Some(Problem::Unknown("sslmode".into())));
        assert_eq!(of("URL", &format!("postgresql://db.internal/{UNKNOWN}app?sslmode=require")), None);
    }

    #[test]
    fn a_namespace_in_a_longer_word_is_no_option() {
        assert_eq!(of("FLAGS", "nossl=falsehood"), None);
    }
}
