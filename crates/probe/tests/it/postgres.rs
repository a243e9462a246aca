//! PostgreSQL with and without `ssl`.

use crate::certificates::{Authority, self_signed};
use crate::look::{assert_cleartext, assert_sealed, assert_weak, look};
use crate::servers::Postgres;

fn url(postgres: &Postgres) -> String {
    format!("postgres://127.0.0.1:{}", postgres.port)
}

#[test]
fn ssl_with_a_sound_certificate_is_sealed() {
    let authority = Authority::new();
    let postgres = Postgres::start(Some(&authority.issue("db.test")), &[]);
    assert_sealed(look(&url(&postgres), authority.trust(), "db.test"));
}

#[test]
fn ssl_with_a_certificate_of_its_own_is_weak() {
    let postgres = Postgres::start(Some(&self_signed("db.test")), &[]);
    assert_weak(look(&url(&postgres), Authority::new().trust(), "db.test"), "is self-signed and not trusted");
}

#[test]
fn no_ssl_is_cleartext() {
    let postgres = Postgres::start(None, &[]);
    assert_cleartext(look(&url(&postgres), Authority::new().trust(), "db.test"));
}
