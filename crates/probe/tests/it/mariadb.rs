//! MariaDB with and without TLS.

use std::net::{IpAddr, UdpSocket};

use hermetic_hop::Verdict;

use crate::certificates::Authority;
use crate::look::{assert_cleartext, assert_sealed, assert_weak, judged, look, seen};
use crate::servers::MariaDb;

fn url(mariadb: &MariaDb) -> String {
    format!("mysql://127.0.0.1:{}", mariadb.port)
}

#[test]
fn tls_with_a_sound_certificate_is_sealed() {
    let authority = Authority::new();
    let mariadb = MariaDb::start(Some(&authority.issue("db.test")), &[]);
    assert_sealed(look(&url(&mariadb), authority.trust(), "db.test"));
}

#[test]
fn tls_with_an_expired_certificate_is_weak() {
    let authority = Authority::new();
    let mariadb = MariaDb::start(Some(&authority.issue_until("db.test", -2)), &[]);
    assert_weak(look(&url(&mariadb), authority.trust(), "db.test"), "expired 2 days ago");
}

#[test]
fn no_certificate_is_cleartext() {
    let mariadb = MariaDb::start(None, &[]);
    assert_cleartext(look(&url(&mariadb), Authority::new().trust(), "db.test"));
}

/// An address of this machine that is not the loopback: MariaDB holds nothing against that one.
fn own_address() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect("198.51.100.1:9").expect("a network interface with a route");
    socket.local_addr().unwrap().ip()
}

#[test]
fn looking_often_does_not_get_our_host_turned_away() {
    let authority = Authority::new();
    let options = ["--bind-address=0.0.0.0", "--max-connect-errors=2"];
    for (issued, verdict) in [(Some(authority.issue("db.test")), Verdict::Sealed), (None, Verdict::Clear)] {
        let mariadb = MariaDb::start(issued.as_ref(), &options);
        let endpoint = format!("mysql://{}:{}", own_address(), mariadb.port);
        for _ in 0..5 {
            let evidence = seen(look(&endpoint, authority.trust(), "db.test"));
            assert_eq!(judged(&evidence).verdict, verdict);
        }
    }
}
