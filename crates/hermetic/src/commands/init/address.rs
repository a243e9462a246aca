//! Addresses as people type them.

use std::str::FromStr;

use hermetic_hop::{ExternalEndpoint, Scheme};

use super::draft::Draft;

/// An endpoint that a configuration can hold; without a scheme, the port tells what is spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(pub ExternalEndpoint);

/// Text that is no address.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It has a user, and so perhaps a password, which is not repeated.
    #[error("an address has no user and no password")]
    User,
    /// It has a path.
    #[error("`{0}` has a path, which says nothing of how it is protected")]
    Path(String),
    /// It is none.
    #[error("`{0}` is not an address")]
    Other(String),
}

impl AddressError {
    /// What to do.
    pub fn remedy(&self) -> String {
        match self {
            Self::User => {
                "leave out what stands before the `@`, and change the password if it was typed".to_owned()
            }
            Self::Path(_) => "leave out what follows the host and port".to_owned(),
            Self::Other(_) => format!(
                "write SCHEME://HOST:PORT, the port where it is not the usual one; the schemes are {}",
                Scheme::list()
            ),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.contains('@') {
            return Err(AddressError::User);
        }
        let (scheme, place) =
            text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
        if place.trim_end_matches('/').contains(['/', '?', '#']) {
            return Err(AddressError::Path(text.to_owned()));
        }
        let scheme = scheme.unwrap_or_else(|| spoken_at(place).as_str());
        let other = || AddressError::Other(text.to_owned());
        let endpoint: ExternalEndpoint = format!("{scheme}://{place}").parse().map_err(|_| other())?;
        // The configuration is stricter with hosts; what it would refuse is refused here.
        match Draft::of(std::slice::from_ref(&endpoint)).holds() {
            true => Ok(Self(endpoint)),
            false => Err(other()),
        }
    }
}

/// What is usually spoken at a port; HTTPS where none is written.
fn spoken_at(place: &str) -> Scheme {
    let port = match place.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => port.trim_end_matches('/'),
        _ => return Scheme::Https,
    };
    port.parse().map_or(Scheme::Tls, Scheme::usual_at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        text.parse::<Address>()
            .map_or_else(|error| error.to_string(), |Address(endpoint)| endpoint.to_string())
    }

    #[test]
    fn what_is_spoken_follows_from_the_port() {
        for (typed, read_as) in [
            ("shop.example.com", "https://shop.example.com:443"),
            (" https://shop.example.com/ ", "https://shop.example.com:443"),
            ("db.internal:5432", "postgres://db.internal:5432"),
            ("[::1]:3306", "mysql://[::1]:3306"),
            ("cache:6379", "redis://cache:6379"),
            ("mail:587", "smtp://mail:587"),
            ("broker:8883", "mqtts://broker:8883"),
            ("files:9443", "tls://files:9443"),
            ("10.0.0.7", "https://10.0.0.7:443"),
        ] {
            assert_eq!(read(typed), read_as);
        }
    }

    #[test]
    fn what_no_configuration_could_hold_is_no_address() {
        for text in
            ["", "gopher://files", "https://", "10.0.0", "a b", "https://-x", "tls://host", "*.example.com"]
        {
            assert_eq!(read(text), format!("`{text}` is not an address"));
        }
    }

    #[test]
    fn a_path_is_left_out_and_a_password_not_repeated() {
        assert!(read("https://shop.example.com/cart").contains("has a path"));
        assert!(read("postgres://db/orders").contains("has a path"));
        assert_eq!(read("postgres://app:s3cr3t@db/orders"), "an address has no user and no password");
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = text.parse::<Address>();
        }
    }
}
