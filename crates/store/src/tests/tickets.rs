//! Keys of session tickets.

use std::fs;

use jiff::Timestamp;

use super::world::*;
use crate::*;

fn ticket_key(starts: i64, secret: &[u8]) -> TicketKeyRecord {
    let starts = Timestamp::from_second(starts).unwrap();
    TicketKeyRecord { starts, sealed_secret: secret.to_vec(), at: starts }
}

on_both! {
    async fn of_several_nodes_that_make_the_key_of_a_period_one_is_first_and_all_have_its_key(world: World) {
        let store = world.open().await;
        let nodes = (0..8_u8).map(|node| {
            let store = store.clone();
            tokio::spawn(async move {
                let offered = vec![ticket_key(100, &[node]), ticket_key(200, &[node])];
                store.keep_ticket_keys(offered, Timestamp::from_second(0).unwrap()).await.unwrap()
            })
        });
        let mut kept = Vec::new();
        for node in nodes.collect::<Vec<_>>() {
            kept.push(node.await.unwrap());
        }
        assert!(kept.iter().all(|keys| keys.len() == 2 && *keys == kept[0]), "{kept:?}");
    }
}

/// In PostgreSQL it lies in dead rows and in the log for a while, sealed.
#[tokio::test]
async fn a_ticket_key_whose_tickets_have_run_out_is_erased_from_the_file() {
    let world = World::new();
    let store = world.open().await;
    let secret = b"the secret of a period that is over";
    store.keep_ticket_keys(vec![ticket_key(100, secret)], Timestamp::UNIX_EPOCH).await.unwrap();
    let oldest = Timestamp::from_second(101).unwrap();
    assert_eq!(store.keep_ticket_keys(vec![ticket_key(200, b"next")], oldest).await.unwrap().len(), 1);
    drop(store);
    let file = fs::read(world.path().join("hermetic.db")).unwrap();
    assert!(!file.windows(secret.len()).any(|window| window == secret));
}
