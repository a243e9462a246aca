//! The inventory, and what else is looked up.

use super::world::*;
use crate::*;

on_both! {
    async fn a_certificate_is_found_by_the_beginning_of_its_serial_number(world: World) {
        let store = world.with_authority().await;
        for serial in ["0a11", "0a12", "0a1234"] {
            issue(&store, intent(serial)).await;
        }
        let found = |prefix: &'static str| {
            let store = store.clone();
            async move { store.certificate(prefix).await.map(|found| found.map(|record| record.serial)) }
        };
        assert_eq!(found("0A11").await.unwrap().as_deref(), Some("0a11"));
        assert_eq!(found("0a12").await.unwrap().as_deref(), Some("0a12"));
        assert_eq!(found("0a123").await.unwrap().as_deref(), Some("0a1234"));
        assert_eq!(found("0b").await.unwrap(), None);
        assert_eq!(found("0a%").await.unwrap(), None);
        assert!(matches!(found("0a1").await, Err(StoreError::Ambiguous(_))));
    }

    async fn the_certificates_of_a_subject_come_newest_first_and_without_those_that_are_over(world: World) {
        let store = world.with_authority().await;
        issue(&store, intent("01")).await;
        issue(&store, Intent { not_after: hours(48), ..intent("02") }).await;
        issue(&store, Intent { subject: "app".to_owned(), ..intent("03") }).await;
        store.intend(intent("04")).await.unwrap();
        assert_eq!(serials(&store.unexpired("edge", hours(1)).await.unwrap()), ["02", "01"]);
        assert_eq!(serials(&store.unexpired("edge", hours(24)).await.unwrap()), ["02"]);
    }

    async fn a_key_that_was_certified_or_was_to_be_is_known(world: World) {
        let store = world.with_authority().await;
        store.intend(intent("01")).await.unwrap();
        assert!(store.key_seen(intent("01").key_fingerprint).await.unwrap());
        assert!(!store.key_seen(KeyFingerprint([0; 32])).await.unwrap());
    }
}

fn answer(certificate: CertificateId, hour: i64) -> OcspAnswerRecord {
    let (this_update, next_update) = (hours(hour), hours(hour + 24));
    OcspAnswerRecord { certificate, this_update, next_update, der: vec![hour as u8] }
}

/// Seven certificates that differ in what is searched by.
async fn inventory(world: &World) -> Store {
    let store = world.with_authority().await;
    let named = |serial: &str, name: &str| Intent { names: vec![name.to_owned()], ..intent(serial) };
    issue(&store, named("01", "dns:shop.example.com")).await;
    issue(&store, Intent { not_after: hours(12), ..named("02", "dns:*.example.com") }).await;
    issue(&store, named("03", "dns:a.b.example.com")).await;
    issue(&store, Intent { subject: "other".to_owned(), ..named("04", "dns:example.com.evil.org") }).await;
    let mesh = named("05", "spiffe://example.com/edge");
    issue(&store, Intent { authority: Generation::first("root"), ..mesh }).await;
    store.import(imported("06")).await.unwrap();
    store.intend(named("07", "ip:10.0.0.1")).await.unwrap();
    store
}

async fn found(store: &Store, filter: CertificateFilter) -> Vec<String> {
    let page = store.search(&filter, Order::Newest, None, 100).await.unwrap();
    assert_eq!(page.next, None);
    page.certificates.into_iter().map(|record| record.serial).collect()
}

