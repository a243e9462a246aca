use std::collections::HashMap;

use hermetic_hop::{PartyName, View};
use hermetic_tls::{RevokedCertificates, TrustAnchors};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::*;

/// A clock that is told the time.
#[derive(Debug)]
struct Told(Mutex<Timestamp>);

impl Clock for Told {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct World {
    live: Live,
    ledger: Arc<Mutex<Ledger>>,
    clock: Arc<Told>,
    authority: Issuer<'static, KeyPair>,
    trust: TrustAnchors,
    revoked: RevokedCertificates,
    /// What every listener here knows of them.
    revocations: Revocations,
}

impl World {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let trust = TrustAnchors::from_pem(&params.self_signed(&key).unwrap().pem()).unwrap();
        let (ledger, revoked) = (Arc::<Mutex<Ledger>>::default(), RevokedCertificates::default());
        Self {
            live: Live::counted_in(ledger.clone()),
            ledger,
            clock: Arc::new(Told(Mutex::new("2026-06-15T12:00:00Z".parse().unwrap()))),
            authority: Issuer::new(params, key),
            trust,
            revocations: Revocations::by_authority(&revoked),
            revoked,
        }
    }

    /// A client's chain, good for all of 2026.
    fn client(&self) -> Chain {
        let mut params = CertificateParams::new(vec!["edge.test".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let signed = params.signed_by(&KeyPair::generate().unwrap(), &self.authority).unwrap();
        Chain::from_pem(&signed.pem()).unwrap()
    }

    fn held(&self, chain: &Chain, listener: &str) -> Held {
        let name: PartyName = listener.parse().unwrap();
        let hop = HopName::new(PartyName::client(), name.clone());
        let bind = Bind { address: ([127, 0, 0, 1], 0).into(), name: Some(name) };
        let path = chain.path_to(&self.trust, self.clock.now()).unwrap();
        Held { bind, revocations: self.revocations.clone(), hop, path }
    }

    fn registered(&self, chain: &Chain, listener: &str) -> Registration {
        self.live.register(self.held(chain, listener), chain, self.clock.clone())
    }

    fn counted(&self, why: &str) -> u64 {
        let ledger = self.ledger.lock().unwrap();
        let of = |seen: hermetic_hop::Observation| seen.counts.ended.get(why).copied().unwrap_or_default();
        ledger.observations().filter(|seen| seen.view == View::Server).map(of).sum()
    }
}

async fn is_over<T>(wait: impl Future<Output = T>) -> bool {
    tokio::select! {
        biased;
        _ = wait => true,
        () = std::future::ready(()) => false,
    }
}

#[tokio::test]
async fn a_revocation_ends_the_connections_of_that_certificate_at_that_listener_alone() {
    let world = World::new();
    let (bad, good) = (world.client(), world.client());
    let (first, second) = (world.registered(&bad, "edge"), world.registered(&bad, "edge"));
    let others = [world.registered(&good, "edge"), world.registered(&bad, "elsewhere")];
    let revoked = world.held(&bad, "edge");
    assert_eq!(world.live.end(|held, _| *held == revoked), 2);
    assert!(is_over(first.ended()).await && is_over(second.ended()).await);
    for other in others {
        assert!(!is_over(other.ended()).await);
    }
    assert_eq!(world.counted("revoked"), 2);
}

#[tokio::test]
async fn a_connection_that_comes_after_the_end_is_another() {
    let world = World::new();
    let client = world.client();
    let before = world.registered(&client, "edge");
    world.live.end(|_, _| true);
    let after = world.registered(&client, "edge");
    drop(before);
    assert!(!is_over(after.ended()).await);
    assert_eq!(world.live.end(|_, _| true), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_ends_with_the_certificate_by_the_clock_and_is_counted_once() {
    let world = World::new();
    let connection = world.registered(&world.client(), "edge");
    let wait = connection.expired();
    tokio::pin!(wait);
    assert!(tokio::time::timeout(LOOK * 24 * 1000, wait.as_mut()).await.is_err(), "by the clock it is June");
    *world.clock.0.lock().unwrap() = "2027-01-01T00:00:01Z".parse().unwrap();
    assert!(tokio::time::timeout(LOOK * 2, wait).await.is_ok());
    assert_eq!(connection.ended().await, Lapse::Expired);
    assert_eq!(world.counted("expired"), 1);
}

#[test]
fn nothing_is_kept_of_connections_that_are_over() {
    let world = World::new();
    let client = world.client();
    drop((world.registered(&client, "edge"), world.registered(&client, "edge")));
    assert!(world.live.0.entries().is_empty());
}

#[tokio::test]
async fn a_connection_whose_listener_is_gone_goes_on_by_what_that_knew() {
    let world = World::new();
    let client = world.client();
    let connection = world.registered(&client, "edge");
    let held = world.held(&client, "edge");
    let none = Snapshot { listeners: HashMap::new() };
    assert!(!held.is_revoked(&client, &none));
    world.revoked.revoke(client.leaf(), &world.trust.certificates()[0]).unwrap();
    let problem = held.problem(&client, &none, world.clock.now());
    assert_eq!(problem, Some(PeerCertificateProblem::Revoked));
    assert_eq!(world.live.end(|held, chain| held.is_revoked(chain, &none)), 1);
    assert_eq!(connection.ended().await, Lapse::Revoked);
}
