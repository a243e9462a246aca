//! What is issued, before the eyes of openssl, GnuTLS and pkilint: every profile, by every kind of key, for every kind of
//! key.

use std::collections::BTreeMap;
use std::fs;

use hermetic_keys::{KeyAlgorithm, LocalSigner, PublicKey, Signer};
use hermetic_tls::Serial;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::constraints::NameConstraints;
use crate::distinguished_name::DistinguishedName;
use crate::lint;
use crate::peer::{openssl, python, run};
use crate::profile::{IssuanceRequest, Naming, Profile, ProfileKind};
use crate::testing::{key, sign};
use crate::validity::Validity;

/// The kinds of keys that openssl 3.0 and GnuTLS 3.7 know.
const KEYS: [KeyAlgorithm; 6] = [
    KeyAlgorithm::EcdsaP256,
    KeyAlgorithm::EcdsaP384,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa4096,
    KeyAlgorithm::Ed25519,
];

const ML_DSA: [KeyAlgorithm; 3] = [KeyAlgorithm::MlDsa44, KeyAlgorithm::MlDsa65, KeyAlgorithm::MlDsa87];

/// Lints certificates with pkilint's own command, all in one process; prints what is an error.
const PKILINT: &str = include_str!("tests/pkilint.py");

/// An estate in a folder: a root, an issuing authority below it for each kind of key, and leaves.
struct Estate {
    folder: TempDir,
    now: Timestamp,
    keys: BTreeMap<KeyAlgorithm, LocalSigner>,
}

/// One authority of the estate.
struct Issuing {
    algorithm: KeyAlgorithm,
    /// Itself, and the root above.
    chain: Vec<AuthorityCertificate>,
}

/// A leaf in the folder.
struct Leaf {
    kind: ProfileKind,
    issuer: KeyAlgorithm,
    name: String,
}

impl Estate {
    fn new(algorithms: &[KeyAlgorithm]) -> Self {
        let keys = algorithms.iter().map(|algorithm| (*algorithm, key(*algorithm))).collect();
        Self { folder: TempDir::new().unwrap(), now: Timestamp::now(), keys }
    }

    fn key(&self, algorithm: KeyAlgorithm) -> &PublicKey {
        self.keys[&algorithm].public_key()
    }

    /// A root and an issuing authority, both with keys of this kind and names within constraints.
    fn issuing(&self, algorithm: KeyAlgorithm) -> Issuing {
        let root = self.authority("root", algorithm, &[], Some(1));
        Issuing {
            algorithm,
            chain: vec![self.authority("issuing", algorithm, std::slice::from_ref(&root), Some(0)), root],
        }
    }

    fn authority(
        &self,
        role: &str,
        algorithm: KeyAlgorithm,
        above: &[AuthorityCertificate],
        path_length: Option<u8>,
    ) -> AuthorityCertificate {
        let subject: DistinguishedName =
            format!("CN=Example {role} {algorithm},O=Example,C=DE").parse().unwrap();
        let permitted = ["dns:example.com", "ip:10.0.0.0/8", "ip:2001:db8::/32", "uri:example.org"];
        let permitted = permitted.map(|subtree| subtree.parse().unwrap()).to_vec();
        let excluded = vec!["dns:secret.example.com".parse().unwrap(), "email:.example.com".parse().unwrap()];
        let constraints = NameConstraints::new(permitted, excluded).unwrap();
        let draft = AuthorityDraft {
            serial: &Serial::from_bytes(&[0x11; 20]),
            subject: &subject,
            key: self.key(algorithm),
            validity: Validity::ahead(self.now, SignedDuration::from_hours(24 * 1000), above.first())
                .unwrap(),
            path_length,
            name_constraints: (!above.is_empty()).then_some(&constraints),
            publication: if above.is_empty() { Publication::NONE } else { &published() },
        };
        let signer = &self.keys[&algorithm];
        let certificate = match above.first() {
            Some(issuer) => draft.under(issuer, signer.algorithm()),
            None => draft.root(signer.algorithm()),
        };
        let to_be_signed = certificate.unwrap().to_der().unwrap();
        lint::authority(&to_be_signed, &draft, above, self.now).unwrap();
        let der = self.signed(&format!("{role}-{algorithm}"), &to_be_signed, signer);
        AuthorityCertificate::from_der(&der).unwrap()
    }

    /// A leaf of this kind, as it would be issued to somebody who asks for it.
    fn leaf(&self, kind: ProfileKind, algorithm: KeyAlgorithm, issuing: &Issuing) -> String {
        let profile = Profile::built_in(kind).with_key_algorithms(KeyAlgorithm::ALL.to_vec()).unwrap();
        let approved = profile.approve(&asked(kind), algorithm).unwrap();
        let draft = LeafDraft {
            serial: &Serial::from_bytes(&[0x22; 20]),
            profile: &profile,
            subject: &approved.subject,
            names: &approved.names,
            key: self.key(algorithm),
            validity: Validity::ahead(self.now, approved.lifetime, issuing.chain.first()).unwrap(),
            publication: &published(),
            is_over: false,
        };
        let signer = &self.keys[&issuing.algorithm];
        let certificate = draft.under(&issuing.chain[0], signer.algorithm()).unwrap();
        let to_be_signed = certificate.to_der().unwrap();
        lint::leaf(&to_be_signed, &draft, &issuing.chain, self.now).unwrap();
        let name = format!("{kind}-{algorithm}-by-{}", issuing.algorithm);
        self.signed(&name, &to_be_signed, signer);
        name
    }

