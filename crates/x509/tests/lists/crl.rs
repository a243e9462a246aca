//! Our lists before those who will read them, and theirs before us.

use std::collections::BTreeMap;

use hermetic_keys::KeyAlgorithm;
use hermetic_tls::Serial;
use hermetic_x509::crl::{RevocationList, Scope, Shard, Shards};
use hermetic_x509::publication::Site;
use hermetic_x509::{Revocation, RevocationReason};
use jiff::Timestamp;

use crate::peers::Desk;
use crate::world::{Authority, KINDS, Party, now, revocation};

fn desk(authority: &Authority, list: &[u8]) -> Desk {
    let desk = Desk::new();
    desk.put_pem("ca.pem", "CERTIFICATE", &[&authority.der]);
    desk.put("list.crl", list).put_pem("list.pem", "X509 CRL", &[list]);
    desk
}

fn revoked(parties: &[&Party]) -> BTreeMap<Serial, Revocation> {
    let entry = |party: &&Party| (party.serial.clone(), revocation(RevocationReason::KeyCompromise));
    parties.iter().map(entry).collect()
}

fn site() -> Site {
    "http://pki.test".parse().unwrap()
}

/// A revocation for each reason, with serials of different lengths.
fn for_each_reason() -> BTreeMap<Serial, Revocation> {
    let entry = |(place, reason): (usize, RevocationReason)| {
        (Serial::from_bytes(&vec![0x7f + u8::try_from(place).unwrap(); 1 + 2 * place]), revocation(reason))
    };
    RevocationReason::ALL.into_iter().enumerate().map(entry).collect()
}

#[test]
fn lists_by_every_kind_of_key_pass_openssl_gnutls_and_pkilint() {
    for kind in KINDS.into_iter().chain([KeyAlgorithm::Rsa3072, KeyAlgorithm::Rsa4096]) {
        let root = Authority::root(kind);
        let desk = desk(&root, &root.list(Scope::Complete, &for_each_reason()));
        let told = desk.run("openssl crl -inform DER -in list.crl -CAfile ca.pem -noout -verify -crlnumber");
        assert!(told.contains("verify OK"), "{kind}: {told}");
        let told = desk.run("certtool --verify-crl --infile list.pem --load-ca-certificate ca.pem");
        assert!(told.contains("Verification output: Verified."), "{kind}: {told}");
        desk.lints("lint_crl", "-t CRL -p PKIX list.crl");
    }
}

#[test]
fn an_empty_list_passes_too() {
    let root = Authority::root(KeyAlgorithm::EcdsaP256);
    let desk = desk(&root, &root.list(Scope::Complete, &BTreeMap::new()));
    let told = desk.run("openssl crl -inform DER -in list.crl -CAfile ca.pem -noout -verify -text");
    assert!(told.contains("verify OK") && told.contains("No Revoked Certificates"), "{told}");
    desk.lints("lint_crl", "-t CRL -p PKIX list.crl");
}

#[test]
fn openssl_and_gnutls_read_what_was_revoked_when_and_why() {
    let root = Authority::root(KeyAlgorithm::EcdsaP256);
    let list = root.list(Scope::Complete, &for_each_reason());
    let desk = desk(&root, &list);
    let told = desk.run("openssl crl -inform DER -in list.crl -noout -text");
    for (place, reason) in [
        "Key Compromise",
        "CA Compromise",
        "Affiliation Changed",
        "Superseded",
        "Cessation Of Operation",
        "Privilege Withdrawn",
        "AA Compromise",
    ]
    .into_iter()
    .enumerate()
    {
        let serial = format!("{:02X}", 0x80 + place).repeat(3 + 2 * place);
        let entry = told.split("Serial Number: ").find(|entry| entry.starts_with(&serial)).unwrap();
        assert!(entry.contains(reason), "{reason}: {entry}");
    }
    let unspecified = told.split("Serial Number: ").find(|entry| entry.starts_with("7F\n")).unwrap();
    assert!(!unspecified.contains("Reason Code"), "{unspecified}");
    let number = RevocationList::read(&list).unwrap().number().value();
    assert!(told.contains(&format!("X509v3 CRL Number: \n                {number}")), "{told}");

    let told = desk.run("certtool --crl-info --inder --infile list.crl");
    assert!(
        told.contains("Revoked certificates (8)") && told.contains("CRL Number (not critical)"),
        "{told}"
    );
}

