//! Rules that judge what an authenticated party says of the hops before it.

use std::path::Path;

use super::{OK, counts, edge_in, only_counted, status};
use crate::harness::{Hermetic, Origin, folder, hermetic};

/// An edge that believes `balancer`, of another authority; gives what curl needs to be it.
fn edge_that_believes(port: u16, lines: &str) -> (Hermetic, [String; 4]) {
    let folder = folder();
    let issued = hermetic(
        folder.path(),
        &["cert", "issue", "--name", "balancer", "--usage", "client", "--data", "parties"],
    );
    assert!(issued.status.success(), "{issued:?}");
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let identity = ["--cert".to_owned(), at("balancer.pem"), "--key".to_owned(), at("balancer-key.pem")];
    assert!(Path::new(&at("parties/ca.pem")).exists());
    let clients = "clients = \"required\"\nclient_ca = \"parties/ca.pem\"\nallow = [\"dns:balancer\"]";
    (edge_in(folder, &["localhost"], port, &format!("{clients}\n{lines}")), identity)
}

fn told(edge: &Hermetic, identity: &[String; 4], lines: &[&str]) -> String {
    let headers = lines.iter().flat_map(|line| ["-H", line]);
    status(edge, &identity.iter().map(String::as_str).chain(headers).collect::<Vec<_>>())
}

#[test]
fn a_request_whose_earlier_hop_was_clear_is_refused() {
    let origin = Origin::answering(OK);
    let (edge, balancer) = edge_that_believes(origin.port, "");
    assert_eq!(
        told(&edge, &balancer, &["X-Forwarded-Proto: https", "Forwarded: for=192.0.2.1;proto=https"]),
        "200"
    );
    assert_eq!(told(&edge, &balancer, &["X-Forwarded-Proto: http"]), "403");
    assert_eq!(told(&edge, &balancer, &["Forwarded: for=192.0.2.1;proto=http"]), "403");
    assert_eq!(told(&edge, &balancer, &["X-Forwarded-Ssl: off"]), "403");
    counts(&edge, "clear-earlier-hop", "deny", 3);
    assert_eq!(origin.requests().len(), 1);
}

#[test]
fn an_earlier_hop_that_contradicts_itself_is_refused() {
    let origin = Origin::answering(OK);
    let (edge, balancer) = edge_that_believes(origin.port, "");
    for lines in [
        &["X-Forwarded-Proto: https", "X-Forwarded-Proto: http"][..],
        &["X-Forwarded-Proto: http", "Forwarded: for=192.0.2.1;proto=https"],
        &["Forwarded: for=\"192.0.2.1;proto=https"],
    ] {
        assert_eq!(told(&edge, &balancer, lines), "400", "{lines:?}");
    }
    counts(&edge, "forwarded-conflict", "deny", 3);
    assert!(origin.requests().is_empty());
}

#[test]
fn while_an_estate_is_sealed_hop_by_hop_clear_ones_can_be_counted() {
    let origin = Origin::answering(OK);
    let (edge, balancer) = edge_that_believes(origin.port, &only_counted("clear-earlier-hop"));
    assert_eq!(told(&edge, &balancer, &["X-Forwarded-Proto: http"]), "200");
    counts(&edge, "clear-earlier-hop", "count", 1);
    assert_eq!(origin.requests().len(), 1);
}
