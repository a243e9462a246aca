//! Several processes on one store, which keep the same certificates renewed.

use hermetic_store::{CertificateState, RevocationReason, Store, StorePlace};
use hermetic_tls::{Clock, CredentialHandle};
use hermetic_x509::ProfileKind;
use jiff::SignedDuration;
use tempfile::TempDir;

use super::postgres::Postgres;
use super::world::*;
use crate::{Authority, AuthorityError, AuthorityName, NewAuthority, Stored};

/// One process.
struct Node {
    authority: Authority,
    store: Store,
    _folder: TempDir,
}

/// Two processes: two nodes on one PostgreSQL, or two beside each other on one folder.
struct Fleet {
    scene: Scene,
    one: Node,
    two: Node,
    _server: Option<Postgres>,
}

impl Fleet {
    async fn start(server: Option<Postgres>) -> Self {
        let scene = Scene::new(TestClock::standing());
        let (one, two) = match &server {
            None => {
                let one = Store::open(scene.data.path()).await.unwrap();
                (one, Store::open_beside(scene.data.path()).await.unwrap())
            }
            Some(server) => {
                let open = async |folder| Store::open(StorePlace::of(folder, Some(&server.url()))).await;
                let other = scene.path("other");
                (open(scene.data.path()).await.unwrap(), open(&other).await.unwrap())
            }
        };
        let (one, two) = (Node::start(&scene, one).await, Node::start(&scene, two).await);
        Self { scene, one, two, _server: server }
    }

    async fn maintain(&self) -> (CredentialHandle, CredentialHandle) {
        let one = self.one.authority.maintain(request(ProfileKind::Server));
        let two = self.two.authority.maintain(request(ProfileKind::Server));
        let (one, two) = tokio::join!(one, two);
        (one.unwrap(), two.unwrap())
    }

    /// Past when both are to renew.
    fn wait_until_due(&self) {
        let due = [&self.one, &self.two].map(|node| node.authority.next_renewal().unwrap());
        self.scene.clock.set(due[0].max(due[1]));
    }
}

impl Node {
    async fn start(scene: &Scene, store: Store) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = scene.open_on(&store, folder.path()).await;
        Self { authority, store, _folder: folder }
    }
}

fn serial(handle: &CredentialHandle) -> String {
    handle.load().leaf().serial.to_string()
}

macro_rules! on_both {
    ($($name:ident)*) => { $(
        mod $name {
            #[tokio::test]
            async fn on_sqlite() {
                super::$name(super::Fleet::start(None).await).await;
            }

            #[tokio::test]
            async fn on_postgresql() {
                let server = super::Postgres::start();
                super::$name(super::Fleet::start(Some(server)).await).await;
            }
        }
    )* };
}

on_both! {
    a_fleet_that_starts_issues_once
    a_fleet_renews_once_and_all_of_it_has_what_was_renewed
    a_renewal_that_fails_is_kept_with_its_reason_until_one_succeeds
    a_lease_of_a_node_that_stands_still_is_taken_over_when_it_is_over
    what_was_renewed_by_hand_is_taken_by_all_who_use_it
    what_was_revoked_is_renewed_at_once
    what_each_node_uses_stands_in_the_store
    what_one_does_to_an_authority_the_other_learns_by_the_way_of_revocations
}

async fn what_one_does_to_an_authority_the_other_learns_by_the_way_of_revocations(fleet: Fleet) {
    let (one, two) = (&fleet.one.authority, &fleet.two.authority);
    let (_known, mut news) = two.revocations().await.unwrap();
    let second: AuthorityName = "second".parse().unwrap();
    one.create(NewAuthority::root(second.clone())).await.unwrap();
    two.meant(&second, None).unwrap_err();
    assert_eq!(news.since_last().await.unwrap(), []);
    two.meant(&second, None).unwrap();
    assert_eq!(two.trust_anchors().unwrap().certificates().len(), 2);
}

async fn a_fleet_that_starts_issues_once(fleet: Fleet) {
    let (one, two) = fleet.maintain().await;
    assert_eq!(serial(&one), serial(&two));
    assert_eq!(of_parties(&fleet.one.store).await.len(), 1);
    assert_eq!(fleet.one.store.renewals().await.unwrap(), []);
}

