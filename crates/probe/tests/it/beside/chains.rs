//! Chains that real servers show, in order and out of it.

use hermetic_probe::certificates::{AskedName, ChainFault, Completion, Offered};
use hermetic_tls::PeerCertificateProblem;
use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};

use super::{beside, scanned};
use crate::certificates::{Authority, Issued, access, self_signed};
use crate::servers::Nginx;

fn endpoint(nginx: &Nginx) -> String {
    format!("https://127.0.0.1:{}", nginx.port)
}

/// The one chain that nginx shows.
fn one(authority: &Authority, issued: &Issued) -> Offered {
    let nginx = Nginx::tls(issued, "");
    let mut certificates = beside(&endpoint(&nginx), authority.trust(), "shop.test").certificates;
    assert_eq!(certificates.offered.len(), 1, "{certificates:?}");
    certificates.offered.remove(0)
}

#[test]
fn each_kind_of_key_shows_its_chain() {
    let authority = Authority::new();
    let rsa = authority.issue_with("shop.test", &PKCS_RSA_SHA256, |_| ());
    // OpenSSL 3.0 reads only its own form of these keys.
    let key = std::process::Command::new("openssl").args(["genpkey", "-algorithm", "ed25519"]).output();
    let key = rcgen::KeyPair::from_pem(&String::from_utf8(key.unwrap().stdout).unwrap()).unwrap();
    let eddsa = authority.issue_for("shop.test", &key, |_| ());
    let nginx = Nginx::serving(|port, folder| {
        let mut files = String::new();
        for (name, issued) in [("ec", &authority.issue("shop.test")), ("rsa", &rsa), ("ed", &eddsa)] {
            let here = folder.join(name);
            std::fs::create_dir(&here).unwrap();
            let (certificate, key) = issued.write(&here);
            files += &format!(
                "ssl_certificate {}; ssl_certificate_key {}; ",
                certificate.display(),
                key.display()
            );
        }
        format!(
            "server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.2 TLSv1.3; {files} return 204; }}"
        )
    });
    let seen = beside(&endpoint(&nginx), authority.trust(), "shop.test").certificates;
    let mut kinds: Vec<_> = seen.offered.iter().map(|it| it.leaf().unwrap().strength.to_string()).collect();
    kinds.sort();
    assert_eq!(kinds, ["ECDSA 256", "EdDSA 256", "RSA 2048"], "{:?}", seen.unanswered);
    assert!(seen.offered.iter().all(|it| it.is_trusted() && it.is_for_name));
    // ML-DSA is refused, and that is told.
    assert!(seen.unanswered.iter().all(|it| it.refused), "{:?}", seen.unanswered);
    assert_eq!(seen.unanswered.len(), 1, "{:?}", seen.unanswered);
}

#[test]
fn who_asks_for_no_name_or_a_stranger_s_may_be_shown_another_chain() {
    let authority = Authority::new();
    let (shop, fallback) = (authority.issue("shop.test"), authority.issue("fallback.test"));
    let nginx = Nginx::serving(|port, folder| {
        let server = |name: &str, issued: &Issued, default: &str| {
            let here = folder.join(name);
            std::fs::create_dir(&here).unwrap();
            let (certificate, key) = issued.write(&here);
            format!(
                "server {{ listen 127.0.0.1:{port} ssl {default}; server_name {name}; ssl_certificate {}; \
                 ssl_certificate_key {}; return 204; }} ",
                certificate.display(),
                key.display()
            )
        };
        server("shop.test", &shop, "") + &server("fallback.test", &fallback, "default_server")
    });
    let seen = beside(&endpoint(&nginx), authority.trust(), "shop.test").certificates;
    let names = |it: &Offered| it.leaf().unwrap().description.names.clone();
    let asked = |it: &Offered| it.questions.iter().map(|question| question.name).collect::<Vec<_>>();
    let [own, others] = seen.offered.as_slice() else { panic!("{seen:?}") };
    assert_eq!((names(own), own.is_for_name), (vec!["dns:shop.test".to_owned()], true));
    assert_eq!((names(others), others.is_for_name), (vec!["dns:fallback.test".to_owned()], false));
    assert_eq!(asked(others), [AskedName::None, AskedName::Stranger]);
    assert_eq!(seen.for_the_name().count(), 1);
}

