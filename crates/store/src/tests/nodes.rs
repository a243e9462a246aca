//! Several nodes on one store: whatever they do at once, one of them does.

use std::future::Future;

use super::postgres;
use super::world::*;
use crate::*;

/// What both give who do the same at once, over and over; of each pair one must have been first.
async fn race<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    nodes: [&Store; 2],
    what: impl Fn(Store) -> F,
) -> [T; 2] {
    let [one, other] = nodes.map(|node| tokio::spawn(what(node.clone())));
    [one.await.unwrap(), other.await.unwrap()]
}

fn winners<T: std::fmt::Debug>(
    outcomes: &[Result<T, StoreError>; 2],
    lost: fn(&StoreError) -> bool,
) -> usize {
    for outcome in outcomes {
        assert!(outcome.as_ref().err().is_none_or(lost), "{outcome:?}");
    }
    outcomes.iter().filter(|outcome| outcome.is_ok()).count()
}

on_both! {
    async fn of_two_nodes_one_uses_a_serial_number(world: World) {
        let (one, other) = (world.with_authority().await, world.beside().await);
        for round in 0..20_u8 {
            let serial = format!("{round:02x}");
            let outcomes = race([&one, &other], |node| {
                let intent = intent(&serial);
                async move { node.intend(intent).await }
            });
            assert_eq!(winners(&outcomes.await, |lost| matches!(lost, StoreError::SerialTaken(_))), 1);
        }
        assert_eq!(one.verify_journal().await.unwrap(), 2 + 20);
    }

    async fn of_two_nodes_one_makes_a_generation(world: World) {
        let (one, other) = (world.open().await, world.beside().await);
        for round in 0..10 {
            let name = format!("root-{round}");
            let outcomes = race([&one, &other], |node| {
                let new = NewAuthority { parent: None, ..authority(&name) };
                async move { node.create_authorities(vec![new]).await }
            });
            let lost = |lost: &StoreError| matches!(lost, StoreError::AuthorityExists { .. });
            assert_eq!(winners(&outcomes.await, lost), 1);
        }
        assert_eq!(other.authorities().await.unwrap().len(), 10);
        assert_eq!(other.verify_journal().await.unwrap(), 10);
    }

    async fn of_two_nodes_one_renews(world: World) {
        let (one, other) = (world.open().await, world.beside().await);
        for round in 0..10 {
            let subject = format!("listener {round}");
            let outcomes = race([&one, &other], |node| {
                let subject = subject.clone();
                async move { node.lease(&subject, hours(1), hours(0)).await.unwrap() }
            });
            let [first, second] = outcomes.await;
            assert!(first != second);
        }
        assert!(one.lease("late", hours(1), hours(0)).await.unwrap());
        assert!(!other.lease("late", hours(2), hours(0)).await.unwrap());
        assert!(other.lease("late", hours(2), hours(1)).await.unwrap(), "the time of the first is over");
        assert!(!one.lease("late", hours(3), hours(1)).await.unwrap());
    }

    async fn of_two_nodes_one_revokes(world: World) {
        let (one, other) = (world.with_authority().await, world.beside().await);
        let authority = one.signing_authority("intermediate").await.unwrap().unwrap().id;
        for round in 0..10_u8 {
            let serial = format!("{round:02x}");
            issue(&one, intent(&serial)).await;
            let outcomes = race([&one, &other], |node| {
                let serial = serial.clone();
                async move { node.revoke(authority, &serial, RevocationReason::Superseded, now()).await }
            });
            let lost = |lost: &StoreError| matches!(lost, StoreError::AlreadyRevoked { .. });
            assert_eq!(winners(&outcomes.await, lost), 1);
        }
        assert_eq!(other.revoked_of_shard(authority, 3, hours(0)).await.unwrap().len(), 10);
    }

    async fn of_two_lists_with_one_number_one_is_kept(world: World) {
        let (one, other) = (world.with_authority().await, world.beside().await);
        let authority = one.signing_authority("intermediate").await.unwrap().unwrap().id;
        for number in 1..10 {
            let outcomes = race([&one, &other], |node| {
                let (this_update, next_update) = (hours(0), hours(24));
                let list =
                    RevocationListRecord { authority, shard: 0, number, this_update, next_update, der: vec![1] };
                async move { node.put_revocation_list(list, now()).await.unwrap() }
            });
            let [first, second] = outcomes.await;
            assert!(first != second, "{number}");
        }
    }

    async fn what_a_living_node_intends_is_not_swept_and_what_a_dead_one_did_is(world: World) {
        let (one, other) = (world.with_authority().await, world.beside().await);
        let id = one.intend(intent("0a")).await.unwrap();
        let record = one.certificate_by_id(id).await.unwrap().unwrap();
        one.use_certificates(vec![("edge".to_owned(), record.id)], now()).await.unwrap();
        assert!(one.lease("edge", hours(9), hours(0)).await.unwrap());
        assert_eq!(other.sweep(hours(1)).await.unwrap(), 0);
        assert_eq!(other.uses(id).await.unwrap().len(), 1);
        drop(one);
        swept(&other, 1).await;
        assert_eq!(other.uses(id).await.unwrap(), []);
        assert!(other.lease("edge", hours(9), hours(0)).await.unwrap());
        let state = other.certificate_by_id(id).await.unwrap().unwrap().state;
        assert_eq!(state, CertificateState::PresumedIssued);
    }

    async fn an_intent_that_is_given_up_is_settled_at_once(world: World) {
        let store = world.with_authority().await;
        let id = store.intend(intent("0a")).await.unwrap();
        assert!(store.give_up(id, now()).await.unwrap());
        assert!(!store.give_up(id, now()).await.unwrap());
        assert!(matches!(store.issued(id, certificate("0a")).await, Err(StoreError::Missing(_))));
        assert_eq!(kinds(&store).await.last().unwrap(), "certificate.presumed_issued");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_is_told_quickly_and_one_that_is_back_is_used_at_once() {
    let mut world = World::in_postgres();
    let store = world.with_authority().await;
    issue(&store, intent("0a")).await;
    for (round, mode) in ["fast", "immediate"].into_iter().enumerate() {
        world.server.as_mut().unwrap().stop(mode);
        let began = std::time::Instant::now();
        let refused = store.intend(intent("0b")).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        let refused = all(&store).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());

        world.server.as_mut().unwrap().run();
        issue(&store, intent(&format!("0{}", round + 2))).await;
        assert_eq!(all(&store).await.unwrap().len(), round + 2);
    }
    store.verify_journal().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_cut_between_two_calls_is_made_again_unseen() {
    let world = World::in_postgres();
    let store = world.with_authority().await;
    let id = store.intend(intent("0a")).await.unwrap();
    store.use_certificates(vec![("edge".to_owned(), id)], now()).await.unwrap();
    world.behind_the_back(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hermetic'",
    );
    store.issued(id, certificate("0a")).await.unwrap();
    assert_eq!(store.uses(id).await.unwrap().len(), 1, "what is in use is the new session's");
    store.verify_journal().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_for_the_turn_that_is_cancelled_fails_that_call_and_none_after_it() {
    let world = World::in_postgres();
    let store = world.with_authority().await;
    let server = world.server.as_ref().unwrap();
    let runtime = tokio::runtime::Handle::current();
    std::thread::scope(|scope| {
        let held = "BEGIN; SELECT 1 FROM journal_turn FOR UPDATE; SELECT pg_sleep(600)";
        let holder = scope.spawn(|| server.fails(held));
        let count = |what: &str| server.sql(&format!("SELECT count(*) FROM pg_stat_activity WHERE {what}"));
        let found = |what: &str| postgres::eventually(what, || (count(what) == "1").then_some(()));
        found("wait_event = 'PgSleep'");

        let refused = scope.spawn(|| runtime.block_on(store.intend(intent("0a"))));
        found("application_name = 'hermetic' AND wait_event_type = 'Lock'");
        let waiting = "application_name = 'hermetic' AND wait_event_type = 'Lock'";
        server.sql(&format!("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE {waiting}"));
        let refused = refused.join().unwrap();
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");

        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
        holder.join().unwrap();
    });
    issue(&store, intent("0b")).await;
    store.verify_journal().await.unwrap();
}
