use hermetic_keys::KeyAlgorithm;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384};

use super::super::*;
use crate::foreign::{Party, now, root};

fn judged(before: &Party, after: &Party) -> Result<(), ReimportError> {
    judge_renewed(after.material(&[]), &before.certificate(), now()).map(|_| ())
}

/// What becomes of a certificate that is imported again, both changed in some way.
fn changed(
    before: impl FnOnce(&mut CertificateParams),
    after: impl FnOnce(&mut CertificateParams),
) -> Result<(), ReimportError> {
    let authority = root("Authority");
    judged(&authority.leaf_with("shop.test", before), &authority.leaf_with("shop.test", after))
}

fn usages(usages: &[KeyUsagePurpose]) -> impl FnOnce(&mut CertificateParams) {
    move |params| params.key_usages = usages.to_vec()
}

fn purposes(purposes: &[ExtendedKeyUsagePurpose]) -> impl FnOnce(&mut CertificateParams) {
    move |params| params.extended_key_usages = purposes.to_vec()
}

#[test]
fn another_certificate_of_the_same_kind_takes_the_place() {
    assert_eq!(changed(|_| (), |_| ()), Ok(()));
}

#[test]
fn what_may_not_be_imported_at_all_takes_no_place() {
    let authority = root("Authority");
    let (before, after) = (authority.leaf("shop.test"), authority.leaf("shop.test"));
    let late = "2027-01-01T00:00:00Z".parse().unwrap();
    let refused = judge_renewed(after.material(&[]), &before.certificate(), late).unwrap_err();
    assert!(matches!(refused, ReimportError::Import(ImportError::Chain(ChainError::Expired { .. }))));
}

#[test]
fn kind_and_size_of_the_key_stay() {
    let authority = root("Authority");
    let before = authority.leaf("shop.test");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let after = authority.certify(before.params.clone(), key);
    let other = ReimportError::Key { was: KeyAlgorithm::EcdsaP256, is: KeyAlgorithm::EcdsaP384 };
    assert_eq!(judged(&before, &after), Err(other));
}

#[test]
fn one_name_stays() {
    let authority = root("Authority");
    let both = |params: &mut CertificateParams| {
        let names = ["a.test".to_owned(), "b.test".to_owned()];
        params.subject_alt_names = CertificateParams::new(names).unwrap().subject_alt_names;
    };
    let before = authority.leaf_with("a.test", both);
    assert_eq!(judged(&before, &authority.leaf("b.test")), Ok(()));
    let names = ["dns:a.test", "dns:b.test", "dns:a.test"].map(str::to_owned).to_vec();
    assert_eq!(judged(&before, &authority.leaf("c.test")), Err(ReimportError::Names(names)));
}

#[test]
fn key_usages_are_added_and_not_removed() {
    use KeyUsagePurpose::{ContentCommitment, DigitalSignature};
    assert_eq!(changed(usages(&[DigitalSignature]), usages(&[DigitalSignature, ContentCommitment])), Ok(()));
    let removed = changed(usages(&[DigitalSignature, ContentCommitment]), usages(&[DigitalSignature]));
    assert_eq!(removed, Err(ReimportError::UsageRemoved("the key usage NonRepudiation".to_owned())));
    let all_removed = changed(usages(&[DigitalSignature]), usages(&[]));
    assert!(matches!(all_removed, Err(ReimportError::UsageRemoved(_))));
}

#[test]
fn an_ecdsa_key_may_lose_the_usage_that_it_never_had() {
    use KeyUsagePurpose::{DigitalSignature, KeyEncipherment};
    assert_eq!(changed(usages(&[DigitalSignature, KeyEncipherment]), usages(&[DigitalSignature])), Ok(()));
}

#[test]
fn purposes_are_added_and_not_removed_but_for_that_of_clients() {
    use ExtendedKeyUsagePurpose::{ClientAuth, EmailProtection, ServerAuth};
    assert_eq!(changed(purposes(&[ServerAuth]), purposes(&[ServerAuth, EmailProtection])), Ok(()));
    assert_eq!(changed(purposes(&[ServerAuth, ClientAuth]), purposes(&[ServerAuth])), Ok(()));
    let removed = changed(purposes(&[ServerAuth, EmailProtection]), purposes(&[ServerAuth]));
    assert_eq!(removed, Err(ReimportError::UsageRemoved("the purpose 1.3.6.1.5.5.7.3.4".to_owned())));
}

#[test]
fn usages_do_not_appear_where_there_were_none() {
    let (key, purpose) = (KeyUsagePurpose::DigitalSignature, ExtendedKeyUsagePurpose::ServerAuth);
    let appeared = changed(usages(&[]), usages(&[key]));
    assert_eq!(appeared, Err(ReimportError::UsageAppeared("a key usage")));
    let appeared = changed(purposes(&[]), purposes(&[purpose]));
    assert_eq!(appeared, Err(ReimportError::UsageAppeared("an extended key usage")));
}
