//! Pages of a large inventory: how SQLite goes to them, and how long that takes.

use super::world::*;
use crate::certificates::explained;
use crate::*;

/// Filters by one thing each, and by some that come together, with what SQLite finds their pages by: the newest
/// first, and what runs out soonest first. `intermediate` has two generations.
pub(super) fn filters() -> Vec<(&'static str, CertificateFilter, [&'static str; 2])> {
    let any = CertificateFilter::default;
    let name = |name: NameFilter| CertificateFilter { name: Some(name), ..any() };
    let authority = |name: &str| CertificateFilter { authority: Some(name.to_owned()), ..any() };
    let state = |state| CertificateFilter { state: Some(state), ..any() };
    let soon = CertificateFilter { expires_before: Some(hours(2)), ..any() };
    let later = CertificateFilter { expires_after: Some(hours(2)), ..any() };
    let revoked = CertificateState::Revoked;
    vec![
        ("all", any(), ["rowid>?", "certificate_expiry"]),
        ("a name", name(NameFilter::Exact("n77.a.example.com".to_owned())), ["rowid=?", "rowid=?"]),
        ("a host", name(NameFilter::Serving("n77.a.example.com".to_owned())), ["rowid=?", "rowid=?"]),
        ("a domain of all", name(NameFilter::Below("example.com".to_owned())), ["rowid=?", "rowid=?"]),
        ("a domain of none", name(NameFilter::Below("example.org".to_owned())), ["rowid=?", "rowid=?"]),
        ("an authority", authority("root"), ["certificate_issuer", "certificate_issuer_expiry"]),
        (
            "an authority of two generations",
            authority("intermediate"),
            ["certificate_issuer", "certificate_issuer_expiry"],
        ),
        ("issued", state(CertificateState::Issued), ["rowid>?", "certificate_expiry"]),
        ("revoked", state(revoked), ["certificate_state", "certificate_state_expiry"]),
        (
            "presumed issued",
            state(CertificateState::PresumedIssued),
            ["certificate_state", "certificate_state_expiry"],
        ),
        (
            "imported",
            CertificateFilter { origin: Some(Origin::Imported), ..any() },
            ["certificate_origin", "certificate_origin_expiry"],
        ),
        (
            "not imported",
            CertificateFilter { origin: Some(Origin::Issued), ..any() },
            ["rowid>?", "certificate_expiry"],
        ),
        ("expiring before", soon.clone(), ["certificate_expiry", "certificate_expiry"]),
        ("expiring after", later.clone(), ["certificate_expiry", "certificate_expiry"]),
        (
            "expiring before any does",
            CertificateFilter { expires_before: Some(hours(-9_000)), ..any() },
            ["certificate_expiry", "certificate_expiry"],
        ),
        (
            "expiring between",
            CertificateFilter { expires_before: Some(hours(3)), ..later.clone() },
            ["certificate_expiry", "certificate_expiry"],
        ),
        ("in use", CertificateFilter { in_use: Some(true), ..any() }, ["rowid=?", "rowid=?"]),
        ("not in use", CertificateFilter { in_use: Some(false), ..any() }, ["rowid>?", "certificate_expiry"]),
        (
            "a subject",
            CertificateFilter { subject: Some("s77".to_owned()), ..any() },
            ["certificate_subject", "certificate_subject"],
        ),
        (
            "a key",
            CertificateFilter { key_fingerprint: Some(KeyFingerprint([7; 32])), ..any() },
            ["certificate_key", "certificate_key"],
        ),
        (
            "a profile",
            CertificateFilter { profile: Some("server".to_owned()), ..any() },
            ["certificate_profile", "certificate_profile_expiry"],
        ),
        (
            "a certificate",
            CertificateFilter { fingerprint: Some([7; 32]), ..any() },
            ["certificate_fingerprint"; 2],
        ),
        (
            "revoked of an authority",
            CertificateFilter { state: Some(revoked), ..authority("intermediate") },
            ["certificate_state", "certificate_state_expiry"],
        ),
        (
            "a name of an authority",
            CertificateFilter {
                authority: Some("intermediate".to_owned()),
                ..name(NameFilter::Exact("n77.a.example.com".to_owned()))
            },
            ["rowid=?", "rowid=?"],
        ),
        (
            "a subject of an authority",
            CertificateFilter { subject: Some("s77".to_owned()), ..authority("intermediate") },
            ["certificate_subject", "certificate_subject"],
        ),
        (
            "of an authority, expiring before",
            CertificateFilter { authority: Some("intermediate".to_owned()), ..soon.clone() },
            ["certificate_issuer_expiry", "certificate_issuer_expiry"],
        ),
        (
            "revoked, expiring before",
            CertificateFilter { state: Some(revoked), ..soon.clone() },
            ["certificate_state_expiry", "certificate_state_expiry"],
        ),
        (
            "issued, expiring before",
            CertificateFilter { state: Some(CertificateState::Issued), ..soon },
            ["certificate_expiry", "certificate_expiry"],
        ),
        (
            "issued, expiring after",
            CertificateFilter { state: Some(CertificateState::Issued), ..later },
            ["certificate_expiry", "certificate_expiry"],
        ),
    ]
}

/// An authority of which a second generation signs.
pub(super) async fn with_two_generations(world: &World) -> Store {
    let store = world.with_authority().await;
    let generation = Generation { name: "intermediate".to_owned(), generation: 2 };
    let next =
        NewAuthority { generation: generation.clone(), stage: Stage::Prepared, ..authority("intermediate") };
    store.create_authorities(vec![next]).await.unwrap();
    store.publish_authority(&generation, now()).await.unwrap();
    store.activate_authority(&generation, now()).await.unwrap();
    store
}

#[tokio::test]
async fn no_page_of_any_filter_needs_a_look_at_all_certificates() {
    let world = World::new();
    let store = with_two_generations(&world).await;
    for (what, filter, expected) in filters() {
        for (order, index) in [Order::Newest, Order::SoonestExpiry].into_iter().zip(expected) {
            let asked = filter.clone();
            let plan = store.database.read(move |reader| explained(reader, &asked, order)).await.unwrap();
            let told = format!("{what}, {order:?}: {plan:#?}");
            // The first step reads the page, whose ids the others find.
            let found_by: Vec<_> = plan.iter().skip(1).filter(|step| step.contains(" c USING ")).collect();
            assert!(!found_by.is_empty() && found_by.iter().all(|step| step.contains(index)), "{told}");
            // Few are put in order; else it is the page, and of an authority the pages of its generations.
            let are_few = ["rowid=?", "certificate_subject", "certificate_key", "certificate_fingerprint"]
                .contains(&index);
            let sorts = plan.iter().filter(|step| step.contains("TEMP B-TREE")).count();
            assert!(are_few || sorts <= 1 + usize::from(filter.authority.is_some()), "{told}");
        }
    }
}
