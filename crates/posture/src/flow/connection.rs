//! What a client is told of a connection by its text: a URL, a connection string, the options of a driver.

use std::sync::Arc;

use crate::subject::text_of;
use crate::value::{Node, Value};

/// What a client is told to do about TLS. Ordered, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Cleartext.
    Never,
    /// TLS where the far end wants it.
    Perhaps,
    /// TLS, without looking at the certificate.
    Unverified,
    /// Something says it that is not known.
    Untold,
    /// TLS; whether the certificate is verified is not said.
    Encrypted,
    /// TLS, and the certificate is verified.
    Verified,
}

/// Stands for what is not known in a text.
pub const GAP: char = '\u{0}';

/// What the text of a connection says; `None` where it says nothing of TLS.
pub fn of_text(text: &str) -> Option<Wish> {
    // Microsoft's and .NET's drivers have blanks in the names of options.
    let text = text.to_ascii_lowercase().replace("ssl mode=", "sslmode=");
    let text = text.replace("trust server certificate=", "trustservercertificate=");
    let told = OPTIONS.iter().filter(|(option, _)| has_option(&text, option)).map(|(_, wish)| *wish);
    told.chain(gap(&text)).min().or_else(|| of_scheme(&text))
}

/// What a mode says by itself, as PostgreSQL's and MySQL's clients spell it.
pub fn of_mode(mode: &str) -> Option<Wish> {
    let mode = mode.to_ascii_lowercase().replace('_', "-");
    let (_, wish) = OPTIONS.iter().find(|(option, _)| option.strip_prefix("sslmode=") == Some(&mode))?;
    Some(*wish)
}

/// How a text begins, as far as that is known.
pub fn begins(value: &Value) -> Option<Arc<str>> {
    match &value.node {
        Node::Pieces(pieces) => pieces.first().and_then(|first| text_of(first).ok()),
        _ => text_of(value).ok(),
    }
}

/// The options of drivers, as their documents spell them: libpq and pgJDBC, MySQL's Connector/J and clients, Go's MySQL
/// driver, Microsoft's SQL Server drivers, MongoDB's, Redis' and Kafka's.
const OPTIONS: [(&str, Wish); 60] = [
    ("sslmode=disable", Wish::Never),
    ("sslmode=allow", Wish::Perhaps),
    ("sslmode=prefer", Wish::Perhaps),
    ("sslmode=require", Wish::Unverified),
    ("sslmode=no-verify", Wish::Unverified),
    ("sslmode=verify-ca", Wish::Unverified),
    ("sslmode=verify-full", Wish::Verified),
    ("sslmode=disabled", Wish::Never),
    ("sslmode=preferred", Wish::Perhaps),
    ("sslmode=required", Wish::Unverified),
    ("sslmode=verify-identity", Wish::Verified),
    ("ssl-mode=disabled", Wish::Never),
    ("ssl-mode=preferred", Wish::Perhaps),
    ("ssl-mode=required", Wish::Unverified),
    ("ssl-mode=verify_ca", Wish::Unverified),
    ("ssl-mode=verify_identity", Wish::Verified),
    ("sslmode=verify_ca", Wish::Unverified),
    ("sslmode=verify_identity", Wish::Verified),
    ("sslmode=none", Wish::Never),
    ("sslmode=trust", Wish::Unverified),
    ("sslmode=verifyca", Wish::Unverified),
    ("sslmode=verifyfull", Wish::Verified),
    ("ssl_mode=disabled", Wish::Never),
    ("ssl_mode=preferred", Wish::Perhaps),
    ("ssl_mode=required", Wish::Unverified),
    ("ssl_mode=verify_ca", Wish::Unverified),
    ("ssl_mode=verify_identity", Wish::Verified),
    ("ssl=disable", Wish::Never),
    ("ssl=prefer", Wish::Perhaps),
    ("ssl=require", Wish::Unverified),
    ("ssl=verify-full", Wish::Verified),
    ("usetls=false", Wish::Never),
    ("usetls=true", Wish::Encrypted),
    ("usessl=false", Wish::Never),
    ("usessl=true", Wish::Encrypted),
    ("requiressl=true", Wish::Unverified),
    ("verifyservercertificate=false", Wish::Unverified),
    ("ssl=false", Wish::Never),
    ("ssl=true", Wish::Encrypted),
    ("tls=false", Wish::Never),
    ("tls=preferred", Wish::Perhaps),
    ("tls=skip-verify", Wish::Unverified),
    ("tls=true", Wish::Verified),
    ("encrypt=false", Wish::Never),
    ("encrypt=no", Wish::Never),
    ("encrypt=optional", Wish::Never),
    ("encrypt=true", Wish::Verified),
    ("encrypt=yes", Wish::Verified),
    ("encrypt=mandatory", Wish::Verified),
    ("encrypt=strict", Wish::Verified),
    ("trustservercertificate=true", Wish::Unverified),
    ("trustservercertificate=yes", Wish::Unverified),
    ("tlsallowinvalidcertificates=true", Wish::Unverified),
    ("tlsinsecure=true", Wish::Unverified),
    ("tlsallowinvalidhostnames=true", Wish::Unverified),
    ("ssl_cert_reqs=none", Wish::Unverified),
    ("security.protocol=plaintext", Wish::Never),
    ("security.protocol=sasl_plaintext", Wish::Never),
    ("security.protocol=ssl", Wish::Verified),
    ("security.protocol=sasl_ssl", Wish::Verified),
];

