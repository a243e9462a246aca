//! Roll-overs: trust spreads before another key signs, and nobody notices.

use hermetic_store::Stage;
use hermetic_tls::{Chain, Clock};
use hermetic_x509::ProfileKind;
use jiff::SignedDuration;

use super::authorities::name;
use super::world::*;
use crate::{Authority, AuthorityError, NewAuthority, Policy, Refusal, Request, RestoreWindow, State, Step};

fn stages(authority: &Authority, called: &str) -> Vec<Stage> {
    let all = authority.authorities();
    all.iter().filter(|one| one.name().as_str() == called).map(|one| one.stage()).collect()
}

/// The roots that are believed, as chains of one.
fn roots(authority: &Authority) -> Vec<Chain> {
    let anchors = authority.trust_anchors().unwrap();
    anchors.certificates().iter().map(|root| Chain::from_ders([&*root.der]).unwrap()).collect()
}

async fn leaf(authority: &Authority) -> Chain {
    authority.issue(request(ProfileKind::Server)).await.unwrap().chain().clone()
}

#[tokio::test]
async fn the_next_generation_signs_only_once_it_was_published() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let it = name("intermediate");
    let refused = authority.publish(&it).await.unwrap_err();
    assert!(matches!(refused, AuthorityError::NoneOnItsWay { .. }), "{refused}");

    let before = authority.issuer().unwrap();
    authority.prepare(&it).await.unwrap();
    assert_eq!(stages(&authority, "intermediate"), [Stage::Signing, Stage::Prepared]);
    let refused = authority.activate(&it).await.unwrap_err();
    assert!(matches!(refused, AuthorityError::NotSoFar { wanted: Stage::Published, .. }), "{refused}");
    let refused = authority.prepare(&it).await.unwrap_err();
    assert!(matches!(refused, AuthorityError::OnItsWay { generation: 2, .. }), "{refused}");

    authority.publish(&it).await.unwrap();
    assert_eq!(authority.issuer().unwrap(), before, "the old one still signs");
    let old = leaf(&authority).await;
    authority.activate(&it).await.unwrap();
    assert_eq!(stages(&authority, "intermediate"), [Stage::Retired, Stage::Signing]);
    let new = leaf(&authority).await;
    assert_ne!(authority.issuer().unwrap(), before);
    for chain in [&old, &new] {
        openssl_accepts(scene.data.path(), &root_of(&authority), chain, "sslserver", scene.clock.now())
            .unwrap();
    }
    assert_eq!(new.certificates()[1], *authority.issuer().unwrap().leaf());
    let kinds: Vec<_> = store.journal(5, 100).await.unwrap().into_iter().map(|entry| entry.kind).collect();
    for kind in ["authority.published", "authority.retired", "authority.activated"] {
        assert!(kinds.contains(&kind.to_owned()), "{kind}: {kinds:?}");
    }
}

#[tokio::test]
async fn a_new_root_is_believed_from_when_it_is_published_and_the_old_one_to_its_end() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let it = name("root");
    let first = root_of(&authority);
    scene.clock.forward(100 * DAY);
    authority.prepare(&it).await.unwrap();
    assert_eq!(roots(&authority), std::slice::from_ref(&first), "nobody has the prepared one");
    let published = authority.publish(&it).await.unwrap();
    let own = Chain::from_ders([&*published.chain().unwrap().leaf().der]).unwrap();
    assert_eq!(roots(&authority), [first.clone(), own.clone()]);
    assert_eq!(std::fs::read_to_string(scene.path("ca.pem")).unwrap(), first.to_pem() + &own.to_pem());
    authority.activate(&it).await.unwrap();
    assert_eq!(roots(&authority), [own.clone(), first.clone()], "the one that signs comes first");

    scene.clock.set(first.leaf().not_after);
    authority.refresh().await.unwrap();
    assert_eq!(roots(&authority), [own]);
}

#[tokio::test]
async fn whoever_believes_only_the_old_root_accepts_what_stands_below_the_new_one() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let old = root_of(&authority);
    for it in ["root", "intermediate"].map(name) {
        for step in [Step::Prepare, Step::Publish, Step::Activate] {
            authority.step(&it, step).await.unwrap();
        }
    }
    let new = roots(&authority).remove(0);
    assert_ne!(new, old);
    let chain = leaf(&authority).await;
    for root in [&old, &new] {
        openssl_accepts(scene.data.path(), root, &chain, "sslserver", scene.clock.now()).unwrap();
    }
}

