//! The tour: the sample architecture of end-to-end TLS over real sockets on loopback. Edge,
//! balancer and application are processes of their own; this one holds the store and supervises.

mod breakage;
mod database;
pub mod dump;
mod echo;
mod errand;
mod pages;
mod parts;
pub mod wire;

pub use breakage::{Breakage, Broken, break_hop, mend, state};
pub use database::{Database, Needs, Plan as ClusterPlan, Standing, run as watch};
pub use echo::Echo;
pub use errand::first_request;
pub use pages::TourPages;
pub use parts::{Parts, PartsError};

/// Where the application gives back what it is sent.
pub const ECHO: &str = "/echo";

/// The party that people reach.
const EDGE: &str = "edge";

/// The hop that can be broken: from the balancer to the application.
const BALANCER: &str = "balancer";
const APP: &str = "app";

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

    /// Where the party listens that a relay stands before at `port`.
    fn behind(port: u16) -> u16 {
        port + 10
    }

    /// Where the relay of the control hop listens.
    pub fn control(self) -> u16 {
        self.0 + 446
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

    /// Where the relay before the database listens.
    pub fn database(self) -> u16 {
        self.0 + 447
    }

    /// Where the throw-away database listens.
    fn cluster(self) -> u16 {
        Self::behind(self.database())
    }

    /// Where metrics are served.
    pub fn admin(self) -> u16 {
        self.0 + 464
    }
}

/// The parts, each with its listeners.
pub const PARTS: [(&str, &[&str]); 3] =
    [("edge", &["edge", "plain"]), ("balancer", &["balancer"]), ("app", &["app"])];

/// Metrics, the edge, and the redirect to it: how the tour and `--to` are entered. `edge` is the port
/// that the edge listens on itself.
fn doors_at(ports: Ports, edge: u16) -> String {
    let (public, plain, admin) = (ports.edge(), ports.plain(), ports.admin());
    format!(
        r#"admin = "127.0.0.1:{admin}"

[[listener]]
name = "edge"
bind = "127.0.0.1:{edge}"
public_port = {public}
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

/// How `--to` is entered.
pub fn doors(ports: Ports) -> String {
    doors_at(ports, ports.edge())
}

/// The configuration of the tour: client → edge → balancer → app, TLS on every hop. The ports by which
/// the parties are reached are relays'; they listen behind those.
pub fn configuration(ports: Ports) -> String {
    let doors = doors_at(ports, Ports::behind(ports.edge()));
    let (balancer, app) = (ports.balancer(), ports.app());
    let (behind_balancer, behind_app) = (Ports::behind(balancer), Ports::behind(app));
    format!(
        r#"{doors}
[[listener]]
name = "balancer"
bind = "127.0.0.1:{behind_balancer}"
public_port = {balancer}
protocol = "https"
names = ["balancer.hermetic.internal"]
clients = "required"
allow = ["edge"]

[[listener]]
name = "app"
bind = "127.0.0.1:{behind_app}"
public_port = {app}
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