/// An option whose value is not known says something, and nobody knows what.
fn gap(text: &str) -> Option<Wish> {
    let names = ["sslmode=", "ssl-mode=", "usessl=", "ssl=", "tls=", "encrypt=", "security.protocol="];
    names.iter().any(|name| has_option(text, &format!("{name}{GAP}"))).then_some(Wish::Untold)
}

/// An option stands alone: after a separator, and up to the next.
fn has_option(text: &str, option: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || "&;,\"')}\u{0}".contains(c);
    text.match_indices(option).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + option.len()..).and_then(|after| after.chars().next());
        let begins = before.is_none_or(|c| !c.is_ascii_alphanumeric() && !"_.-".contains(c));
        begins && (option.ends_with(GAP) || after.is_none_or(ends))
    })
}

/// Schemes that say it all. `postgres://` and the like leave it to options.
fn of_scheme(text: &str) -> Option<Wish> {
    match scheme(text)? {
        "https" | "wss" | "rediss" | "valkeys" | "amqps" | "amqp+ssl" | "mqtts" | "mqtt+ssl" | "ldaps"
        | "mongodb+srv" | "stomp+ssl" | "daxs" => Some(Wish::Verified),
        "http" | "ws" | "redis" | "valkey" | "amqp" | "pyamqp" | "mqtt" | "ldap" | "stomp" | "dax"
        | "ftp" | "nats" | "memcached" | "smtp" => Some(Wish::Never),
        _ => None,
    }
}

/// The scheme of a URL, in lower case where the text is.
pub fn scheme<'t>(text: &'t str) -> Option<&'t str> {
    let (scheme, _) = text.split_once("://")?;
    // Behind the database's name JDBC may have how it finds its hosts: `jdbc:mysql:loadbalance://`.
    let of_jdbc = |rest: &'t str| rest.split(':').next().unwrap_or(rest);
    let scheme = scheme.strip_prefix("jdbc:").map_or(scheme, of_jdbc);
    scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)).then_some(scheme)
}

/// What an attribute of a resource is: some are URLs.
pub fn of_attribute(value: &Value) -> Option<Wish> {
    let Node::Reference(reference) = &value.node else { return None };
    match reference.attribute.as_deref()? {
        "ApiEndpoint" | "FunctionUrl" | "GraphQLUrl" | "RealtimeUrl" | "AmqpEndpoints" | "MqttEndpoints"
        | "StompEndpoints" | "OpenWireEndpoints" | "WssEndpoints" => Some(Wish::Verified),
        "WebsiteURL" => Some(Wish::Never),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_counts_before_a_scheme_and_the_worst_of_two_counts() {
        assert_eq!(of_text("postgres://db/app?sslmode=verify-full"), Some(Wish::Verified));
        assert_eq!(of_text("rediss://cache:6379?ssl_cert_reqs=none"), Some(Wish::Unverified));
        assert_eq!(
            of_text("sqlserver://db;encrypt=true;trustServerCertificate=true"),
            Some(Wish::Unverified)
        );
    }

    #[test]
    fn each_driver_is_read_in_its_own_words() {
        for (text, wish) in [
            ("Host=db;SSL Mode=VerifyFull", Wish::Verified),
            ("Host=db;SSL Mode=Require", Wish::Unverified),
            ("Server=db;Encrypt=True;Trust Server Certificate=True", Wish::Unverified),
            ("Server=db;SslMode=None", Wish::Never),
            ("postgresql+asyncpg://db/app?ssl=require", Wish::Unverified),
            ("mongodb://db/app?tls=true&tlsAllowInvalidHostnames=true", Wish::Unverified),
            ("security.protocol=SASL_SSL", Wish::Verified),
            ("jdbc:mysql:loadbalance://a,b/app?sslMode=VERIFY_IDENTITY", Wish::Verified),
            ("nats://bus:4222", Wish::Never),
        ] {
            assert_eq!(of_text(text), Some(wish), "{text}");
        }
        assert_eq!(scheme("jdbc:mysql:loadbalance://a,b/app"), Some("mysql"));
    }

    #[test]
    fn the_end_of_a_longer_name_or_value_is_no_option() {
        assert_eq!(of_text("postgres://db/app?nossl=false"), None);
        assert_eq!(of_text("postgres://db/app?sslmode=disabled-not"), None);
    }

    #[test]
    fn an_option_whose_value_is_not_known_is_not_the_same_as_none() {
        assert_eq!(of_text("postgres://db/app?sslmode=\u{0}"), Some(Wish::Untold));
        assert_eq!(of_text("postgres://\u{0}/app"), None);
    }
}
