//! What a client is told of a connection: by its URL, or by a variable such as `PGSSLMODE`.

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
    /// TLS, and the certificate is verified.
    Verified,
}

/// What the text of a connection says; `None` where it says nothing of TLS.
pub fn of_text(value: &Value) -> Option<Wish> {
    let text = flat(value).to_ascii_lowercase();
    let by_option =
        OPTIONS.iter().filter(|(option, _)| has_option(&text, option)).map(|(_, wish)| *wish).min();
    by_option.or_else(|| of_scheme(&text))
}

/// What a variable says by its name and value, such as `DB_SSLMODE=require`.
pub fn of_variable(name: &str, value: &Value) -> Option<Wish> {
    let name = name.to_ascii_lowercase().replace(['_', '-'], "");
    let text = text_of(value).ok()?.to_ascii_lowercase();
    if name.ends_with("sslmode") || name.ends_with("tlsmode") {
        return OPTIONS
            .iter()
            .find(|(option, _)| {
                option.split_once('=').is_some_and(|(key, v)| v == text && key.ends_with("mode"))
            })
            .map(|(_, wish)| *wish);
    }
    let about = ["dbssl", "usessl", "usetls", "redistls", "redisssl", "dbtls", "sslenabled", "tlsenabled"];
    let switch = about.iter().any(|end| name.ends_with(end));
    match (switch, text.as_str()) {
        (true, "false" | "0" | "no" | "off") => Some(Wish::Never),
        (true, "true" | "1" | "yes" | "on") => Some(Wish::Unverified),
        _ => None,
    }
}

/// The options of drivers, as their documents spell them: libpq, MySQL's Connector/J and clients, Go's MySQL driver,
/// Microsoft's SQL Server drivers, and MongoDB's.
const OPTIONS: [(&str, Wish); 30] = [
    ("sslmode=disable", Wish::Never),
    ("sslmode=allow", Wish::Perhaps),
    ("sslmode=prefer", Wish::Perhaps),
    ("sslmode=require", Wish::Unverified),
    ("sslmode=no-verify", Wish::Unverified),
    ("sslmode=verify-ca", Wish::Unverified),
    ("sslmode=verify-full", Wish::Verified),
    ("ssl-mode=disabled", Wish::Never),
    ("ssl-mode=preferred", Wish::Perhaps),
    ("ssl-mode=required", Wish::Unverified),
    ("ssl-mode=verify_ca", Wish::Unverified),
    ("ssl-mode=verify_identity", Wish::Verified),
    ("sslmode=disabled", Wish::Never),
    ("sslmode=preferred", Wish::Perhaps),
    ("sslmode=required", Wish::Unverified),
    ("sslmode=verify_ca", Wish::Unverified),
    ("sslmode=verify_identity", Wish::Verified),
    ("usessl=false", Wish::Never),
    ("requiressl=true", Wish::Unverified),
    ("tls=false", Wish::Never),
    ("tls=preferred", Wish::Perhaps),
    ("tls=skip-verify", Wish::Unverified),
    ("tls=true", Wish::Verified),
    ("encrypt=false", Wish::Never),
    ("encrypt=no", Wish::Never),
    ("trustservercertificate=true", Wish::Unverified),
    ("encrypt=strict", Wish::Verified),
    ("tlsallowinvalidcertificates=true", Wish::Unverified),
    ("tlsinsecure=true", Wish::Unverified),
    ("ssl_cert_reqs=none", Wish::Unverified),
];

/// An option stands alone: after a separator, and up to the next.
fn has_option(text: &str, option: &str) -> bool {
    text.match_indices(option).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + option.len()..).and_then(|after| after.chars().next());
        before.is_none_or(|c| !c.is_ascii_alphanumeric()) && after.is_none_or(|c| "&; \"'\u{0}".contains(c))
    })
}

/// Schemes that say it all. `postgres://` and the like leave it to options.
fn of_scheme(text: &str) -> Option<Wish> {
    let starts = |schemes: &[&str]| schemes.iter().any(|scheme| text.starts_with(scheme));
    if starts(&[
        "https://",
        "rediss://",
        "amqps://",
        "mqtts://",
        "ldaps://",
        "wss://",
        "mongodb+srv://",
        "stomp+ssl://",
    ]) {
        Some(Wish::Verified)
    } else if starts(&["http://", "redis://", "amqp://", "mqtt://", "ldap://", "ws://"]) {
        Some(Wish::Never)
    } else {
        None
    }
}

/// Text with a NUL where a piece is not known.
fn flat(value: &Value) -> String {
    match &value.node {
        Node::Pieces(pieces) => pieces.iter().map(flat).collect(),
        _ => text_of(value).map_or_else(|_| "\u{0}".to_owned(), |text| text.to_string()),
    }
}
