//! The tour: the sample architecture of end-to-end TLS over real sockets on loopback. Edge,
//! balancer and application are processes of their own; this one holds the store and supervises.

mod database;
mod first_request;
mod parts;

pub use database::{Database, Needs, Plan as ClusterPlan, Standing, run as watch};
pub use first_request::first_request;
pub use parts::{Parts, PartsError};

/// The ports of the tour and of `--to`, relative to a base so that all move together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports(u16);

impl Ports {
    /// The base that gives 8443 and 8080.
    pub const DEFAULT_BASE: u16 = 8000;

    /// Ports above `base`; `None` where they would pass 65535.
    pub fn above(base: u16) -> Option<Self> {
        base.checked_add(500).map(|_| Self(base))
    }

    /// Where the edge takes HTTPS.
    pub fn edge(self) -> u16 {
        self.0 + 443
    }

    /// Where cleartext is redirected to the edge.
    pub fn plain(self) -> u16 {
        self.0 + 80
    }

    /// Where the balancer listens.
    pub fn balancer(self) -> u16 {
        self.0 + 444
    }

    /// Where the application listens.
    pub fn app(self) -> u16 {
        self.0 + 445
    }

    /// Where the throw-away database listens.
    pub fn database(self) -> u16 {
        self.0 + 447
    }

    /// Where metrics are served.
    pub fn admin(self) -> u16 {
        self.0 + 464
    }
}

/// The parts, each with its listeners.
pub const PARTS: [(&str, &[&str]); 3] =
    [("edge", &["edge", "plain"]), ("balancer", &["balancer"]), ("app", &["app"])];

/// Metrics, the edge, and the redirect to it: how the tour and `--to` are entered.
pub fn doors(ports: Ports) -> String {
    let (edge, plain, admin) = (ports.edge(), ports.plain(), ports.admin());
    format!(
        r#"admin = "127.0.0.1:{admin}"

[[listener]]
name = "edge"
bind = "127.0.0.1:{edge}"
protocol = "https"
names = ["localhost", "127.0.0.1"]

[[listener]]
name = "plain"
bind = "127.0.0.1:{plain}"
protocol = "http"
redirect = "edge"
"#
    )
}

/// The configuration of the tour: client → edge → balancer → app, TLS on every hop.
pub fn configuration(ports: Ports) -> String {
    let (doors, balancer, app) = (doors(ports), ports.balancer(), ports.app());
    format!(
        r#"{doors}
[[listener]]
name = "balancer"
bind = "127.0.0.1:{balancer}"
protocol = "https"
names = ["balancer.hermetic.internal"]
clients = "required"
allow = ["edge"]

[[listener]]
name = "app"
bind = "127.0.0.1:{app}"
protocol = "https"
names = ["app.hermetic.internal"]
clients = "required"
allow = ["balancer"]

[[route]]
listener = "edge"
to = "balancer"

[[route]]
listener = "balancer"
to = "app"

[[route]]
listener = "app"
show = "path"

[[upstream]]
name = "balancer"
endpoints = ["127.0.0.1:{balancer}"]
tls = {{ trust = "authority", name = "spiffe://hermetic.internal/balancer", identity = "edge" }}

[[upstream]]
name = "app"
endpoints = ["127.0.0.1:{app}"]
tls = {{ trust = "authority", name = "spiffe://hermetic.internal/app", identity = "balancer" }}

[[flow]]
name = "tour"
path = ["client", "edge", "balancer", "app"]

[[requirement]]
flows = ["tour"]
tls = "1.2"
verified = true
"#
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_tours_configuration_is_valid_and_its_flow_has_three_hops() {
        let ports = Ports::above(Ports::DEFAULT_BASE).unwrap();
        let text = configuration(ports);
        let configuration =
            hermetic_config::parse(&text, Path::new("tour.toml"), &hermetic_tls::SystemClock).unwrap();
        assert_eq!(configuration.flows.first().unwrap().hops().count(), 3);
    }
}
