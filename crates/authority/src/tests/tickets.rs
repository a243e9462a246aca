//! Keys of session tickets: the same after a restart and on every node, and erased in time.

use hermetic_tls::TicketKey;

use super::world::*;

const PERIOD: std::time::Duration = std::time::Duration::from_secs(6 * 3600);

fn told(keys: &[TicketKey]) -> Vec<(jiff::Timestamp, [u8; 32])> {
    keys.iter().map(|key| (key.starts(), *key.expose_secret())).collect()
}

#[tokio::test]
async fn ticket_keys_outlive_the_process_and_are_those_of_this_period_and_the_next() {
    let scene = Scene::new(TestClock::standing());
    let before = {
        let (authority, _store) = scene.open().await;
        told(&authority.ticket_keys().await.unwrap())
    };
    let (authority, _store) = scene.open().await;
    assert_eq!(told(&authority.ticket_keys().await.unwrap()), before);
    let now = hermetic_tls::Clock::now(&scene.clock);
    assert_eq!(before.iter().map(|key| key.0).collect::<Vec<_>>(), TicketKey::wanted_at(now));
}

#[tokio::test]
async fn ticket_keys_are_made_ahead_and_erased_when_their_tickets_have_run_out() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let first = told(&authority.ticket_keys().await.unwrap());
    scene.clock.forward(PERIOD);
    let second = told(&authority.ticket_keys().await.unwrap());
    assert_eq!(second[..2], first[..]);
    assert_eq!(second.len(), 3);
    scene.clock.forward(PERIOD * 2);
    let later = told(&authority.ticket_keys().await.unwrap());
    assert!(!later.contains(&first[0]) && later.contains(&first[1]));
    assert_eq!(store.ticket_keys().await.unwrap().len(), later.len());
}

#[tokio::test]
async fn a_ticket_key_rests_sealed_and_opens_for_no_other_period() {
    let scene = Scene::new(TestClock::standing());
    let (authority, store) = scene.open().await;
    let keys = authority.ticket_keys().await.unwrap();
    let records = store.ticket_keys().await.unwrap();
    for (key, record) in keys.iter().zip(&records) {
        assert!(!record.sealed_secret.windows(32).any(|window| window == key.expose_secret()));
    }
    // Whoever can write to the database puts one period's in place of another's.
    let [first, second] = [records[0].clone(), records[1].clone()];
    let swapped = hermetic_store::TicketKeyRecord { sealed_secret: second.sealed_secret, ..first };
    let after = records[1].starts;
    store.keep_ticket_keys(Vec::new(), after).await.unwrap();
    store.keep_ticket_keys(vec![swapped], jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    assert!(authority.ticket_keys().await.is_err());
}
