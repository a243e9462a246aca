use rcgen::{BasicConstraints, CertificateParams, CustomExtension, IsCa, KeyUsagePurpose, date_time_ymd};

use super::super::*;
use crate::certificate::AuthorityCertificateError;
use crate::foreign::{Party, now, root, root_with};

fn judged(party: &Party, chain: &[&Party], rank: Rank) -> Result<ImportableAuthority, AuthorityImportError> {
    let key = party.private_key();
    judge_authority(party.certified(chain), rank, key.public_key(), now())
}

fn subordinate(party: &Party, chain: &[&Party]) -> Result<ImportableAuthority, AuthorityImportError> {
    judged(party, chain, Rank::Subordinate)
}

#[test]
fn a_root_and_a_subordinate_are_taken_up_with_what_binds_them() {
    let root = root("Root");
    assert_eq!(judged(&root, &[], Rank::Root).unwrap().authority.path_length(), None);
    let authority = root.authority_with("Authority", |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    });
    let taken = subordinate(&authority, &[&root]).unwrap();
    assert_eq!(taken.authority.path_length(), Some(0));
    assert_eq!(taken.certified, authority.certified(&[&root]));
}

#[test]
fn a_certificate_for_another_key_is_refused() {
    let root = root("Root");
    let (ours, theirs) = (root.authority("Authority"), root.authority("Authority"));
    let key = ours.private_key();
    let judged = judge_authority(theirs.certified(&[&root]), Rank::Subordinate, key.public_key(), now());
    assert_eq!(judged, Err(AuthorityImportError::KeyOfAnother("CN=Authority".to_owned())));
}

#[test]
fn a_root_signs_for_itself_and_a_subordinate_does_not() {
    let root = root("Root");
    let authority = root.authority("Authority");
    let as_root = judged(&authority, &[&root], Rank::Root);
    assert_eq!(as_root, Err(AuthorityImportError::NotSelfSigned("CN=Authority".to_owned())));
    assert_eq!(subordinate(&root, &[]), Err(AuthorityImportError::SelfSigned("CN=Root".to_owned())));
}

#[test]
fn the_certificate_of_a_party_is_refused() {
    let root = root("Root");
    let refused = subordinate(&root.leaf("shop.test"), &[&root]);
    let AuthorityImportError::NotAnAuthority(why) = refused.unwrap_err() else { panic!() };
    assert_eq!(why, AuthorityCertificateError::NotAnAuthority("CN=shop.test".to_owned()));
}

#[test]
fn a_key_usage_that_does_not_sign_certificates_is_refused() {
    let root = root("Root");
    let authority =
        root.authority_with("Authority", |params| params.key_usages = vec![KeyUsagePurpose::CrlSign]);
    let AuthorityImportError::NotAnAuthority(why) = subordinate(&authority, &[&root]).unwrap_err() else {
        panic!()
    };
    assert_eq!(why, AuthorityCertificateError::MayNotSign("CN=Authority".to_owned()));
}

#[test]
fn basic_constraints_must_be_critical() {
    let root = root("Root");
    let authority = root.authority_with("Authority", |params| {
        params.is_ca = IsCa::NoCa;
        let constraints = CustomExtension::from_oid_content(&[2, 5, 29, 19], vec![0x30, 3, 1, 1, 0xff]);
        params.custom_extensions.push(constraints);
    });
    let refused = AuthorityImportError::BasicConstraintsNotCritical("CN=Authority".to_owned());
    assert_eq!(subordinate(&authority, &[&root]), Err(refused));
}

#[test]
fn the_path_length_above_is_honoured() {
    let root = root_with("Root", |params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let refused = subordinate(&root.authority("Authority"), &[&root]);
    let most = ChainError::PathLength { authority: "CN=Root".to_owned(), most: 0, count: 1 };
    assert_eq!(refused, Err(AuthorityImportError::Chain(most)));
}

#[test]
fn the_chain_goes_to_the_root_in_order_and_without_the_certificate_itself() {
    let root = root("Root");
    let upper = root.authority("Upper");
    let lower = upper.authority("Lower");
    subordinate(&lower, &[&upper, &root]).unwrap();
    let (last, needed) = ("CN=Upper".to_owned(), "CN=Root".to_owned());
    assert_eq!(subordinate(&lower, &[&upper]), Err(AuthorityImportError::NoRoot { last, needed }));
    let order = subordinate(&lower, &[&root, &upper]);
    assert!(matches!(order, Err(AuthorityImportError::Chain(ChainError::Order { .. }))));
    let itself = subordinate(&lower, &[&lower, &upper, &root]);
    assert!(matches!(itself, Err(AuthorityImportError::Chain(ChainError::LeafInChain(_)))));
}

#[test]
fn an_authority_that_has_expired_is_refused() {
    let root = root("Root");
    let old = root.authority_with("Old", |params| params.not_after = date_time_ymd(2026, 4, 1));
    assert!(matches!(
        subordinate(&old, &[&root]),
        Err(AuthorityImportError::Chain(ChainError::Expired { .. }))
    ));
}

#[test]
fn extensions_that_clients_may_not_know_must_not_be_critical() {
    // AIA, CRL distribution points, freshest CRL, policy constraints, and one that nobody knows.
    let refused: [&[u64]; 5] = [
        &[1, 3, 6, 1, 5, 5, 7, 1, 1],
        &[2, 5, 29, 31],
        &[2, 5, 29, 46],
        &[2, 5, 29, 36],
        &[1, 3, 6, 1, 4, 1, 99999, 1],
    ];
    let taken: [&[u64]; 3] = [&[2, 5, 29, 54], &[1, 3, 6, 1, 5, 5, 7, 1, 11], &[2, 5, 29, 18]];
    for (oids, expected) in [(&refused[..], false), (&taken, true)] {
        for oid in oids {
            let critical = |params: &mut CertificateParams| {
                let mut extension = CustomExtension::from_oid_content(oid, vec![0x30, 0]);
                extension.set_criticality(true);
                params.custom_extensions.push(extension);
            };
            let root = root("Root");
            let judged = subordinate(&root.authority_with("Authority", critical), &[&root]);
            assert_eq!(judged.is_ok(), expected, "{oid:?}: {judged:?}");
        }
    }
}
