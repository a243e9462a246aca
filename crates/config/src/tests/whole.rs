//! Whole configurations.

use std::path::Path;
use std::time::Duration;

use hermetic_hop::{Checked, Transport};
use hermetic_tls::ProtocolVersion;

use super::valid;
use crate::{Destination, Protocol, UpstreamTransport};

const SHOP: &str = r#"
data = ".hermetic"

[[listener]]
name = "edge"
bind = "0.0.0.0:443"
protocol = "https"
policy = "elb/ELBSecurityPolicy-TLS13-1-2-2021-06"
names = ["shop.example.com"]

[[listener]]
name = "plain"
bind = "0.0.0.0:80"
protocol = "http"
redirect = "edge"

[[route]]
listener = "edge"
host = "shop.example.com"
to = "app"

[[upstream]]
name = "app"
endpoints = ["10.0.1.5:8443", "10.0.1.6:8443"]
tls = { trust = "authority", name = "app.internal", identity = "edge" }

[[flow]]
name = "checkout"
path = ["client", "edge", "app"]

[[requirement]]
flows = ["checkout"]
tls = "1.2"
verified = true
"#;

#[test]
fn the_shop_of_the_design_is_valid() {
    let shop = valid(SHOP);
    assert_eq!(shop.data, Path::new("/etc/hermetic/.hermetic"));
    let edge = shop.listener(&"edge".parse().unwrap()).unwrap();
    let Protocol::Https(https) = &edge.protocol else { panic!("{edge:?}") };
    assert_eq!(https.termination.policy.full_name(), "elb/ELBSecurityPolicy-TLS13-1-2-2021-06");
    assert_eq!(https.routes[0].to, Destination::Upstream("app".parse().unwrap()));
    let plain = shop.listener(&"plain".parse().unwrap()).unwrap();
    assert!(matches!(&plain.protocol, Protocol::Redirect(redirect) if redirect.public_port == 443));
    let app = shop.upstream(&"app".parse().unwrap()).unwrap();
    assert!(
        matches!(&app.transport, UpstreamTransport::Tls(tls) if tls.name.to_string() == "dns:app.internal")
    );
    assert_eq!(app.connect_timeout, Duration::from_secs(5));
}

#[test]
fn hops_lead_from_client_to_application() {
    let hops = valid(SHOP).hops();
    let names: Vec<String> = hops.iter().map(|hop| hop.name.to_string()).collect();
    assert_eq!(names, ["client → edge", "edge → app"]);
    let Some(Transport::Tls(outer)) = &hops[0].transport else { panic!() };
    assert_eq!(outer.version, Some(ProtocolVersion::TLS1_2));
    assert_eq!((outer.server_checked, outer.client_checked), (Checked::NotObservable, Checked::NotAsked));
    let Some(Transport::Tls(inner)) = &hops[1].transport else { panic!() };
    assert_eq!((inner.server_checked, inner.client_checked), (Checked::Verified, Checked::NotObservable));
}

#[test]
fn an_authority_alone_is_a_configuration() {
    let configuration = valid("[authority]\ntrust_domain = \"example.org\"\n");
    assert!(configuration.listeners.is_empty() && configuration.hops().is_empty());
    assert_eq!(configuration.authority.trust_domain.to_string(), "example.org");
    assert_eq!(configuration.authority.lifetime, Duration::from_secs(86_400));
    assert_eq!(configuration.drain, Duration::from_secs(30));
}

#[test]
fn nothing_at_all_is_a_configuration() {
    assert_eq!(valid("").data, Path::new("/etc/hermetic/.hermetic"));
}
