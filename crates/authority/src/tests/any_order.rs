//! Whatever is done to an authority, and in whatever order: one generation signs at most, and nothing is issued
//! by one that may not.

use hermetic_store::Stage;
use hermetic_tls::Clock;
use hermetic_x509::ProfileKind;
use jiff::SignedDuration;
use proptest::prelude::*;

use super::authorities::name;
use super::world::*;
use crate::{Authority, AuthorityError, RestoreWindow, State, Step};

/// Something that is done.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Disable(u32),
    Enable(u32),
    Delete(u32),
    Restore(u32),
    Take(Step),
    RollOver,
    Days(u16),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let generation = 1_u32..4;
    let deed = prop_oneof![
        generation.clone().prop_map(Deed::Disable),
        generation.clone().prop_map(Deed::Enable),
        generation.clone().prop_map(Deed::Delete),
        generation.prop_map(Deed::Restore),
        prop::sample::select(vec![Step::Prepare, Step::Publish, Step::Activate]).prop_map(Deed::Take),
        Just(Deed::RollOver),
        (1_u16..1000).prop_map(Deed::Days),
    ];
    prop::collection::vec(deed, 1..24)
}

async fn done(scene: &Scene, authority: &Authority, deed: Deed) -> Result<(), AuthorityError> {
    let it = name("intermediate");
    match deed {
        Deed::Disable(generation) => authority.disable(&it, Some(generation)).await.map(drop),
        Deed::Enable(generation) => authority.enable(&it, Some(generation)).await.map(drop),
        Deed::Delete(generation) => {
            authority.delete(&it, Some(generation), RestoreWindow::default()).await.map(drop)
        }
        Deed::Restore(generation) => authority.restore(&it, Some(generation)).await.map(drop),
        Deed::Take(step) => authority.step(&it, step).await.map(drop),
        Deed::RollOver => {
            authority.roll_over_due().await;
            Ok(())
        }
        Deed::Days(days) => {
            scene.clock.set(scene.clock.now() + SignedDuration::from_hours(24 * i64::from(days)));
            Ok(())
        }
    }
}

/// What must hold at all times.
async fn holds(scene: &Scene, authority: &Authority) -> Result<(), TestCaseError> {
    let now = scene.clock.now();
    let all = authority.authorities();
    for called in ["root", "intermediate"] {
        let signs = all.iter().filter(|one| {
            one.name().as_str() == called && one.stage() == Stage::Signing && one.state(now) != State::Deleted
        });
        prop_assert!(signs.count() <= 1, "{called}");
    }
    let may = all.iter().find(|one| {
        one.name().as_str() == "intermediate"
            && one.stage() == Stage::Signing
            && one.state(now) == State::Active
            // With less than a minute left, nothing is issued either.
            && one.not_after().unwrap() > now + SignedDuration::from_mins(1)
    });
    match (authority.issue(request(ProfileKind::Server)).await, may) {
        (Ok(credential), Some(one)) => {
            prop_assert_eq!(&credential.chain().certificates()[1], one.chain().unwrap().leaf());
        }
        (Err(AuthorityError::Refused(_)), None) => {}
        (issued, may) => prop_assert!(false, "{issued:?} by {may:?}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn one_generation_signs_at_most_and_none_issues_that_may_not(deeds in deeds()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let scene = Scene::new(TestClock::standing());
            let (authority, store) = scene.open().await;
            for deed in deeds {
                // Most of what chance asks for is refused, which is as good.
                match done(&scene, &authority, deed).await {
                    Ok(()) => {}
                    Err(error) => prop_assert!(error.is_wrong_request(), "{deed:?}: {error}"),
                }
                holds(&scene, &authority).await?;
            }
            store.verify_journal().await.unwrap();
            Ok(())
        })?;
    }
}