on_both! {
    async fn certificates_are_found_by_name(world: World) {
        let store = inventory(&world).await;
        let named = |name| CertificateFilter { name: Some(name), ..CertificateFilter::default() };
        let exact = |name: &str| named(NameFilter::Exact(name.to_owned()));
        assert_eq!(found(&store, exact("Shop.Example.com")).await, ["01"]);
        assert_eq!(found(&store, exact("dns:*.example.com")).await, ["02"]);
        assert_eq!(found(&store, exact("ip:10.0.0.1")).await, ["07"]);
        assert_eq!(found(&store, exact("hop.example.com")).await, [""; 0]);
        let serving = |name: &str| named(NameFilter::Serving(name.to_owned()));
        assert_eq!(found(&store, serving("shop.example.com")).await, ["02", "01"]);
        assert_eq!(found(&store, serving("a.b.example.com")).await, ["03"]);
        assert_eq!(found(&store, serving("example.com")).await, [""; 0]);
        let below = |name: &str| named(NameFilter::Below(name.to_owned()));
        assert_eq!(found(&store, below("example.com")).await, ["06", "03", "02", "01"]);
        assert_eq!(found(&store, below("b.example.com")).await, ["03"]);
        assert_eq!(found(&store, below("spiffe://example.com/")).await, ["05"]);
    }

    async fn certificates_are_found_by_what_else_is_known_of_them(world: World) {
        let store = inventory(&world).await;
        let any = CertificateFilter::default;
        let all = ["07", "06", "05", "04", "03", "02", "01"];
        assert_eq!(found(&store, any()).await, all);
        let authority = |name: &str| CertificateFilter { authority: Some(name.to_owned()), ..any() };
        assert_eq!(found(&store, authority("root")).await, ["05"]);
        assert_eq!(found(&store, authority("nobody")).await, [""; 0]);
        let intended = CertificateFilter { state: Some(CertificateState::Intended), ..any() };
        assert_eq!(found(&store, intended).await, ["07"]);
        let imported = CertificateFilter { origin: Some(Origin::Imported), ..any() };
        assert_eq!(found(&store, imported).await, ["06"]);
        let issued = CertificateFilter { origin: Some(Origin::Issued), ..any() };
        assert_eq!(found(&store, issued).await.len(), 6);
        let soon = CertificateFilter { expires_before: Some(hours(24)), ..any() };
        assert_eq!(found(&store, soon).await, ["02"]);
        let late =
            CertificateFilter { expires_after: Some(hours(24)), state: Some(CertificateState::Issued), ..any() };
        assert_eq!(found(&store, late).await, ["06", "05", "04", "03", "01"]);
        let subject = CertificateFilter { subject: Some("other".to_owned()), ..any() };
        assert_eq!(found(&store, subject).await, ["04"]);
        let key = CertificateFilter { key_fingerprint: Some(KeyFingerprint([9; 32])), ..any() };
        assert_eq!(found(&store, key).await, ["06"]);
    }

    async fn certificates_are_found_by_whether_a_node_uses_them(world: World) {
        let store = inventory(&world).await;
        let used = |in_use| CertificateFilter { in_use: Some(in_use), ..CertificateFilter::default() };
        let id = store.certificate("03").await.unwrap().unwrap().id;
        store.use_certificates(vec![("edge".to_owned(), id)], now()).await.unwrap();
        assert_eq!(found(&store, used(true)).await, ["03"]);
        assert_eq!(found(&store, used(false)).await, ["07", "06", "05", "04", "02", "01"]);
        let [one] = store.uses(id).await.unwrap().try_into().unwrap();
        assert_eq!((one.subject.as_str(), one.seen_at), ("edge", now()));
        store.use_certificates(Vec::new(), now()).await.unwrap();
        assert_eq!(found(&store, used(true)).await, [""; 0]);
    }

    async fn pages_give_each_certificate_once_in_either_order(world: World) {
        let store = inventory(&world).await;
        for (order, expected) in [
            (Order::Newest, ["07", "06", "05", "04", "03", "02", "01"]),
            (Order::SoonestExpiry, ["02", "01", "03", "04", "05", "07", "06"]),
        ] {
            let mut after = None;
            let mut seen = Vec::new();
            loop {
                let page = store.search(&CertificateFilter::default(), order, after, 3).await.unwrap();
                seen.extend(page.certificates.into_iter().map(|record| record.serial));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(seen, expected, "{order:?}");
        }
    }

    async fn of_two_lists_the_one_with_the_greater_number_stays(world: World) {
        let store = world.with_authority().await;
        let authority = store.signing_authority("root").await.unwrap().unwrap().id;
        let list = |number| RevocationListRecord {
            authority,
            shard: 0,
            number,
            this_update: hours(0),
            next_update: hours(24),
            der: vec![number as u8],
        };
        assert!(store.put_revocation_list(list(2), now()).await.unwrap());
        assert!(!store.put_revocation_list(list(2), now()).await.unwrap());
        assert!(!store.put_revocation_list(list(1), now()).await.unwrap());
        assert!(store.put_revocation_list(list(3), now()).await.unwrap());
        assert_eq!(store.revocation_list(authority, 0).await.unwrap(), Some(list(3)));
        assert_eq!(store.revocation_lists(authority).await.unwrap(), [list(3)]);
        assert_eq!(kinds(&store).await[2..], ["crl.signed", "crl.signed"]);
    }

    async fn an_answer_about_a_certificate_is_never_replaced_by_an_older_one(world: World) {
        let store = world.with_authority().await;
        let certificate = issue(&store, intent("01")).await;
        let answer = |hour| answer(certificate, hour);
        let signed = |hour| SignedOcspAnswer { answer: answer(hour), state: CertificateState::Issued };
        store.put_ocsp_answers(vec![signed(1)], now()).await.unwrap();
        store.put_ocsp_answers(vec![signed(2), signed(0)], now()).await.unwrap();
        assert_eq!(store.ocsp_answer(certificate).await.unwrap(), Some(answer(2)));
        assert_eq!(store.stale_ocsp_answers(hours(26), 9).await.unwrap(), []);
        assert_eq!(store.stale_ocsp_answers(hours(27), 9).await.unwrap(), [answer(2)]);
        store.drop_ocsp_answer(certificate).await.unwrap();
        assert_eq!(store.ocsp_answer(certificate).await.unwrap(), None);
    }

    async fn an_answer_that_was_made_before_a_revocation_is_not_kept_whatever_the_clocks_say(world: World) {
        let store = world.with_authority().await;
        let certificate = issue(&store, intent("01")).await;
        let authority = store.signing_authority("intermediate").await.unwrap().unwrap().id;
        // By a clock that is far ahead.
        let good = SignedOcspAnswer { answer: answer(certificate, 9), state: CertificateState::Issued };
        store.put_ocsp_answers(vec![good.clone()], now()).await.unwrap();
        store.revoke(authority, "01", RevocationReason::KeyCompromise, hours(1)).await.unwrap();
        assert_eq!(store.ocsp_answer(certificate).await.unwrap(), None, "the revocation ends it");
        assert_eq!(store.put_ocsp_answers(vec![good], now()).await.unwrap(), [certificate]);
        assert_eq!(store.ocsp_answer(certificate).await.unwrap(), None);
        let revoked = SignedOcspAnswer { answer: answer(certificate, 1), state: CertificateState::Revoked };
        assert_eq!(store.put_ocsp_answers(vec![revoked], now()).await.unwrap(), []);
        assert_eq!(store.ocsp_answer(certificate).await.unwrap(), Some(answer(certificate, 1)));
    }

    async fn that_answers_were_signed_stands_in_the_journal(world: World) {
        let store = world.with_authority().await;
        let mut answers = Vec::new();
        for serial in ["01", "02"] {
            let certificate = issue(&store, intent(serial)).await;
            let state = CertificateState::Issued;
            answers.push(SignedOcspAnswer { answer: answer(certificate, 1), state });
        }
        store.put_ocsp_answers(answers, now()).await.unwrap();
        let entry = store.latest_entries(1, |kind| kind == "ocsp.signed").await.unwrap().remove(0);
        assert_eq!((&entry.body["authority"], &entry.body["key"]["generation"]), (&"intermediate".into(), &1.into()));
        assert_eq!(entry.body["serials"], serde_json::json!(["01", "02"]));
    }

    async fn settings_are_made_once_and_changed_only_from_what_they_were(world: World) {
        let store = world.open().await;
        let bytes = |text: &str| text.as_bytes().to_vec();
        assert_eq!(store.put_if_absent("salt", bytes("one")).await.unwrap(), bytes("one"));
        assert_eq!(store.put_if_absent("salt", bytes("two")).await.unwrap(), bytes("one"));
        assert!(!store.compare_and_set("salt", Some(bytes("two")), bytes("three")).await.unwrap());
        assert!(store.compare_and_set("salt", Some(bytes("one")), bytes("three")).await.unwrap());
        assert!(!store.compare_and_set("salt", None, bytes("four")).await.unwrap());
        assert_eq!(store.setting("salt").await.unwrap(), Some(bytes("three")));
        assert_eq!(store.setting("epoch").await.unwrap(), Some(bytes("1")));
        assert_eq!(store.setting("identity").await.unwrap().unwrap().len(), 16);
    }

    async fn a_renewal_is_leased_again_only_by_who_has_it_or_when_its_time_is_over(world: World) {
        let store = world.open().await;
        assert!(store.lease("edge", hours(1), hours(0)).await.unwrap());
        assert!(store.lease("edge", hours(2), hours(0)).await.unwrap(), "ours is made longer");
        assert_eq!(store.renewal_failed("edge", "no signer", hours(3)).await.unwrap(), 1);
        assert_eq!(store.renewal_failed("edge", "no signer again", hours(4)).await.unwrap(), 2);
        let [standing] = store.renewals().await.unwrap().try_into().unwrap();
        assert_eq!((standing.lease_until, standing.failures), (None, 2));
        assert_eq!(standing.reason.as_deref(), Some("no signer again"));
        assert!(store.lease("edge", hours(5), hours(4)).await.unwrap());
        store.renewed("edge").await.unwrap();
        assert_eq!(store.renewals().await.unwrap(), []);
    }
}
