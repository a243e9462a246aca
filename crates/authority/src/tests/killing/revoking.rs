//! While they revoke: what was answered as revoked stays so, and what was not is revoked wholly or not at all.

use std::collections::BTreeSet;

use hermetic_store::{CertificateState, Store};
use hermetic_x509::RevocationReason;
use hermetic_x509::crl::RevocationList;
use tokio::runtime::Runtime;

use super::super::world::all;
use super::{Estate, request, without_end};
use crate::{Authority, AuthorityName};

/// What a child runs.
const CHILD: &str = "tests::killing::revoking::child_that_revokes_without_end";

/// Kills them so many times, and looks at what is left each time.
fn scenario(estate: &Estate, rounds: usize) {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(estate.open());
    let mut answered = BTreeSet::new();
    for round in 0..rounds {
        answered.extend(estate.work_and_be_killed(CHILD, 1 + 3 * (round % 5)));
        runtime.block_on(look(estate, &answered));
    }
}

/// What is left of those who were killed.
async fn look(estate: &Estate, answered: &BTreeSet<String>) {
    let (authority, store) = estate.open().await;
    let revoked = revoked(&store).await;
    assert!(answered.is_subset(&revoked), "lost: {:?}", answered.difference(&revoked).collect::<Vec<_>>());
    assert_eq!(revoked, journaled(&store).await, "each has its entry, and each entry its revocation");
    store.verify_journal().await.unwrap();
    // What a crash left out of a list is in the next one.
    authority.publish_due().await;
    assert_eq!(revoked, listed(&authority).await);
}

/// The serial numbers that are on record as revoked.
async fn revoked(store: &Store) -> BTreeSet<String> {
    let revoked = all(store).await.unwrap().into_iter().filter(|kept| {
        assert_eq!(kept.revocation.is_some(), kept.state == CertificateState::Revoked, "{}", kept.serial);
        kept.state == CertificateState::Revoked
    });
    revoked.map(|kept| kept.serial).collect()
}

/// Those that the journal tells of.
async fn journaled(store: &Store) -> BTreeSet<String> {
    let entries = store.journal(1, usize::MAX >> 1).await.unwrap();
    let told = entries.iter().filter(|entry| entry.kind == "certificate.revoked");
    told.map(|entry| entry.body["serial"].as_str().unwrap().to_owned()).collect()
}

/// Those that stand on a list.
async fn listed(authority: &Authority) -> BTreeSet<String> {
    let lists = authority.revocation_lists(&AuthorityName::intermediate(), None).await.unwrap();
    let read = lists.iter().map(|list| RevocationList::read(&list.der).unwrap());
    read.flat_map(|list| list.revoked().keys().map(ToString::to_string).collect::<Vec<_>>()).collect()
}

#[test]
fn two_processes_killed_while_they_revoke_on_sqlite_lose_no_revocation_that_they_answered() {
    scenario(&Estate::on_sqlite(), 4);
}

#[test]
fn two_nodes_killed_while_they_revoke_on_postgres_lose_no_revocation_that_they_answered() {
    scenario(&Estate::on_postgres(), 4);
}

mod soak {
    use super::*;

    /// How often they are killed.
    const ROUNDS: usize = 200;

    #[test]
    #[ignore = "takes minutes"]
    fn two_processes_killed_two_hundred_times_while_they_revoke_on_sqlite_lose_no_revocation() {
        scenario(&Estate::on_sqlite(), ROUNDS);
    }

    #[test]
    #[ignore = "takes minutes"]
    fn two_nodes_killed_two_hundred_times_while_they_revoke_on_postgres_lose_no_revocation() {
        scenario(&Estate::on_postgres(), ROUNDS);
    }
}

#[test]
#[ignore = "the child of the scenarios"]
fn child_that_revokes_without_end() {
    without_end(|authority, subject| async move {
        let serial = authority.issue(request(&subject)).await.unwrap().leaf().serial.to_string();
        authority.revoke(&serial, RevocationReason::Superseded).await.unwrap().serial
    });
}
