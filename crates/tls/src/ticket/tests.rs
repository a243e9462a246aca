use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::*;
use crate::testing::*;
use crate::{
    ClientCertificates, CredentialHandle, HandshakeError, Negotiated, PeerCertificateProblem, Revocations,
    ServerHandshake, ServerSettings, SystemRandomness,
};

/// A client of another make: it keeps one store of sessions by server name, whoever answers.
fn stranger(authority: &Authority, version: &'static rustls::SupportedProtocolVersion) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(Arc::clone(authority.trust().roots()))
        .with_no_client_auth();
    config.resumption = Resumption::in_memory_sessions(8);
    TlsConnector::from(Arc::new(config))
}

/// One connection of the stranger's; the server's facts.
async fn visit(server: &ServerHandshake, stranger: &TlsConnector) -> Result<Negotiated, HandshakeError> {
    let (near, far) = tokio::io::duplex(1 << 16);
    let name = ServerName::try_from("shop.test").unwrap();
    let (near, far) = tokio::join!(answer(server, near), stranger.connect(name, far));
    let mut near = near?;
    say(&mut near, &mut far.unwrap(), "tickets came before this").await;
    Ok(near.negotiated().clone())
}

/// Ticket keys, and listeners that share them.
struct World {
    authority: Authority,
    clock: Arc<TestClock>,
    keys: TicketKeys,
}

impl World {
    fn new() -> Self {
        let clock = TestClock::new();
        Self { authority: Authority::new("ca"), keys: ticket_keys(&clock), clock }
    }

    fn settings(&self) -> ServerSettings {
        server_settings(self.authority.issue_within(&["shop.test"], (1990, 1, 1), (2090, 1, 1)))
    }

    fn listener(&self, settings: ServerSettings) -> ServerHandshake {
        ServerHandshake::new(settings, &self.keys, self.clock.clone()).unwrap()
    }
}

const VERSIONS: [&rustls::SupportedProtocolVersion; 2] = [&rustls::version::TLS12, &rustls::version::TLS13];

#[tokio::test]
async fn a_ticket_resumes_on_its_own_listener() {
    let world = World::new();
    for version in VERSIONS {
        let listener = world.listener(world.settings());
        let stranger = stranger(&world.authority, version);
        assert!(!visit(&listener, &stranger).await.unwrap().resumed);
        let resumed = visit(&listener, &stranger).await.unwrap();
        assert!(resumed.resumed);
        assert_eq!(resumed.group.is_none(), *version == rustls::version::TLS12);
    }
}

#[tokio::test]
async fn a_ticket_from_a_public_listener_never_opens_a_private_one() {
    let world = World::new();
    for version in VERSIONS {
        let public = world.listener(world.settings());
        let clients = ClientCertificates::Required(world.authority.trust());
        let private = world.listener(ServerSettings { clients, ..world.settings() });
        let stranger = stranger(&world.authority, version);
        visit(&public, &stranger).await.unwrap();
        let error = visit(&private, &stranger).await.unwrap_err();
        assert!(matches!(error, HandshakeError::PeerCertificate(PeerCertificateProblem::Missing)), "{error}");
    }
}

#[tokio::test]
async fn a_ticket_opens_only_a_listener_that_is_alike_in_all_that_matters() {
    let world = World::new();
    let stranger_of = || stranger(&world.authority, &rustls::version::TLS13);
    let clients = || ClientCertificates::Optional(world.authority.trust());
    let other = Authority::new("other");
    let unlike = [
        ServerSettings { policy: policy("mozilla/modern"), ..world.settings() },
        ServerSettings { clients: clients(), ..world.settings() },
        ServerSettings { alpn: vec!["h2".into()], ..world.settings() },
        server_settings(world.authority.issue_within(&["shop.test", "a.test"], (1990, 1, 1), (2090, 1, 1))),
    ];
    for settings in unlike {
        let stranger = stranger_of();
        visit(&world.listener(world.settings()), &stranger).await.unwrap();
        assert!(!visit(&world.listener(settings), &stranger).await.unwrap().resumed);
    }
    let stranger = stranger_of();
    let optional =
        |trust| ServerSettings { clients: ClientCertificates::Optional(trust), ..world.settings() };
    visit(&world.listener(optional(world.authority.trust())), &stranger).await.unwrap();
    assert!(!visit(&world.listener(optional(other.trust())), &stranger).await.unwrap().resumed);
}

