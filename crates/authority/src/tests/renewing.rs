//! Certificates kept renewed, watched without waiting.

use std::time::Duration;

use hermetic_store::Store;
use hermetic_tls::{Clock, CredentialHandle};
use hermetic_x509::ProfileKind;
use jiff::{SignedDuration, Timestamp};

use super::world::*;
use crate::{Authority, Maintained, Request};

fn serial(handle: &CredentialHandle) -> String {
    handle.load().leaf().serial.to_string()
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

async fn only(authority: &Authority) -> Maintained {
    let [standing] = authority.maintained().try_into().unwrap();
    standing
}

async fn failures_in_journal(store: &Store) -> Vec<serde_json::Value> {
    let entries = store.journal(1, 1000).await.unwrap();
    entries.into_iter().filter(|entry| entry.kind == "renewal.failed").map(|entry| entry.body).collect()
}

#[tokio::test]
async fn a_certificate_is_renewed_at_two_thirds_of_its_life_and_not_before() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let mut renewals = authority.renewals();
    assert_eq!(authority.next_renewal(), None);
    let made = scene.clock.now();
    let handle = authority.maintain(request(ProfileKind::Server)).await.unwrap();
    let first = serial(&handle);
    let due = authority.next_renewal().unwrap();
    let after = due.duration_since(made);
    // Five minutes of the day are before now, and of what is left it is two thirds, a twentieth more or less.
    let (third, jitter) = (SignedDuration::from_mins((24 * 60 - 5) / 3), SignedDuration::from_mins(72));
    assert!(third * 2 - jitter <= after && after <= third * 2 + jitter, "{after}");

    scene.clock.set(due - SignedDuration::from_secs(1));
    assert!(authority.renew_due().await.is_empty());
    assert_eq!((serial(&handle), authority.next_renewal()), (first.clone(), Some(due)));

    scene.clock.set(due);
    let [renewed] = authority.renew_due().await.try_into().unwrap();
    assert_eq!(renewed.subject, "edge");
    assert_ne!(serial(&handle), first);
    assert_eq!(serial(&renewed.handle), serial(&handle));
    assert_eq!(serial(&renewals.recv().await.unwrap().handle), serial(&handle));
    assert!(authority.next_renewal().unwrap() > due + hours(14));
    assert!(authority.renew_due().await.is_empty());
    assert_eq!(of_parties(&store).await.len(), 2);
    let chain = handle.load().chain().clone();
    openssl_accepts(scene.data.path(), &root_of(&authority), &chain, "sslserver", scene.clock.now()).unwrap();
}

#[tokio::test]
async fn a_failed_renewal_leaves_the_old_certificate_and_is_retried_with_growing_waits() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let handle = authority.maintain(request(ProfileKind::Server)).await.unwrap();
    let first = serial(&handle);
    scene.signer(Mood::Fails("the token was pulled out"));

    scene.clock.set(authority.next_renewal().unwrap());
    let mut waits = Vec::new();
    for failures in 1..=5 {
        assert!(authority.renew_due().await.is_empty());
        let standing = only(&authority).await;
        assert_eq!(standing.failures, failures);
        let reason = standing.last_failure.unwrap();
        assert_eq!(reason, "the key did not sign: the token was pulled out");
        assert_eq!(serial(&handle), first);
        waits.push(standing.next_renewal.duration_since(scene.clock.now()).as_mins());
        scene.clock.set(standing.next_renewal);
    }
    assert_eq!(waits, [1, 2, 5, 10, 30]);
    let told = failures_in_journal(&store).await;
    assert_eq!(told.len(), 5);
    assert_eq!(told[4]["failures"], 5);
    assert_eq!(told[4]["reason"], "the key did not sign: the token was pulled out");

    scene.signer(Mood::Signs);
    assert_eq!(authority.renew_due().await.len(), 1);
    assert_ne!(serial(&handle), first);
    let standing = only(&authority).await;
    assert_eq!((standing.failures, standing.last_failure), (0, None));
    store.verify_journal().await.unwrap();
}

#[tokio::test]
async fn an_issuer_that_is_down_past_the_end_is_still_asked_and_the_certificate_recovers() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let handle = authority.maintain(request(ProfileKind::Server)).await.unwrap();
    scene.signer(Mood::Fails("down"));
    scene.clock.forward(2 * DAY);
    assert!(authority.renew_due().await.is_empty());
    let wait = authority.next_renewal().unwrap().duration_since(scene.clock.now());
    assert_eq!(wait, SignedDuration::from_mins(1));
    scene.signer(Mood::Signs);
    scene.clock.forward(Duration::from_secs(60));
    assert_eq!(authority.renew_due().await.len(), 1);
    assert!(handle.load().leaf().not_after > scene.clock.now());
}

