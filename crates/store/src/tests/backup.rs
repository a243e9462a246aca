//! Backups: written beside those who write, restored, and what a restored store must not do until it was
//! told what happened since.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::world::*;
use crate::*;

fn request() -> BackupRequest {
    BackupRequest { keys_under: "the key in key".to_owned(), key: None, at: now() }
}

fn restoration(replace: bool) -> Restoration {
    Restoration { replace, actor: Actor::this_caller(), at: hours(1) }
}

fn list(authority: AuthorityId) -> RevocationListRecord {
    let (this_update, next_update) = (hours(1), hours(2));
    RevocationListRecord { authority, shard: 3, number: 7, this_update, next_update, der: vec![1] }
}

/// A store that was backed up with `0a` issued, after which `0a` was revoked and `0b` issued; restored.
/// Gives all that its journal had, too.
async fn restored(world: &World) -> (Store, Vec<JournalEntry>) {
    let store = world.with_authority().await;
    issue(&store, intent("0a")).await;
    let file = backup_file(world);
    store.back_up(&file, request()).await.unwrap();
    let authority = store.authority(&Generation::first("intermediate")).await.unwrap().unwrap().id;
    store.put_revocation_list(list(authority), now()).await.unwrap();
    store.revoke(authority, "0a", RevocationReason::KeyCompromise, hours(1)).await.unwrap();
    issue(&store, Intent { subject: "other".to_owned(), ..intent("0b") }).await;
    let journal = store.journal(1, 1000).await.unwrap();
    drop(store);
    restore(&file, world.path(), restoration(true)).await.unwrap();
    (world.open().await, journal)
}

fn backup_file(world: &World) -> PathBuf {
    world.path().join("backup")
}

/// The entries after the backup.
async fn since(store: &Store, journal: &[JournalEntry]) -> Vec<JournalEntry> {
    let from = store.reconciles_from().await.unwrap();
    journal.iter().filter(|entry| entry.number > from.number).cloned().collect()
}

