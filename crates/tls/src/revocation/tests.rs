use std::sync::Arc;

use rcgen::{
    CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint, CrlScope,
    KeyIdMethod, PublicKeyData, RevokedCertParams, SerialNumber,
};
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use tokio_rustls::TlsConnector;

use super::*;
use crate::testing::*;
use crate::{ClientCertificates, Credential, HandshakeError, Negotiated, ServerHandshake, ServerSettings};

/// A CRL of June 2026 that is stale from `until` on, and revokes these.
fn list_until(authority: &Authority, revoked: &[&Certificate], until: u8) -> RevocationList {
    RevocationList::read(written(authority, revoked, until, None).as_bytes(), "crl.pem").unwrap().remove(0)
}

fn list(authority: &Authority, revoked: &[&Certificate]) -> RevocationList {
    list_until(authority, revoked, 30)
}

fn written(
    authority: &Authority,
    revoked: &[&Certificate],
    until: u8,
    issuing_distribution_point: Option<CrlIssuingDistributionPoint>,
) -> String {
    let june = |day| rcgen::date_time_ymd(2026, 6, day);
    let entry = |certificate: &&Certificate| RevokedCertParams {
        serial_number: SerialNumber::from_slice(certificate.serial.as_bytes()),
        revocation_time: june(1),
        reason_code: None,
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: june(1),
        next_update: june(until),
        crl_number: SerialNumber::from(7),
        issuing_distribution_point,
        revoked_certs: revoked.iter().map(entry).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(&authority.issuer).unwrap().pem().unwrap()
}

/// A client of another make, which keeps its sessions whatever becomes of its certificate.
struct Stranger {
    connector: TlsConnector,
    shows: Arc<Shows>,
}

/// What it shows now.
#[derive(Debug)]
struct Shows(ArcSwap<rustls::sign::CertifiedKey>);

impl rustls::client::ResolvesClientCert for Shows {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<rustls::sign::CertifiedKey>> {
        Some(self.0.load_full())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl Stranger {
    fn new(
        trust: &TrustAnchors,
        version: &'static rustls::SupportedProtocolVersion,
        shows: &Credential,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let shows = Arc::new(Shows(ArcSwap::from(Arc::clone(shows.certified()))));
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(Arc::clone(trust.roots()))
            .with_client_cert_resolver(Arc::<Shows>::clone(&shows));
        config.resumption = Resumption::in_memory_sessions(8);
        Self { connector: TlsConnector::from(Arc::new(config)), shows }
    }

    /// Shows another certificate from now on. Its sessions stay.
    fn renews(&self, shows: &Credential) {
        self.shows.0.store(Arc::clone(shows.certified()));
    }

    /// One connection; the server's facts.
    async fn visits(&self, server: &ServerHandshake) -> Result<Negotiated, HandshakeError> {
        let (near, far) = tokio::io::duplex(1 << 16);
        let name = ServerName::try_from("shop.test").unwrap();
        let (near, far) = tokio::join!(answer(server, near), self.connector.connect(name, far));
        let mut near = near?;
        say(&mut near, &mut far.unwrap(), "tickets came before this").await;
        Ok(near.negotiated().clone())
    }
}

/// A listener that demands certificates, and goes by these CRLs.
struct World {
    root: Authority,
    clock: Arc<TestClock>,
    revoked: RevokedCertificates,
}

impl World {
    fn new() -> Self {
        Self {
            root: Authority::new("root"),
            clock: TestClock::new(),
            revoked: RevokedCertificates::default(),
        }
    }

    fn listener(&self, lists: Vec<RevocationList>) -> (ServerHandshake, Revocations) {
        let revocations = Revocations::by_lists(lists, &self.root.trust(), &self.revoked).unwrap();
        (self.serving(revocations.clone()), revocations)
    }

    fn serving(&self, revocations: Revocations) -> ServerHandshake {
        let settings = ServerSettings {
            clients: ClientCertificates::Required(self.root.trust()),
            revocations,
            ..server_settings(self.root.issue(&["shop.test"]))
        };
        ServerHandshake::new(settings, &ticket_keys(&self.clock), self.clock.clone()).unwrap()
    }

    fn stranger(&self, shows: &Credential) -> Stranger {
        Stranger::new(&self.root.trust(), &rustls::version::TLS13, shows)
    }
}

const VERSIONS: [&rustls::SupportedProtocolVersion; 2] = [&rustls::version::TLS12, &rustls::version::TLS13];

fn problem(outcome: Result<Negotiated, HandshakeError>) -> PeerCertificateProblem {
    match outcome {
        Err(HandshakeError::PeerCertificate(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_and_others_come_in() {
    let world = World::new();
    let (good, bad) = (world.root.issue(&["good.test"]), world.root.issue(&["bad.test"]));
    let (listener, _) = world.listener(vec![list(&world.root, &[bad.leaf()])]);
    assert!(world.stranger(&good).visits(&listener).await.is_ok());
    assert_eq!(problem(world.stranger(&bad).visits(&listener).await), PeerCertificateProblem::Revoked);
}

#[tokio::test]
async fn a_stale_list_refuses_everybody_and_says_which_and_since_when() {
    let world = World::new();
    let good = world.root.issue(&["good.test"]);
    let (listener, _) = world.listener(vec![list_until(&world.root, &[], 10)]);
    let told = problem(world.stranger(&good).visits(&listener).await).to_string();
    assert!(told.contains("CN=root in crl.pem is stale since 2026-06-10T00:00:00Z"), "{told}");
}

#[tokio::test]
async fn an_issuer_without_a_list_vouches_for_nobody() {
    let world = World::new();
    let department = world.root.intermediate("department");
    let (listener, _) = world.listener(vec![list(&world.root, &[])]);
    let told = problem(world.stranger(&department.issue(&["clerk.test"])).visits(&listener).await);
    assert_eq!(told, PeerCertificateProblem::NoRevocationList { issuer: "CN=department".to_owned() });
}

#[tokio::test]
async fn an_intermediates_list_counts_once_its_signer_has_been_seen() {
    let world = World::new();
    let department = world.root.intermediate("department");
    let (good, bad) = (department.issue(&["good.test"]), department.issue(&["bad.test"]));
    let (listener, _) = world.listener(vec![list(&world.root, &[]), list(&department, &[bad.leaf()])]);
    assert!(world.stranger(&good).visits(&listener).await.is_ok());
    assert_eq!(problem(world.stranger(&bad).visits(&listener).await), PeerCertificateProblem::Revoked);
}

#[tokio::test]
async fn a_list_in_an_intermediates_name_by_another_key_counts_for_nothing() {
    let world = World::new();
    let department = world.root.intermediate("department");
    let impostor = Authority::new("department");
    let (listener, _) = world.listener(vec![list(&world.root, &[]), list(&impostor, &[])]);
    let told = problem(world.stranger(&department.issue(&["clerk.test"])).visits(&listener).await);
    assert!(matches!(told, PeerCertificateProblem::NoRevocationList { .. }), "{told}");
}

/// A key in the short form that its point has besides the long one (SEC 1 section 2.3.3).
struct Compressed(Vec<u8>);

impl Compressed {
    fn of(key: &rcgen::KeyPair) -> Self {
        let (x, y) = key.der_bytes()[1..].split_at(32);
        Self([&[2 + (y[31] & 1)], x].concat())
    }
}

impl PublicKeyData for Compressed {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

/// Shows an authority's name and key in a certificate that this one did not sign.
fn pretender(authority: &Authority, own: &Credential) -> Credential {
    let stranger = Authority::new("stranger");
    let mut params = rcgen::CertificateParams::default();
    let name = authority.certificate().subject;
    params.distinguished_name.push(rcgen::DnType::CommonName, name.strip_prefix("CN=").unwrap());
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let twin = params.signed_by(&Compressed::of(authority.issuer.key()), &stranger.issuer).unwrap();
    let (leaf, behind) = own.chain().certificates().split_first().unwrap();
    let behind: String = behind.iter().map(Certificate::to_pem).collect();
    let chain = Chain::from_pem(&(leaf.to_pem() + &twin.pem() + &behind)).unwrap();
    Credential::new(chain, own.key().clone()).unwrap()
}

#[tokio::test]
async fn an_authoritys_key_in_a_strangers_certificate_takes_no_list_away_from_it() {
    let world = World::new();
    let department = world.root.intermediate("department");
    let (good, bad) = (department.issue(&["good.test"]), department.issue(&["bad.test"]));
    let lists = || vec![list(&world.root, &[]), list(&department, &[bad.leaf()])];
    let (listener, revocations) = world.listener(lists());
    let stranger = pretender(&department, &self_signed("stranger.test"));
    assert!(world.stranger(&stranger).visits(&listener).await.is_err());
    assert!(world.stranger(&good).visits(&listener).await.is_ok());
    assert_eq!(problem(world.stranger(&bad).visits(&listener).await), PeerCertificateProblem::Revoked);

    // Nor by a client that is sound, after the file has changed.
    let sound = pretender(&department, &good);
    let facts = world.stranger(&sound).visits(&listener).await.unwrap();
    revocations.replace(lists()).unwrap();
    assert!(!revocations.revokes(&facts.path.unwrap(), &facts.peer.unwrap()));
    assert!(world.stranger(&good).visits(&listener).await.is_ok());
}

#[tokio::test]
async fn a_revoked_intermediate_takes_its_clients_along() {
    let world = World::new();
    let department = world.root.intermediate("department");
    let clerk = department.issue(&["clerk.test"]);
    let lists = vec![list(&world.root, &[&department.certificate()]), list(&department, &[])];
    let (listener, _) = world.listener(lists);
    assert_eq!(problem(world.stranger(&clerk).visits(&listener).await), PeerCertificateProblem::Revoked);
}

#[tokio::test]
async fn an_authority_that_changed_its_key_has_a_list_for_each() {
    let (old, new) = (Authority::new("root"), Authority::new("root"));
    let trust = TrustAnchors::new(vec![old.certificate(), new.certificate()]).unwrap();
    let (good, bad) = (new.issue(&["good.test"]), old.issue(&["bad.test"]));
    let lists = vec![list(&new, &[]), list(&old, &[bad.leaf()])];
    let revocations = Revocations::by_lists(lists, &trust, &RevokedCertificates::default()).unwrap();
    let settings = ServerSettings {
        clients: ClientCertificates::Required(trust),
        revocations,
        ..server_settings(new.issue(&["shop.test"]))
    };
    let listener = server(settings);
    let stranger = |shows| Stranger::new(&new.trust(), &rustls::version::TLS13, shows);
    assert!(stranger(&good).visits(&listener).await.is_ok());
    assert_eq!(problem(stranger(&bad).visits(&listener).await), PeerCertificateProblem::Revoked);
}

#[test]
fn a_list_in_an_anchors_name_by_another_key_is_an_error() {
    let root = Authority::new("root");
    let foreign = list(&Authority::new("root"), &[]);
    let error =
        Revocations::by_lists(vec![foreign], &root.trust(), &RevokedCertificates::default()).unwrap_err();
    assert_eq!(error, RevocationListError::Foreign { issuer: "CN=root".to_owned() });
}

#[tokio::test]
async fn a_session_ends_with_the_revocation_of_the_certificate_it_began_with() {
    for version in VERSIONS {
        let world = World::new();
        let shows = world.root.issue(&["edge.test"]);
        let (listener, revocations) = world.listener(vec![list(&world.root, &[])]);
        let stranger = Stranger::new(&world.root.trust(), version, &shows);
        assert!(!stranger.visits(&listener).await.unwrap().resumed);
        let resumed = stranger.visits(&listener).await.unwrap();
        assert!(resumed.resumed);
        let (path, chain) = (resumed.path.unwrap(), resumed.peer.unwrap());
        assert!(!revocations.revokes(&path, &chain));

        revocations.replace(vec![list(&world.root, &[shows.leaf()])]).unwrap();
        assert!(revocations.revokes(&path, &chain), "a connection that was resumed is known by its path too");
        assert_eq!(problem(stranger.visits(&listener).await), PeerCertificateProblem::Revoked, "{version:?}");
    }
}

#[tokio::test]
async fn a_session_is_not_resumed_by_a_list_that_went_stale() {
    for version in VERSIONS {
        let world = World::new();
        let (listener, _) = world.listener(vec![list_until(&world.root, &[], 16)]);
        let stranger = Stranger::new(&world.root.trust(), version, &world.root.issue(&["edge.test"]));
        world.clock.advance_hours(6);
        stranger.visits(&listener).await.unwrap();
        world.clock.advance_hours(5);
        assert!(stranger.visits(&listener).await.unwrap().resumed);
        world.clock.advance_hours(2);
        let told = problem(stranger.visits(&listener).await);
        assert!(matches!(told, PeerCertificateProblem::StaleRevocationList { .. }), "{version:?}: {told}");
    }
}

#[tokio::test]
async fn a_session_does_not_outlive_an_intermediate_of_its_path() {
    for version in VERSIONS {
        let world = World::new();
        let department = world.root.intermediate_within("department", (2026, 1, 1), (2026, 6, 16));
        let listener = world.serving(Revocations::default());
        let stranger = Stranger::new(&world.root.trust(), version, &department.issue(&["clerk.test"]));
        world.clock.advance_hours(6);
        stranger.visits(&listener).await.unwrap();
        world.clock.advance_hours(5);
        assert!(stranger.visits(&listener).await.unwrap().resumed);
        world.clock.advance_hours(2);
        let told = problem(stranger.visits(&listener).await);
        assert!(matches!(told, PeerCertificateProblem::Expired(_)), "{version:?}: {told}");
    }
}

#[tokio::test]
async fn a_client_that_renewed_in_time_comes_in_with_an_old_session_too() {
    for version in VERSIONS {
        let world = World::new();
        let (old, new) = (world.root.issue(&["edge.test"]), world.root.issue(&["edge.test"]));
        let (listener, revocations) = world.listener(vec![list(&world.root, &[])]);
        let before = Stranger::new(&world.root.trust(), version, &old);
        before.visits(&listener).await.unwrap();
        revocations.replace(vec![list(&world.root, &[old.leaf()])]).unwrap();
        before.renews(&new);
        let facts = before.visits(&listener).await.unwrap();
        assert!(!facts.resumed && facts.peer.unwrap().leaf() == new.leaf(), "{version:?}");
    }
}

#[tokio::test]
async fn an_authority_of_ours_revokes_without_a_list() {
    let world = World::new();
    let (good, bad) = (world.root.issue(&["good.test"]), world.root.issue(&["bad.test"]));
    let listener = world.serving(Revocations::by_authority(&world.revoked));
    let stranger = world.stranger(&bad);
    let facts = stranger.visits(&listener).await.unwrap();
    world.revoked.revoke(bad.leaf(), &world.root.certificate()).unwrap();
    let revocations = Revocations::by_authority(&world.revoked);
    assert!(revocations.revokes(&facts.path.unwrap(), &facts.peer.unwrap()));
    assert_eq!(problem(stranger.visits(&listener).await), PeerCertificateProblem::Revoked);
    assert!(world.stranger(&good).visits(&listener).await.is_ok());
}

/// Where a list is that speaks for a part of its issuer's certificates.
const EVEN: &str = "http://crl.test/even.crl";
const ODD: &str = "http://crl.test/odd.crl";

fn list_at(place: &str, authority: &Authority, revoked: &[&Certificate]) -> RevocationList {
    let place = CrlDistributionPoint { uris: vec![place.to_owned()] };
    let point = CrlIssuingDistributionPoint { distribution_point: place, scope: None };
    let text = written(authority, revoked, 30, Some(point));
    RevocationList::read(text.as_bytes(), "crl.pem").unwrap().remove(0)
}

#[tokio::test]
async fn each_of_several_lists_speaks_for_the_certificates_that_point_to_it() {
    let world = World::new();
    let good = world.root.issue_listed_at(&["good.test"], EVEN);
    let bad = world.root.issue_listed_at(&["bad.test"], ODD);
    let (listener, _) =
        world.listener(vec![list_at(EVEN, &world.root, &[]), list_at(ODD, &world.root, &[bad.leaf()])]);
    assert!(world.stranger(&good).visits(&listener).await.is_ok());
    assert_eq!(problem(world.stranger(&bad).visits(&listener).await), PeerCertificateProblem::Revoked);
}

#[tokio::test]
async fn a_list_says_nothing_of_certificates_that_point_elsewhere_or_nowhere() {
    let world = World::new();
    let elsewhere = world.root.issue_listed_at(&["odd.test"], ODD);
    let (listener, _) = world.listener(vec![list_at(EVEN, &world.root, &[])]);
    for shows in [elsewhere, world.root.issue(&["nowhere.test"])] {
        let told = problem(world.stranger(&shows).visits(&listener).await);
        assert_eq!(told, PeerCertificateProblem::NoRevocationList { issuer: "CN=root".to_owned() });
    }
}

#[tokio::test]
async fn a_session_remembers_which_list_speaks_for_its_certificate() {
    for version in VERSIONS {
        let world = World::new();
        let shows = world.root.issue_listed_at(&["edge.test"], ODD);
        let (listener, revocations) = world.listener(vec![list_at(ODD, &world.root, &[])]);
        let stranger = Stranger::new(&world.root.trust(), version, &shows);
        stranger.visits(&listener).await.unwrap();
        assert!(stranger.visits(&listener).await.unwrap().resumed, "{version:?}");

        revocations.replace(vec![list_at(EVEN, &world.root, &[])]).unwrap();
        let told = problem(stranger.visits(&listener).await);
        assert!(matches!(told, PeerCertificateProblem::NoRevocationList { .. }), "{version:?}: {told}");
        revocations.replace(vec![list_at(ODD, &world.root, &[shows.leaf()])]).unwrap();
        assert_eq!(problem(stranger.visits(&listener).await), PeerCertificateProblem::Revoked, "{version:?}");
    }
}

#[test]
fn several_lists_of_one_text_and_one_of_der_are_read() {
    let (one, other) = (Authority::new("one"), Authority::new("other"));
    let text = written(&one, &[], 30, None) + &written(&other, &[&one.certificate()], 30, None);
    let lists = RevocationList::read(text.as_bytes(), "both.pem").unwrap();
    assert_eq!([lists[0].issuer(), lists[1].issuer()], ["CN=one", "CN=other"]);
    assert_eq!([lists[0].revoked(), lists[1].revoked()], [0, 1]);
    let der = rustls::pki_types::CertificateRevocationListDer::from_pem_slice(text.as_bytes()).unwrap();
    assert_eq!(RevocationList::read(&der, "one.crl").unwrap()[0].next_update(), lists[0].next_update());
}

#[test]
fn what_is_no_complete_list_is_an_error_that_says_so() {
    let root = Authority::new("root");
    let part = CrlIssuingDistributionPoint {
        distribution_point: CrlDistributionPoint { uris: vec!["http://crl.test/1".to_owned()] },
        scope: Some(CrlScope::UserCertsOnly),
    };
    let read = |text: &str| RevocationList::read(text.as_bytes(), "crl.pem").unwrap_err();
    assert_eq!(read(&written(&root, &[], 30, Some(part))), RevocationListError::Partial);
    assert_eq!(read(""), RevocationListError::Missing);
    assert_eq!(
        read("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        RevocationListError::Missing
    );
    assert!(matches!(
        read("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
        RevocationListError::Malformed(_)
    ));
}

proptest::proptest! {
    #[test]
    fn a_list_that_was_touched_is_an_error_or_is_signed_by_nobody(at: proptest::sample::Index, flip in 1_u8..) {
        let root = Authority::new("root");
        let text = written(&root, &[&root.certificate()], 30, None);
        let mut der = rustls::pki_types::CertificateRevocationListDer::from_pem_slice(text.as_bytes()).unwrap().to_vec();
        let at = at.index(der.len());
        der[at] ^= flip;
        if let Ok(lists) = RevocationList::read(&der, "crl") {
            let signer = Signer::of(&root.certificate().der).unwrap();
            proptest::prop_assert!(!lists[0].claimed_by(&signer));
        }
    }
}
