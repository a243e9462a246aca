//! Certificates that are served from the store, whoever made them.

use std::time::Duration;

use hermetic_store::RevocationReason;
use hermetic_tls::{Clock, CredentialHandle};
use hermetic_x509::ProfileKind;

use super::world::*;
use crate::{Authority, Request, Stored};

fn localhost() -> Stored {
    Stored::Named("localhost".parse().unwrap())
}

fn lasting(subject: &str, profile: ProfileKind, days: u32) -> Request {
    Request::new(subject, profile, vec!["localhost".parse().unwrap()]).living(days * DAY)
}

async fn served(authority: &Authority) -> CredentialHandle {
    authority.serve_stored(&localhost()).await.unwrap().unwrap()
}

fn serial(handle: &CredentialHandle) -> String {
    handle.load().leaf().serial.to_string()
}

#[tokio::test]
async fn what_is_served_by_name_is_renewed_in_its_time_and_by_number_stays() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let issued = authority.issue(lasting("edge", ProfileKind::Server, 2)).await.unwrap();
    let number = issued.leaf().serial.to_string();
    let pinned = authority.serve_stored(&Stored::Numbered(number.clone())).await.unwrap().unwrap();
    let named = served(&authority).await;
    assert_eq!((serial(&named), serial(&pinned)), (number.clone(), number.clone()));
    assert!(served(&authority).await.is(&named), "asked again it is the same");
    scene.clock.forward(DAY);
    assert_eq!(authority.renew_due().await.len(), 0);
    scene.clock.forward(DAY / 2);
    authority.renew_due().await;
    assert_ne!(serial(&named), number);
    assert_eq!(serial(&pinned), number);
}

#[tokio::test]
async fn a_serial_number_is_the_same_with_and_without_the_zero_that_it_begins_with() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let begins_with_zero = loop {
        let issued = authority.issue(lasting("edge", ProfileKind::Server, 2)).await.unwrap();
        let serial = issued.leaf().serial.to_string();
        if serial.starts_with('0') {
            break serial;
        }
    };
    let short = begins_with_zero.trim_start_matches('0').to_ascii_uppercase();
    for written in [begins_with_zero, short] {
        assert!(authority.serve_stored(&Stored::Numbered(written)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn what_was_revoked_is_replaced_at_once() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    authority.issue(lasting("edge", ProfileKind::Server, 2)).await.unwrap();
    let named = served(&authority).await;
    let before = serial(&named);
    let record = newest(&store, "edge").await;
    let issuer = record.authority.unwrap().id;
    store.revoke(issuer, &before, RevocationReason::KeyCompromise, scene.clock.now()).await.unwrap();
    authority.renew_due().await;
    assert_ne!(serial(&named), before);
}

#[tokio::test]
async fn the_one_that_lasts_longest_is_served_if_a_server_may_show_it() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let longest = authority.issue(lasting("a", ProfileKind::Server, 9)).await.unwrap();
    authority.issue(lasting("b", ProfileKind::Server, 3)).await.unwrap();
    authority.issue(lasting("c", ProfileKind::Client, 30)).await.unwrap();
    let named = served(&authority).await;
    assert_eq!(serial(&named), longest.leaf().serial.to_string());
    // Whatever lasts longer comes in its place, such as what was made for tests.
    let longer = authority.self_sign(lasting("d", ProfileKind::Server, 20)).await.unwrap();
    authority.renew_due().await;
    assert_eq!(serial(&named), longer.leaf().serial.to_string());
    assert_eq!(authority.maintained().len(), 0, "nobody renews what signed itself");
}

#[tokio::test]
async fn what_nobody_serves_any_more_is_renewed_no_more() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    authority.issue(lasting("edge", ProfileKind::Server, 2)).await.unwrap();
    let named = served(&authority).await;
    authority.release(&named);
    scene.clock.forward(DAY + DAY / 2 + Duration::from_secs(3600));
    authority.renew_due().await;
    authority.renew_due().await;
    assert_eq!(of_parties(&store).await.len(), 1);
    assert_eq!(authority.serve_stored(&Stored::Numbered("00ff".to_owned())).await.unwrap().map(|_| ()), None);
}
