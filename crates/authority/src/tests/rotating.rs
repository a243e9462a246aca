//! Roll-overs that somebody takes step by step, and those that somebody began and left.

use hermetic_store::Stage;
use hermetic_tls::Clock;
use jiff::SignedDuration;

use super::authorities::name;
use super::world::*;
use crate::{Authority, AuthorityError, NewAuthority, Step};

/// The stage of the second generation.
fn stage(authority: &Authority, called: &str) -> Stage {
    authority.meant(&name(called), Some(2)).unwrap().stage()
}

#[tokio::test]
async fn by_hand_a_generation_signs_a_day_after_its_publication_unless_just_that_is_asked_for() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    for it in ["root", "intermediate"].map(name) {
        assert_eq!(authority.rotate(&it, None).await.unwrap().step, Step::Prepare);
        scene.clock.forward(4 * DAY);
        let published = authority.rotate(&it, None).await.unwrap();
        let from = scene.clock.now() + SignedDuration::from_hours(24);
        assert_eq!((published.step, published.activation_from), (Step::Publish, Some(from)));
        let early = authority.rotate(&it, None).await.unwrap_err();
        assert!(matches!(&early, AuthorityError::NotSpread { from: told, .. } if *told == from), "{early}");
    }
    let refused = store.latest_entries(1, |_| true).await.unwrap().remove(0);
    assert_eq!((refused.kind.as_str(), &refused.body["asked"]), ("request.refused", &"roll over".into()));
    let activated = authority.rotate(&name("root"), Some(Step::Activate)).await.unwrap();
    assert_eq!((activated.step, activated.activation_from), (Step::Activate, None));
    scene.clock.forward(DAY);
    assert_eq!(authority.rotate(&name("intermediate"), None).await.unwrap().step, Step::Activate);
    assert_eq!(["root", "intermediate"].map(|it| stage(&authority, it)), [Stage::Signing; 2]);
}

#[tokio::test]
async fn what_was_prepared_long_ago_and_published_late_signs_a_day_later() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let end = root_of(&authority).leaf().not_after;
    scene.clock.set(end - SignedDuration::from_hours(29 * 24));
    authority.prepare(&name("root")).await.unwrap();
    scene.clock.set(end - SignedDuration::from_hours(3 * 24));
    let of_root = |taken: Vec<(hermetic_x509::publication::AuthorityName, Step)>| -> Vec<Step> {
        taken.into_iter().filter(|(it, _)| *it == name("root")).map(|(_, step)| step).collect()
    };
    assert_eq!(of_root(authority.roll_over_due().await), [Step::Publish]);
    scene.clock.forward(23 * DAY / 24);
    assert_eq!(of_root(authority.roll_over_due().await), []);
    scene.clock.forward(DAY / 24);
    assert_eq!(of_root(authority.roll_over_due().await), [Step::Activate]);
}

#[tokio::test]
async fn a_next_generation_that_is_signed_elsewhere_waits_and_says_for_what() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    authority.create(NewAuthority::signed_elsewhere(name("branch"))).await.unwrap();
    let waits = authority.rotate(&name("branch"), None).await.unwrap_err();
    assert!(matches!(waits, AuthorityError::Waits { .. }), "{waits}");
    assert!(waits.to_string().contains("hermetic ca csr branch --generation 1"), "{waits}");
}

#[tokio::test]
async fn what_shall_not_roll_over_by_itself_does_not_until_it_shall_again() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let root = name("root");
    authority.prepare(&root).await.unwrap();
    assert!(!authority.roll_over_by_itself(&root, false).await.unwrap().by_itself);
    let told = store.latest_entries(1, |_| true).await.unwrap().remove(0);
    assert_eq!(told.kind, "authority.changed");
    assert_eq!((&told.body["name"], &told.body["changed"]["rolls_over"]), (&"root".into(), &false.into()));

    let end = root_of(&authority).leaf().not_after;
    scene.clock.set(end - SignedDuration::from_hours(3 * 24));
    let of_root = |taken: Vec<(hermetic_x509::publication::AuthorityName, Step)>| -> Vec<Step> {
        taken.into_iter().filter(|(it, _)| *it == name("root")).map(|(_, step)| step).collect()
    };
    assert_eq!(of_root(authority.roll_over_due().await), []);
    // By hand it goes on, and the generation that signs then does not roll over by itself, either.
    authority.publish(&root).await.unwrap();
    authority.activate(&root).await.unwrap();
    assert!(!authority.roll_over(&root).unwrap().by_itself);
    assert!(authority.roll_over_by_itself(&root, true).await.unwrap().by_itself);
    // It was made beside the first, and so ends with it.
    assert_eq!(of_root(authority.roll_over_due().await), [Step::Prepare, Step::Publish]);
}

#[tokio::test]
async fn an_authority_that_is_not_there_is_not_changed() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    authority.roll_over_by_itself(&name("nobody"), false).await.unwrap_err();
    let before = store.latest_entries(1, |_| true).await.unwrap();
    authority.roll_over_by_itself(&name("root"), true).await.unwrap();
    assert_eq!(
        store.latest_entries(1, |_| true).await.unwrap(),
        before,
        "what is so already changes nothing"
    );
}
