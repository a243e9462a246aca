use bytes::Bytes;

use super::*;
use crate::testing::*;
use crate::{CipherSuite, ServerHandshake, ServerSettings};

fn hello(server_name: Option<&str>, versions: &[ProtocolVersion]) -> ClientHello {
    ClientHello {
        raw: Bytes::new(),
        message: Bytes::new(),
        legacy_version: ProtocolVersion::TLS1_2,
        random: [0; 32],
        session_id: Bytes::new(),
        suites: Vec::new(),
        compression: vec![0],
        extensions: Vec::new(),
        server_name: server_name.map(str::to_owned),
        alpn: Vec::new(),
        versions: versions.to_vec(),
        groups: Vec::new(),
        key_shares: Vec::new(),
        signature_schemes: Vec::new(),
    }
}

const MODERN: &[ProtocolVersion] = &[ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2];

/// A listener with one certificate for each list of names.
fn listener(certificates: &[&[&str]], unknown_sni: UnknownSni) -> ServerHandshake {
    let authority = Authority::new("ca");
    let certificates =
        certificates.iter().map(|names| CredentialHandle::new(authority.issue(names))).collect();
    let settings = server_settings(authority.issue(&["unused.test"]));
    server(ServerSettings { certificates, unknown_sni, ..settings })
}

/// The first name of the certificate that is selected.
fn selected(listener: &ServerHandshake, name: Option<&str>) -> Result<String, Refusal> {
    let handle = listener.select(&hello(name, MODERN), LOCAL)?;
    Ok(handle.load().leaf().identities[0].to_string())
}

#[test]
fn the_name_selects_its_certificate() {
    let listener = listener(&[&["a.test"], &["b.test", "c.test"]], UnknownSni::Refuse);
    assert_eq!(selected(&listener, Some("a.test")).unwrap(), "dns:a.test");
    assert_eq!(selected(&listener, Some("c.test")).unwrap(), "dns:b.test");
}

#[test]
fn a_certificate_that_names_the_host_goes_before_a_wildcard() {
    let listener = listener(&[&["*.test"], &["b.test"]], UnknownSni::Refuse);
    assert_eq!(selected(&listener, Some("b.test")).unwrap(), "dns:b.test");
    assert_eq!(selected(&listener, Some("a.test")).unwrap(), "dns:*.test");
}

#[test]
fn a_name_that_nothing_covers_is_refused() {
    let listener = listener(&[&["a.test"]], UnknownSni::Refuse);
    let refusal = selected(&listener, Some("b.test")).unwrap_err();
    assert_eq!(refusal.alert, Alert::UnrecognizedName);
    assert!(refusal.reason.contains("b.test"), "{}", refusal.reason);
}

#[test]
fn a_name_that_nothing_covers_gets_the_first_certificate_where_told_so() {
    let listener = listener(&[&["a.test"], &["b.test"]], UnknownSni::First);
    assert_eq!(selected(&listener, Some("c.test")).unwrap(), "dns:a.test");
}

#[test]
fn without_a_name_the_local_address_selects() {
    let listener = listener(&[&["a.test"], &["10.0.0.1"]], UnknownSni::Refuse);
    assert_eq!(selected(&listener, None).unwrap(), "ip:10.0.0.1");
}

#[test]
fn a_dual_stack_socket_s_form_of_the_local_address_selects_too() {
    let listener = listener(&[&["a.test"], &["10.0.0.1"]], UnknownSni::Refuse);
    let handle = listener.select(&hello(None, MODERN), "::ffff:10.0.0.1".parse().unwrap()).unwrap();
    assert_eq!(handle.load().leaf().identities[0].to_string(), "ip:10.0.0.1");
}

#[test]
fn without_a_name_and_without_the_address_the_first_certificate_is_served() {
    let listener = listener(&[&["a.test"], &["b.test"]], UnknownSni::Refuse);
    assert_eq!(selected(&listener, None).unwrap(), "dns:a.test");
}

#[test]
fn a_hello_that_is_too_old_gets_protocol_version() {
    let listener = listener(&[&["a.test"]], UnknownSni::Refuse);
    for old in [ProtocolVersion::SSL3, ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_1] {
        let refusal = listener.select(&hello(Some("a.test"), &[old]), LOCAL).unwrap_err();
        assert_eq!(refusal.alert, Alert::ProtocolVersion);
    }
}

#[test]
fn a_tls12_hello_is_too_old_for_a_policy_of_tls13() {
    let settings = server_settings(Authority::new("ca").issue(&["a.test"]));
    let listener = server(ServerSettings { policy: policy("mozilla/modern"), ..settings });
    let refusal = listener.select(&hello(Some("a.test"), &[ProtocolVersion::TLS1_2]), LOCAL).unwrap_err();
    assert_eq!(refusal.alert, Alert::ProtocolVersion);
}

#[test]
fn a_needless_fallback_is_refused() {
    let listener = listener(&[&["a.test"]], UnknownSni::Refuse);
    let mut fallback = hello(Some("a.test"), &[ProtocolVersion::TLS1_2]);
    assert!(listener.select(&fallback, LOCAL).is_ok());
    fallback.suites.push(CipherSuite::TLS_FALLBACK_SCSV);
    let refusal = listener.select(&fallback, LOCAL).unwrap_err();
    assert_eq!(refusal.alert, Alert::InappropriateFallback);
}

#[test]
fn a_fallback_to_the_best_version_that_we_serve_is_fine() {
    let settings = server_settings(Authority::new("ca").issue(&["a.test"]));
    let listener =
        server(ServerSettings { policy: policy("elb/ELBSecurityPolicy-TLS-1-2-2017-01"), ..settings });
    let mut fallback = hello(Some("a.test"), &[ProtocolVersion::TLS1_2]);
    fallback.suites.push(CipherSuite::TLS_FALLBACK_SCSV);
    assert!(listener.select(&fallback, LOCAL).is_ok());
}