#[test]
fn openssl_refuses_what_the_list_revokes_and_nothing_else() {
    for kind in KINDS {
        let root = Authority::root(kind);
        let (good, bad) = (root.issue(&[0x11; 9]), root.issue(&[0x91; 19]));
        let desk = desk(&root, &root.list(Scope::Complete, &revoked(&[&bad])));
        desk.put_pem("good.pem", "CERTIFICATE", &[&good.der]).put_pem("bad.pem", "CERTIFICATE", &[&bad.der]);
        let verify = "openssl verify -CAfile ca.pem -CRLfile list.pem -crl_check_all";
        desk.run(&format!("{verify} good.pem"));
        let said = desk.tries(&format!("{verify} bad.pem"));
        assert!(!said.success && said.text.contains("certificate revoked"), "{kind}: {}", said.text);
    }
}

/// A root with one list, an intermediate with two, and a certificate in each shard of the latter. A root of
/// several would have no list of its own: `-crl_check_all` looks for one, and a root points to none.
struct Sharded {
    root: Authority,
    intermediate: Authority,
    even: Party,
    odd: Party,
}

const TWO: u32 = 2;

impl Sharded {
    fn new() -> Self {
        let root = Authority::root(KeyAlgorithm::EcdsaP256);
        let shards = Shards::new(TWO).unwrap();
        let intermediate = root.intermediate_at(KeyAlgorithm::EcdsaP256, &site(), Shard::new(0));
        let issue = |serial: &[u8]| {
            let shard = shards.of(&Serial::from_bytes(serial));
            intermediate.issue_at(&site(), shard, serial)
        };
        let (even, odd) = (issue(&[0x22; 16]), issue(&[0x33; 16]));
        Self { root, intermediate, even, odd }
    }

    fn list(of: &Authority, shard: u16, revoked: &BTreeMap<Serial, Revocation>) -> Vec<u8> {
        let scope = site().scope(&of.publisher, Shards::new(TWO).unwrap(), Shard::new(shard));
        of.list(scope, revoked)
    }

    /// A desk with both parties, the root, the intermediate, and these lists.
    fn desk(&self, lists: &[&[u8]]) -> Desk {
        let desk = Desk::new();
        desk.put_pem("ca.pem", "CERTIFICATE", &[&self.root.der])
            .put_pem("intermediate.pem", "CERTIFICATE", &[&self.intermediate.der])
            .put_pem("even.pem", "CERTIFICATE", &[&self.even.der])
            .put_pem("odd.pem", "CERTIFICATE", &[&self.odd.der])
            .put_pem("lists.pem", "X509 CRL", lists);
        desk
    }
}

const VERIFY: &str =
    "openssl verify -CAfile ca.pem -untrusted intermediate.pem -CRLfile lists.pem -crl_check_all";

#[test]
fn openssl_checks_a_whole_chain_against_its_shards() {
    let world = Sharded::new();
    let desk = world.desk(&[
        &world.root.list(Scope::Complete, &BTreeMap::new()),
        &Sharded::list(&world.intermediate, 0, &BTreeMap::new()),
        &Sharded::list(&world.intermediate, 1, &revoked(&[&world.odd])),
    ]);
    desk.run(&format!("{VERIFY} even.pem"));
    let said = desk.tries(&format!("{VERIFY} odd.pem"));
    assert!(!said.success && said.text.contains("certificate revoked"), "{}", said.text);
}

#[test]
fn openssl_takes_no_shard_for_another() {
    let world = Sharded::new();
    let desk = world.desk(&[
        &world.root.list(Scope::Complete, &BTreeMap::new()),
        &Sharded::list(&world.intermediate, 0, &BTreeMap::new()),
    ]);
    let said = desk.tries(&format!("{VERIFY} odd.pem"));
    assert!(!said.success && said.text.contains("different CRL scope"), "{}", said.text);
}

