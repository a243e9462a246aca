//! The hops that a configuration declares.

use hermetic_hop::{Checked, Declared, Transport};
use hermetic_tls::ProtocolVersion;

use super::{valid, valid_with};
use crate::Configuration;

/// Client, edge, balancer and application, each hop mutual but the first.
const CHAIN: &str = r#"
[[listener]]
name = "edge"
bind = "127.0.0.1:1"
names = ["localhost"]
[[listener]]
name = "balancer"
bind = "127.0.0.1:2"
names = ["balancer.internal"]
policy = "mozilla/modern"
clients = "required"
allow = ["edge"]
[[route]]
listener = "edge"
to = "balancer"
[[route]]
listener = "balancer"
to = "app"
[[upstream]]
name = "balancer"
endpoints = ["127.0.0.1:2"]
tls = { trust = "authority", name = "balancer.internal", identity = "edge" }
[[upstream]]
name = "app"
endpoints = ["unix:/run/app.sock"]
"#;

fn names(configuration: &Configuration) -> Vec<String> {
    configuration.hops().iter().map(|hop| hop.name.to_string()).collect()
}

fn hop(configuration: &Configuration, name: &str) -> Declared {
    configuration.hops().into_iter().find(|hop| hop.name.to_string() == name).unwrap()
}

#[test]
fn what_both_ends_declare_is_one_hop() {
    let configuration = valid(CHAIN);
    assert_eq!(names(&configuration), ["client → edge", "edge → balancer", "balancer → app"]);
    let hop = hop(&configuration, "edge → balancer");
    let Some(Transport::Tls(facts)) = &hop.transport else { panic!() };
    assert_eq!((facts.server_checked, facts.client_checked), (Checked::Verified, Checked::Verified));
    assert_eq!(facts.version, Some(ProtocolVersion::TLS1_3), "the listener's policy begins there");
    assert_eq!(hop.policy.full_name(), "mozilla/intermediate", "the upstream's policy measures it");
}

#[test]
fn a_socket_is_local_cleartext() {
    assert_eq!(hop(&valid(CHAIN), "balancer → app").transport, Some(Transport::Cleartext { local: true }));
}

#[test]
fn an_exception_does_not_hide_that_it_is_cleartext() {
    let lines = "[[upstream]]\nname = \"far\"\nendpoints = [\"10.0.0.1:80\"]\n\
                 mode = \"observe\"\n\
                 cleartext = { reason = \"r\", owner = \"o\", until = 2027-03-31 }\n\
                 [[route]]\nlistener = \"edge\"\nhost = \"far.example.com\"\nto = \"far\"";
    assert_eq!(hop(&valid_with(lines), "edge → far").transport, Some(Transport::Cleartext { local: false }));
}

#[test]
fn whoever_is_allowed_from_outside_is_the_client() {
    let lines = "[[listener]]\nname = \"inner\"\nbind = \"127.0.0.1:1\"\nnames = [\"b\"]\nclients = \"optional\"\n\
                 allow = [\"edge\", \"dns:c.example\", \"spiffe://other/edge\"]\n\
                 [[route]]\nlistener = \"inner\"\nshow = \"path\"";
    let configuration = valid_with(lines);
    assert_eq!(names(&configuration), ["edge → inner", "client → inner", "client → edge", "edge → app"]);
    let Some(Transport::Tls(facts)) = hop(&configuration, "client → inner").transport else { panic!() };
    assert_eq!(facts.client_checked, Checked::Verified, "whoever is let in by name has shown a certificate");
}

#[test]
fn a_redirect_is_no_hop() {
    let lines =
        "[[listener]]\nname = \"plain\"\nbind = \"127.0.0.1:1\"\nprotocol = \"http\"\nredirect = \"edge\"";
    assert_eq!(names(&valid_with(lines)), ["client → edge", "edge → app"]);
}

#[test]
fn two_routes_to_one_upstream_are_one_hop() {
    let lines = "[[route]]\nlistener = \"edge\"\npath = \"/api\"\nto = \"app\"";
    assert_eq!(names(&valid_with(lines)), ["client → edge", "edge → app"]);
}

#[test]
fn a_page_that_shows_the_path_leads_nowhere() {
    let lines = "[[listener]]\nname = \"last\"\nbind = \"127.0.0.1:1\"\nnames = [\"b\"]\n\
                 [[route]]\nlistener = \"last\"\nshow = \"path\"";
    assert_eq!(names(&valid_with(lines)), ["client → last", "client → edge", "edge → app"]);
}
