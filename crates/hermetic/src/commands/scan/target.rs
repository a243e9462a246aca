//! What is scanned, from what was typed.

use hermetic_hop::{ExternalEndpoint, Scheme};
use hermetic_probe::Target;
use hermetic_tls::{Identity, SecurityPolicy, TrustAnchors};

use crate::arguments::Scan;
use crate::exit::Failure;

/// The target of a scan.
pub fn of(arguments: &Scan) -> Result<Target, Failure> {
    let endpoint = endpoint(&arguments.target)?;
    let expected = match &arguments.sni {
        Some(name) => name.clone(),
        None => Identity::host(&endpoint.host).map_err(|error| Failure::wrong(error.to_string()))?,
    };
    Ok(Target {
        endpoint,
        trust: trust(arguments)?,
        expected,
        policy: SecurityPolicy::named(&arguments.policy)?,
    })
}

/// A URL, or a host whose port tells what is spoken there.
fn endpoint(text: &str) -> Result<ExternalEndpoint, Failure> {
    let wrong = || {
        Failure::wrong(format!("`{text}` is not a target")).remedy(
            "write example.com, db.internal:5432, [::1]:8443, or a URL such as smtp://mail.example.com:587",
        )
    };
    if text.contains("://") {
        return text.parse().map_err(|_| wrong());
    }
    let https: ExternalEndpoint = format!("https://{text}").parse().map_err(|_| wrong())?;
    let scheme = match https.port {
        5432 => Scheme::Postgres,
        3306 => Scheme::Mysql,
        6379 => Scheme::Redis,
        25 | 587 => Scheme::Smtp,
        443 | 8443 => Scheme::Https,
        _ => Scheme::Tls,
    };
    Ok(ExternalEndpoint { scheme, ..https })
}

fn trust(arguments: &Scan) -> Result<TrustAnchors, Failure> {
    let Some(file) = &arguments.trust else {
        return TrustAnchors::system()
            .map_err(|error| Failure::unable(format!("the system's roots can't be used: {error}")));
    };
    let place = || file.display().to_string();
    let pem = std::fs::read_to_string(file)
        .map_err(|error| Failure::wrong(format!("the roots can't be read: {error}")).at(place()))?;
    TrustAnchors::from_pem(&pem).map_err(|error| Failure::wrong(error.to_string()).at(place()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spoken_is_told_by_the_scheme_or_else_by_the_port() {
        for (text, expected) in [
            ("example.com", "https://example.com:443"),
            ("Example.com:8443", "https://example.com:8443"),
            ("db.internal:5432", "postgres://db.internal:5432"),
            ("db.internal:3306", "mysql://db.internal:3306"),
            ("mail:587", "smtp://mail:587"),
            ("[::1]:9443", "tls://[::1]:9443"),
            ("redis://cache", "redis://cache:6379"),
        ] {
            assert_eq!(endpoint(text).map(|endpoint| endpoint.to_string()).ok().as_deref(), Some(expected));
        }
        for wrong in ["", "ftp://x", "a b", "host:0", "host:99999", "https://user@host/"] {
            assert!(endpoint(wrong).is_err(), "{wrong}");
        }
    }
}
