//! Opening: private folders, locks, readers beside, and files that are none of ours.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;
use serde_json::json;

use super::world::*;
use crate::engine::Query;
use crate::*;

#[tokio::test]
async fn a_folder_and_its_database_are_private() {
    let world = World::new();
    let folder = world.path().join("a/b");
    let store = Store::open(&folder).await.unwrap();
    store.append(NOON, "test", json!({})).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in ["lock", "hermetic.db", "hermetic.db-wal", "hermetic.db-shm"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_commit_waits_for_the_disk() {
    let world = World::new();
    let store = world.open().await;
    let pragma = |name: &'static str| {
        store.database.write(move |transaction| {
            let answer = transaction.query(&format!("PRAGMA {name}"), &[])?;
            Ok(format!("{answer:?}"))
        })
    };
    assert!(pragma("synchronous").await.unwrap().contains("Integer(2)"));
    assert!(pragma("foreign_keys").await.unwrap().contains("Integer(1)"));
    assert!(pragma("journal_mode").await.unwrap().contains("wal"));
    assert!(pragma("wal_autocheckpoint").await.unwrap().contains("Integer(8192)"));
}

#[tokio::test]
async fn a_second_instance_is_told_who_holds_the_folder() {
    let world = World::new();
    let first = world.open().await;
    let Err(StoreError::Locked { path, holder }) = Store::open(world.path()).await else {
        panic!("two instances on one folder");
    };
    assert_eq!(path, world.path());
    let command = fs::read_to_string("/proc/self/comm").unwrap();
    assert_eq!(holder, format!("{} ({})", std::process::id(), command.trim_end()));

    drop(first);
    world.open().await;
}

#[tokio::test]
async fn the_folder_stays_held_until_the_last_clone_is_gone() {
    let world = World::new();
    let store = world.open().await;
    let clone = store.clone();
    drop(store);
    assert!(matches!(Store::open(world.path()).await, Err(StoreError::Locked { .. })));
    drop(clone);
    world.open().await;
}

#[tokio::test]
async fn a_reader_beside_a_running_instance_sees_what_is_committed_and_changes_nothing() {
    let world = World::new();
    let store = world.with_authority().await;
    let reader = Store::open_read_only(world.path()).await.unwrap();
    issue(&store, intent("0a")).await;
    assert_eq!(all(&reader).await.unwrap().len(), 1);
    assert!(matches!(reader.intend(intent("0b")).await, Err(StoreError::Database(_))));
}

#[tokio::test]
async fn a_reader_works_when_no_instance_runs() {
    let world = World::new();
    let store = world.with_authority().await;
    issue(&store, intent("0a")).await;
    drop(store);
    let reader = Store::open_read_only(world.path()).await.unwrap();
    assert_eq!(all(&reader).await.unwrap().len(), 1);
    world.open().await;
}

#[tokio::test]
async fn reading_where_nothing_is_says_so_and_makes_nothing() {
    let world = World::new();
    let error = Store::open_read_only(world.path()).await.unwrap_err();
    assert!(error.to_string().contains("nothing here yet"), "{error}");
    assert_eq!(fs::read_dir(world.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let world = World::new();
    drop(world.open().await);
    Connection::open(world.path().join("hermetic.db"))
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let error = Store::open(world.path()).await.unwrap_err();
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[tokio::test]
async fn what_is_no_database_is_an_error_with_its_path() {
    let world = World::new();
    fs::write(world.path().join("hermetic.db"), "garbage".repeat(1000)).unwrap();
    let error = Store::open(world.path()).await.unwrap_err();
    assert!(error.to_string().contains("hermetic.db: file is not a database"), "{error}");
}

#[tokio::test]
async fn a_hold_that_is_shared_outlives_the_process_that_had_it_first() {
    let world = World::new();
    let first = world.with_authority().await;
    issue(&first, intent("aa")).await;
    let second = Store::open_shared(world.path(), first.lock_to_share().unwrap()).await.unwrap();
    assert_eq!(all(&second).await.unwrap().len(), 1);
    drop(first);
    let stranger = Store::open(world.path()).await;
    assert!(matches!(stranger, Err(StoreError::Locked { .. })), "{stranger:?}");
    drop(second);
    world.open().await;
}

#[tokio::test]
async fn the_hold_on_another_folder_opens_none() {
    let (one, other) = (World::new(), World::new());
    let first = one.open().await;
    drop(other.open().await);
    let error = Store::open_shared(other.path(), first.lock_to_share().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("another data folder"), "{error}");
}
