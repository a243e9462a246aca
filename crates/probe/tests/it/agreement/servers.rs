//! The servers that all scanners look at.

use std::any::Any;

use hermetic_tls::TrustAnchors;

use super::Peer;
use crate::certificates::{Authority, Issued};
use crate::server::OpenSsl;
use crate::servers::{Nginx, Old, Postfix, Postgres};

/// A server, as all scanners are told of it.
pub struct Endpoint {
    /// What the page calls it.
    pub what: &'static str,
    pub port: u16,
    /// The server name that goes out.
    pub name: &'static str,
    /// The scheme of ours.
    pub scheme: &'static str,
    /// How the others call its way to TLS.
    pub starttls: Option<&'static str>,
    pub trust: TrustAnchors,
    _server: Box<dyn Any>,
}

const NAME: &str = "shop.test";

/// How many questions sslscan, sslyze and testssl.sh answer of each server at the least, of those that ours answers:
/// two fewer than they did when this was written, as sessions come and go. Only testssl.sh sees much of SSL 2.0.
const ANSWERED: [(&str, [usize; 3]); 12] = [
    ("nginx, Mozilla modern", [6, 8, 16]),
    ("nginx, Mozilla intermediate", [9, 16, 25]),
    ("nginx, Mozilla old", [12, 18, 28]),
    ("OpenSSL 3.0, all at security level 0", [11, 15, 27]),
    ("OpenSSL 3.0, TLS 1.0 and 1.1 alone", [7, 11, 21]),
    ("GnuTLS 3.7, legacy", [8, 15, 25]),
    ("NSS, SSL 3.0 with RC4 and NULL", [7, 13, 22]),
    ("tlslite-ng, SSL 3.0 to hybrid groups", [11, 16, 27]),
    ("OpenSSL 1.0.2, all", [8, 17, 27]),
    ("OpenSSL 1.0.2, SSL 2.0 alone", [1, 0, 9]),
    ("Postfix, STARTTLS", [12, 18, 27]),
    ("PostgreSQL 15, SSLRequest", [9, 14, 23]),
];

impl Endpoint {
    /// How many questions a scanner answers of it at the least.
    pub fn answered(&self, peer: Peer) -> usize {
        let (_, answered) = ANSWERED.iter().find(|(what, _)| *what == self.what).unwrap();
        answered[peer as usize]
    }
}

/// How each is started, in the order of the page.
pub const ALL: [fn() -> Endpoint; 12] = [
    modern,
    intermediate,
    old,
    everything,
    legacy_versions,
    gnutls,
    nss,
    tlslite_ng,
    openssl_1_0_2,
    ssl_2_alone,
    postfix,
    postgres,
];

fn plain(what: &'static str, port: u16, trust: TrustAnchors, server: impl Any) -> Endpoint {
    Endpoint { what, port, name: NAME, scheme: "tls", starttls: None, trust, _server: Box::new(server) }
}

fn nginx(what: &'static str, directives: &str) -> Endpoint {
    let authority = Authority::new();
    let ecdsa = authority.issue(NAME);
    let rsa = authority.issue_with(NAME, &rcgen::PKCS_RSA_SHA256, |_| ());
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = rsa.write(folder.path());
    let both = format!("ssl_certificate {}; ssl_certificate_key {};", certificate.display(), key.display());
    let server = Nginx::tls(&ecdsa, &format!("{both} ssl_session_cache shared:s:1m; {directives}"));
    plain(what, server.port, authority.trust(), (server, folder))
}

/// The three levels of Mozilla's guidelines (5.8).
fn modern() -> Endpoint {
    nginx("nginx, Mozilla modern", "ssl_protocols TLSv1.3;")
}

const INTERMEDIATE: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
                            ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
                            ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

fn intermediate() -> Endpoint {
    nginx(
        "nginx, Mozilla intermediate",
        &format!("ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {INTERMEDIATE};"),
    )
}

fn old() -> Endpoint {
    let older = "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:\
                 ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:\
                 AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA:DES-CBC3-SHA";
    let directives = format!(
        "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on; \
         ssl_ciphers {INTERMEDIATE}:{older}:@SECLEVEL=0;"
    );
    nginx("nginx, Mozilla old", &directives)
}

fn everything() -> Endpoint {
    let arguments = ["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "-serverpref", "-client_renegotiation"];
    openssl("OpenSSL 3.0, all at security level 0", &arguments)
}

fn legacy_versions() -> Endpoint {
    let arguments = ["-cipher", "ALL:@SECLEVEL=0", "-no_tls1_2", "-no_tls1_3"];
    openssl("OpenSSL 3.0, TLS 1.0 and 1.1 alone", &arguments)
}

fn openssl(what: &'static str, arguments: &[&str]) -> Endpoint {
    let server = OpenSsl::start(arguments);
    plain(what, server.address.port(), strangers(), server)
}

fn gnutls() -> Endpoint {
    let priority = "LEGACY:+VERS-TLS1.0:+ARCFOUR-128:+3DES-CBC:+NULL:+ANON-ECDH:+GROUP-ALL";
    of_other_days("GnuTLS 3.7, legacy", Old::gnutls(priority))
}

fn nss() -> Endpoint {
    of_other_days("NSS, SSL 3.0 with RC4 and NULL", Old::nss(":0004:0005:000A:0001:002F"))
}

fn tlslite_ng() -> Endpoint {
    of_other_days("tlslite-ng, SSL 3.0 to hybrid groups", Old::tlslite_ng())
}

fn openssl_1_0_2() -> Endpoint {
    of_other_days("OpenSSL 1.0.2, all", Old::openssl_1_0_2("SSLv23_server_method"))
}

fn ssl_2_alone() -> Endpoint {
    of_other_days("OpenSSL 1.0.2, SSL 2.0 alone", Old::openssl_1_0_2("SSLv2_server_method"))
}

fn of_other_days(what: &'static str, server: Old) -> Endpoint {
    plain(what, server.address.port(), strangers(), server)
}

fn postfix() -> Endpoint {
    let (authority, issued) = vouched();
    let server = Postfix::start(Some(&issued), "");
    let plain = plain("Postfix, STARTTLS", server.port, authority.trust(), server);
    Endpoint { scheme: "smtp", starttls: Some("smtp"), ..plain }
}

fn postgres() -> Endpoint {
    let (authority, issued) = vouched();
    let server = Postgres::start(Some(&issued), &[]);
    let plain = plain("PostgreSQL 15, SSLRequest", server.port, authority.trust(), server);
    Endpoint { scheme: "postgres", starttls: Some("postgres"), ..plain }
}

fn vouched() -> (Authority, Issued) {
    let authority = Authority::new();
    let issued = authority.issue(NAME);
    (authority, issued)
}

/// Of those who vouch for themselves nobody is believed.
fn strangers() -> TrustAnchors {
    Authority::new().trust()
}
