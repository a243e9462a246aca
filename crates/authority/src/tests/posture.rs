//! The certificates of a store held against controls.

use hermetic_hop::Severity;
use hermetic_tls::Clock;
use hermetic_x509::ProfileKind;
use jiff::SignedDuration;

use super::world::*;
use crate::posture::{EXPIRATION, Found, LIFETIME, Measure, judge};
use crate::{Authority, RenewAt, Request};

const DAYS_14: SignedDuration = SignedDuration::from_hours(14 * 24);

async fn found(scene: &Scene, authority: &Authority, warning: SignedDuration) -> Vec<Found> {
    let measure = Measure { warning, renew_at: RenewAt::default() };
    judge(&authority.store, measure, scene.clock.now()).await.unwrap().found
}

fn lasting(subject: &str, days: u32) -> Request {
    Request { subject: subject.to_owned(), ..request(ProfileKind::Server).living(days * DAY) }
}

#[tokio::test]
async fn a_certificate_that_nobody_replaces_is_found_within_the_days_asked_for() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    authority.issue(lasting("db", 90)).await.unwrap();
    scene.clock.forward(70 * DAY);
    assert!(found(&scene, &authority, DAYS_14).await.is_empty());
    let [acm_1] = found(&scene, &authority, SignedDuration::from_hours(30 * 24)).await.try_into().unwrap();
    assert_eq!((acm_1.finding.control, acm_1.finding.severity), (EXPIRATION.id, Severity::Medium));
    scene.clock.forward(8 * DAY);
    let [near] = found(&scene, &authority, DAYS_14).await.try_into().unwrap();
    assert_eq!(near.finding.reason, "it expires in 11 days, and was not replaced");
    authority.renew(&near.certificate).await.unwrap();
    assert!(found(&scene, &authority, DAYS_14).await.is_empty(), "it is replaced");
}

#[tokio::test]
async fn a_life_of_a_day_falls_short_only_once_its_renewal_is_overdue() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    authority.maintain(request(ProfileKind::Server)).await.unwrap();
    authority.renew_due().await;
    assert!(found(&scene, &authority, DAYS_14).await.is_empty());
    scene.signer(Mood::Fails("the token was pulled out"));
    scene.clock.forward(DAY - DAY / 8);
    authority.renew_due().await;
    let [near] = found(&scene, &authority, DAYS_14).await.try_into().unwrap();
    assert!(near.in_use && near.finding.severity == Severity::Medium);
    let reason = "its renewal failed once because the key did not sign: the token was pulled out";
    assert!(near.finding.reason.ends_with(reason), "{}", near.finding.reason);
    scene.clock.forward(DAY);
    let [over] = found(&scene, &authority, DAYS_14).await.try_into().unwrap();
    assert_eq!(over.finding.severity, Severity::Critical);
}

#[tokio::test]
async fn a_life_that_is_longer_than_that_of_public_certificates_is_found() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    authority.issue(lasting("db", 300)).await.unwrap();
    let [long] = found(&scene, &authority, DAYS_14).await.try_into().unwrap();
    assert_eq!((long.finding.control, long.finding.severity), (LIFETIME.id, Severity::Low));
}
