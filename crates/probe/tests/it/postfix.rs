//! Postfix with and without STARTTLS.

use crate::certificates::{Authority, self_signed};
use crate::look::{assert_cleartext, assert_sealed, assert_weak, look};
use crate::servers::Postfix;

fn url(postfix: &Postfix) -> String {
    format!("smtp://127.0.0.1:{}", postfix.port)
}

#[test]
fn starttls_with_a_sound_certificate_is_sealed() {
    let authority = Authority::new();
    let postfix = Postfix::start(Some(&authority.issue("mail.test")), "");
    assert_sealed(look(&url(&postfix), authority.trust(), "mail.test"));
}

#[test]
fn starttls_with_a_certificate_of_its_own_is_weak() {
    let postfix = Postfix::start(Some(&self_signed("mail.test")), "");
    assert_weak(
        look(&url(&postfix), Authority::new().trust(), "mail.test"),
        "is self-signed and not trusted",
    );
}

#[test]
fn no_starttls_is_cleartext() {
    let postfix = Postfix::start(None, "");
    assert_cleartext(look(&url(&postfix), Authority::new().trust(), "mail.test"));
}
