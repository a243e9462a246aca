//! Two processes on one store: what one does to the authorities, the other comes to know.

use hermetic_tls::Clock;
use hermetic_x509::ProfileKind;
use jiff::SignedDuration;
use tempfile::TempDir;

use super::authorities::name;
use super::world::*;
use crate::{Authority, AuthorityError, NewAuthority, Refusal, Request, State, Step};

/// Two processes, and the folder of the second.
async fn two(scene: &Scene) -> (Authority, Authority, TempDir) {
    let (one, store) = scene.open().await;
    let folder = tempfile::tempdir().unwrap();
    let two = scene.open_beside(&store, folder.path()).await;
    (one, two, folder)
}

async fn issue(authority: &Authority, issuer: &str) -> Result<(), AuthorityError> {
    let request = Request { issuer: Some(name(issuer)), ..request(ProfileKind::Server) };
    authority.issue(request).await.map(drop)
}

#[tokio::test]
async fn one_issues_by_an_authority_that_the_other_made() {
    let scene = Scene::new(TestClock::standing());
    let (one, two, _folder) = two(&scene).await;
    one.create(NewAuthority::under(name("other"), name("root"))).await.unwrap();
    issue(&two, "other").await.unwrap();
    let refused = issue(&two, "nowhere").await.unwrap_err();
    assert!(matches!(refused, AuthorityError::Refused(Refusal::NoSuchAuthority { .. })), "{refused}");
}

#[tokio::test]
async fn one_issues_by_an_authority_that_the_other_enabled() {
    let scene = Scene::new(TestClock::standing());
    let (one, two, _folder) = two(&scene).await;
    one.disable(&name("intermediate"), None).await.unwrap();
    let refused = issue(&two, "intermediate").await.unwrap_err();
    let AuthorityError::Refused(refused) = refused else { panic!("{refused}") };
    assert!(matches!(refused, Refusal::AuthorityInactive { state: State::Disabled, .. }), "{refused}");
    one.enable(&name("intermediate"), None).await.unwrap();
    issue(&two, "intermediate").await.unwrap();
}

#[tokio::test]
async fn one_issues_by_the_generation_that_the_other_made_after_the_end() {
    let scene = Scene::new(TestClock::standing());
    let (one, two, _folder) = two(&scene).await;
    scene.clock.set(one.issuer().unwrap().leaf().not_after + SignedDuration::from_hours(1));
    for step in [Step::Prepare, Step::Publish, Step::Activate] {
        one.step(&name("intermediate"), step).await.unwrap();
    }
    issue(&two, "intermediate").await.unwrap();
}

#[tokio::test]
async fn in_its_next_round_one_believes_the_root_that_the_other_published() {
    let scene = Scene::new(TestClock::standing());
    let (one, two, folder) = two(&scene).await;
    for step in [Step::Prepare, Step::Publish] {
        one.step(&name("root"), step).await.unwrap();
    }
    assert_eq!(two.roll_over_due().await, []);
    let (ours, theirs) = (one.trust_anchors().unwrap(), two.trust_anchors().unwrap());
    assert_eq!((theirs.certificates().len(), theirs == ours), (2, true));
    let file = std::fs::read(folder.path().join("ca.pem")).unwrap();
    assert_eq!(file, std::fs::read(scene.path("ca.pem")).unwrap());
}

#[tokio::test]
async fn what_another_process_did_is_noticed_when_something_is_issued() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    // Past the authority's own knowledge, as another node would.
    let generation = authority.authorities()[1].generation().clone();
    store.disable_authority(&generation, scene.clock.now()).await.unwrap();
    let refused = issue(&authority, "intermediate").await.unwrap_err();
    let AuthorityError::Refused(refused) = refused else { panic!("{refused}") };
    assert!(matches!(refused, Refusal::AuthorityInactive { state: State::Disabled, .. }), "{refused}");
}