    /// Signs, and writes the certificate into the folder.
    fn signed(&self, name: &str, to_be_signed: &[u8], signer: &LocalSigner) -> Vec<u8> {
        let der = certify(to_be_signed, &sign(signer, to_be_signed), signer.public_key()).unwrap();
        fs::write(self.folder.path().join(format!("{name}.pem")), crate::pem::write("CERTIFICATE", &der))
            .unwrap();
        der
    }

    /// All leaves that the keys of the estate can get.
    fn leaves(&self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        for issuer in self.keys.keys() {
            let issuing = self.issuing(*issuer);
            for kind in ProfileKind::ALL {
                for algorithm in self.keys.keys() {
                    let name = self.leaf(kind, *algorithm, &issuing);
                    leaves.push(Leaf { kind, issuer: *issuer, name });
                }
            }
        }
        leaves
    }

    /// What pkilint finds in every certificate of the folder, and in how the authorities stand together.
    fn pkilint(&self, leaves: &[Leaf]) -> String {
        let authorities = self.keys.keys().map(|key| format!("root-{key}.pem issuing-{key}.pem\n"));
        let leaves = leaves.iter().map(|leaf| format!("{}.pem\n", leaf.name));
        let input: String = authorities.chain(leaves).collect();
        String::from_utf8(python(self.folder.path(), PKILINT, input.as_bytes())).unwrap()
    }
}

fn published() -> Publication {
    Publication {
        revocation_list: Some("http://pki.example.com/3.crl".parse().unwrap()),
        ocsp: Some("http://pki.example.com/ocsp".parse().unwrap()),
        issuer: Some("http://pki.example.com/issuing.cer".parse().unwrap()),
    }
}

fn asked(kind: ProfileKind) -> IssuanceRequest {
    let (subject, names): (_, &[&str]) = match kind.naming() {
        Naming::Names { wildcards: true } => (
            "CN=shop.example.com",
            &[
                "shop.example.com",
                "*.shop.example.com",
                "xn--bcher-kva.example.com",
                "10.0.0.1",
                "2001:db8::1",
            ],
        ),
        Naming::Names { wildcards: false } => ("", &["client.example.com", "spiffe://example.org/client"]),
        Naming::SpiffeId => ("", &["spiffe://example.org/shop"]),
        Naming::Subject => ("CN=Example signer,O=Example,C=DE", &[]),
    };
    let names = names.iter().map(|name| name.parse().unwrap()).collect();
    IssuanceRequest { names, subject: Some(subject.parse().unwrap()), lifetime: None }
}

/// The purpose by which openssl checks a kind of certificate; it has none of its own for code.
fn purpose(kind: ProfileKind) -> &'static str {
    match kind {
        ProfileKind::Server | ProfileKind::Both | ProfileKind::Mesh => "sslserver",
        ProfileKind::Client => "sslclient",
        ProfileKind::Ocsp => "ocsphelper",
        ProfileKind::Code => "any",
    }
}

#[test]
fn every_profile_passes_openssl_gnutls_and_pkilint_whatever_the_keys() {
    let estate = Estate::new(&KEYS);
    let leaves = estate.leaves();
    assert_eq!(leaves.len(), 216);
    let folder = estate.folder.path();
    for Leaf { kind, issuer, name } in &leaves {
        let chain = format!("-trusted root-{issuer}.pem -untrusted issuing-{issuer}.pem");
        openssl(folder, &format!("verify -x509_strict -purpose {} {chain} {name}.pem", purpose(*kind)));
        let chain = [name, &format!("issuing-{issuer}"), &format!("root-{issuer}")];
        let chain = chain.map(|name| fs::read(folder.join(format!("{name}.pem"))).unwrap()).concat();
        run(folder, "certtool", "--verify-chain", &chain);
    }
    assert_eq!(estate.pkilint(&leaves), "");
}

#[test]
fn certificates_with_ml_dsa_keys_pass_pkilint() {
    let estate = Estate::new(&ML_DSA);
    let leaves = estate.leaves();
    assert_eq!(estate.pkilint(&leaves), "");
}