#[test]
fn a_shard_passes_pkilint_and_gnutls() {
    let world = Sharded::new();
    let list = Sharded::list(&world.intermediate, 1, &revoked(&[&world.odd]));
    let desk = desk(&world.intermediate, &list);
    desk.lints("lint_crl", "-t CRL -p PKIX list.crl");
    let told = desk.run("certtool --verify-crl --infile list.pem --load-ca-certificate ca.pem");
    assert!(told.contains("Verification output: Verified."), "{told}");
}

#[test]
fn the_gateways_own_reader_takes_each_shard() {
    let world = Sharded::new();
    let list = Sharded::list(&world.intermediate, 1, &revoked(&[&world.odd]));
    let read = hermetic_tls::RevocationList::read(&list, "odd.crl").unwrap();
    assert_eq!((read.len(), read[0].revoked()), (1, 1));
    assert_eq!(read[0].issuer(), world.intermediate.certificate.subject().to_string());
}

#[test]
fn webpki_goes_by_the_shard_that_a_certificate_points_to() {
    let world = Sharded::new();
    let lists = [
        world.root.list(Scope::Complete, &BTreeMap::new()),
        Sharded::list(&world.intermediate, 0, &BTreeMap::new()),
        Sharded::list(&world.intermediate, 1, &revoked(&[&world.odd])),
    ];
    assert_eq!(webpki_says(&world, &world.even, &lists), Ok(()));
    assert_eq!(webpki_says(&world, &world.odd, &lists), Err(webpki::Error::CertRevoked));
    assert_eq!(webpki_says(&world, &world.odd, &lists[..2]), Err(webpki::Error::UnknownRevocationStatus));
}

fn webpki_says(world: &Sharded, party: &Party, lists: &[Vec<u8>]) -> Result<(), webpki::Error> {
    use rustls_pki_types::{CertificateDer, UnixTime};
    let lists: Vec<webpki::CertRevocationList<'_>> =
        lists.iter().map(|list| webpki::BorrowedCertRevocationList::from_der(list).unwrap().into()).collect();
    let lists: Vec<_> = lists.iter().collect();
    let (root, intermediate, leaf) = (
        CertificateDer::from(world.root.der.as_slice()),
        CertificateDer::from(world.intermediate.der.as_slice()),
        CertificateDer::from(party.der.as_slice()),
    );
    let revocation = webpki::RevocationOptionsBuilder::new(&lists)
        .unwrap()
        .with_expiration_policy(webpki::ExpirationPolicy::Enforce)
        .build();
    webpki::EndEntityCert::try_from(&leaf)
        .unwrap()
        .verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &[webpki::anchor_from_trusted_cert(&root).unwrap()],
            &[intermediate],
            UnixTime::since_unix_epoch(std::time::Duration::from_secs(now().as_second().unsigned_abs())),
            webpki::KeyUsage::server_auth(),
            Some(revocation),
            None,
        )
        .map(|_| ())
}

#[test]
fn a_list_of_openssl_is_read() {
    let root = Authority::root(KeyAlgorithm::EcdsaP256);
    let desk = desk(&root, &[]);
    desk.run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout theirs.key -out theirs.pem -subj /CN=theirs");
    desk.put("config", "[ca]\ndefault_ca=a\n[a]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n")
        .put("index", "R\t300101000000Z\t260101000000Z,keyCompromise\t0A0B\tunknown\t/CN=one\nR\t300101000000Z\t260102000000Z,certificateHold\t0C\tunknown\t/CN=two\n")
        .put("number", "1000\n");
    desk.run("openssl ca -gencrl -config config -cert theirs.pem -keyfile theirs.key -out theirs.crl");
    desk.run("openssl crl -in theirs.crl -outform DER -out theirs.der");
    let list = RevocationList::read(&desk.take("theirs.der")).unwrap();
    assert_eq!((list.issuer().to_string().as_str(), list.number().value()), ("CN=theirs", 0x1000));
    let entries: Vec<_> = list.revoked().iter().map(|(serial, entry)| (serial.to_string(), *entry)).collect();
    assert_eq!(entries[0].0, "0a0b");
    assert_eq!(entries[0].1.reason, Some(RevocationReason::KeyCompromise));
    assert_eq!(entries[0].1.at, "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap());
    assert_eq!((entries[1].0.as_str(), entries[1].1.reason), ("0c", None), "a hold can be taken back");
    assert!(!list.is_signed_by(&root.certificate));
}
