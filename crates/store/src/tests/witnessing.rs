//! A database that was put back past the store: each node that has seen more of it says so.

use super::world::*;
use crate::*;

/// All of the journal.
async fn whole(store: &Store) -> Vec<JournalEntry> {
    store.journal(1, 1000).await.unwrap()
}

/// What a reconciliation must be told.
async fn since(store: &Store, journal: &[JournalEntry]) -> Evidence {
    let from = store.reconciles_from().await.unwrap();
    let since: Vec<_> = journal.iter().filter(|entry| entry.number > from.number).cloned().collect();
    Evidence::Trail(Box::new(since))
}

fn waived() -> Evidence {
    Evidence::Waived { reason: "it was a test".to_owned() }
}

/// Another certificate for a subject of its own.
async fn issue_another(store: &Store, serial: &str) -> Result<CertificateId, StoreError> {
    let id = store.intend(Intent { subject: format!("s{serial}"), ..intent(serial) }).await?;
    store.issued(id, certificate(serial)).await.map(|()| id)
}

async fn revoke(store: &Store, serial: &str) {
    let authority = store.signing_authority("intermediate").await.unwrap().unwrap().id;
    store.revoke(authority, serial, RevocationReason::KeyCompromise, hours(1)).await.unwrap();
}

async fn state(store: &Store, serial: &str) -> CertificateState {
    store.certificate(serial).await.unwrap().unwrap().state
}

