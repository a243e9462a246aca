//! What standards demand, of real servers: one that is made for it meets it, and one that is not says why not.

use hermetic_probe::Scanned;
use hermetic_probe::judge::standards::{Answer, Standing, standings};

use crate::beside::scanned;
use crate::certificates::Authority;
use crate::server::OpenSsl;
use crate::servers::{Nginx, Old};

const PCI: &str = "pci-dss-4.0.1-4.2.1";
const NIST: &str = "nist-sp-800-52r2-government";
const CNSA: &str = "cnsa-2.0";

fn standing(scanned: &Scanned, id: &str) -> Standing {
    standings(scanned).into_iter().find(|standing| standing.standard.id == id).unwrap()
}

/// nginx with these lines, and a certificate that is believed.
fn nginx(lines: &str) -> Scanned {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), lines);
    scanned(&format!("tls://127.0.0.1:{}", nginx.port), authority.trust(), "shop.test", |_| ())
}

fn assert_answers(scanned: &Scanned, expected: [Answer; 3]) {
    let told = [PCI, NIST, CNSA].map(|id| standing(scanned, id));
    assert_eq!(told.each_ref().map(|standing| standing.answer), expected, "{told:?}");
}

#[test]
fn nginx_with_aes_and_the_curves_of_nist_meets_pci_and_nist() {
    let lines = "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM; ssl_ecdh_curve P-256:P-384; \
                 ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256;";
    assert_answers(&nginx(lines), [Answer::Met, Answer::Met, Answer::NotMet]);
}

#[test]
fn nginx_as_mozilla_has_it_meets_pci_and_not_nist_which_has_neither_chacha20_nor_x25519() {
    let seen = nginx("ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;");
    assert_answers(&seen, [Answer::Met, Answer::NotMet, Answer::NotMet]);
    let because = standing(&seen, NIST).because.join("; ");
    assert!(because.contains("CHACHA20") && because.contains("X25519"), "{because}");
}

#[test]
fn openssl_with_all_that_it_has_meets_none() {
    let server = OpenSsl::start(&["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]);
    let seen = scanned(&format!("tls://{}", server.address), Authority::new().trust(), "shop.test", |_| ());
    assert_answers(&seen, [Answer::NotMet; 3]);
    let because = standing(&seen, PCI).because.join("; ");
    assert!(
        because.contains("it encrypts nothing") && because.contains("nobody proves who they are"),
        "{because}"
    );
}

#[test]
fn a_server_with_the_hybrid_of_cnsa_has_come_one_step_and_does_not_meet_it() {
    let server = Old::tlslite_ng();
    let seen = scanned(&format!("tls://{}", server.address), Authority::new().trust(), "shop.test", |_| ());
    let cnsa = standing(&seen, CNSA);
    assert_eq!((cnsa.answer, cnsa.step), (Answer::NotMet, Some("its key exchange is ready")), "{cnsa:?}");
}