#[tokio::test]
async fn past_the_end_of_the_old_root_its_certificate_for_the_new_one_is_handed_out_no_more() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let end = root_of(&authority).leaf().not_after;
    scene.clock.set(end - SignedDuration::from_hours(24));
    for it in ["root", "intermediate"].map(name) {
        for step in [Step::Prepare, Step::Publish, Step::Activate] {
            authority.step(&it, step).await.unwrap();
        }
    }
    let kept = Request { subject: "kept".to_owned(), ..request(ProfileKind::Server) }.living(90 * DAY);
    let handle = authority.maintain(kept.clone()).await.unwrap();
    assert_eq!(handle.load().chain().certificates().len(), 3, "the old root still vouches");

    scene.clock.set(end);
    authority.roll_over_due().await;
    let issued = leaf(&authority).await;
    assert_eq!((issued.certificates().len(), authority.issuer().unwrap().certificates().len()), (2, 1));
    openssl_accepts(scene.data.path(), &root_of(&authority), &issued, "sslserver", end).unwrap();
    drop((authority, store));
    let (authority, _store) = scene.open().await;
    let taken = authority.maintain(kept).await.unwrap().load();
    assert_eq!(taken.leaf(), handle.load().leaf());
    assert_eq!(taken.chain().certificates().len(), 2, "what is taken from the record goes without, too");
}

#[tokio::test]
async fn without_cross_signing_a_new_root_stands_alone() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let root = NewAuthority::root(name("alone"));
    let policy = Policy { cross_signs: false, ..root.policy.clone() };
    authority.create(NewAuthority { policy, ..root }).await.unwrap();
    let next = authority.prepare(&name("alone")).await.unwrap();
    assert_eq!(next.chain().unwrap().certificates().len(), 1);
}

#[tokio::test]
async fn a_root_with_a_path_length_rolls_over_without_being_vouched_for() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let root = NewAuthority::root(name("short"));
    let policy = Policy { path_length: Some(1), ..root.policy.clone() };
    authority.create(NewAuthority { policy, ..root }).await.unwrap();
    authority.create(NewAuthority::under(name("below"), name("short"))).await.unwrap();
    for it in ["short", "below"].map(name) {
        for step in [Step::Prepare, Step::Publish, Step::Activate] {
            authority.step(&it, step).await.unwrap();
        }
    }
    let by = Request { issuer: Some(name("below")), ..request(ProfileKind::Server) };
    let chain = authority.issue(by).await.unwrap().chain().clone();
    let new = authority.roll_over(&name("short")).unwrap().signing.unwrap();
    assert_eq!((new.chain().unwrap().certificates().len(), chain.certificates().len()), (1, 2));
    openssl_accepts(scene.data.path(), new.chain().unwrap(), &chain, "sslserver", scene.clock.now()).unwrap();
}

#[tokio::test]
async fn every_generation_has_a_subject_and_a_key_of_its_own() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let root = NewAuthority::root(name("example"));
    let policy = Policy { subject: Some("CN=Example CA,O=Example".to_owned()), ..root.policy.clone() };
    let first = authority.create(NewAuthority { policy, ..root }).await.unwrap();
    let second = authority.prepare(&name("example")).await.unwrap();
    assert_eq!(
        (first.subject(), second.subject()),
        ("CN=Example CA,O=Example", "CN=Example CA G2,O=Example")
    );
    assert_ne!(first.certificate().unwrap().key(), second.certificate().unwrap().key());
    assert_eq!(first.policy(), second.policy());
}

#[tokio::test]
async fn by_itself_an_authority_rolls_over_in_time_and_every_leaf_stays_valid() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let handle = authority.maintain(request(ProfileKind::Server)).await.unwrap();
    let old = root_of(&authority);
    let (mut steps, began) = (Vec::new(), scene.clock.now());
    while let Some(at) =
        authority.next_step_at().filter(|at| *at < began + SignedDuration::from_hours(96_000))
    {
        scene.clock.set(at);
        for (name, step) in authority.roll_over_due().await {
            steps.push((name.to_string(), step));
        }
        authority.renew_due().await;
        let chain = handle.load().chain().clone();
        assert!(chain.leaf().not_after > scene.clock.now());
        let all = Chain::from_pem(&std::fs::read_to_string(scene.path("ca.pem")).unwrap()).unwrap();
        openssl_accepts(scene.data.path(), &all, &chain, "sslserver", scene.clock.now()).unwrap();
    }
    let of =
        |name: &str| steps.iter().filter(|(of, _)| of == name).map(|(_, step)| *step).collect::<Vec<_>>();
    let whole = [Step::Prepare, Step::Publish, Step::Activate];
    assert_eq!(of("root"), whole);
    // Once in its time; once more, cut short by the root's end; and under the new root.
    assert_eq!(of("intermediate"), [whole, whole, whole].concat());
    assert_eq!(roots(&authority).len(), 2);
    scene.clock.set(old.leaf().not_after);
    authority.roll_over_due().await;
    assert_eq!(roots(&authority).len(), 1, "what has run out is believed no more");
    store.verify_journal().await.unwrap();
}