on_both! {
    async fn a_database_that_was_put_back_signs_nothing_until_it_was_reconciled(world: World) {
        let store = world.with_authority().await;
        issue_another(&store, "0a").await.unwrap();
        drop(store);
        let copy = world.copy();
        let store = world.open().await;
        revoke(&store, "0a").await;
        let journal = whole(&store).await;
        drop(store);
        world.put_back(&copy);

        let store = world.open().await;
        let mark = store.restored().await.unwrap().expect("it is marked");
        assert_eq!(mark.backup.number + 1, mark.replaced.unwrap().number);
        let refused = issue_another(&store, "0b").await;
        assert!(matches!(refused, Err(StoreError::NotReconciled(_))), "{refused:?}");
        assert_eq!(state(&store, "0a").await, CertificateState::Issued, "it can't know");
        let nothing = store.reconcile(Evidence::Trail(Box::new(Vec::new())), hours(2)).await;
        assert!(matches!(nothing, Err(StoreError::Journal(JournalProblem::CutOff { .. }))), "{nothing:?}");

        store.reconcile(since(&store, &journal).await, hours(2)).await.unwrap();
        assert_eq!(state(&store, "0a").await, CertificateState::Revoked);
        issue_another(&store, "0b").await.unwrap();
        drop(store);
        let store = world.open().await;
        assert_eq!(store.restored().await.unwrap(), None);
        issue_another(&store, "0c").await.unwrap();
    }

    async fn one_that_is_put_back_twice_still_asks_for_all_that_was_seen(world: World) {
        let store = world.with_authority().await;
        drop(store);
        let copy = world.copy();
        let store = world.open().await;
        for serial in ["0a", "0b", "0c"] {
            issue_another(&store, serial).await.unwrap();
        }
        let seen = whole(&store).await.last().unwrap().head();
        drop(store);
        for _ in 0..2 {
            world.put_back(&copy);
            let store = world.open().await;
            assert_eq!(store.restored().await.unwrap().unwrap().replaced.as_ref(), Some(&seen));
            store.append(hours(1), "test", serde_json::json!({})).await.unwrap();
        }
    }

    async fn one_that_was_reconciled_and_is_put_back_again_is_seen_again(world: World) {
        let store = world.with_authority().await;
        drop(store);
        let copy = world.copy();
        for round in 0..3 {
            let store = world.open().await;
            issue_another(&store, &format!("0{round}")).await.unwrap();
            drop(store);
            world.put_back(&copy);
            let store = world.open().await;
            assert!(store.restored().await.unwrap().is_some(), "{round}");
            store.reconcile(waived(), hours(1)).await.unwrap();
            drop(store);
            assert_eq!(world.open().await.restored().await.unwrap(), None, "{round}");
        }
    }

    async fn whoever_only_reads_is_told_and_changes_nothing(world: World) {
        let store = world.with_authority().await;
        drop(store);
        let copy = world.copy();
        let store = world.open().await;
        issue_another(&store, "0a").await.unwrap();
        drop(store);
        world.put_back(&copy);
        let reader = Store::open_read_only(world.place()).await.unwrap();
        assert_eq!(reader.restored().await.unwrap(), None);
        assert!(world.open().await.restored().await.unwrap().is_some());
        assert!(reader.restored().await.unwrap().is_some());
    }

    async fn the_database_of_another_store_is_not_taken_for_this_one(world: World) {
        drop(world.with_authority().await);
        world.behind_the_back("UPDATE setting SET value = (SELECT value FROM setting WHERE key = 'epoch') WHERE key = 'identity'");
        let refused = Store::open(world.place()).await.unwrap_err();
        assert!(matches!(&refused, StoreError::AnotherStore(_)), "{refused}");
        std::fs::remove_file(world.path().join("witness")).unwrap();
        world.open().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_nodes_the_one_that_has_seen_most_says_what_must_be_learnt() {
    let world = World::in_postgres();
    let (one, other) = (world.with_authority().await, world.beside().await);
    let copy = world.copy();
    issue_another(&one, "0a").await.unwrap();
    drop(one);
    issue_another(&other, "0b").await.unwrap();
    revoke(&other, "0a").await;
    let journal = whole(&other).await;
    drop(other);
    world.put_back(&copy);

    let one = world.open().await;
    let half: Vec<_> = journal[..journal.len() - 1].to_vec();
    let replaced = |mark: Option<Restored>| mark.unwrap().replaced.unwrap().number;
    assert_eq!(replaced(one.restored().await.unwrap()), 4);
    let other = world.beside().await;
    assert_eq!(replaced(one.restored().await.unwrap()), journal.len() as u64);
    let refused = one.reconcile(since(&one, &half).await, hours(2)).await;
    assert!(matches!(refused, Err(StoreError::Journal(JournalProblem::CutOff { .. }))), "{refused:?}");
    one.reconcile(since(&one, &journal).await, hours(2)).await.unwrap();
    issue_another(&other, "0c").await.unwrap();
    drop((one, other));
    let (one, other) = (world.open().await, world.beside().await);
    assert_eq!(one.restored().await.unwrap(), None);
    issue_another(&other, "0d").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_has_seen_more_than_was_learnt_asks_again() {
    let world = World::in_postgres();
    let (one, other) = (world.with_authority().await, world.beside().await);
    let copy = world.copy();
    issue_another(&one, "0a").await.unwrap();
    let journal = whole(&one).await;
    drop(one);
    revoke(&other, "0a").await;
    drop(other);
    world.put_back(&copy);
    let one = world.open().await;
    one.reconcile(since(&one, &journal).await, hours(2)).await.unwrap();
    issue_another(&one, "0b").await.unwrap();
    let other = world.beside().await;
    let refused = issue_another(&other, "0c").await;
    assert!(matches!(refused, Err(StoreError::NotReconciled(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_put_back_under_a_running_node_is_seen_at_the_next_write() {
    let world = World::in_postgres();
    let store = world.with_authority().await;
    let copy = world.copy();
    issue_another(&store, "0a").await.unwrap();
    world.put_back(&copy);
    let refused = issue_another(&store, "0b").await;
    assert!(matches!(refused, Err(StoreError::PutBack { entry: 4 })), "{refused:?}");
    drop(store);
    assert!(world.open().await.restored().await.unwrap().is_some());
}