async fn a_fleet_renews_once_and_all_of_it_has_what_was_renewed(fleet: Fleet) {
    let (one, two) = fleet.maintain().await;
    let first = serial(&one);
    fleet.wait_until_due();
    for _ in 0..2 {
        tokio::join!(fleet.one.authority.renew_due(), fleet.two.authority.renew_due());
        fleet.scene.clock.forward(std::time::Duration::from_secs(6));
    }
    assert_eq!(serial(&one), serial(&two));
    assert_ne!(serial(&one), first);
    let [renewed, before] = of_parties(&fleet.one.store).await.try_into().unwrap();
    assert_eq!(renewed.replaces, Some(before.id));
    let tallies = [&fleet.one, &fleet.two].map(|node| node.authority.renewal_tally());
    assert_eq!(tallies[0].renewed + tallies[1].renewed, 1, "{tallies:?}");
    assert_eq!(tallies[0].taken + tallies[1].taken, 1, "{tallies:?}");
    assert_eq!(fleet.one.store.renewals().await.unwrap(), []);
}

async fn a_renewal_that_fails_is_kept_with_its_reason_until_one_succeeds(fleet: Fleet) {
    fleet.maintain().await;
    fleet.wait_until_due();
    fleet.scene.signer(Mood::Fails("the token was pulled out"));
    fleet.one.authority.renew_due().await;
    let [kept] = fleet.two.store.renewals().await.unwrap().try_into().unwrap();
    assert_eq!((kept.subject.as_str(), kept.failures, kept.lease_until), ("edge", 1, None));
    assert_eq!(kept.reason.as_deref(), Some("the key did not sign: the token was pulled out"));
    assert_eq!(kept.next_attempt, fleet.one.authority.next_renewal());
    fleet.scene.signer(Mood::Signs);
    assert_eq!(fleet.two.authority.renew_due().await.len(), 1);
    assert_eq!(fleet.one.store.renewals().await.unwrap(), []);
    // The one that failed has it at its next look.
    assert_eq!(fleet.one.authority.renew_due().await.len(), 1);
}

async fn a_lease_of_a_node_that_stands_still_is_taken_over_when_it_is_over(fleet: Fleet) {
    let (one, _two) = fleet.maintain().await;
    let first = serial(&one);
    fleet.wait_until_due();
    let now = fleet.scene.clock.now();
    assert!(fleet.two.store.lease("edge", now + SignedDuration::from_secs(180), now).await.unwrap());
    assert!(fleet.one.authority.renew_due().await.is_empty());
    assert_eq!((serial(&one), fleet.one.authority.renewal_tally().failed), (first.clone(), 0));
    fleet.scene.clock.forward(std::time::Duration::from_secs(181));
    assert_eq!(fleet.one.authority.renew_due().await.len(), 1);
    assert_ne!(serial(&one), first);
}

async fn what_was_renewed_by_hand_is_taken_by_all_who_use_it(fleet: Fleet) {
    let (one, two) = fleet.maintain().await;
    let [record] = of_parties(&fleet.one.store).await.try_into().unwrap();
    let issued = fleet.one.authority.renew(&record).await.unwrap();
    assert_eq!(serial(&one), issued.serial().to_string());
    assert_eq!(fleet.two.authority.renew_due().await.len(), 1);
    assert_eq!(serial(&two), serial(&one));
    let [renewed, before] = of_parties(&fleet.one.store).await.try_into().unwrap();
    assert_eq!((renewed.replaces, before.id), (Some(record.id), record.id));
    assert_eq!(renewed.names, record.names);
}

async fn what_was_revoked_is_renewed_at_once(fleet: Fleet) {
    let (one, _two) = fleet.maintain().await;
    let first = serial(&one);
    let [record] = of_parties(&fleet.one.store).await.try_into().unwrap();
    let now = fleet.scene.clock.now();
    let issuer = record.authority.as_ref().unwrap().id;
    let reason = RevocationReason::KeyCompromise;
    fleet.two.store.revoke(issuer, &record.serial, reason, now).await.unwrap();
    assert_eq!(fleet.one.authority.renew_due().await.len(), 1);
    assert_ne!(serial(&one), first);
    let revoked = fleet.one.store.certificate_by_id(record.id).await.unwrap().unwrap();
    assert_eq!(revoked.state, CertificateState::Revoked);
    let refused = fleet.one.authority.renew(&revoked).await.unwrap_err();
    assert!(matches!(refused, AuthorityError::NotRenewable { .. }), "{refused}");
}

async fn what_each_node_uses_stands_in_the_store(fleet: Fleet) {
    fleet.maintain().await;
    let [record] = of_parties(&fleet.one.store).await.try_into().unwrap();
    let pinned = Stored::Numbered(record.serial.clone());
    fleet.one.authority.serve_stored(&pinned).await.unwrap().unwrap();
    fleet.one.authority.renew_due().await;
    fleet.two.authority.renew_due().await;
    let uses = fleet.one.store.uses(record.id).await.unwrap();
    let mut subjects: Vec<_> = uses.iter().map(|one| one.subject.as_str()).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["edge", "edge", &pinned.to_string()]);
}
