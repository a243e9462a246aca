//! Authorities disabled, enabled, deleted and restored, and what each state forbids.

use hermetic_tls::Clock;
use hermetic_x509::ProfileKind;
use jiff::SignedDuration;

use super::authorities::name;
use super::world::*;
use crate::{Act, Authority, AuthorityError, NewAuthority, Refusal, RestoreWindow, State};

async fn issues(authority: &Authority) -> Result<(), Refusal> {
    match authority.issue(request(ProfileKind::Server)).await {
        Ok(_) => Ok(()),
        Err(AuthorityError::Refused(refusal)) => Err(refusal),
        Err(error) => panic!("{error}"),
    }
}

/// What kept an act from being done: which one, in which state.
fn forbidden<T: std::fmt::Debug>(done: Result<T, AuthorityError>) -> (Act, State) {
    match done {
        Err(AuthorityError::State { act, state, .. }) => (act, state),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_disabled_authority_issues_nothing_until_it_is_enabled() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let intermediate = name("intermediate");
    authority.disable(&intermediate, None).await.unwrap();
    let refused = issues(&authority).await.unwrap_err();
    assert!(matches!(refused, Refusal::AuthorityInactive { state: State::Disabled, .. }), "{refused}");
    assert!(refused.to_string().contains("`hermetic ca enable intermediate`"), "{refused}");
    authority.enable(&intermediate, None).await.unwrap();
    issues(&authority).await.unwrap();
}

#[tokio::test]
async fn what_a_state_forbids_is_refused_with_the_state_and_the_remedy() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let it = name("intermediate");
    assert_eq!(forbidden(authority.enable(&it, None).await), (Act::Enable, State::Active));
    assert_eq!(forbidden(authority.restore(&it, None).await), (Act::Restore, State::Active));
    let window = RestoreWindow::default();
    let refused = authority.delete(&it, None, window).await.unwrap_err();
    assert!(
        refused.to_string().contains("is active, and can't be deleted now; disable it first"),
        "{refused}"
    );

    authority.disable(&it, None).await.unwrap();
    assert_eq!(forbidden(authority.disable(&it, None).await), (Act::Disable, State::Disabled));
    let given = authority.import_certificate(&it, None, b"").await;
    assert_eq!(forbidden(given), (Act::ImportCertificate, State::Disabled));

    authority.delete(&it, None, window).await.unwrap();
    for done in [authority.disable(&it, None).await, authority.delete(&it, None, window).await] {
        assert_eq!(forbidden(done).1, State::Deleted);
    }
    assert!(matches!(
        issues(&authority).await.unwrap_err(),
        Refusal::AuthorityInactive { state: State::Deleted, .. }
    ));
}

#[tokio::test]
async fn a_deleted_authority_is_restored_to_what_it_was_within_its_window() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let it = name("intermediate");
    authority.disable(&it, None).await.unwrap();
    let deleted = authority.delete(&it, None, RestoreWindow::days(7).unwrap()).await.unwrap();
    let until = deleted.restorable_until().unwrap();
    assert_eq!(until.duration_since(scene.clock.now()).as_hours(), 7 * 24);

    scene.clock.set(until - SignedDuration::from_secs(1));
    let restored = authority.restore(&it, None).await.unwrap();
    assert_eq!(restored.state(scene.clock.now()), State::Disabled);
    authority.enable(&it, None).await.unwrap();
    issues(&authority).await.unwrap();
}

#[tokio::test]
async fn past_its_window_an_authority_can_not_be_restored_and_its_key_is_erased() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let it = name("intermediate");
    authority.disable(&it, None).await.unwrap();
    let deleted = authority.delete(&it, None, RestoreWindow::days(7).unwrap()).await.unwrap();
    scene.clock.set(deleted.restorable_until().unwrap());
    let refused = authority.restore(&it, None).await.unwrap_err();
    assert!(matches!(refused, AuthorityError::TooLateToRestore { .. }), "{refused}");
    let last = store.latest_entries(1, |_| true).await.unwrap().pop().unwrap();
    assert_eq!((last.kind.as_str(), &last.body["asked"]), ("request.refused", &"be restored".into()));

    authority.roll_over_due().await;
    let kept = store.authorities().await.unwrap();
    let kept = kept.iter().find(|kept| kept.generation.name == "intermediate").unwrap();
    assert_eq!(kept.key, hermetic_store::AuthorityKey::Erased);
    let kinds: Vec<_> = store.journal(1, 100).await.unwrap().into_iter().map(|entry| entry.kind).collect();
    assert!(kinds.contains(&"authority.erased".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn an_expired_authority_issues_nothing_and_can_be_deleted() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let it = name("intermediate");
    let end = authority.issuer().unwrap().leaf().not_after;
    scene.clock.set(end);
    let refused = issues(&authority).await.unwrap_err();
    assert!(matches!(refused, Refusal::AuthorityExpired { .. }), "{refused}");
    assert_eq!(forbidden(authority.disable(&it, None).await), (Act::Disable, State::Expired));
    authority.delete(&it, None, RestoreWindow::default()).await.unwrap();
}

#[tokio::test]
async fn a_deleted_root_is_believed_no_more_and_a_disabled_one_is() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    authority.create(NewAuthority::root(name("second"))).await.unwrap();
    let count = || authority.trust_anchors().unwrap().certificates().len();
    authority.disable(&name("second"), None).await.unwrap();
    assert_eq!(count(), 2);
    authority.delete(&name("second"), None, RestoreWindow::default()).await.unwrap();
    assert_eq!(count(), 1);
}

#[tokio::test]
async fn once_no_authority_is_left_nothing_stays_that_would_be_believed() {
    let scene = Scene::new(TestClock::standing());
    let (authority, _store) = scene.open().await;
    let file = scene.path("ca.pem");
    for it in ["intermediate", "root"] {
        assert!(file.exists());
        authority.disable(&name(it), None).await.unwrap();
        authority.delete(&name(it), None, RestoreWindow::default()).await.unwrap();
    }
    assert!(!file.exists());
    let root = authority.restore(&name("root"), None).await.unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), root.chain().unwrap().leaf().to_pem());
}

#[tokio::test]
async fn each_step_stands_in_the_journal() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let it = name("intermediate");
    authority.disable(&it, None).await.unwrap();
    authority.delete(&it, None, RestoreWindow::default()).await.unwrap();
    authority.restore(&it, None).await.unwrap();
    authority.enable(&it, None).await.unwrap();
    let kinds: Vec<_> = store.journal(5, 100).await.unwrap().into_iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, ["authority.disabled", "authority.deleted", "authority.restored", "authority.enabled"]);
}