#[test]
fn a_chain_in_order_has_no_faults() {
    let root = Authority::new();
    let between = root.below("Between", |_| ());
    let chain = one(&root, &between.issue("shop.test").with(&[&between.pem]));
    assert_eq!((chain.faults.as_slice(), chain.path.as_slice()), (&[][..], &[0, 1][..]));
    assert!(chain.is_trusted());
}

#[test]
fn what_is_odd_about_a_chain_is_told() {
    let root = Authority::new();
    let between = root.below("Between", |_| ());
    let lower = between.below("Lower", |_| ());
    let stranger = Authority::new().below("Stranger", |_| ());
    let faults = |chain: &[&str]| one(&root, &lower.issue("shop.test").with(chain)).faults;
    assert_eq!(faults(&[&between.pem, &lower.pem]), [ChainFault::Order { right: vec![0, 2, 1] }]);
    assert_eq!(faults(&[&lower.pem, &between.pem, &between.pem]), [ChainFault::Duplicate { place: 3 }]);
    assert_eq!(faults(&[&lower.pem, &between.pem, &root.pem]), [ChainFault::Root { place: 3 }]);
    assert_eq!(faults(&[&lower.pem, &stranger.pem, &between.pem]), [ChainFault::Extra { place: 2 }]);
    assert_eq!(faults(&[&lower.pem]), [ChainFault::Missing { issuer: "CN=Between".to_owned() }]);
}

#[test]
fn a_self_signed_certificate_is_trusted_by_nobody_and_lacks_no_issuer() {
    let chain = one(&Authority::new(), &self_signed("shop.test"));
    assert_eq!(chain.trust[0].verdict, Err(PeerCertificateProblem::UnknownIssuer));
    assert!(chain.leaf().unwrap().is_self_signed() && !chain.lacks_an_issuer());
}

#[test]
fn what_is_wrong_with_a_leaf_by_itself_is_told() {
    let root = Authority::new();
    let expired = one(&root, &root.issue_until("shop.test", -1));
    let told: Vec<_> = expired.leaf().unwrap().weaknesses.iter().map(ToString::to_string).collect();
    assert!(told[0].starts_with("it expired at"), "{told:?}");

    let long = root.issue_with("*.shop.test", &PKCS_ECDSA_P256_SHA256, |params| {
        params.not_after = rcgen::date_time_ymd(2036, 1, 1);
    });
    let long = one(&root, &long);
    let told: Vec<_> = long.leaf().unwrap().weaknesses.iter().map(ToString::to_string).collect();
    assert!(told[0].contains("are allowed to public certificates of its date"), "{told:?}");
    assert!(long.leaf().unwrap().is_wildcard() && !long.is_for_name, "a wildcard stands for one label");
}

#[test]
fn missing_issuers_are_fetched_on_request_and_the_chain_called_incomplete() {
    let root = Authority::new();
    let between = root.below("Between", |_| ());
    let place = Nginx::serving(|port, folder| {
        let der = hermetic_tls::Chain::from_pem(&between.pem).unwrap().leaf().der.to_vec();
        std::fs::write(folder.join("between.der"), der).unwrap();
        format!("server {{ listen 127.0.0.1:{port}; root {}; }}", folder.display())
    });
    let url = format!("http://127.0.0.1:{}/between.der", place.port);
    let leaf = |url: &str| {
        between.issue_with("shop.test", &PKCS_ECDSA_P256_SHA256, |params| {
            params.custom_extensions.push(access(2, url));
        })
    };
    let seen = |issued: &Issued| {
        let nginx = Nginx::tls(issued, "");
        let scanned = scanned(&endpoint(&nginx), root.trust(), "shop.test", |extent| extent.repairs = true);
        let standing =
            hermetic_probe::judge::CertificateStanding::of(&scanned.beside.as_ref().unwrap().certificates);
        (scanned.beside.unwrap().certificates.offered.remove(0), standing.unwrap())
    };
    let (whole, standing) = seen(&leaf(&url));
    assert!(!whole.is_trusted() && whole.lacks_an_issuer());
    assert!(matches!(&whole.completion, Some(Completion::Whole { missing }) if missing.len() == 1));
    assert_eq!((standing.is_incomplete, standing.distrust), (true, None));

    let (none, standing) = seen(&leaf(&url.replace("between", "nothing")));
    assert!(matches!(&none.completion, Some(Completion::Unavailable(reason)) if reason.contains("404")));
    assert!(standing.distrust.is_some());
}