#[tokio::test]
async fn a_ticket_outlives_a_renewal_and_a_reload_with_the_same_settings() {
    let world = World::new();
    let settings = world.settings();
    let handle = settings.certificates[0].clone();
    let before = world.listener(settings);
    let stranger = stranger(&world.authority, &rustls::version::TLS13);
    visit(&before, &stranger).await.unwrap();
    handle.swap(world.authority.issue_within(&["shop.test"], (1990, 1, 1), (2090, 1, 1)));
    assert!(visit(&before, &stranger).await.unwrap().resumed);
    let after = world.listener(world.settings());
    assert!(visit(&after, &stranger).await.unwrap().resumed);
}

#[tokio::test]
async fn a_ticket_is_good_over_rotations_until_its_life_ends() {
    for version in VERSIONS {
        for (hours, resumes) in [(0, true), (6, true), (11, true), (12, false), (18, false), (48, false)] {
            let world = World::new();
            let listener = world.listener(world.settings());
            let stranger = stranger(&world.authority, version);
            visit(&listener, &stranger).await.unwrap();
            world.clock.advance_hours(hours);
            assert_eq!(visit(&listener, &stranger).await.unwrap().resumed, resumes, "{hours} h, {version:?}");
        }
    }
}

#[tokio::test]
async fn sessions_that_are_resumed_again_and_again_end_too() {
    let world = World::new();
    let listener = world.listener(world.settings());
    let stranger = stranger(&world.authority, &rustls::version::TLS13);
    visit(&listener, &stranger).await.unwrap();
    for hours_since in 1..12 {
        world.clock.advance_hours(1);
        assert!(visit(&listener, &stranger).await.unwrap().resumed, "{hours_since} h");
    }
    world.clock.advance_hours(1);
    assert!(!visit(&listener, &stranger).await.unwrap().resumed);
}

#[tokio::test]
async fn a_session_does_not_outlive_the_clients_certificate() {
    let world = World::new();
    let clients = ClientCertificates::Required(world.authority.trust());
    let listener = world.listener(ServerSettings { clients, ..world.settings() });
    let short = world.authority.issue_within(&["spiffe://test/edge"], (2026, 1, 1), (2026, 6, 16));
    let mut settings = client_settings(world.authority.trust(), "shop.test");
    settings.identity = Some(CredentialHandle::new(short));
    let client = crate::ClientHandshake::new(settings, world.clock.clone()).unwrap();
    let visit = async || {
        let (near, far) = meet(&listener, &client).await;
        let mut near = near?;
        say(&mut near, &mut far.unwrap(), "tickets came before this").await;
        Ok::<_, HandshakeError>(near.negotiated().resumed)
    };
    world.clock.advance_hours(6);
    assert!(!visit().await.unwrap());
    world.clock.advance_hours(5);
    assert!(visit().await.unwrap());
    world.clock.advance_hours(2);
    let error = visit().await.unwrap_err();
    assert!(matches!(error, HandshakeError::PeerCertificate(PeerCertificateProblem::Expired(_))), "{error}");
}

fn keys(clock: &Arc<TestClock>) -> TicketKeys {
    TicketKeys::generate(clock.clone(), Arc::new(SystemRandomness::default())).unwrap()
}

#[tokio::test]
async fn processes_that_share_keys_open_each_others_tickets() {
    let world = World::new();
    let elsewhere = keys(&world.clock);
    elsewhere.install(world.keys.export());
    world.keys.install(elsewhere.export());
    let far = ServerHandshake::new(world.settings(), &elsewhere, world.clock.clone()).unwrap();
    let near = world.listener(world.settings());
    let stranger = stranger(&world.authority, &rustls::version::TLS13);
    for listener in [&far, &near, &far] {
        visit(listener, &stranger).await.unwrap();
    }
    assert!(visit(&near, &stranger).await.unwrap().resumed);
}

