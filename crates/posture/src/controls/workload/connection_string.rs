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
const CLEAR_SCHEMES: [&str; 15] = [
    "http",
    "ws",
    "redis",
    "valkey",
    "amqp",
    "pyamqp",
    "ldap",
    "mqtt",
    "nats",
    "ftp",
    "smtp",
    "stomp",
    "memcached",
    "memcache",
    "dax",
];

/// Options of drivers that ask for no TLS, or for TLS where the other side likes it.
const CLEAR_OPTIONS: [&str; 28] = [
    "sslmode=disable",
    "sslmode=allow",
    "sslmode=prefer",
    "sslmode=disabled",
    "sslmode=preferred",
    "sslmode=none",
    "ssl-mode=disabled",
    "ssl-mode=preferred",
    "ssl_mode=disabled",
    "ssl_mode=preferred",
    "sslenabled=false",
    "ssl=no",
    "ssl=off",
    "ssl=false",
    "ssl=0",
    "tls=false",
    "tls=0",
    "tls=preferred",
    "usessl=false",
    "usessl=0",
    "usessl=no",
    "usetls=false",
    "encrypt=false",
    "encrypt=no",
    "encrypt=optional",
    "encrypt=0",
    "security.protocol=plaintext",
    "security.protocol=sasl_plaintext",
];

/// Options that take any certificate.
const UNVERIFIED_OPTIONS: [&str; 14] = [
    "sslmode=no-verify",
    // MariaDB's word for TLS with whoever answers.
    "sslmode=trust",
    "verify=none",
    "trustservercertificate=true",
    "trustservercertificate=yes",
    "tlsinsecure=true",
    "tlsallowinvalidcertificates=true",
    "tlsallowinvalidhostnames=true",
    "rejectunauthorized=false",
    "ssl_check_hostname=false",
    "verifyservercertificate=false",
    "ssl_cert_reqs=none",
    "ssl_cert_reqs=cert_none",
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
const VARIABLES: [(&str, &str); 4] = [
    ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
    ("PYTHONHTTPSVERIFY", "0"),
    ("GIT_SSL_NO_VERIFY", "true"),
    ("GIT_SSL_NO_VERIFY", "1"),
];

/// What is wrong with a variable of that name and value.
pub(super) fn problem(control: &Control, name: &str, value: &str) -> Option<Problem> {
    let (name, lower) = (name.to_ascii_uppercase(), value.trim().to_ascii_lowercase());
    if let Some((variable, _)) = VARIABLES.iter().find(|(known, off)| *known == name && *off == lower) {
        return Some(Problem::Unverified(format!("{variable}={lower}")));
    }
    if let Some(problem) = by_name(&name, &lower) {
        return Some(problem);
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

/// What is wrong with a variable that is one option by itself, as its name says: `DB_SSLMODE`, `REDIS_TLS`,
/// `KAFKA_SECURITY_PROTOCOL`.
fn by_name(name: &str, value: &str) -> Option<Problem> {
    let told = format!("{name}={value}");
    let is_off = ["false", "0", "no", "off"].contains(&value);
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let modes = ["disable", "disabled", "none", "allow", "prefer", "preferred"];
    let is_mode = ends(&["SSLMODE", "SSL_MODE"]) || (ends(&["TLS_MODE"]) && is_about_far_end(name));
    if (is_mode && modes.contains(&value))
        || (ends(&["SECURITY_PROTOCOL"]) && ["plaintext", "sasl_plaintext"].contains(&value))
        || (is_off && is_about_far_end(name) && ends(&SWITCHES))
    {
        return Some(Problem::Clear(told));
    }
    let verifies = ends(&["SSL_VERIFY", "TLS_VERIFY", "VERIFY_SSL", "VERIFY_TLS", "REJECT_UNAUTHORIZED"]);
    (is_off && verifies).then_some(Problem::Unverified(told))
}

/// What names of variables end in that switch TLS on or off.
const SWITCHES: [&str; 6] =
    ["_SSL", "_TLS", "_SSL_ENABLED", "_TLS_ENABLED", "_SSL_REQUIRED", "_TLS_REQUIRED"];

/// Whether a name says that it is about whom the program connects to, and not about what it serves.
fn is_about_far_end(name: &str) -> bool {
    let words = [
        "DB",
        "DATABASE",
        "PG",
        "POSTGRES",
        "POSTGRESQL",
        "MYSQL",
        "MARIADB",
        "MSSQL",
        "RDS",
        "REDIS",
        "VALKEY",
        "CACHE",
        "MEMCACHED",
        "MONGO",
        "MONGODB",
        "DOCDB",
        "KAFKA",
        "AMQP",
        "RABBITMQ",
        "MQ",
        "MQTT",
        "SMTP",
        "LDAP",
        "ELASTICSEARCH",
        "OPENSEARCH",
    ];
    name.split('_').any(|word| words.contains(&word))
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
    // An object of JSON has the same pairs, in quotes and with colons.
    let is_object = text.trim_start().starts_with('{');
    let sign = move |c: char| if c == ':' { '=' } else { c };
    let bare = move |part: &str| match is_object {
        true => part.chars().filter(|c| !"{}\"".contains(*c)).map(sign).collect(),
        false => part.to_owned(),
    };
    let pairs = text.split(['?', '&', ';', ',', '\n']).flat_map(move |part| {
        let part = &bare(part);
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
    fn drivers_are_asked_in_their_own_words() {
        for text in [
            "Host=db.internal;SSL Mode=Prefer",
            "Server=db.internal;SslMode=None",
            "mysql+pymysql://db.internal/app?ssl_mode=DISABLED",
            "user:secret@tcp(db.internal:3306)/app?tls=preferred",
            "Driver={ODBC Driver 18 for SQL Server};Server=db.internal;Encrypt=Optional",
            "bootstrap.servers=b-1.internal:9096\nsecurity.protocol=SASL_PLAINTEXT",
            r#"{"host": "db.internal", "ssl": false}"#,
            "pyamqp://mq.internal//",
        ] {
            assert!(clear(text), "{text}: {:?}", of("DSN", text));
        }
        for text in [
            "Host=db.internal;SSL Mode=VerifyFull",
            "mongodb+srv://db.internal/app",
            "mongodb://db.internal/app?tls=true",
            "postgresql+asyncpg://db.internal/app?ssl=verify-full",
            "Driver={ODBC Driver 18 for SQL Server};Server=db.internal;Encrypt=Mandatory",
            r#"{"host": "db.internal", "ssl": true}"#,
        ] {
            assert_eq!(of("DSN", text), None, "{text}");
        }
    }

    #[test]
    fn an_option_that_is_a_variable_by_itself_counts_where_its_name_says_what_it_is_about() {
        for (name, value) in [
            ("PGSSLMODE", "prefer"),
            ("ORDERS_DB_SSLMODE", "disable"),
            ("MYSQL_SSL_MODE", "PREFERRED"),
            ("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
            ("REDIS_TLS", "false"),
            ("USE_DB_SSL", "0"),
        ] {
            assert!(matches!(of(name, value), Some(Problem::Clear(_))), "{name}={value}");
        }
        assert!(matches!(of("DB_SSL_REJECT_UNAUTHORIZED", "false"), Some(Problem::Unverified(_))));
        // What the program serves behind a balancer is another matter.
        for (name, value) in
            [("SERVER_SSL_ENABLED", "false"), ("PGSSLMODE", "verify-full"), ("REDIS_TLS", "true")]
        {
            assert_eq!(of(name, value), None, "{name}={value}");
        }
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
