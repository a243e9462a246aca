//! What a validating resolver says beside real servers.

use std::net::SocketAddr;
use std::time::Duration;

use hermetic_probe::certificates::Certificates;
use hermetic_probe::dns::{Dns, Resolver};
use hermetic_probe::judge::{Bound, Permission, bound, permission};

use super::scanned;
use crate::certificates::Authority;
use crate::servers::{Nginx, Unbound, free_port};

/// What is seen beside nginx, whose certificate goes into the records.
fn seen(zone: impl FnOnce(u16, &str) -> Unbound) -> (Dns, Certificates) {
    let authority = Authority::new();
    let issued = authority.issue("shop.test");
    let nginx = Nginx::tls(&issued, "");
    let key =
        hermetic_x509::describe(&hermetic_tls::Chain::from_pem(&issued.certificate).unwrap().leaf().der);
    let unbound = zone(nginx.port, &key.unwrap().key_fingerprint);
    looked(nginx.port, &authority, unbound.address)
}

fn looked(port: u16, authority: &Authority, resolver: SocketAddr) -> (Dns, Certificates) {
    let patience = Duration::from_secs(5);
    let change =
        |extent: &mut hermetic_probe::Extent| extent.resolver = Some(Resolver::new(resolver, patience));
    let scanned = scanned(&format!("https://shop.test:{port}"), authority.trust(), "shop.test", change);
    let beside = scanned.beside.unwrap();
    (beside.dns.unwrap(), beside.certificates)
}

#[test]
fn records_that_dnssec_authenticates_bind_the_certificate() {
    let (dns, certificates) = seen(|port, key| {
        Unbound::signed(&format!(
            "@ IN CAA 0 issue \"ca.test\"\n_{port}._https IN HTTPS 1 . alpn=\"h2,h3\"\n\
             _{port}._tcp IN TLSA 3 1 1 {key}"
        ))
    });
    let caa = dns.authorizations.unwrap();
    assert!(caa.authenticated);
    assert_eq!(caa.records.issuers(false), Some(vec!["ca.test"]));
    let permission = permission(&caa.records, certificates.chosen().unwrap());
    assert_eq!(permission, Some(Permission::CouldNotTell(vec!["ca.test".to_owned()])));
    let services = dns.services.unwrap().unwrap();
    assert_eq!((services.records[0].protocols.join(" "), services.authenticated), ("h2 h3".to_owned(), true));
    assert!(matches!(bound(&dns.bindings.unwrap(), &certificates), Bound::Verified(by) if by.len() == 1));
}

#[test]
fn records_of_another_key_are_a_mismatch() {
    let other = "ab".repeat(32);
    let (dns, certificates) = seen(|port, _| Unbound::signed(&format!("_{port}._tcp IN TLSA 3 1 1 {other}")));
    assert!(matches!(bound(&dns.bindings.unwrap(), &certificates), Bound::Mismatch(_)));
}

#[test]
fn records_without_dnssec_bind_nothing() {
    let (dns, certificates) =
        seen(|port, key| Unbound::unsigned(&format!("_{port}._tcp IN TLSA 3 1 1 {key}")));
    let bindings = dns.bindings.unwrap();
    assert_eq!((bindings.records.len(), bindings.authenticated), (1, false));
    assert_eq!(bound(&bindings, &certificates), Bound::NotAuthenticated);
    assert_eq!(dns.authorizations.unwrap().records.name, None);
}

#[test]
fn a_resolver_that_is_not_there_is_no_fault_of_the_endpoint() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), "");
    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let (dns, certificates) = looked(nginx.port, &authority, nobody);
    assert!(dns.authorizations.is_err() && dns.bindings.is_err());
    assert!(certificates.chosen().unwrap().is_trusted());
}
