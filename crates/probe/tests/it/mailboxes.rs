//! Dovecot: IMAP, POP3 and LMTP, with and without TLS.

use crate::certificates::Authority;
use crate::look::{assert_cleartext, assert_sealed, assert_weak, look};
use crate::servers::Dovecot;

#[test]
fn mailboxes_are_sealed_after_starttls_and_from_the_first_byte() {
    let authority = Authority::new();
    let dovecot = Dovecot::start(Some(&authority.issue("mail.test")), "");
    for (scheme, port) in [
        ("imap", dovecot.imap),
        ("imaps", dovecot.imaps),
        ("pop3", dovecot.pop3),
        ("pop3s", dovecot.pop3s),
        ("lmtp", dovecot.lmtp),
    ] {
        let endpoint = format!("{scheme}://127.0.0.1:{port}");
        assert_sealed(look(&endpoint, authority.trust(), "mail.test"));
        assert_weak(look(&endpoint, authority.trust(), "other.test"), "not for dns:other.test");
    }
}

#[test]
fn mailboxes_without_starttls_are_cleartext() {
    let dovecot = Dovecot::start(None, "");
    for (scheme, port) in [
        ("imap", dovecot.imap),
        ("pop3", dovecot.pop3),
        ("lmtp", dovecot.lmtp),
        // A plain port where TLS is expected from the first byte.
        ("imaps", dovecot.imap),
        ("pop3s", dovecot.pop3),
    ] {
        let endpoint = format!("{scheme}://127.0.0.1:{port}");
        assert_cleartext(look(&endpoint, Authority::new().trust(), "mail.test"));
    }
}
