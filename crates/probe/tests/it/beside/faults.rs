//! Chains that no library would send: bounded, and told clearly.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use hermetic_probe::Beside;
use hermetic_probe::certificates::ChainFault;
use hermetic_probe::observe::Manners;
use hermetic_tls::TrustAnchors;

use super::{patient, scanned_by};
use crate::certificates::Authority;

/// What is seen of a server that nobody needs to ask for long what it accepts.
fn beside(endpoint: &str, trust: TrustAnchors, expected: &str) -> Beside {
    let manners = Manners { deadline: Duration::from_secs(10), ..patient() };
    scanned_by(manners, endpoint, trust, expected, |_| ()).beside.unwrap()
}

/// A server that answers every hello with a first flight of TLS 1.2 that has these certificates, and hangs up.
fn showing(certificates: &[&[u8]]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let flight = flight(certificates);
    std::thread::spawn(move || {
        for mut io in listener.incoming().map_while(Result::ok) {
            let flight = flight.clone();
            std::thread::spawn(move || {
                let mut hello = [0; 4096];
                if io.read(&mut hello).is_ok_and(|length| length > 0) && io.write_all(&flight).is_ok() {
                    // Until the client goes on, or has seen enough.
                    let _ = io.read(&mut hello);
                }
            });
        }
    });
    format!("tls://{address}")
}

fn flight(certificates: &[&[u8]]) -> Vec<u8> {
    let length24 = |length: usize| u32::try_from(length).unwrap().to_be_bytes()[1..].to_vec();
    let message = |kind: u8, body: Vec<u8>| [vec![kind], length24(body.len()), body].concat();
    // TLS 1.2 with ECDHE_RSA_WITH_AES_128_GCM_SHA256, renegotiation_info and extended_master_secret.
    let extensions = [&[0xFF, 1, 0, 1, 0][..], &[0, 23, 0, 0]].concat();
    let hello = [&[3, 3][..], &[9; 32], &[0, 0xC0, 0x2F, 0, 0, 9], &extensions].concat();
    let list: Vec<u8> =
        certificates.iter().flat_map(|der| [length24(der.len()), der.to_vec()].concat()).collect();
    let certificate = [length24(list.len()), list].concat();
    // X25519, a point, and what claims to be rsa_pss_rsae_sha256.
    let exchange = [&[3, 0, 0x1D, 32][..], &[9; 32], &[8, 4, 1, 0], &[7; 256]].concat();
    let messages =
        [message(2, hello), message(11, certificate), message(12, exchange), message(14, Vec::new())]
            .concat();
    let record =
        |part: &[u8]| [&[22, 3, 3][..], &u16::try_from(part.len()).unwrap().to_be_bytes(), part].concat();
    messages.chunks(16_000).flat_map(record).collect()
}

fn der(pem: &str) -> Vec<u8> {
    hermetic_tls::Chain::from_pem(pem).unwrap().leaf().der.to_vec()
}

#[test]
fn a_certificate_that_is_no_der_is_told_as_that() {
    let authority = Authority::new();
    let endpoint = showing(&[b"no certificate", &der(&authority.pem)]);
    let seen = beside(&endpoint, authority.trust(), "shop.test").certificates;
    let chain = seen.chosen().unwrap();
    assert!(matches!(chain.faults.first(), Some(ChainFault::Unreadable { place: 0, .. })), "{chain:?}");
    assert!(!chain.is_for_name && !chain.is_trusted());
    assert_eq!(hermetic_probe::judge::CertificateStanding::of(&seen), None);
}

#[test]
fn a_certificate_of_a_mebibyte_is_read_as_what_it_is() {
    let authority = Authority::new();
    let huge = vec![0x30; 1 << 20];
    let endpoint = showing(&[&huge]);
    let seen = beside(&endpoint, authority.trust(), "shop.test").certificates;
    assert_eq!(seen.chosen().unwrap().links[0].der.len(), 1 << 20);
    assert!(matches!(seen.chosen().unwrap().faults[..], [ChainFault::Unreadable { place: 0, .. }]));
}

#[test]
fn authorities_that_issued_each_other_are_a_loop() {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    let params = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let keys = [KeyPair::generate().unwrap(), KeyPair::generate().unwrap(), KeyPair::generate().unwrap()];
    let issued = |name: &str, key: &KeyPair, by: &str, with: &KeyPair| {
        let (by, leaf) = (params(by), params(name));
        leaf.signed_by(key, &Issuer::from_params(&by, with)).unwrap().der().to_vec()
    };
    let [leaf, a, b] = &keys;
    let chain = [issued("shop.test", leaf, "A", a), issued("A", a, "B", b), issued("B", b, "A", a)];
    let endpoint = showing(&[&chain[0], &chain[1], &chain[2]]);
    let seen = beside(&endpoint, Authority::new().trust(), "shop.test").certificates;
    let chain = seen.chosen().unwrap();
    assert_eq!(chain.path, [0, 1, 2]);
    assert!(chain.faults.contains(&ChainFault::Loop), "{:?}", chain.faults);
}

#[test]
fn a_chain_of_a_thousand_certificates_is_read_in_part() {
    let authority = Authority::new();
    let one = der(&authority.issue("shop.test").certificate);
    let other = der(&authority.pem);
    let mut all = vec![one.as_slice()];
    all.extend(std::iter::repeat_n(other.as_slice(), 1000));
    let seen = beside(&showing(&all), authority.trust(), "shop.test").certificates;
    let chain = seen.chosen().unwrap();
    assert!(chain.faults.contains(&ChainFault::Long(1001)), "{:?}", chain.faults);
    assert!(chain.is_trusted() && chain.links.len() == 32);
}
