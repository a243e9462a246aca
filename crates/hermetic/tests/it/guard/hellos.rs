//! Rules that judge by the ClientHello.

use super::{OK, count, counts, edge, edge_before_ok, edge_for, only_counted, record, status};
use crate::harness::{Hermetic, Origin, curl, openssl};

fn s_client(edge: &Hermetic, arguments: &[&str]) -> String {
    let address = format!("127.0.0.1:{}", edge.ports.edge());
    let output = openssl(&[&["s_client", "-connect", &address][..], arguments].concat(), b"");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn nothing_below_the_policy_is_negotiated_and_each_attempt_is_counted() {
    let (edge, _origin) = edge_before_ok("");
    let named = |arguments: &[&str]| s_client(&edge, &[&["-servername", "localhost"], arguments].concat());
    let old = named(&["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]);
    assert!(old.contains("SSL alert number 70"), "{old}");
    for below in [
        &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"][..],
        &["-tls1_3", "-curves", "P-521"],
        &["-tls1_2", "-sigalgs", "ECDSA+SHA1", "-cipher", "ALL:@SECLEVEL=0"],
    ] {
        let told = named(below);
        assert!(told.contains("SSL alert number 40"), "{below:?}: {told}");
    }
    counts(&edge, "below-floor", "deny", 4);
    assert_eq!(status(&edge, &[]), "200");
}

#[test]
fn a_needless_fallback_is_counted() {
    let (edge, _origin) = edge_before_ok("");
    let told = s_client(&edge, &["-tls1_2", "-fallback_scsv", "-servername", "localhost"]);
    assert!(told.contains("SSL alert number 86"), "{told}");
    counts(&edge, "fallback", "deny", 1);
}

#[test]
fn without_a_name_only_a_certificate_that_names_an_address_is_served() {
    let origin = Origin::answering(OK);
    let named = edge_for(&["localhost"], origin.port, "");
    let told = s_client(&named, &["-noservername"]);
    assert!(told.contains("SSL alert number 109"), "{told}");
    counts(&named, "no-server-name", "deny", 1);
    assert_eq!(record(&named, "no-server-name")["alert"], "missing_extension");

    let addressed = edge(origin.port, "");
    let told = s_client(
        &addressed,
        &["-noservername", "-CAfile", addressed.ca().to_str().unwrap(), "-verify_ip", "127.0.0.1"],
    );
    assert!(told.contains("Verify return code: 0 (ok)"), "{told}");
    assert_eq!(count(&addressed, "no-server-name", "deny"), 0);
}

#[test]
fn a_hello_without_a_name_may_be_let_pass_for_a_while() {
    let origin = Origin::answering(OK);
    let edge = edge_for(&["localhost"], origin.port, &only_counted("no-server-name"));
    let told = s_client(&edge, &["-noservername"]);
    assert!(told.contains("BEGIN CERTIFICATE"), "{told}");
    counts(&edge, "no-server-name", "count", 1);
}

#[test]
fn a_client_whose_fingerprint_is_on_the_list_is_refused_and_another_is_not() {
    // The access log tells curl's fingerprint, which goes on the list of a second edge.
    let (first, origin) = edge_before_ok("guard = { forwarded-claims = \"fix\" }");
    assert_eq!(status(&first, &["-H", "X-Real-IP: 6.6.6.6"]), "200");
    let ja4 = record(&first, "forwarded-claims")["ja4"].as_str().unwrap().to_owned();
    assert!(ja4.starts_with("t13d"), "{ja4}");
    let edge = edge(origin.port, &format!("guard = {{ client-fingerprint = {{ deny = [\"{ja4}\"] }} }}"));
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let refused = curl(&edge, &[&url]);
    assert!(!refused.status.success(), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("access denied"), "{refused:?}");
    counts(&edge, "client-fingerprint", "deny", 1);
    assert_eq!(record(&edge, "client-fingerprint")["ja4"], ja4.as_str());
    let other = s_client(&edge, &["-tls1_2", "-servername", "localhost"]);
    assert!(other.contains("BEGIN CERTIFICATE"), "{other}");
}