#[test]
fn openssl_shows_what_was_asked_for() {
    let estate = Estate::new(&[KeyAlgorithm::EcdsaP256]);
    let issuing = estate.issuing(KeyAlgorithm::EcdsaP256);
    let shown = |name: &str| {
        String::from_utf8(openssl(estate.folder.path(), &format!("x509 -noout -text -in {name}.pem")))
            .unwrap()
    };
    let server = shown(&estate.leaf(ProfileKind::Both, KeyAlgorithm::EcdsaP256, &issuing));
    for part in [
        "Subject: CN = shop.example.com",
        "Issuer: C = DE, O = Example, CN = Example issuing P-256",
        "X509v3 Subject Alternative Name: \n                DNS:shop.example.com, DNS:*.shop.example.com,",
        "X509v3 Basic Constraints: critical\n                CA:FALSE",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "TLS Web Server Authentication, TLS Web Client Authentication\n",
        "URI:http://pki.example.com/3.crl",
        "OCSP - URI:http://pki.example.com/ocsp",
        "CA Issuers - URI:http://pki.example.com/issuing.cer",
    ] {
        assert!(server.contains(part), "{part} is not in {server}");
    }
    let mesh = shown(&estate.leaf(ProfileKind::Mesh, KeyAlgorithm::EcdsaP256, &issuing));
    assert!(mesh.contains(
        "X509v3 Subject Alternative Name: critical\n                URI:spiffe://example.org/shop\n"
    ));
    let responder = shown(&estate.leaf(ProfileKind::Ocsp, KeyAlgorithm::EcdsaP256, &issuing));
    assert!(responder.contains("OCSP No Check") && responder.contains("OCSP Signing"), "{responder}");
    assert!(!responder.contains(".crl") && !responder.contains("OCSP - URI"), "{responder}");
    let authority = shown("issuing-P-256");
    for part in [
        "CA:TRUE, pathlen:0",
        "X509v3 Name Constraints: critical",
        "DNS:example.com",
        "IP:10.0.0.0/255.0.0.0",
    ] {
        assert!(authority.contains(part), "{part} is not in {authority}");
    }
}

#[test]
fn openssl_refuses_what_constraints_exclude_as_our_linter_does() {
    let estate = Estate::new(&[KeyAlgorithm::EcdsaP256]);
    let issuing = estate.issuing(KeyAlgorithm::EcdsaP256);
    let signer = &estate.keys[&KeyAlgorithm::EcdsaP256];
    let profile = Profile::default();
    let subject = DistinguishedName::default();
    for name in ["a.secret.example.com", "example.org", "192.0.2.1", "spiffe://example.com/a"] {
        let draft = LeafDraft {
            serial: &Serial::from_bytes(&[0x22; 20]),
            profile: &profile,
            subject: &subject,
            names: &[name.parse().unwrap()],
            key: signer.public_key(),
            validity: Validity::ahead(estate.now, SignedDuration::from_hours(24), issuing.chain.first())
                .unwrap(),
            publication: Publication::NONE,
            is_over: false,
        };
        let to_be_signed = draft.under(&issuing.chain[0], signer.algorithm()).unwrap().to_der().unwrap();
        let found = lint::leaf(&to_be_signed, &draft, &issuing.chain, estate.now).unwrap_err();
        assert!(matches!(found.problems(), [lint::Problem::NameConstraint { .. }]), "{found}");
        estate.signed("leaf", &to_be_signed, signer);
        let verdict = crate::peer::verdict(
            estate.folder.path(),
            "openssl",
            "verify -trusted root-P-256.pem -untrusted issuing-P-256.pem leaf.pem",
        );
        assert!(verdict.contains("subtree violation"), "{name}: {verdict}");
    }
}

#[test]
fn an_issuer_that_encodes_its_name_in_its_own_way_stands_so_in_what_it_issues() {
    // A PrintableString and a set out of order, as an authority made elsewhere may have them.
    let subject =
        b"\x30\x18\x31\x16\x30\x0a\x06\x03\x55\x04\x03\x13\x03abc\x30\x08\x06\x03\x55\x04\x0a\x13\x01b";
    let subject = DistinguishedName::from_der(subject).unwrap();
    let estate = Estate::new(&[KeyAlgorithm::EcdsaP256]);
    let signer = &estate.keys[&KeyAlgorithm::EcdsaP256];
    let draft = AuthorityDraft {
        serial: &Serial::from_bytes(&[0x11; 20]),
        subject: &subject,
        key: signer.public_key(),
        validity: Validity::ahead(estate.now, SignedDuration::from_hours(24 * 100), None).unwrap(),
        path_length: None,
        name_constraints: None,
        publication: Publication::NONE,
    };
    let root = estate.signed("root", &draft.root(signer.algorithm()).unwrap().to_der().unwrap(), signer);
    let chain = vec![AuthorityCertificate::from_der(&root).unwrap()];
    let leaf = estate.leaf(
        ProfileKind::Server,
        KeyAlgorithm::EcdsaP256,
        &Issuing { algorithm: KeyAlgorithm::EcdsaP256, chain },
    );
    openssl(estate.folder.path(), &format!("verify -trusted root.pem {leaf}.pem"));
    let issued = fs::read(estate.folder.path().join(format!("{leaf}.pem"))).unwrap();
    let issued = crate::take_apart(&crate::pem::blocks(&issued).unwrap()[0].der).unwrap();
    assert_eq!(ToBeSigned::from_der(&issued.to_be_signed).unwrap().issuer, subject);
}
