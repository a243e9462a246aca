//! vsftpd with and without TLS.

use crate::certificates::Authority;
use crate::look::{assert_cleartext, assert_sealed, look};
use crate::servers::Vsftpd;

#[test]
fn files_are_sealed_after_auth_tls_and_from_the_first_byte() {
    let authority = Authority::new();
    let issued = authority.issue("files.test");
    for (scheme, settings) in [("ftp", ""), ("ftps", "implicit_ssl=YES\n")] {
        let vsftpd = Vsftpd::start(Some(&issued), settings);
        let endpoint = format!("{scheme}://127.0.0.1:{}", vsftpd.port);
        assert_sealed(look(&endpoint, authority.trust(), "files.test"));
    }
}

#[test]
fn files_without_auth_tls_are_cleartext() {
    let vsftpd = Vsftpd::start(None, "");
    for scheme in ["ftp", "ftps"] {
        let endpoint = format!("{scheme}://127.0.0.1:{}", vsftpd.port);
        assert_cleartext(look(&endpoint, Authority::new().trust(), "files.test"));
    }
}
