//! Where a far end is, as a URL in the code says it, for a probe to look there.

use hermetic_hop::{ExternalEndpoint, Scheme};

/// The parts of a URL that lead to its host: neither who asks nor what for.
pub struct Place<'t> {
    /// The scheme, without `jdbc:`.
    pub scheme: &'t str,
    /// The host, without the brackets of an IPv6 address.
    pub host: &'t str,
    /// The port, where it is written.
    pub port: Option<u16>,
}

/// The parts of a URL; of a list of hosts the first.
pub fn parts(url: &str) -> Option<Place<'_>> {
    let scheme = super::connection::scheme(url)?;
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', ',', ';']).next()?;
    let place = authority.rsplit('@').next()?;
    let (host, port) = match place.strip_prefix('[') {
        Some(literal) => literal.split_once(']')?,
        None => place.split_at(place.find(':').unwrap_or(place.len())),
    };
    Some(Place { scheme, host, port: port.strip_prefix(':').and_then(|port| port.parse().ok()) })
}

/// Where a probe finds what a URL leads to; none where it can't speak that.
pub fn of_url(url: &str) -> Option<ExternalEndpoint> {
    let Place { scheme, host, port } = parts(url)?;
    let (scheme, usual) = spoken(&scheme.to_ascii_lowercase())?;
    endpoint(scheme, host, port.unwrap_or(usual))
}

/// A far end of which all is known, where its host is one.
pub fn endpoint(scheme: Scheme, host: &str, port: u16) -> Option<ExternalEndpoint> {
    let place = match host.contains(':') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    };
    format!("{}://{place}:{port}", scheme.as_str()).parse().ok()
}

/// How a probe speaks to a scheme, and its usual port. In cleartext it asks for TLS, and finds none.
fn spoken(scheme: &str) -> Option<(Scheme, u16)> {
    // SQLAlchemy names its driver behind a plus.
    let database = scheme.split('+').next().filter(|name| ["postgresql", "mysql", "mariadb"].contains(name));
    Some(match database.unwrap_or(scheme) {
        "https" | "wss" => (Scheme::Https, 443),
        "http" | "ws" => (Scheme::Https, 80),
        "postgres" | "postgresql" => (Scheme::Postgres, 5432),
        "redshift" => (Scheme::Postgres, 5439),
        "mysql" | "mysql2" | "mariadb" => (Scheme::Mysql, 3306),
        "redis" | "valkey" => (Scheme::Redis, 6379),
        "rediss" | "valkeys" => (Scheme::Rediss, 6379),
        "mongodb" => (Scheme::Tls, 27017),
        other => {
            let known = Scheme::ALL.into_iter().find(|known| known.as_str() == other)?;
            (known, known.usual_port()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leads_to_its_host_and_port_without_who_asks_and_what_for() {
        for (url, place) in [
            ("redis://cache.internal.example.org:6379/0", Some("redis://cache.internal.example.org:6379")),
            ("http://origin.example/health", Some("https://origin.example:80")),
            (
                "postgresql://app:secret@db.example/shop?sslmode=verify-full",
                Some("postgres://db.example:5432"),
            ),
            ("jdbc:mysql://db.example:3307/shop", Some("mysql://db.example:3307")),
            ("https://[2001:db8::1]/", Some("https://[2001:db8::1]:443")),
            ("https://\u{0}.example/", None),
            ("oracle://db.example", None),
        ] {
            assert_eq!(of_url(url).map(|at| at.to_string()).as_deref(), place, "{url}");
        }
    }
}
