//! A database of the first release, brought up to date.

use rusqlite::{Connection, params};

use super::world::*;
use crate::*;

/// What a first start of the first release made, with certificates of each usage.
const FIRST_RELEASE: &str = include_str!("first_release.sql");

/// A database of the first release, with its rows.
fn first_release(world: &World, rows: impl FnOnce(&Connection)) {
    let mut connection = Connection::open(world.path().join("hermetic.db")).unwrap();
    crate::schema::sqlite::as_first_released(&mut connection);
    rows(&connection);
}

#[tokio::test]
async fn every_row_of_the_first_release_is_kept_and_understood() {
    let world = World::new();
    first_release(&world, |connection| connection.execute_batch(FIRST_RELEASE).unwrap());
    let store = world.open().await;

    let [intermediate, root] = store.authorities().await.unwrap().try_into().unwrap();
    assert_eq!(intermediate.generation, Generation::first("intermediate"));
    assert_eq!((intermediate.state, intermediate.stage), (AuthorityState::Active, Stage::Signing));
    assert_eq!((intermediate.parent, root.parent), (Some(root.id), None));
    assert!(intermediate.subject.starts_with("CN=Hermetic intermediate"), "{}", intermediate.subject);
    assert!(intermediate.not_after < root.not_after && intermediate.not_after.is_some());
    assert!(matches!(&intermediate.key, AuthorityKey::Sealed(sealed) if !sealed.is_empty()));

    let records = all(&store).await.unwrap();
    let told: Vec<_> =
        records.iter().map(|r| (r.id.0, r.subject.as_str(), r.profile.as_str(), r.state)).collect();
    let (issued, presumed) = (CertificateState::Issued, CertificateState::PresumedIssued);
    assert_eq!(
        told,
        [
            (5, "crashed", "server", CertificateState::Intended),
            (4, "long ago", "server", presumed),
            (3, "app", "both", issued),
            (2, "edge", "client", issued),
            (1, "edge", "server", issued),
        ]
    );
    let edge = &records[4];
    let leaf = hermetic_tls::Certificate::from_der(edge.certificate.as_deref().unwrap()).unwrap();
    assert_eq!((leaf.serial.to_string(), leaf.not_after), (edge.serial.clone(), edge.not_after));
    assert_eq!(edge.issuers_pem, intermediate.chain_pem);
    assert_eq!(edge.authority.as_ref().unwrap().id, intermediate.id);
    assert!(edge.sealed_key.is_some() && edge.key_fingerprint.is_some());
    assert!(records[0].key_fingerprint.is_some(), "read from what was to be signed");

    let name = Some(NameFilter::Serving("a.shop.example.com".to_owned()));
    let filter = CertificateFilter { name, ..CertificateFilter::default() };
    let page = store.search(&filter, Order::Newest, None, 10).await.unwrap();
    assert_eq!(page.certificates.len(), 4);

    assert_eq!(store.ticket_keys().await.unwrap().len(), 2);
    let entries = store.verify_journal().await.unwrap();
    assert_eq!(store.sweep(hours(0)).await.unwrap(), 1, "the intent that a crash left is settled");
    assert_eq!(store.verify_journal().await.unwrap(), entries + 1);
}

#[tokio::test]
async fn what_can_not_be_read_in_the_first_release_is_kept_all_the_same() {
    let world = World::new();
    first_release(&world, |connection| {
        let sql = "INSERT INTO certificate (serial, state, authority, subject, identities, to_be_signed,
                       chain_pem, not_before, not_after, at)
                   VALUES ('0a', 'issued', 'nobody', 'edge', '[]', x'00', 'no PEM', ?1, ?2, ?1)";
        connection.execute(sql, params![hours(0).as_microsecond(), hours(1).as_microsecond()]).unwrap();
        let sql =
            "INSERT INTO authority (name, chain_pem, sealed_key, at) VALUES ('root', 'no PEM', x'01', 0)";
        connection.execute(sql, []).unwrap();
    });
    let store = world.open().await;
    let [record] = all(&store).await.unwrap().try_into().unwrap();
    assert_eq!((record.serial.as_str(), record.authority), ("0a", None));
    assert_eq!((record.certificate, record.issuers_pem.as_str()), (None, "no PEM"));
    assert_eq!(store.authorities().await.unwrap()[0].chain_pem, "no PEM");
}

#[tokio::test]
async fn an_upgrade_leaves_older_tables_to_the_process_that_uses_them() {
    let world = World::new();
    let lock = world.open().await.lock_to_share().unwrap();
    std::fs::remove_file(world.path().join("hermetic.db")).unwrap();
    first_release(&world, |_| ());
    let error = Store::open_shared(world.path(), lock).await.unwrap_err();
    assert!(error.to_string().contains("stop that version"), "{error}");
}