#[tokio::test]
async fn nodes_with_the_same_keys_resume_each_others_sessions_for_their_life_and_by_partition() {
    for version in VERSIONS {
        let world = World::new();
        let kept = |from: Timestamp| TicketKey::wanted_at(from).map(|starts| TicketKey::new(starts, [7; 32]));
        let holding = || {
            let chance = Arc::new(SystemRandomness::default());
            TicketKeys::holding(kept(world.clock.now()), world.clock.clone(), chance).unwrap()
        };
        let nodes = [holding(), holding()];
        let [one, other] = nodes
            .each_ref()
            .map(|keys| ServerHandshake::new(world.settings(), keys, world.clock.clone()).unwrap());
        let stranger = stranger(&world.authority, version);
        visit(&one, &stranger).await.unwrap();
        assert!(visit(&other, &stranger).await.unwrap().resumed, "{version:?}");

        let clients = ClientCertificates::Optional(world.authority.trust());
        let settings = ServerSettings { clients, ..world.settings() };
        let unlike = ServerHandshake::new(settings, &nodes[1], world.clock.clone()).unwrap();
        assert!(!visit(&unlike, &stranger).await.unwrap().resumed, "{version:?}: another partition");

        visit(&one, &stranger).await.unwrap();
        world.clock.advance_hours(6);
        nodes.iter().for_each(|keys| keys.install(kept(world.clock.now())));
        assert!(visit(&other, &stranger).await.unwrap().resumed, "{version:?}: a period later");
        world.clock.advance_hours(6);
        nodes.iter().for_each(|keys| keys.install(kept(world.clock.now())));
        assert!(!visit(&other, &stranger).await.unwrap().resumed, "{version:?}: two periods later");
        assert_eq!(nodes[0].export().len(), 4, "two for tickets that are out, one in use, one to come");
    }
}

#[tokio::test]
async fn processes_that_share_nothing_open_no_ticket_of_each_other() {
    let world = World::new();
    let far = ServerHandshake::new(world.settings(), &keys(&world.clock), world.clock.clone()).unwrap();
    let stranger = stranger(&world.authority, &rustls::version::TLS13);
    visit(&far, &stranger).await.unwrap();
    assert!(!visit(&world.listener(world.settings()), &stranger).await.unwrap().resumed);
}

#[test]
fn keys_are_made_at_first_use_and_erased_when_their_tickets_have_run_out() {
    let clock = TestClock::new();
    let keys = keys(&clock);
    let first = keys.export()[0].starts();
    for kept in [1, 2, 3, 3] {
        assert_eq!(keys.current().unwrap().len(), kept);
        clock.advance_hours(6);
    }
    assert!(keys.current().unwrap().iter().all(|key| key.starts() > first));
    clock.advance_hours(24 * 30);
    assert_eq!(keys.current().unwrap().len(), 1);
}

#[test]
fn an_installed_key_of_the_past_is_left_out() {
    let clock = TestClock::new();
    let keys = keys(&clock);
    keys.install([TicketKey::new("2026-06-14T12:00:00Z".parse().unwrap(), [7; 32])]);
    assert_eq!(keys.export().len(), 1);
}

#[test]
fn neither_keys_nor_secrets_are_shown() {
    let keys = keys(&TestClock::new());
    assert_eq!(format!("{keys:?}"), "[TicketKey(2026-06-15T12:00:00Z)]");
}

#[tokio::test]
async fn a_ticket_that_was_touched_opens_nothing() {
    use rustls::server::ProducesTickets;
    let clock = TestClock::new();
    let partition = Partition::new(&keys(&clock), [1; 32], Revocations::default());
    let ticket = within(async { partition.encrypt(b"session") }).await.0.unwrap();
    assert_eq!(partition.decrypt(&ticket).as_deref(), Some(&b"session"[..]));
    for at in 0..ticket.len() {
        let mut touched = ticket.clone();
        touched[at] ^= 1;
        assert_eq!(partition.decrypt(&touched), None, "byte {at}");
        assert_eq!(partition.decrypt(&ticket[..at]), None, "cut at {at}");
    }
}

proptest::proptest! {
    #[test]
    fn any_session_comes_back_and_only_in_its_partition(session: Vec<u8>, here: [u8; 32], there: [u8; 32]) {
        use rustls::server::ProducesTickets;
        let keys = keys(&TestClock::new());
        let partition = Partition::new(&keys, here, Revocations::default());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let ticket = runtime.block_on(within(async { partition.encrypt(&session) })).0.unwrap();
        proptest::prop_assert_eq!(partition.decrypt(&ticket), Some(session));
        proptest::prop_assume!(here != there);
        proptest::prop_assert_eq!(Partition::new(&keys, there, Revocations::default()).decrypt(&ticket), None);
    }
}
