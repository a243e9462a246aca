//! What a setting asks for, as far as its text says: cleartext, or TLS that verifies nobody.
//!
//! It is about texts that drivers and runtimes read, each by the manual of its maker.

use crate::control::Control;
use crate::controls::url;

/// What is wrong with a setting, and by what.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It asks for cleartext, or leaves it open.
    Clear(String),
    /// Nobody is verified.
    Unverified(String),
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
    among(&CLEAR_OPTIONS).map(Problem::Clear).or_else(|| among(&UNVERIFIED_OPTIONS).map(Problem::Unverified))
}

/// Schemes and hosts of all addresses in a text, which may be a list of them, or have one behind another scheme, as
/// `jdbc:` has.
fn addresses(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices("://").filter_map(|(at, _)| {
        let (before, behind) = (text.get(..at)?, text.get(at + 3..)?);
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
        let scheme = before.rsplit(|c| !is_scheme(c)).next().filter(|scheme| !scheme.is_empty())?;
        Some((scheme, url::host(behind.split([',', ' ', '"', '\'']).next().unwrap_or(behind))))
    })
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
    fn a_namespace_in_a_longer_word_is_no_option() {
        assert_eq!(of("FLAGS", "nossl=falsehood"), None);
    }
}
