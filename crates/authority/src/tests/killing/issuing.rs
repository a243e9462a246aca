//! While they issue: no certificate that was answered is lost, and no serial number was given twice.

use std::collections::HashSet;

use hermetic_store::CertificateState;
use tokio::runtime::Runtime;

use super::super::postgres::eventually;
use super::super::world::all;
use super::{Estate, request, without_end};

/// What a child runs.
const CHILD: &str = "tests::killing::issuing::child_that_issues_without_end";

/// Kills them so many times, and looks at what is left each time.
fn scenario(estate: &Estate, rounds: usize) {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(estate.open());
    let mut answered = Vec::new();
    for round in 0..rounds {
        answered.extend(estate.work_and_be_killed(CHILD, 3 + 5 * (round % 7)));
        runtime.block_on(look(estate, &answered));
    }
    let distinct: HashSet<_> = answered.iter().collect();
    assert_eq!(distinct.len(), answered.len(), "a serial number was answered twice");
}

/// What is left of those who were killed.
async fn look(estate: &Estate, answered: &[String]) {
    let (authority, store) = estate.open().await;
    let kept = all(&store).await.unwrap();
    let issued: HashSet<_> = kept
        .iter()
        .filter(|kept| kept.state == CertificateState::Issued && kept.certificate.is_some())
        .map(|kept| kept.serial.as_str())
        .collect();
    for serial in answered {
        assert!(issued.contains(serial.as_str()), "{serial} was answered and is lost");
    }
    assert_eq!(kept.iter().map(|kept| &kept.serial).collect::<HashSet<_>>().len(), kept.len());
    store.verify_journal().await.unwrap();
    authority.issue(request("after")).await.unwrap();
    // PostgreSQL takes a moment to see that a process is gone.
    let handle = tokio::runtime::Handle::current();
    let settled = move || {
        eventually("the end of what was intended", || {
            handle.block_on(async {
                store.sweep(jiff::Timestamp::now()).await.unwrap();
                let intended = Some(CertificateState::Intended);
                let open = hermetic_store::CertificateFilter { state: intended, ..Default::default() };
                let page = store.search(&open, hermetic_store::Order::Newest, None, 1).await.unwrap();
                page.certificates.is_empty().then_some(())
            })
        });
    };
    tokio::task::spawn_blocking(settled).await.unwrap();
}

#[test]
fn two_processes_killed_while_they_issue_on_sqlite_lose_nothing_that_they_answered() {
    scenario(&Estate::on_sqlite(), 4);
}

#[test]
fn two_nodes_killed_while_they_issue_on_postgres_lose_nothing_that_they_answered() {
    scenario(&Estate::on_postgres(), 4);
}

mod soak {
    use super::*;

    /// How often they are killed.
    const ROUNDS: usize = 200;

    #[test]
    #[ignore = "takes minutes"]
    fn two_processes_killed_two_hundred_times_on_sqlite_lose_nothing() {
        scenario(&Estate::on_sqlite(), ROUNDS);
    }

    #[test]
    #[ignore = "takes minutes"]
    fn two_nodes_killed_two_hundred_times_on_postgres_lose_nothing() {
        scenario(&Estate::on_postgres(), ROUNDS);
    }
}

#[test]
#[ignore = "the child of the scenarios"]
fn child_that_issues_without_end() {
    without_end(|authority, subject| async move {
        authority.issue(request(&subject)).await.unwrap().leaf().serial.to_string()
    });
}
