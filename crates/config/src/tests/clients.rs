//! Who may come in, and by which certificate: CRLs, fingerprints and pins.

use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyIdMethod,
    KeyPair, SerialNumber, date_time_ymd,
};
use tempfile::TempDir;

use super::{BASE, Noon, told_of, valid_with};
use crate::{Admitted, Configuration, ConfigurationError, UpstreamTls, UpstreamTransport, parse};

/// A folder with two authorities, `ca` and `other`, each with its certificate and its CRL.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for name in ["ca", "other"] {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 7, 1),
            next_update: date_time_ymd(2026, 8, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&Issuer::new(params, key)).unwrap().pem().unwrap();
        std::fs::write(folder.path().join(format!("{name}.pem")), certificate).unwrap();
        std::fs::write(folder.path().join(format!("{name}.crl")), list).unwrap();
    }
    folder
}

/// A second listener with these lines from line 5 on.
fn parsed(folder: &Path, lines: &str) -> Result<Configuration, ConfigurationError> {
    let text = format!(
        "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\nnames = [\"b\"]\n{lines}\n\
         [[route]]\nlistener = \"second\"\nto = \"app\"{BASE}"
    );
    parse(&text, &folder.join("hermetic.toml"), &Noon)
}

fn told(lines: &str) -> Vec<String> {
    let folder = folder();
    let Err(ConfigurationError::Invalid { problems, .. }) = parsed(folder.path(), lines) else {
        return Vec::new();
    };
    let prefix = format!("{}/", folder.path().display());
    problems.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
}

const REQUIRED: &str = "clients = \"required\"\nclient_ca = \"ca.pem\"\n";

#[test]
fn crls_are_read_and_held_against_the_authority() {
    let folder = folder();
    let whole = parsed(folder.path(), &format!("{REQUIRED}client_crl = [\"ca.crl\"]")).unwrap();
    let crl = whole.listeners[0].termination().unwrap().client_crl.clone().unwrap();
    assert_eq!(crl.files, [folder.path().join("ca.crl")]);
    assert_eq!(crl.lists[0].issuer(), "CN=ca");
}

#[test]
fn a_file_that_is_no_crl_is_told() {
    let hint = "name the current, complete CRL of a client CA";
    assert_eq!(
        told(&format!("{REQUIRED}client_crl = [\"ca.pem\", \"none.crl\"]")),
        [
            format!("7:15: ca.pem: no CRL in it; expected a PEM block `BEGIN X509 CRL`, or DER; {hint}"),
            format!("7:25: none.crl can't be read: No such file or directory (os error 2); {hint}"),
        ]
    );
}

#[test]
fn a_crl_of_somebody_else_alone_would_refuse_everybody() {
    assert_eq!(
        told(&format!("{REQUIRED}client_crl = [\"other.crl\"]")),
        ["7:14: no CRL here is of an authority in ca.pem; \
          add that authority's own CRL, or every certificate is refused"]
    );
    assert!(told(&format!("{REQUIRED}client_crl = [\"other.crl\", \"ca.crl\"]")).is_empty());
}

#[test]
fn crls_have_no_meaning_where_nothing_is_held_against_them() {
    assert_eq!(
        told("client_crl = [\"ca.crl\"]"),
        ["5:1: no client is asked for a certificate, so `client_crl` has no meaning; \
          add `clients = \"required\"` or \"optional\""]
    );
    assert_eq!(
        told("clients = \"required\"\nclient_crl = [\"ca.crl\"]"),
        ["6:1: what the authority revokes is refused at once, so `client_crl` has no meaning; \
          take `client_crl` out, or name another `client_ca`"]
    );
    assert_eq!(
        told(&format!("{REQUIRED}client_crl = []")),
        [
            "7:14: with an empty `client_crl` every certificate is refused; name a file, or take `client_crl` out"
        ]
    );
}

#[test]
fn a_certificate_is_let_in_by_its_fingerprint_as_openssl_writes_it() {
    let folder = folder();
    let digits = "ab".repeat(32);
    let colons = ["AB"; 32].join(":");
    let lines = format!("{REQUIRED}allow = [\"sha256:{digits}\", \"sha256:{colons}\", \"dns:a.example\"]");
    let whole = parsed(folder.path(), &lines).unwrap();
    let allow = whole.listeners[0].termination().unwrap().allow.clone().unwrap();
    let [Admitted::Certificate(one), Admitted::Certificate(same), Admitted::Identity(_)] = allow.as_slice()
    else {
        panic!("{allow:?}")
    };
    assert_eq!((one, one.to_string()), (same, digits));
}

#[test]
fn what_is_no_fingerprint_is_told() {
    let hint = "write `sha256:` and the 64 digits that `openssl x509 -noout -fingerprint -sha256` shows";
    for (wrong, at) in [("sha256:abcd", 10), ("sha256:r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=", 10)] {
        assert_eq!(
            told(&format!("{REQUIRED}allow = [\"{wrong}\"]")),
            [format!("7:{at}: `{wrong}` is not the fingerprint of a certificate; {hint}")]
        );
    }
}

#[test]
fn an_upstream_is_pinned_besides_its_name() {
    let pinned = |pin: &str| {
        format!(
            "[[upstream]]\nname = \"far\"\nendpoints = [\"far.example:1\"]\n\
             tls = {{ trust = \"system\", pin = {pin} }}"
        )
    };
    let digits = "0f".repeat(32);
    let whole = valid_with(&pinned(&format!("[\"sha256:{digits}\"]")));
    let UpstreamTransport::Tls(UpstreamTls { pins, name, .. }) = &whole.upstreams[0].transport else {
        panic!()
    };
    assert_eq!((pins[0].to_string(), name.to_string()), (digits, "dns:far.example".to_owned()));
    assert_eq!(
        told_of(&pinned("[]")),
        ["4:33: no certificate is in an empty `pin`, so nobody could be the upstream; \
          name a certificate, or take `pin` out"]
    );
}
