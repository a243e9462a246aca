//! Intents, certificates, and what a mishap between them leaves.

use serde_json::json;

use super::world::*;
use crate::*;

on_both! {
    async fn what_was_issued_is_there_after_reopening(world: World) {
        let store = world.with_authority().await;
        issue(&store, intent("0a")).await;
        drop(store);

        let store = world.open().await;
        let [record] = all(&store).await.unwrap().try_into().unwrap();
        assert_eq!((record.serial.as_str(), record.state), ("0a", CertificateState::Issued));
        assert_eq!(record.authority.unwrap().generation, Generation::first("intermediate"));
        assert_eq!(record.names, intent("0a").names);
        assert_eq!(record.certificate, Some(certificate("0a").certificate));
        assert_eq!(record.issuers_pem, certified().chain_pem);
        assert_eq!(record.sealed_key, certificate("0a").sealed_key);
        assert_eq!((record.not_before, record.not_after, record.at), (hours(0), hours(24), now()));
        let told = ["authority.created", "authority.created", "certificate.intended", "certificate.issued"];
        assert_eq!(kinds(&store).await, told);
        assert_eq!(store.verify_journal().await.unwrap(), 4);
    }

    async fn of_many_intents_with_one_serial_number_exactly_one_wins(world: World) {
        let store = world.with_authority().await;
        let attempts: Vec<_> = (0..16)
            .map(|_| (store.clone(), intent("0a")))
            .map(|(store, intent)| tokio::spawn(async move { store.intend(intent).await }))
            .collect();
        let mut won = 0;
        for attempt in attempts {
            match attempt.await.unwrap() {
                Ok(_) => won += 1,
                Err(StoreError::SerialTaken(serial)) => assert_eq!(serial, "0a"),
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(kinds(&store).await[2..], ["certificate.intended"]);
    }

    async fn of_many_that_are_done_together_each_has_its_own_answer(world: World) {
        let store = world.with_authority().await;
        let attempts: Vec<_> = (0..40).map(|number| tokio::spawn(one_of_many(store.clone(), number))).collect();
        let (mut refused, mut intended) = (Vec::new(), Vec::new());
        for (number, attempt) in attempts.into_iter().enumerate() {
            match (number % 4, attempt.await.unwrap()) {
                (0 | 1 | 3, Ok(id)) => intended.push((number, id)),
                (1, Err(StoreError::SerialTaken(serial))) => assert_eq!(serial, "fe"),
                (2, Err(StoreError::Missing(_))) => {}
                (3, Err(StoreError::KeyTaken { subject })) => refused.push(subject),
                (_, other) => panic!("{number}: {other:?}"),
            }
        }
        // Of those with one key for ten subjects, and of those with one serial number, the first has it.
        assert_eq!((intended.len(), refused.len()), (12, 9));
        let holder = intended.iter().find(|(number, _)| number % 4 == 3).unwrap().0;
        assert!(refused.iter().all(|subject| *subject == format!("s{holder}")), "{refused:?}");

        // One of them comes with the certificate of another.
        let (wrong, rest) = intended.split_first().unwrap();
        let mut records = vec![(wrong.1, certificate("ff"))];
        records.extend(rest.iter().map(|(number, id)| (*id, certificate(&serial_of_many(*number)))));
        let attempts: Vec<_> = records.into_iter().map(|(id, record)| {
            let store = store.clone();
            tokio::spawn(async move { (id, store.issued(id, record).await) })
        }).collect();
        for attempt in attempts {
            let (id, outcome) = attempt.await.unwrap();
            assert_eq!(outcome.is_ok(), id != wrong.1, "{outcome:?}");
        }
        let told = kinds(&store).await;
        let count = |kind: &str| told.iter().filter(|told| *told == kind).count();
        assert_eq!((count("certificate.intended"), count("certificate.issued")), (12, 11));
        store.verify_journal().await.unwrap();
    }

    async fn what_the_database_does_not_take_of_one_comes_in_the_way_of_no_other(world: World) {
        let store = world.with_authority().await;
        let attempts: Vec<_> = (0..20).map(|number| {
            let store = store.clone();
            let intent = Intent { subject: format!("s{number}"), ..intent(&format!("{number:02x}")) };
            // PostgreSQL has no NUL in its texts, and neither engine takes one.
            let requester = if number == 7 { "some\0body".to_owned() } else { intent.requester.clone() };
            tokio::spawn(async move { store.intend(Intent { requester, ..intent }).await })
        }).collect();
        for (number, attempt) in attempts.into_iter().enumerate() {
            match (number, attempt.await.unwrap()) {
                (7, Err(StoreError::Database(reason))) => assert!(reason.contains("NUL"), "{reason}"),
                (7, other) => panic!("{other:?}"),
                (_, outcome) => assert!(outcome.is_ok(), "{outcome:?}"),
            }
        }
    }

    async fn two_authorities_may_use_the_same_serial_number(world: World) {
        let store = world.with_authority().await;
        store.intend(intent("0a")).await.unwrap();
        store.intend(Intent { authority: Generation::first("root"), ..intent("0a") }).await.unwrap();
        assert!(matches!(store.certificate("0a").await, Err(StoreError::Ambiguous(_))));
    }

    async fn an_intent_becomes_a_certificate_once(world: World) {
        let store = world.with_authority().await;
        let id = store.intend(intent("0a")).await.unwrap();
        store.issued(id, certificate("0a")).await.unwrap();
        let again = store.issued(id, IssuedCertificate { sealed_key: None, ..certificate("0a") }).await;
        assert!(matches!(again, Err(StoreError::Missing(_))), "{again:?}");
        let record = store.certificate_by_id(id).await.unwrap().unwrap();
        assert_eq!(record.sealed_key, certificate("0a").sealed_key);
    }

    async fn a_certificate_that_is_not_the_intended_one_is_not_recorded(world: World) {
        let store = world.with_authority().await;
        let id = store.intend(intent("0a")).await.unwrap();
        let garbage = IssuedCertificate { certificate: b"garbage".to_vec(), ..certificate("0a") };
        let cut =
            IssuedCertificate { certificate: certificate("0a").certificate[..5].to_vec(), ..garbage.clone() };
        for other in [certificate("0b"), garbage, cut] {
            let refused = store.issued(id, other).await;
            assert!(matches!(refused, Err(StoreError::Missing(_))), "{refused:?}");
        }
        let other_id = store.issued(CertificateId(99), certificate("0a")).await;
        assert!(matches!(other_id, Err(StoreError::Missing(_))), "{other_id:?}");
        store.issued(id, certificate("0a")).await.unwrap();
    }

    async fn an_authority_that_does_not_sign_is_intended_for_nothing(world: World) {
        let store = world.with_authority().await;
        let intermediate = Generation::first("intermediate");
        let next = Generation { generation: 2, ..intermediate.clone() };
        let prepared =
            NewAuthority { generation: next.clone(), stage: Stage::Prepared, ..authority("intermediate") };
        store.create_authorities(vec![prepared]).await.unwrap();
        let refused = store.intend(Intent { authority: next, ..intent("0a") }).await.unwrap_err();
        assert!(refused.to_string().contains("is active and prepared"), "{refused}");

        store.disable_authority(&intermediate, now()).await.unwrap();
        let refused = store.intend(intent("0a")).await.unwrap_err();
        assert!(refused.to_string().contains("is disabled and signing"), "{refused}");
        // Answers about what it issued are still signed, so their signer may be.
        let responder = Intent { profile: Intent::OCSP.to_owned(), ..intent("0b") };
        store.intend(responder).await.unwrap();

        let nobody = Intent { authority: Generation::first("nobody"), ..intent("0c") };
        assert!(matches!(store.intend(nobody).await, Err(StoreError::Missing(_))));
    }

    async fn an_intent_left_by_a_crash_is_presumed_issued_and_stays_so(world: World) {
        let store = world.with_authority().await;
        issue(&store, intent("0a")).await;
        let id = store.intend(intent("0b")).await.unwrap();
        assert_eq!(store.sweep(hours(1)).await.unwrap(), 0, "its process is at it");
        drop(store);

        let store = world.open().await;
        swept(&store, 1).await;
        assert_eq!(store.sweep(hours(1)).await.unwrap(), 0);
        let records = all(&store).await.unwrap();
        assert_eq!(serials(&records), ["0b", "0a"]);
        let states = [CertificateState::PresumedIssued, CertificateState::Issued];
        assert_eq!(records.iter().map(|record| record.state).collect::<Vec<_>>(), states);
        assert!(matches!(store.issued(id, certificate("0b")).await, Err(StoreError::Missing(_))));
        assert!(matches!(store.intend(intent("0b")).await, Err(StoreError::SerialTaken(_))));
        let told = store.journal(6, 10).await.unwrap();
        assert_eq!(
            (told[0].kind.as_str(), &told[0].body["serial"]),
            ("certificate.presumed_issued", &json!("0b"))
        );
    }

    async fn a_certificate_is_imported_once_and_exported_only_if_it_may_be(world: World) {
        let store = world.with_authority().await;
        let id = store.import(imported("01")).await.unwrap();
        let again = store.import(imported("01")).await;
        assert!(matches!(again, Err(StoreError::CertificateExists(_))), "{again:?}");
        let record = store.certificate_by_id(id).await.unwrap().unwrap();
        assert_eq!((record.origin, record.authority), (Origin::Imported, None));
        assert_eq!(record.issuers_pem, "-----BEGIN ELSEWHERE");

        store.export(id, hours(1)).await.unwrap();
        assert_eq!(store.certificate_by_id(id).await.unwrap().unwrap().exported_at, Some(hours(1)));
        let kept = issue(&store, intent("02")).await;
        assert!(matches!(store.export(kept, hours(1)).await, Err(StoreError::State { .. })));
        let told = ["certificate.imported", "certificate.exported", "certificate.intended", "certificate.issued"];
        assert_eq!(kinds(&store).await[2..], told);
    }

    async fn a_certificate_is_revoked_once(world: World) {
        let store = world.with_authority().await;
        let id = issue(&store, intent("0a")).await;
        let authority = store.authority(&Generation::first("intermediate")).await.unwrap().unwrap().id;
        let reason = RevocationReason::KeyCompromise;
        let revoked = store.revoke(authority, "0A", reason, hours(1)).await.unwrap();
        assert_eq!((revoked.id, revoked.shard, revoked.not_after), (id, 3, hours(24)));
        match store.revoke(authority, "0a", RevocationReason::Superseded, hours(2)).await {
            Err(StoreError::AlreadyRevoked { at, reason, .. }) => {
                assert_eq!((at, reason), (hours(1), RevocationReason::KeyCompromise));
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(store.revoke(authority, "0b", reason, hours(1)).await, Err(StoreError::Missing(_))));
        assert_eq!(store.revoked_of_shard(authority, 3, hours(2)).await.unwrap(), [revoked]);
        assert_eq!(store.revoked_of_shard(authority, 3, hours(24)).await.unwrap(), [], "it ran out");
        assert_eq!(store.revoked_of_shard(authority, 4, hours(2)).await.unwrap(), []);
        assert_eq!(kinds(&store).await.last().unwrap(), "certificate.revoked");
    }

    async fn an_intent_that_was_revoked_is_never_issued(world: World) {
        let store = world.with_authority().await;
        let id = store.intend(intent("0a")).await.unwrap();
        let authority = store.authority(&Generation::first("intermediate")).await.unwrap().unwrap().id;
        store.revoke(authority, "0a", RevocationReason::Unspecified, hours(1)).await.unwrap();
        assert!(matches!(store.issued(id, certificate("0a")).await, Err(StoreError::Missing(_))));
    }

    async fn of_what_was_done_together_only_what_failed_is_undone(world: World) {
        let store = world.with_authority().await;
        let (good, clash) = (intent("0a"), vec![authority("other"), authority("root")]);
        let (first, failed, second) =
            tokio::join!(store.intend(good), store.create_authorities(clash), store.intend(intent("0b")),);
        first.unwrap();
        second.unwrap();
        assert!(matches!(failed, Err(StoreError::AuthorityExists { .. })), "{failed:?}");
        assert_eq!(store.authority(&Generation::first("other")).await.unwrap(), None);
        assert_eq!(store.verify_journal().await.unwrap(), 4);
    }

    async fn a_key_is_certified_for_one_subject_and_never_again_once_it_was_compromised(world: World) {
        let store = world.with_authority().await;
        let with_the_key = |serial: &str, subject: &str| Intent {
            key_fingerprint: KeyFingerprint([5; 32]),
            subject: subject.to_owned(),
            ..intent(serial)
        };
        issue(&store, with_the_key("01", "edge")).await;
        issue(&store, with_the_key("02", "edge")).await;
        let taken = store.intend(with_the_key("03", "app")).await;
        assert!(matches!(taken, Err(StoreError::KeyTaken { subject }) if subject == "edge"));

        let authority = store.signing_authority("intermediate").await.unwrap().unwrap().id;
        store.revoke(authority, "01", RevocationReason::KeyCompromise, now()).await.unwrap();
        let taken = store.intend(with_the_key("04", "edge")).await;
        assert!(matches!(taken, Err(StoreError::KeyTaken { .. })), "{taken:?}");
    }
}

/// Good, with a text that can't be kept, of an authority that is not there, or with a key that others have, too.
async fn one_of_many(store: Store, number: usize) -> Result<CertificateId, StoreError> {
    let intent = Intent { subject: format!("s{number}"), ..intent(&serial_of_many(number)) };
    let intent = match number % 4 {
        2 => Intent { authority: Generation::first("nobody"), ..intent },
        3 => Intent { key_fingerprint: KeyFingerprint::of(b"one key"), ..intent },
        _ => intent,
    };
    store.intend(intent).await
}

fn serial_of_many(number: usize) -> String {
    if number % 4 == 1 { "fe".to_owned() } else { format!("{number:02x}") }
}
