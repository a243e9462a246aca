//! OpenLDAP with and without TLS.

use crate::certificates::Authority;
use crate::look::{assert_cleartext, assert_sealed, look};
use crate::servers::Slapd;

#[test]
fn a_directory_is_sealed_after_start_tls_and_from_the_first_byte() {
    let authority = Authority::new();
    let slapd = Slapd::start(Some(&authority.issue("directory.test")), "");
    for (scheme, port) in [("ldap", slapd.ldap), ("ldaps", slapd.ldaps)] {
        let endpoint = format!("{scheme}://127.0.0.1:{port}");
        assert_sealed(look(&endpoint, authority.trust(), "directory.test"));
    }
}

#[test]
fn a_directory_without_start_tls_is_cleartext_under_either_scheme() {
    let slapd = Slapd::start(None, "");
    for scheme in ["ldap", "ldaps"] {
        let endpoint = format!("{scheme}://127.0.0.1:{}", slapd.ldap);
        assert_cleartext(look(&endpoint, Authority::new().trust(), "directory.test"));
    }
}