#[tokio::test]
async fn after_a_downtime_the_next_generation_is_there_for_a_day_before_it_signs() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let end = authority.issuer().unwrap().leaf().not_after;
    scene.clock.set(end - SignedDuration::from_hours(3 * 24));
    let steps = |taken: Vec<(_, Step)>| taken.into_iter().map(|(_, step)| step).collect::<Vec<_>>();
    assert_eq!(steps(authority.roll_over_due().await), [Step::Prepare, Step::Publish]);
    scene.clock.forward(DAY - std::time::Duration::from_secs(1));
    assert_eq!(steps(authority.roll_over_due().await), []);
    scene.clock.forward(std::time::Duration::from_secs(1));
    assert_eq!(steps(authority.roll_over_due().await), [Step::Activate]);
}

#[tokio::test]
async fn two_nodes_that_roll_over_at_once_make_one_next_generation() {
    let scene = Scene::new(TestClock::standing());
    let (one, store) = scene.open().await;
    let two = scene.open_beside(&store, scene.data.path()).await;
    let end = one.issuer().unwrap().leaf().not_after;
    scene.clock.set(end - SignedDuration::from_hours(24 * 20));
    let (first, second) = tokio::join!(one.roll_over_due(), two.roll_over_due());
    let taken = [first, second].concat();
    assert_eq!(taken.len(), 2, "prepared and published once: {taken:?}");
    for node in [&one, &two] {
        node.refresh().await.unwrap();
        assert_eq!(stages(node, "intermediate"), [Stage::Signing, Stage::Published]);
    }
}

#[tokio::test]
async fn a_roll_over_that_fails_is_tried_again_later() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    authority.disable(&name("root"), None).await.unwrap();
    let end = authority.issuer().unwrap().leaf().not_after;
    scene.clock.set(end - SignedDuration::from_hours(24 * 20));
    assert!(authority.roll_over_due().await.is_empty());
    authority.enable(&name("root"), None).await.unwrap();
    assert!(authority.roll_over_due().await.is_empty(), "not before its time");
    scene.clock.forward(std::time::Duration::from_secs(61));
    assert_eq!(authority.roll_over_due().await.len(), 2);
}

#[tokio::test]
async fn a_generation_on_its_way_can_be_given_up_and_made_anew() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let it = name("intermediate");
    authority.prepare(&it).await.unwrap();
    authority.disable(&it, Some(2)).await.unwrap();
    authority.delete(&it, Some(2), RestoreWindow::default()).await.unwrap();
    let again = authority.prepare(&it).await.unwrap();
    assert_eq!(again.generation().generation, 3);
    let state = authority.roll_over(&it).unwrap();
    assert_eq!(state.successor.unwrap().generation().generation, 3);
    assert_eq!(state.next.unwrap().0, Step::Publish);
}

#[tokio::test]
async fn a_restart_takes_the_recorded_leaf_of_a_retired_generation() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let before = authority.maintain(request(ProfileKind::Server)).await.unwrap().load().chain().clone();
    for step in [Step::Prepare, Step::Publish, Step::Activate] {
        authority.step(&name("intermediate"), step).await.unwrap();
    }
    drop((authority, store));
    let (authority, _store) = scene.open().await;
    let after = authority.maintain(request(ProfileKind::Server)).await.unwrap().load().chain().clone();
    assert_eq!(after, before);
}

#[tokio::test]
async fn an_expired_authority_can_still_roll_over() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let it = name("intermediate");
    scene.clock.set(authority.issuer().unwrap().leaf().not_after);
    for step in [Step::Prepare, Step::Publish, Step::Activate] {
        authority.step(&it, step).await.unwrap();
    }
    let now = scene.clock.now();
    assert_eq!(authority.authorities().last().unwrap().state(now), State::Active);
    openssl_accepts(scene.data.path(), &root_of(&authority), &leaf(&authority).await, "sslserver", now)
        .unwrap();
}

#[tokio::test]
async fn a_disabled_authority_that_runs_out_comes_back_only_when_somebody_enables_it() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let it = name("intermediate");
    let end = authority.issuer().unwrap().leaf().not_after;
    authority.disable(&it, None).await.unwrap();
    scene.clock.set(end + SignedDuration::from_hours(1));
    assert_eq!(authority.roll_over_due().await, []);
    let refused = authority.prepare(&it).await.unwrap_err();
    assert!(refused.to_string().contains("`hermetic ca enable intermediate`"), "{refused}");
    let AuthorityError::Refused(refused) = refused else { panic!("{refused}") };
    assert!(matches!(refused, Refusal::AuthorityInactive { state: State::Disabled, .. }), "{refused}");

    authority.enable(&it, None).await.unwrap();
    let steps: Vec<_> = authority.roll_over_due().await.into_iter().map(|(_, step)| step).collect();
    assert_eq!(steps, [Step::Prepare, Step::Publish, Step::Activate]);
}
