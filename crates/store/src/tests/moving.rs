//! A store taken from SQLite to PostgreSQL, and back: everything comes along, and nothing is overwritten.

use std::path::Path;

use super::postgres::Postgres;
use super::world::*;
use crate::*;

/// A store with something in every table.
async fn furnished(place: &StorePlace) -> Vec<JournalEntry> {
    let store = Store::open(place).await.unwrap();
    store.create_authorities(vec![authority("root"), authority("intermediate")]).await.unwrap();
    let id = issue(&store, intent("0a")).await;
    issue(&store, Intent { subject: "app".to_owned(), replaces: Some(id), ..intent("0b") }).await;
    store.import(imported("06")).await.unwrap();
    let signs = store.signing_authority("intermediate").await.unwrap().unwrap().id;
    store.revoke(signs, "0a", RevocationReason::Superseded, hours(1)).await.unwrap();
    let (this_update, next_update) = (hours(1), hours(2));
    let list = RevocationListRecord {
        authority: signs,
        shard: 3,
        number: 7,
        this_update,
        next_update,
        der: vec![1],
    };
    store.put_revocation_list(list, hours(1)).await.unwrap();
    let answer = OcspAnswerRecord { certificate: id, this_update, next_update, der: vec![2] };
    let answer = SignedOcspAnswer { answer, state: CertificateState::Revoked };
    assert_eq!(store.put_ocsp_answers(vec![answer], hours(1)).await.unwrap(), []);
    store.renewal_failed("edge", "no room", hours(3)).await.unwrap();
    let key = TicketKeyRecord { starts: hours(0), sealed_secret: vec![3], at: now() };
    store.keep_ticket_keys(vec![key], hours(0)).await.unwrap();
    store.put_if_absent("keyring", vec![4]).await.unwrap();
    // Left by a process that ended between its steps.
    store.intend(Intent { subject: "crashed".to_owned(), ..intent("0c") }).await.unwrap();
    store.journal(1, 1000).await.unwrap()
}

/// All that a store tells of itself.
async fn told(store: &Store) -> impl PartialEq + std::fmt::Debug + use<> {
    let authority = store.signing_authority("intermediate").await.unwrap().unwrap().id;
    let certificates = all(store).await.unwrap();
    (
        store.authorities().await.unwrap(),
        store.revoked_of_shard(authority, 3, hours(0)).await.unwrap(),
        store.revocation_lists(authority).await.unwrap(),
        store.stale_ocsp_answers(hours(9), 9).await.unwrap(),
        store.renewals().await.unwrap(),
        store.ticket_keys().await.unwrap(),
        store.setting("keyring").await.unwrap(),
        store.setting("identity").await.unwrap(),
        certificates,
    )
}

async fn moved(from: &StorePlace, to: &StorePlace) -> Result<Migrated, StoreError> {
    migrate(from.clone(), to.clone(), Actor::this_caller(), hours(4)).await
}

fn in_folder(data: &Path) -> StorePlace {
    StorePlace::Folder(data.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_to_postgres_and_back_with_every_hash() {
    let (server, home, back) = (Postgres::start(), World::new(), World::new());
    let (there, here) = (StorePlace::of(home.path(), Some(&server.url())), in_folder(home.path()));
    let journal = furnished(&here).await;
    let first = moved(&here, &there).await.unwrap();
    assert_eq!(first.journal.number, journal.len() as u64 + 1, "the intent was settled before");
    assert_eq!(first.rows.iter().find(|(table, _)| *table == "certificate").unwrap().1, 4);

    let store = Store::open(&there).await.unwrap();
    assert_eq!(store.restored().await.unwrap(), None);
    let (in_postgres, entries) = (told(&store).await, store.journal(1, 1000).await.unwrap());
    assert_eq!(entries[..journal.len()], journal);
    assert_eq!(entries.last().unwrap().kind, "store.migrated");
    issue(&store, Intent { subject: "new".to_owned(), ..intent("0d") }).await;
    let (all, head) = (told(&store).await, store.follow_journal(None).await.unwrap());
    drop(store);

    let second = eventually_moved(&there, &in_folder(back.path())).await;
    assert_eq!(second.journal, head);
    let store = Store::open(back.path()).await.unwrap();
    assert_eq!(told(&store).await, all);
    issue(&store, Intent { subject: "newer".to_owned(), ..intent("0e") }).await;
    store.verify_journal().await.unwrap();
    drop(store);

    let old = Store::open(&here).await.unwrap();
    assert!(old.restored().await.unwrap().is_some(), "what stayed behind is an earlier copy");
    assert_ne!(told(&old).await, in_postgres);
}

/// PostgreSQL takes a moment to see that a process is gone.
async fn eventually_moved(from: &StorePlace, to: &StorePlace) -> Migrated {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        match moved(from, to).await {
            Err(StoreError::InUse { .. }) if std::time::Instant::now() < end => {
                tokio::task::yield_now().await
            }
            outcome => return outcome.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_has_a_store_is_left_as_it_is() {
    let (server, one, other) = (Postgres::start(), World::new(), World::new());
    furnished(&in_folder(one.path())).await;
    furnished(&in_folder(other.path())).await;
    let there = StorePlace::of(one.path(), Some(&server.url()));
    moved(&in_folder(one.path()), &there).await.unwrap();
    let before = told(&Store::open(&there).await.unwrap()).await;
    let from_other = StorePlace::of(other.path(), Some(&server.url()));
    for (from, to) in [(other.path(), &from_other), (other.path(), &in_folder(other.path()))] {
        let refused = moved(&in_folder(from), to).await;
        assert!(matches!(refused, Err(StoreError::NotEmpty(_))), "{refused:?}");
    }
    assert_eq!(told(&Store::open(&there).await.unwrap()).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_taken_from_a_store_that_is_in_use() {
    let (server, world) = (Postgres::start(), World::new());
    let there = StorePlace::of(world.path(), Some(&server.url()));
    furnished(&in_folder(world.path())).await;
    let instance = Store::open(world.path()).await.unwrap();
    let refused = moved(&in_folder(world.path()), &there).await;
    assert!(matches!(refused, Err(StoreError::Locked { .. })), "{refused:?}");
    drop(instance);
    moved(&in_folder(world.path()), &there).await.unwrap();

    let node = World::new();
    let _node = Store::open(StorePlace::of(node.path(), Some(&server.url()))).await.unwrap();
    let back = World::new();
    let refused = moved(&there, &in_folder(back.path())).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })), "{refused:?}");
}

#[tokio::test]
async fn where_no_store_is_none_is_made() {
    let (server, world) = (Postgres::start(), World::new());
    let refused = moved(&in_folder(world.path()), &StorePlace::of(world.path(), Some(&server.url()))).await;
    assert!(matches!(refused, Err(StoreError::Open { .. })), "{refused:?}");
    assert!(!world.path().join("hermetic.db").exists());
}
