//! MariaDB with and without TLS.

use crate::certificates::Authority;
use crate::look::{assert_cleartext, assert_sealed, assert_weak, look};
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