#[tokio::test(start_paused = true)]
async fn a_signer_that_never_answers_counts_as_failed() {
    let scene = Scene::new(TestClock::of_tokio());
    let (authority, store) = scene.open().await;
    let handle = authority.maintain(request(ProfileKind::Server)).await.unwrap();
    let first = serial(&handle);
    scene.signer(Mood::NeverAnswers);
    scene.clock.set(authority.next_renewal().unwrap());
    assert!(authority.renew_due().await.is_empty());
    let standing = only(&authority).await;
    assert_eq!(standing.last_failure.as_deref(), Some("no answer within 120 seconds"));
    assert_eq!(serial(&handle), first);
    assert_eq!(failures_in_journal(&store).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_week_of_renewals_passes_with_a_valid_certificate_at_every_instant() {
    let scene = Scene::new(TestClock::of_tokio());
    let (authority, store) = scene.open().await;
    let mut renewals = authority.renewals();
    let began = scene.clock.now();
    let renewing = authority.clone();
    let renewing = tokio::spawn(async move { renewing.keep_renewing().await });
    let handle = authority.maintain(request(ProfileKind::Server)).await.unwrap();
    while scene.clock.now() < began + hours(7 * 24) {
        let end = handle.load().leaf().not_after;
        renewals.recv().await.unwrap();
        assert!(scene.clock.now() < end);
    }
    renewing.abort();
    let count = of_parties(&store).await.len();
    assert!((10..=14).contains(&count), "{count}");
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_comes_later_and_is_due_earlier_does_not_wait_for_the_others() {
    let scene = Scene::new(TestClock::of_tokio());
    let (authority, _store) = scene.open().await;
    let mut renewals = authority.renewals();
    let renewing = authority.clone();
    let renewing = tokio::spawn(async move { renewing.keep_renewing().await });
    authority.maintain(request(ProfileKind::Server)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let short = Request {
        subject: "short".to_owned(),
        lifetime: Some(Duration::from_secs(60)),
        ..request(ProfileKind::Server)
    };
    authority.maintain(short).await.unwrap();
    let due = authority.next_renewal().unwrap();
    assert_eq!(renewals.recv().await.unwrap().subject, "short");
    let late = scene.clock.now().duration_since(due);
    assert!(late < SignedDuration::from_secs(2), "{late}");
    renewing.abort();
}

#[tokio::test]
async fn a_clock_that_jumps_is_noticed_by_the_next_round() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let handle = authority.maintain(request(ProfileKind::Server)).await.unwrap();
    scene.clock.forward(30 * DAY);
    assert_eq!(authority.renew_due().await.len(), 1);
    assert!(handle.load().leaf().not_after > scene.clock.now());
}

#[tokio::test]
async fn the_same_request_has_one_handle() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let (a, b) = tokio::join!(
        authority.maintain(request(ProfileKind::Both)),
        authority.maintain(request(ProfileKind::Both))
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!(a.is(&b) && a.is(&authority.maintain(request(ProfileKind::Both)).await.unwrap()));
    assert_eq!(authority.maintained().len(), 1);
    assert!(of_parties(&store).await.len() <= 2);
}

/// The serial number that is maintained after a restart at `later`, next to the one from before.
async fn across_a_restart(later: Duration, before: Request, after: Request) -> (String, String) {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let first = serial(&authority.maintain(before).await.unwrap());
    drop((authority, store));
    scene.clock.forward(later);
    let (authority, _store) = scene.open().await;
    (first, serial(&authority.maintain(after).await.unwrap()))
}

#[tokio::test]
async fn a_recorded_certificate_with_more_than_a_third_of_life_is_taken_again() {
    let (server, hour) = (request(ProfileKind::Server), Duration::from_secs(3600));
    let (first, second) = across_a_restart(15 * hour, server.clone(), server.clone()).await;
    assert_eq!(first, second);
    let (first, second) = across_a_restart(17 * hour, server.clone(), server).await;
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_recorded_certificate_is_taken_only_for_what_it_was_made_for() {
    let server = request(ProfileKind::Server);
    let fewer = Request { identities: server.identities[..1].to_vec(), ..server.clone() };
    let both = Request { profile: "both".to_owned(), ..server.clone() };
    let other = Request { subject: "app".to_owned(), ..server.clone() };
    let shorter = Request { lifetime: Some(DAY / 2), ..server.clone() };
    for after in [fewer, both, other, shorter] {
        let (first, second) = across_a_restart(Duration::ZERO, server.clone(), after.clone()).await;
        assert_ne!(first, second, "{after:?}");
    }
    let longer = Request { lifetime: Some(2 * DAY), ..server.clone() };
    let (first, second) = across_a_restart(Duration::ZERO, server, longer).await;
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_listener_and_an_identity_of_one_name_each_find_their_own_certificate() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let both = |authority: Authority| async move {
        let server = authority.maintain(request(ProfileKind::Server)).await.unwrap();
        let client = authority.maintain(request(ProfileKind::Client)).await.unwrap();
        (serial(&server), serial(&client))
    };
    let before = both(authority).await;
    drop(store);
    let (authority, _store) = scene.open().await;
    assert_eq!(both(authority).await, before);
}

#[tokio::test]
async fn renewals_of_many_are_spread() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    for number in 0..12 {
        let request = Request { subject: format!("listener {number}"), ..request(ProfileKind::Server) };
        authority.maintain(request).await.unwrap();
    }
    let mut due: Vec<Timestamp> = authority.maintained().into_iter().map(|m| m.next_renewal).collect();
    due.sort();
    assert!(due[11].duration_since(due[0]) > SignedDuration::from_mins(20), "{due:?}");

    scene.clock.set(due[11]);
    assert_eq!(authority.renew_due().await.len(), 12);
}

#[tokio::test]
async fn what_was_released_is_renewed_no_more_and_the_rest_is() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let kept = authority.maintain(request(ProfileKind::Server)).await.unwrap();
    let released = authority.maintain(request(ProfileKind::Client)).await.unwrap();
    authority.release(&released);
    scene.clock.set(scene.clock.now() + hours(18));
    let renewed = authority.renew_due().await;
    assert!(renewed.iter().all(|renewed| renewed.handle.is(&kept)) && renewed.len() == 1, "{renewed:?}");
}
