//! Certificates that OpenSSL makes and serves, and that clients refuse: each is told once, with the true reason and the
//! remedy for that.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use hermetic_probe::findings::{self, Case, Found};
use hermetic_probe::{Scanned, Target};
use hermetic_tls::{RevokedCertificates, SecurityPolicy, TrustAnchors};
use jiff::Timestamp;

use super::scanned;
use crate::server::OpenSsl;

/// A certificate for `shop.test` that an authority issued: how its key is made, by which digest it is signed, and what
/// else stands in it.
struct Odd<'a> {
    key: &'a str,
    digest: &'a str,
    extensions: &'a str,
}

const SOUND: Odd<'static> =
    Odd { key: "ecparam -name prime256v1 -genkey -noout", digest: "-sha256", extensions: "" };

fn openssl(folder: &Path, arguments: &str) {
    let told = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output().unwrap();
    assert!(told.status.success(), "{arguments}: {told:?}");
}

impl Odd<'_> {
    /// What is found of a server that shows it, by who believes its authority.
    fn found(&self) -> (Scanned, Vec<Found>) {
        let folder = tempfile::tempdir().unwrap();
        let openssl = |arguments: &str| openssl(folder.path(), arguments);
        openssl("req -x509 -newkey rsa:2048 -nodes -keyout root.key -subj /CN=Root -days 9 -out root.pem");
        openssl(&format!("{} -out key", self.key));
        openssl("req -new -key key -subj /CN=shop.test -out request");
        let names = format!("subjectAltName = DNS:shop.test{}\n", self.extensions);
        std::fs::write(folder.path().join("names"), names).unwrap();
        let sign =
            "x509 -req -in request -CA root.pem -CAkey root.key -extfile names -days 9 -out certificate";
        openssl(&format!("{sign} {}", self.digest));
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let server = OpenSsl::showing(&["-cert", &file("certificate"), "-key", &file("key")]);
        let trust = TrustAnchors::from_pem(&std::fs::read_to_string(file("root.pem")).unwrap()).unwrap();
        told(server.address, trust)
    }
}

fn told(address: SocketAddr, trust: TrustAnchors) -> (Scanned, Vec<Found>) {
    let endpoint = format!("tls://{address}");
    let scanned = scanned(&endpoint, trust.clone(), "shop.test", |_| ());
    let target = Target {
        endpoint: endpoint.parse().unwrap(),
        trust,
        expected: "shop.test".parse().unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        revoked: RevokedCertificates::default(),
        extent: None,
    };
    let case = Case { target: &target, scanned: &scanned, at: Timestamp::now(), software: None };
    let found = findings::of(case);
    (scanned, found)
}

/// The one finding about its certificate: its check, what was seen, and what to do.
#[track_caller]
fn only(odd: &Odd<'_>) -> (&'static str, String, String) {
    let found = odd.found().1.into_iter().map(|found| found.finding);
    let mut about: Vec<_> = found.filter(|finding| finding.control.starts_with("certificate-")).collect();
    assert_eq!(about.len(), 1, "{about:?}");
    let finding = about.remove(0);
    // No word of a library's.
    assert!(!finding.reason.contains("Context") && !finding.reason.contains("Bad"), "{finding:?}");
    (finding.control, finding.reason, finding.remedy)
}

#[test]
fn a_sound_certificate_has_no_finding() {
    let (_, found) = SOUND.found();
    assert!(!found.iter().any(|found| found.finding.control.starts_with("certificate-")), "{found:?}");
}

#[test]
fn a_certificate_of_a_megabyte_is_too_large_and_all_else_is_told() {
    let names: String = (0..40_000).map(|place| format!(", DNS:name-{place:08}.shop.test")).collect();
    let (scanned, found) = Odd { extensions: &names, ..SOUND }.found();
    let about = found.iter().filter(|found| found.finding.control.starts_with("certificate-"));
    let about: Vec<_> = about.map(|found| &found.finding).collect();
    assert_eq!(about.iter().map(|it| it.control).collect::<Vec<_>>(), ["certificate-too-large"], "{about:?}");
    assert!(about[0].reason.contains("rustls takes 65535 at most"), "{about:?}");
    assert!(about[0].remedy.contains("fewer names"), "{about:?}");
    let seen = scanned.observed.unwrap().unwrap();
    assert!(seen.versions.iter().filter(|observed| observed.support.is_yes()).count() >= 2, "{seen:?}");
    let chain = scanned.beside.unwrap().certificates.offered.remove(0);
    assert!(chain.is_for_name && chain.leaf().unwrap().description.names.len() > 40_000);
}

#[test]
fn a_key_on_a_curve_of_no_public_certificate_is_found() {
    let (check, reason, remedy) = only(&Odd { key: "ecparam -name secp256k1 -genkey -noout", ..SOUND });
    assert_eq!(check, "certificate-uncommon-key");
    assert!(reason.contains("the curve secp256k1"), "{reason}");
    assert!(remedy.contains("a new key: ECDSA on P-256"), "{remedy}");
}

#[test]
fn a_short_key_is_told_as_that_and_not_as_a_bad_signature() {
    let (scanned, found) =
        Odd { key: "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024", ..SOUND }.found();
    let about = found.iter().filter(|found| found.finding.control.starts_with("certificate-"));
    let about: Vec<_> = about.map(|found| &found.finding).collect();
    assert_eq!(about.iter().map(|it| it.control).collect::<Vec<_>>(), ["certificate-weak-key"], "{about:?}");
    let hermetic_probe::Outcome::Seen(evidence) = &scanned.outcome else { panic!("{:?}", scanned.outcome) };
    let told = serde_json::to_string(evidence).unwrap();
    assert!(told.contains("one of RSA with 1024 bits; 2048 to 8192 are taken"), "{told}");
}

#[test]
fn a_signature_with_sha_1_is_told_as_that_and_the_remedy_is_another() {
    let (check, reason, remedy) = only(&Odd { digest: "-sha1", ..SOUND });
    assert_eq!(check, "certificate-weak-signature");
    assert!(reason.contains("sha1WithRSAEncryption"), "{reason}");
    assert!(remedy.contains("SHA-256 or better"), "{remedy}");
}

#[test]
fn a_critical_extension_that_is_not_known_is_told_in_words() {
    let (check, reason, remedy) = only(&Odd { extensions: "\n1.2.3.4.5 = critical, DER:0500", ..SOUND });
    assert_eq!(check, "certificate-untrusted");
    assert!(reason.contains("a critical extension that is not known here"), "{reason}");
    assert!(!remedy.contains("intermediate"), "{remedy}");
}
