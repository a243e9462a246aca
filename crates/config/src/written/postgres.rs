//! The PostgreSQL servers that are asked what their connections have.

use hermetic_hop::{ExternalEndpoint, Scheme};

use crate::written::text::host;
use crate::written::value::{Refused, Text};

/// The database that every cluster has (PostgreSQL 16, section 23.3), where none is written.
const DATABASE: &str = "postgres";

/// `postgres://user@host:port/database`, without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PgStatSslUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) database: String,
}

impl Text for PgStatSslUrl {
    const NOUN: &'static str = "a PostgreSQL URL";
    const EXAMPLE: &'static str = "postgres://monitor@db.internal:5432/postgres";

    /// What is told never repeats what may be a password.
    fn read(text: &str) -> Result<Self, Refused> {
        let usual = || format!("write \"{}\"", Self::EXAMPLE);
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        let Some(rest) = rest else {
            return Err(Refused::new("this is not a PostgreSQL URL").hint(usual()));
        };
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) if !user.is_empty() => (user, place),
            _ => return Err(Refused::new("this URL names no user to ask as").hint(usual())),
        };
        if user.contains(':') {
            return Err(Refused::new("a password has no place in a configuration")
                .hint("write it into a file of its own, and name that with `password_file`"));
        }
        if place.contains(['?', '#']) {
            return Err(Refused::new("this URL has parameters, which have no meaning here")
                .hint("leave out what begins with `?`; `tls` of the hop says how the server is verified"));
        }
        let (address, database) = place.split_once('/').unwrap_or((place, ""));
        let endpoint: ExternalEndpoint = format!("{}://{address}", Scheme::Postgres.as_str())
            .parse()
            .map_err(|_| Refused::new(format!("`{address}` is not a host and port")).hint(usual()))?;
        host(&endpoint.host)?;
        let database = if database.is_empty() { DATABASE } else { database };
        Ok(Self {
            host: endpoint.host,
            port: endpoint.port,
            user: decoded("user", user)?,
            database: decoded("database", database)?,
        })
    }

    fn refine(schema: &mut schemars::Schema) {
        schema.insert("pattern".to_owned(), "^postgres(ql)?://[^:@/]+@[^@?#]+$".into());
    }
}

/// Percent-decoded (RFC 3986 section 2.1), and without characters that end a name on the wire.
fn decoded(what: &str, text: &str) -> Result<String, Refused> {
    let refused = || {
        Refused::new(format!("the {what} in this URL can't be read"))
            .hint("write what is neither a letter nor a digit as `%` and two hexadecimal digits")
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        match byte {
            b'%' => {
                let (high, low) = digit().zip(digit()).ok_or_else(refused)?;
                bytes.push(u8::try_from(high * 16 + low).map_err(|_| refused())?);
            }
            b'/' => return Err(refused()),
            plain => bytes.push(plain),
        }
    }
    String::from_utf8(bytes).ok().filter(|name| !name.contains(char::is_control)).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn port_and_database_have_their_usual_values() {
        let url = PgStatSslUrl::read("postgresql://monitor@db.internal").unwrap();
        assert_eq!((url.host.as_str(), url.port), ("db.internal", 5432));
        assert_eq!((url.user.as_str(), url.database.as_str()), ("monitor", "postgres"));
    }

    #[test]
    fn names_may_have_any_character() {
        let url = PgStatSslUrl::read("postgres://m%40x@[::1]:5433/caf%C3%A9").unwrap();
        assert_eq!((url.host.as_str(), url.port), ("::1", 5433));
        assert_eq!((url.user.as_str(), url.database.as_str()), ("m@x", "café"));
    }

    #[test]
    fn names_that_can_not_be_told_apart_from_something_else_are_refused() {
        for text in ["a@h/%0", "a@h/%zz", "a@h/%00", "a@h/%ff", "a@h/b/c", "a/b@h"] {
            assert!(PgStatSslUrl::read(&format!("postgres://{text}")).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_user_can_be_written(user in "[^\\p{C}]{1,8}") {
            let encoded: String = user.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let url = PgStatSslUrl::read(&format!("postgres://{encoded}@db")).unwrap();
            prop_assert_eq!(url.user, user);
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = PgStatSslUrl::read(&format!("postgres://{text}"));
        }
    }
}
