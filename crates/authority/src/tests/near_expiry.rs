//! Certificates in use that near their end, and are told of.

use std::time::Duration;

use hermetic_store::Store;
use hermetic_x509::ProfileKind;
use jiff::SignedDuration;
use serde_json::Value;

use super::world::*;
use crate::{Authority, RenewAt, Terms};

async fn told(store: &Store) -> Vec<Value> {
    let entries = store.journal(1, 1000).await.unwrap();
    entries
        .into_iter()
        .filter(|entry| entry.kind == "certificate.near_expiry")
        .map(|entry| entry.body)
        .collect()
}

async fn thresholds(store: &Store) -> Vec<String> {
    told(store).await.iter().map(|body| body["threshold"].as_str().unwrap().to_owned()).collect()
}

/// An issuer that fails, and a certificate of a day that is kept renewed.
async fn failing(scene: &Scene) -> (Authority, Store) {
    let (authority, store) = scene.open().await;
    authority.maintain(request(ProfileKind::Server)).await.unwrap();
    authority.renew_due().await;
    scene.signer(Mood::Fails("down"));
    (authority, store)
}

/// The end of its life comes nearer, a quarter of an hour at a time.
async fn pass(scene: &Scene, authority: &Authority, hours: u32) {
    for _ in 0..hours * 4 {
        scene.clock.forward(Duration::from_secs(15 * 60));
        authority.renew_due().await;
    }
}

#[tokio::test]
async fn each_threshold_is_told_of_once_and_none_before_its_renewal_is_overdue() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = failing(&scene).await;
    pass(&scene, &authority, 17).await;
    assert_eq!(thresholds(&store).await, [""; 0]);
    pass(&scene, &authority, 9).await;
    assert_eq!(thresholds(&store).await, ["warning", "last twentieth", "last fiftieth", "expired"]);
    let told = told(&store).await;
    assert_eq!(told[0]["subject"], "edge");
    assert_eq!(told[0]["days_left"], 0);
}

#[tokio::test]
async fn another_process_tells_nothing_twice() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = failing(&scene).await;
    pass(&scene, &authority, 18).await;
    drop(authority);
    let folder = tempfile::tempdir().unwrap();
    let another = scene.open_beside(&store, folder.path()).await;
    another.renew_due().await;
    assert_eq!(thresholds(&store).await, ["warning"]);
}

#[tokio::test]
async fn what_is_renewed_in_time_is_never_told_of() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    authority.maintain(request(ProfileKind::Server)).await.unwrap();
    pass(&scene, &authority, 48).await;
    assert_eq!(thresholds(&store).await, [""; 0]);
    assert_eq!(authority.renewal_tally().failed, 0);
}

#[tokio::test]
async fn a_long_life_is_told_of_only_within_the_warning() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    authority.follow(Terms { expiry_warning: 2 * DAY, ..Terms::default() });
    authority.maintain(request(ProfileKind::Server).living(20 * DAY)).await.unwrap();
    scene.signer(Mood::Fails("down"));
    scene.clock.forward(17 * DAY);
    authority.renew_due().await;
    assert_eq!(thresholds(&store).await, [""; 0]);
    scene.clock.forward(DAY + DAY / 2);
    authority.renew_due().await;
    assert_eq!(thresholds(&store).await, ["warning"]);
}

#[tokio::test]
async fn a_certificate_is_renewed_at_the_part_of_its_life_that_the_terms_say() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    authority.follow(Terms { renew_at: RenewAt::new(1, 2).unwrap(), ..Terms::default() });
    let made = super::world::TestClock::clone(&scene.clock);
    authority.maintain(request(ProfileKind::Server)).await.unwrap();
    let due = authority.next_renewal().unwrap().duration_since(hermetic_tls::Clock::now(&made));
    let middle = SignedDuration::from_hours(12);
    let off = SignedDuration::from_mins(73);
    assert!(due > middle - off && due < middle + off, "{due}");
}
