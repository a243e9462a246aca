//! What takes too long for every change.

use std::time::{Duration, Instant};

use super::pages::{filters, with_two_generations};
use super::world::*;
use crate::engine::values;
use crate::*;

/// A page must be there within this.
const PAGE: Duration = Duration::from_millis(20);

/// The certificates of an estate: of two generations one after the other, each for 90 days, one in fifty
/// revoked, one in a thousand imported.
const FILL: &str = "
    INSERT INTO certificate (serial, authority_id, origin, state, profile, subject, names, key_algorithm,
        key_fingerprint, shard, not_before, not_after, at, revoked_at, reason, requester, certificate, fingerprint)
    WITH RECURSIVE n(i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2)
    SELECT CAST(i + 1000000 AS TEXT),
        CASE WHEN i % 1000 = 5 THEN NULL WHEN i < 600000 THEN 2 ELSE 3 END,
        CASE WHEN i % 1000 = 5 THEN 'imported' ELSE 'issued' END,
        CASE WHEN i % 50 = 9 THEN 'revoked' WHEN i % 9973 = 7 THEN 'presumed_issued' ELSE 'issued' END,
        'server', 's' || CAST(i / 10 AS TEXT), '[\"dns:n' || CAST(i / 10 AS TEXT) || '.a.example.com\"]', 'P-256',
        CAST('0000000000000000000000000' || CAST(i + 1000000 AS TEXT) AS BLOB), i % 16, $3 + (i - 1000000) * 30000000, $3 + (i - 1000000) * 30000000 + 7776000000000, $3,
        CASE WHEN i % 50 = 9 THEN $3 END, CASE WHEN i % 50 = 9 THEN 'superseded' END, 'test', $4,
        CAST('0000000000000000000000000' || CAST(i + 1000000 AS TEXT) AS BLOB)
    FROM n";

const NAMES: &str = "
    INSERT INTO certificate_name (name, certificate_id)
    SELECT 'dns:com.example.a.n' || substr(subject, 2), id FROM certificate WHERE id > $1 AND id <= $2";

/// Fills a store with a million certificates.
async fn fill(store: &Store, in_postgres: bool) {
    let (blob, step) = (vec![7_u8; 700], 100_000_i64);
    for start in (0..1_000_000).step_by(step as usize) {
        let fill = if in_postgres { FILL.replace("AS BLOB", "AS BYTEA") } else { FILL.to_owned() };
        let fill = if in_postgres {
            fill.replace("SELECT $1 UNION", "SELECT CAST($1 AS BIGINT) UNION")
        } else {
            fill
        };
        let blob = blob.clone();
        let work = move |transaction: &mut crate::engine::Transaction<'_>| {
            transaction.execute(&fill, &values![start, start + step, now(), &blob])?;
            transaction.execute(NAMES, &values![start, start + step])
        };
        store.database.write(work).await.unwrap();
    }
    if in_postgres {
        let analyze = |transaction: &mut crate::engine::Transaction<'_>| transaction.execute("ANALYZE", &[]);
        store.database.write(analyze).await.unwrap();
    }
}

async fn each_page_is_there_at_once(world: World) {
    let store = with_two_generations(&world).await;
    fill(&store, world.server.is_some()).await;
    let used = (0..200).map(|n| (format!("s{n}"), CertificateId(900_000 + n))).collect();
    store.use_certificates(used, now()).await.unwrap();
    let mut slow = Vec::new();
    for (what, filter, _) in filters() {
        for order in [Order::Newest, Order::SoonestExpiry] {
            // The first look opens a reader and reads from the disk; and others may be busy on this machine.
            let mut least = Duration::MAX;
            let mut after = None;
            for _ in 0..5 {
                let began = Instant::now();
                let page = store.search(&filter, order, after, 50).await.unwrap();
                least = least.min(began.elapsed());
                after = page.next;
            }
            println!("{least:>10.2?}  {what}, {order:?}");
            if least > PAGE {
                slow.push((what, order, least));
            }
        }
    }
    assert_eq!(slow, [], "slower than {PAGE:?}");
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn a_page_of_a_million_certificates_is_there_at_once_on_sqlite() {
    each_page_is_there_at_once(World::new()).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn a_page_of_a_million_certificates_is_there_at_once_on_postgres() {
    each_page_is_there_at_once(World::in_postgres()).await;
}
