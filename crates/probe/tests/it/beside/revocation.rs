//! What lists and responders say of real servers' certificates.

use hermetic_probe::certificates::{Checked, Source};
use hermetic_probe::judge::CertificateStanding;
use hermetic_x509::ocsp::Status;
use rcgen::{CrlDistributionPoint, PKCS_ECDSA_P256_SHA256, SerialNumber};

use super::scanned;
use crate::certificates::{Authority, Issued, access};
use crate::servers::{Nginx, Responder, free_port};

/// A certificate of this serial number that names a list and a responder on these ports.
fn issued(authority: &Authority, serial: u8, list: u16, responder: u16) -> Issued {
    authority.issue_with("shop.test", &PKCS_ECDSA_P256_SHA256, |params| {
        params.serial_number = Some(SerialNumber::from_slice(&[serial]));
        let uris = vec![format!("http://127.0.0.1:{list}/list.crl")];
        params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
        params.custom_extensions.push(access(1, &format!("http://127.0.0.1:{responder}/")));
    })
}

/// What is said of a certificate of this serial number, of which 7 is revoked.
fn checked(serial: u8) -> (Vec<Checked>, CertificateStanding) {
    let authority = Authority::new();
    let list = authority.list(&[7]);
    let place = Nginx::serving(|port, folder| {
        std::fs::write(folder.join("list.crl"), list).unwrap();
        format!("server {{ listen 127.0.0.1:{port}; root {}; }}", folder.display())
    });
    let responder = Responder::start(&authority, &[("07", true), ("08", false)]);
    let issued = issued(&authority, serial, place.port, responder.port);
    let nginx = Nginx::tls(&issued, "");
    let endpoint = format!("https://127.0.0.1:{}", nginx.port);
    let seen = scanned(&endpoint, authority.trust(), "shop.test", |extent| extent.revocation = true);
    let certificates = seen.beside.unwrap().certificates;
    (certificates.offered[0].revocation.clone(), CertificateStanding::of(&certificates).unwrap())
}

#[test]
fn a_list_and_a_responder_agree_on_what_is_revoked() {
    let (checked, standing) = checked(7);
    let [list, responder] = checked.as_slice() else { panic!("{checked:?}") };
    assert!(matches!(list.source, Source::List(_)) && matches!(responder.source, Source::Responder(_)));
    for said in [list, responder] {
        assert!(matches!(said.status, Ok(Status::Revoked(_))), "{said:?}");
    }
    assert!(standing.distrust.unwrap().contains("revoked"));
}

#[test]
fn what_is_not_revoked_is_good() {
    let (checked, standing) = checked(8);
    assert!(checked.iter().all(|said| said.status == Ok(Status::Good)), "{checked:?}");
    assert_eq!((checked.len(), standing.distrust), (2, None));
}

#[test]
fn whoever_does_not_answer_leaves_it_open() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&issued(&authority, 8, free_port(), free_port()), "");
    let endpoint = format!("https://127.0.0.1:{}", nginx.port);
    let seen = scanned(&endpoint, authority.trust(), "shop.test", |extent| extent.revocation = true);
    let certificates = seen.beside.unwrap().certificates;
    let checked = &certificates.offered[0].revocation;
    assert!(checked.len() == 2 && checked.iter().all(|said| said.status.is_err()), "{checked:?}");
    assert_eq!(CertificateStanding::of(&certificates).unwrap().distrust, None);
}