async fn state(store: &Store, serial: &str) -> CertificateState {
    store.certificate(serial).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_backup_is_private_and_says_what_it_is() {
    let world = World::new();
    let store = world.with_authority().await;
    let file = backup_file(&world);
    let key = Some(Zeroizing::new(vec![5; 32]));
    let written = store.back_up(&file, BackupRequest { key, ..request() }).await.unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let read = Backup::read(&file).unwrap();
    assert_eq!(read.manifest, written);
    assert_eq!((read.manifest.epoch, read.manifest.with_key), (1, true));
    assert_eq!(read.manifest.journal.number, 2);
    assert_eq!(read.key.unwrap().as_slice(), [5; 32]);
    assert_eq!(kinds(&store).await.last().unwrap(), "store.backed_up");
}

#[tokio::test]
async fn a_backup_never_overwrites_a_file() {
    let world = World::new();
    let store = world.open().await;
    fs::write(backup_file(&world), "somebody's").unwrap();
    let refused = store.back_up(&backup_file(&world), request()).await;
    assert!(matches!(refused, Err(StoreError::Taken(_))), "{refused:?}");
    assert_eq!(fs::read_to_string(backup_file(&world)).unwrap(), "somebody's");
}

#[tokio::test]
async fn half_a_backup_is_not_restored() {
    let world = World::new();
    let store = world.with_authority().await;
    drop(store);
    // What a backup is before its manifest is written.
    fs::copy(world.path().join("hermetic.db"), backup_file(&world)).unwrap();
    let elsewhere = World::new();
    let refused = restore(&backup_file(&world), elsewhere.path(), restoration(false)).await;
    assert!(matches!(refused, Err(StoreError::Backup { .. })), "{refused:?}");
    assert!(!elsewhere.path().join("hermetic.db").exists());
}

#[tokio::test]
async fn a_backup_whose_journal_was_altered_is_not_restored() {
    let world = World::new();
    let store = world.with_authority().await;
    store.back_up(&backup_file(&world), request()).await.unwrap();
    let copy = rusqlite::Connection::open(backup_file(&world)).unwrap();
    copy.execute_batch("DROP TRIGGER journal_keeps; UPDATE journal SET kind = 'x' WHERE number = 2").unwrap();
    drop((store, copy));
    let refused = restore(&backup_file(&world), world.path(), restoration(true)).await;
    assert!(matches!(refused, Err(StoreError::Journal(JournalProblem::Altered(2)))), "{refused:?}");
    assert_eq!(kinds(&world.open().await).await.len(), 3, "the store that was there stays");
}

#[tokio::test]
async fn a_store_that_is_there_is_put_aside_only_where_that_is_asked_for() {
    let world = World::new();
    let store = world.with_authority().await;
    store.back_up(&backup_file(&world), request()).await.unwrap();
    let running = restore(&backup_file(&world), world.path(), restoration(true)).await;
    assert!(matches!(running, Err(StoreError::Locked { .. })), "{running:?}");
    issue(&store, intent("0a")).await;
    drop(store);
    let there = restore(&backup_file(&world), world.path(), restoration(false)).await;
    assert!(matches!(there, Err(StoreError::StoreThere(_))), "{there:?}");
    let (_, aside) = restore(&backup_file(&world), world.path(), restoration(true)).await.unwrap();

    assert!(world.open().await.certificate("0a").await.unwrap().is_none());
    let elsewhere = World::new();
    fs::copy(aside.unwrap(), elsewhere.path().join("hermetic.db")).unwrap();
    assert_eq!(state(&elsewhere.open().await, "0a").await, CertificateState::Issued, "nothing of it is lost");
}

#[tokio::test]
async fn a_restored_store_signs_nothing_until_it_was_reconciled() {
    let world = World::new();
    let (store, journal) = restored(&world).await;
    assert_eq!(state(&store, "0a").await, CertificateState::Issued, "it does not know better yet");
    let refused = store.intend(intent("0c")).await;
    assert!(matches!(refused, Err(StoreError::NotReconciled(_))), "{refused:?}");
    let authority = store.authority(&Generation::first("intermediate")).await.unwrap().unwrap().id;
    let refused = store.put_revocation_list(list(authority), hours(1)).await;
    assert!(matches!(refused, Err(StoreError::NotReconciled(_))), "{refused:?}");
    assert!(store.revocation_list(authority, 3).await.unwrap().is_none(), "an old list is not served");
    let certificate = store.certificate("0a").await.unwrap().unwrap().id;
    let answer = OcspAnswerRecord { certificate, this_update: hours(1), next_update: hours(2), der: vec![1] };
    let answer = SignedOcspAnswer { answer, state: CertificateState::Issued };
    let refused = store.put_ocsp_answers(vec![answer.clone()], hours(1)).await;
    assert!(matches!(refused, Err(StoreError::NotReconciled(_))), "{refused:?}");
    assert_eq!(store.setting("epoch").await.unwrap().unwrap(), b"2");

    let evidence = Evidence::Trail(Box::new(since(&store, &journal).await));
    store.reconcile(evidence, hours(2)).await.unwrap();
    store.put_ocsp_answers(vec![answer], hours(2)).await.unwrap();
    issue(&store, Intent { subject: "third".to_owned(), ..intent("0c") }).await;
}

#[tokio::test]
async fn a_restored_backup_never_brings_a_revoked_certificate_back() {
    let world = World::new();
    let (store, journal) = restored(&world).await;
    let evidence = Evidence::Trail(Box::new(since(&store, &journal).await));
    let reconciled = store.reconcile(evidence, hours(2)).await.unwrap();
    assert_eq!((reconciled.revoked, reconciled.presumed_issued), (1, 1), "{reconciled:?}");
    assert_eq!(reconciled.lost, [] as [String; 0]);
    let revoked = store.certificate("0a").await.unwrap().unwrap();
    assert_eq!(revoked.state, CertificateState::Revoked);
    let revocation = revoked.revocation.unwrap();
    assert_eq!((revocation.at, revocation.reason), (hours(1), RevocationReason::KeyCompromise));
    let authority = revoked.authority.unwrap().id;
    let on_the_list = store.revoked_of_shard(authority, 3, now()).await.unwrap();
    assert_eq!(on_the_list.iter().map(|one| one.serial.as_str()).collect::<Vec<_>>(), ["0a"]);
    assert_eq!(store.restored().await.unwrap(), None);
    store.verify_journal().await.unwrap();
}

#[tokio::test]
async fn a_serial_number_that_was_given_since_the_backup_is_not_given_again() {
    let world = World::new();
    let (store, journal) = restored(&world).await;
    let evidence = Evidence::Trail(Box::new(since(&store, &journal).await));
    store.reconcile(evidence, hours(2)).await.unwrap();
    let presumed = store.certificate("0b").await.unwrap().unwrap();
    assert_eq!((presumed.state, presumed.shard), (CertificateState::PresumedIssued, 3));
    assert_eq!(presumed.names, intent("0b").names);
    let again = store.intend(Intent { subject: "other".to_owned(), ..intent("0b") }).await;
    assert!(matches!(again, Err(StoreError::SerialTaken(_))), "{again:?}");
    store.revoke(presumed.authority.unwrap().id, "0b", RevocationReason::Superseded, hours(2)).await.unwrap();
}

#[tokio::test]
async fn an_export_that_ends_before_the_store_that_was_replaced_is_not_enough() {
    let world = World::new();
    let (store, journal) = restored(&world).await;
    let mut since = since(&store, &journal).await;
    since.pop();
    let refused = store.reconcile(Evidence::Trail(Box::new(since)), hours(2)).await;
    let cut = JournalProblem::CutOff { from: journal.len() as u64, expected: journal.len() as u64 };
    assert!(matches!(refused, Err(StoreError::Journal(problem)) if problem == cut));
    assert_eq!(state(&store, "0a").await, CertificateState::Issued, "half of it is none of it");
    assert!(store.restored().await.unwrap().is_some());
}

#[tokio::test]
async fn somebody_may_decide_that_nothing_has_to_be_learnt_and_the_journal_tells_who() {
    let world = World::new();
    let (store, _) = restored(&world).await;
    let waived = Evidence::Waived { reason: "the trail burnt".to_owned() };
    store.on_behalf_of(Actor::this_caller()).reconcile(waived, hours(2)).await.unwrap();
    let told = store.journal(1, 1000).await.unwrap().pop().unwrap();
    assert_eq!(told.kind, "store.reconciled");
    assert_eq!(told.body["by"]["without_trail"], "the trail burnt");
    assert!(told.body["who"]["uid"].is_u64());
    issue(&store, intent("0c")).await;
}

#[tokio::test]
async fn an_authority_that_was_disabled_since_the_backup_stays_disabled() {
    let world = World::new();
    let store = world.with_authority().await;
    let file = backup_file(&world);
    store.back_up(&file, request()).await.unwrap();
    let signs = Generation::first("intermediate");
    store.disable_authority(&signs, hours(1)).await.unwrap();
    let journal = store.journal(1, 1000).await.unwrap();
    drop(store);
    restore(&file, world.path(), restoration(true)).await.unwrap();
    let store = world.open().await;
    let evidence = Evidence::Trail(Box::new(since(&store, &journal).await));
    assert_eq!(store.reconcile(evidence, hours(2)).await.unwrap().authorities, 1);
    let authority = store.authority(&signs).await.unwrap().unwrap();
    assert_eq!(authority.state, AuthorityState::Disabled);
}

#[tokio::test]
async fn one_that_is_restored_again_before_it_was_reconciled_still_asks_for_all_that_came_before() {
    let world = World::new();
    let (store, journal) = restored(&world).await;
    drop(store);
    restore(&backup_file(&world), world.path(), Restoration { at: hours(2), ..restoration(true) })
        .await
        .unwrap();
    let store = world.open().await;
    let whole = since(&store, &journal).await;
    let half = whole[..whole.len() - 1].to_vec();
    let refused = store.reconcile(Evidence::Trail(Box::new(half)), hours(3)).await;
    assert!(matches!(refused, Err(StoreError::Journal(JournalProblem::CutOff { .. }))), "{refused:?}");
    store.reconcile(Evidence::Trail(Box::new(whole)), hours(3)).await.unwrap();
    assert_eq!(state(&store, "0a").await, CertificateState::Revoked);
}

#[tokio::test]
async fn a_reconciled_store_gives_out_no_list_and_no_answer_that_it_signed_before() {
    let world = World::new();
    let store = world.with_authority().await;
    let authority = store.authority(&Generation::first("intermediate")).await.unwrap().unwrap().id;
    store.put_revocation_list(list(authority), now()).await.unwrap();
    assert!(store.revocation_list(authority, 3).await.unwrap().is_some());
    let waived = Evidence::Waived { reason: "a dump was put back".to_owned() };
    store.reconcile(waived, hours(1)).await.unwrap();
    assert!(store.revocation_list(authority, 3).await.unwrap().is_none());
}

#[tokio::test]
async fn an_export_longer_than_what_is_kept_at_once_is_learnt_whole() {
    let world = World::new();
    let store = world.with_authority().await;
    store.back_up(&backup_file(&world), request()).await.unwrap();
    for number in 0..1_200 {
        let serial = format!("{number:04x}");
        store.intend(Intent { subject: serial.clone(), ..intent(&serial) }).await.unwrap();
    }
    let journal = store.journal(1, 10_000).await.unwrap();
    drop(store);
    restore(&backup_file(&world), world.path(), restoration(true)).await.unwrap();
    let store = world.open().await;
    let evidence = Evidence::Trail(Box::new(since(&store, &journal).await));
    let learnt = store.reconcile(evidence, hours(2)).await.unwrap();
    assert_eq!(learnt.presumed_issued, 1_200);
    assert_eq!(store.verify_journal().await.unwrap(), 2 + 1 + 1_200 + 1);
}
