//! Authorities: kept, and taken from state to state.

use super::world::*;
use crate::*;

fn generation(number: u32) -> Generation {
    Generation { name: "intermediate".to_owned(), generation: number }
}

async fn standing(store: &Store, number: u32) -> (AuthorityState, Stage) {
    let record = store.authority(&generation(number)).await.unwrap().unwrap();
    (record.state, record.stage)
}

fn is_state<T: std::fmt::Debug>(outcome: Result<T, StoreError>, now: &str) {
    match outcome {
        Err(StoreError::State { is, .. }) => assert_eq!(is, now),
        other => panic!("{other:?}"),
    }
}

on_both! {
    async fn authorities_are_there_after_reopening(world: World) {
        drop(world.with_authority().await);
        let store = world.open().await;
        let [intermediate, root] = store.authorities().await.unwrap().try_into().unwrap();
        assert_eq!((intermediate.parent, root.parent), (Some(root.id), None));
        assert_eq!(intermediate.key, AuthorityKey::Sealed(vec![7; 40]));
        assert_eq!(store.signing_authority("root").await.unwrap(), Some(root));
    }

    async fn authorities_are_kept_all_or_none(world: World) {
        let store = world.open().await;
        store.create_authorities(vec![authority("root")]).await.unwrap();
        let clash = store.create_authorities(vec![authority("intermediate"), authority("root")]).await;
        assert!(matches!(clash, Err(StoreError::AuthorityExists { name, .. }) if name == "root"));
        assert_eq!(store.authorities().await.unwrap().len(), 1);
        assert_eq!(store.verify_journal().await.unwrap(), 1);
    }

    async fn a_second_generation_that_signs_is_refused_until_the_first_does_not(world: World) {
        let store = world.with_authority().await;
        let second = NewAuthority { generation: generation(2), ..authority("intermediate") };
        is_state(store.create_authorities(vec![second]).await, "signing");
    }

    async fn an_unknown_parent_is_an_error(world: World) {
        let store = world.open().await;
        let orphan = store.create_authorities(vec![authority("intermediate")]).await;
        assert!(matches!(orphan, Err(StoreError::Missing(_))), "{orphan:?}");
    }

    async fn a_pending_authority_is_active_once_its_certificate_is_there(world: World) {
        let store = world.with_authority().await;
        let standing = Standing::Pending(vec![0x30, 0]);
        let pending = NewAuthority {
            generation: generation(2),
            stage: Stage::Prepared,
            standing,
            ..authority("intermediate")
        };
        let [made] = store.create_authorities(vec![pending]).await.unwrap().try_into().unwrap();
        assert_eq!((made.state, made.csr.as_deref()), (AuthorityState::PendingCertificate, Some(&[0x30, 0][..])));
        store.certify_authority(&generation(2), certified(), now()).await.unwrap();
        let record = store.authority(&generation(2)).await.unwrap().unwrap();
        assert_eq!((record.state, record.csr), (AuthorityState::Active, None));
        assert_eq!((record.chain_pem, record.not_after), (certified().chain_pem, Some(hours(10_000))));
        is_state(store.certify_authority(&generation(2), certified(), now()).await, "active and prepared");
        store.recertify_authority(&generation(2), certified(), now()).await.unwrap();
    }

    async fn an_authority_is_disabled_enabled_deleted_and_restored_in_time(world: World) {
        let store = world.with_authority().await;
        let it = generation(1);
        is_state(store.delete_authority(&it, hours(10), now()).await, "active and signing");
        is_state(store.enable_authority(&it, now()).await, "active and signing");
        store.disable_authority(&it, now()).await.unwrap();
        is_state(store.disable_authority(&it, now()).await, "disabled and signing");
        store.enable_authority(&it, now()).await.unwrap();
        store.disable_authority(&it, now()).await.unwrap();
        store.delete_authority(&it, hours(10), now()).await.unwrap();
        is_state(store.restore_authority(&it, hours(10)).await, "deleted and signing");
        store.restore_authority(&it, hours(9)).await.unwrap();
        assert_eq!(standing(&store, 1).await, (AuthorityState::Disabled, Stage::Signing));
        assert!(matches!(
            store.disable_authority(&Generation::first("nobody"), now()).await,
            Err(StoreError::Missing(_))
        ));
        store.enable_authority(&it, now()).await.unwrap();
        store.delete_authority(&it, hours(10_030), hours(10_000)).await.expect("it has run out");
        let told: Vec<_> = kinds(&store).await.split_off(2);
        let steps = ["disabled", "enabled", "disabled", "deleted", "restored", "enabled", "deleted"];
        assert_eq!(told, steps.map(|step| format!("authority.{step}")));
    }

    async fn a_roll_over_goes_by_its_stages_and_one_signs_at_every_time(world: World) {
        let store = world.with_authority().await;
        let next =
            NewAuthority { generation: generation(2), stage: Stage::Prepared, ..authority("intermediate") };
        store.create_authorities(vec![next]).await.unwrap();
        is_state(store.activate_authority(&generation(2), now()).await, "active and prepared");
        assert_eq!(standing(&store, 1).await.1, Stage::Signing, "the old one signs on");
        store.publish_authority(&generation(2), now()).await.unwrap();
        store.activate_authority(&generation(2), now()).await.unwrap();
        assert_eq!((standing(&store, 1).await.1, standing(&store, 2).await.1), (Stage::Retired, Stage::Signing));
        is_state(store.activate_authority(&generation(1), now()).await, "active and retired");
        assert_eq!(store.signing_authority("intermediate").await.unwrap().unwrap().generation, generation(2));
        let told = ["created", "published", "retired", "activated"].map(|step| format!("authority.{step}"));
        assert_eq!(kinds(&store).await[2..], told);
    }

    async fn what_signed_and_is_restored_beside_another_that_signs_is_retired(world: World) {
        let store = world.with_authority().await;
        store.disable_authority(&generation(1), now()).await.unwrap();
        store.delete_authority(&generation(1), hours(10), now()).await.unwrap();
        let second = NewAuthority { generation: generation(2), ..authority("intermediate") };
        store.create_authorities(vec![second]).await.unwrap();
        store.restore_authority(&generation(1), hours(1)).await.unwrap();
        assert_eq!(standing(&store, 1).await, (AuthorityState::Disabled, Stage::Retired));
    }

    async fn the_key_of_a_deleted_authority_is_erased_when_it_can_be_restored_no_more(world: World) {
        let store = world.with_authority().await;
        store.disable_authority(&generation(1), now()).await.unwrap();
        store.delete_authority(&generation(1), hours(10), now()).await.unwrap();
        assert_eq!(store.erase_deleted_authorities(hours(9)).await.unwrap(), 0);
        assert_eq!(store.erase_deleted_authorities(hours(10)).await.unwrap(), 1);
        assert_eq!(store.erase_deleted_authorities(hours(11)).await.unwrap(), 0);
        let record = store.authority(&generation(1)).await.unwrap().unwrap();
        assert_eq!((record.state, record.key), (AuthorityState::Deleted, AuthorityKey::Erased));
        assert_eq!(kinds(&store).await.last().unwrap(), "authority.erased");
    }
}
