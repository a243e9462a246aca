use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, GeneralSubtree, IsCa, KeyPair,
    KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P521_SHA512, PKCS_RSA_SHA256, RsaKeySize, SanType,
    date_time_ymd,
};

use super::super::*;
use crate::Contents;
use crate::certificate::AuthorityCertificateError;
use crate::foreign::{Party, now, root, root_with, self_signed_leaf};
use crate::peer::openssl;

/// A root, an authority under it, and a leaf under that.
fn family() -> (Party, Party, Party) {
    let root = root("Root");
    let authority = root.authority("Authority");
    let leaf = authority.leaf("shop.test");
    (root, authority, leaf)
}

fn judged(leaf: &Party, chain: &[&Party]) -> Result<Vec<Note>, ImportError> {
    judge(leaf.material(chain), now()).map(|importable| importable.notes)
}

fn chain_error(leaf: &Party, chain: &[&Party]) -> ChainError {
    match judged(leaf, chain) {
        Err(ImportError::Chain(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_certificate_with_its_chain_is_imported_with_or_without_the_root() {
    let (root, authority, leaf) = family();
    assert_eq!(judged(&leaf, &[&authority, &root]), Ok(vec![]));
    assert_eq!(judged(&leaf, &[&authority]), Ok(vec![]));
}

#[test]
fn a_missing_chain_is_noted() {
    let (_, _, leaf) = family();
    assert_eq!(judged(&leaf, &[]), Ok(vec![Note::ChainIncomplete("CN=Authority".to_owned())]));
}

#[test]
fn who_signed_for_themselves_is_noted() {
    let leaf = self_signed_leaf("shop.test");
    assert_eq!(judged(&leaf, &[]), Ok(vec![Note::Weakness(Weakness::SelfSigned)]));
}

#[test]
fn a_longer_life_than_public_certificates_may_have_is_noted() {
    let (_, authority, _) = family();
    let leaf = authority.leaf_with("shop.test", |params| params.not_after = date_time_ymd(2027, 2, 3));
    // 398 days and a second: both ends count.
    let long = Weakness::LongLived { days: 399, limit: 398 };
    assert_eq!(judged(&leaf, &[&authority]), Ok(vec![Note::Weakness(long)]));
}

#[test]
fn a_key_of_another_family_than_the_issuers_is_noted() {
    let (_, authority, leaf) = family();
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let leaf = authority.certify(leaf.params, key);
    assert_eq!(judged(&leaf, &[&authority]), Ok(vec![Note::OtherFamily]));
}

#[test]
fn a_chain_in_the_wrong_order_is_refused_with_the_right_one() {
    let (root, authority, leaf) = family();
    let error = chain_error(&leaf, &[&root, &authority]);
    assert!(error.to_string().ends_with("right is: `CN=Authority`, `CN=Root`"), "{error}");
    let ChainError::Order { right } = error else { panic!("{error:?}") };
    assert_eq!(right, [authority.certificate(), root.certificate()]);
}

#[test]
fn of_two_authorities_with_one_name_the_one_that_signed_is_put_in_order() {
    let (root, authority, leaf) = family();
    let older = root.authority("Authority");
    let stranger = chain_error(&leaf, &[&root, &older, &authority]);
    assert!(matches!(stranger, ChainError::Stranger { stranger, .. } if stranger == "CN=Authority"));
    assert!(matches!(chain_error(&leaf, &[&root, &authority]), ChainError::Order { .. }));
}

#[test]
fn a_certificate_that_signed_nothing_here_is_refused() {
    let stranger = root("Stranger");
    let (root, authority, leaf) = family();
    let refused = |name: &str, last: &str, needed: &str| ChainError::Stranger {
        stranger: name.to_owned(),
        last: last.to_owned(),
        needed: needed.to_owned(),
    };
    let behind = chain_error(&leaf, &[&authority, &stranger]);
    assert_eq!(behind, refused("CN=Stranger", "CN=Authority", "CN=Root"));
    assert_eq!(chain_error(&leaf, &[&root]), refused("CN=Root", "CN=shop.test", "CN=Authority"));
}

#[test]
fn a_signature_by_another_key_of_the_same_name_is_refused() {
    let (root, _, leaf) = family();
    let namesake = root.authority("Authority");
    let error = chain_error(&leaf, &[&namesake]);
    let issuer = "CN=Authority".to_owned();
    assert_eq!(error, ChainError::Signature { certificate: "CN=shop.test".to_owned(), issuer });
}

#[test]
fn a_certificate_that_pretends_to_have_signed_itself_is_refused() {
    let (root, ..) = family();
    // Its issuer has its name, and another key.
    let mut params = root.params.clone();
    params.is_ca = IsCa::NoCa;
    params.subject_alt_names = vec![SanType::DnsName("shop.test".try_into().unwrap())];
    let forged = root.certify(params, KeyPair::generate().unwrap());
    assert!(matches!(chain_error(&forged, &[]), ChainError::Signature { .. }));
}

#[test]
fn a_leaf_in_its_own_chain_is_refused() {
    let (_, authority, leaf) = family();
    let error = chain::check(&leaf.certificate(), &[leaf.certificate(), authority.certificate()], now());
    assert_eq!(error, Err(ChainError::LeafInChain("CN=shop.test".to_owned())));
}

#[test]
fn what_is_not_valid_now_is_refused_in_leaf_and_chain() {
    let (root, authority, leaf) = family();
    let check = |now: &str| {
        let now = now.parse().unwrap();
        chain::check(&leaf.certificate(), &[authority.certificate(), root.certificate()], now)
    };
    check("2026-01-01T00:00:00Z").unwrap();
    check("2026-06-30T00:00:00Z").unwrap();
    assert!(matches!(check("2025-12-31T23:59:59Z"), Err(ChainError::NotYetValid { .. })));
    assert!(matches!(check("2026-06-30T00:00:01Z"), Err(ChainError::Expired { .. })));
    let old = root.authority_with("Old", |params| params.not_after = date_time_ymd(2026, 4, 30));
    let error = chain_error(&old.leaf("shop.test"), &[&old]);
    assert!(error.to_string().starts_with("the certificate `CN=Old` expired at 2026-04-30"), "{error}");
}

#[test]
fn who_signs_must_be_an_authority() {
    let (root, ..) = family();
    let leaf_signs = root.leaf("no.authority.test");
    let error = chain_error(&leaf_signs.leaf("shop.test"), &[&leaf_signs]);
    assert!(matches!(error, ChainError::Authority { why: AuthorityCertificateError::NotAnAuthority(_), .. }));
    let other_use = root.authority_with("Other", |params| params.key_usages = vec![KeyUsagePurpose::CrlSign]);
    let error = chain_error(&other_use.leaf("shop.test"), &[&other_use]);
    assert!(matches!(error, ChainError::Authority { why: AuthorityCertificateError::MayNotSign(_), .. }));
}

#[test]
fn the_path_length_of_each_authority_holds() {
    let constrained = |length| {
        move |params: &mut CertificateParams| {
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(length));
        }
    };
    for (length, allowed) in [(0, false), (1, true)] {
        let root = root_with("Root", constrained(length));
        let authority = root.authority_with("Authority", constrained(0));
        let judged = judged(&authority.leaf("shop.test"), &[&authority, &root]);
        assert_eq!(judged.is_ok(), allowed, "{judged:?}");
    }
}

#[test]
fn names_outside_of_an_authoritys_constraints_are_refused() {
    let (root, ..) = family();
    let constrained = root.authority_with("Constrained", |params| {
        let permitted_subtrees = vec![GeneralSubtree::DnsName("example.test".to_owned())];
        params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: vec![] });
    });
    assert_eq!(judged(&constrained.leaf("shop.example.test"), &[&constrained, &root]), Ok(vec![]));
    let error = chain_error(&constrained.leaf("shop.test"), &[&constrained, &root]);
    assert!(matches!(error, ChainError::Names { authority, .. } if authority == "CN=Constrained"));
}

#[test]
fn a_certificate_without_an_issuers_name_is_refused() {
    let nameless = root_with("", |params| params.distinguished_name = DistinguishedName::new());
    let leaf = nameless.leaf("shop.test");
    assert_eq!(judged(&leaf, &[]), Err(ImportError::NoIssuer));
}

#[test]
fn a_chain_of_more_certificates_than_any_has_is_refused_before_they_are_compared() {
    let (_, authority, leaf) = family();
    let chain = vec![authority.certificate(); 101];
    let certified = crate::material::Certified { leaf: leaf.certificate(), chain };
    let material = crate::Material::new(certified, leaf.private_key()).unwrap();
    let refused = judge(material, now()).unwrap_err();
    assert_eq!(refused, ImportError::Chain(ChainError::ManyLinks(101)));
}

#[test]
fn sizes_are_those_that_aws_takes() {
    let (root, authority, _) = family();
    let names = |count: usize| {
        move |params: &mut CertificateParams| {
            let name = |number| {
                SanType::DnsName(format!("shop-{number}.{}.test", "x".repeat(50)).try_into().unwrap())
            };
            params.subject_alt_names = (0..count).map(name).collect();
        }
    };
    assert_eq!(judged(&authority.leaf_with("shop.test", names(350)), &[&authority]), Ok(vec![]));
    let error = chain_error(&authority.leaf_with("shop.test", names(400)), &[&authority]);
    assert!(matches!(error, ChainError::LongCertificate { size: 32_769.., .. }), "{error}");
    // Each of these authorities has 30 KB of names that matter to nobody.
    let mut chain = vec![root];
    for number in 0..70 {
        let last = chain.last().unwrap();
        chain.push(last.authority_with(&format!("Authority {number}"), names(350)));
    }
    let leaf = chain.last().unwrap().leaf("shop.test").certificate();
    let chain: Vec<_> = chain.iter().rev().map(Party::certificate).collect();
    assert!(matches!(chain::check(&leaf, &chain, now()), Err(ChainError::LongChain(2_097_153..))));
}

#[test]
fn a_url_that_is_longer_than_aws_takes_is_refused() {
    let (_, authority, _) = family();
    let with_url_of = |length: usize| {
        // SEQUENCE { SEQUENCE { id-ad-ocsp, [6] URL } }
        let url = "http://".to_owned() + &"o".repeat(length - 7);
        let value = |tag: u8, content: &[u8]| {
            let length = u16::try_from(content.len()).unwrap().to_be_bytes();
            [&[tag, 0x82], &length[..], content].concat()
        };
        let ocsp = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01".to_vec();
        let access = value(0x30, &value(0x30, &[ocsp, value(0x86, url.as_bytes())].concat()));
        authority.leaf_with("shop.test", |params| {
            let extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], access);
            params.custom_extensions.push(extension);
        })
    };
    assert_eq!(judged(&with_url_of(1000), &[&authority]), Ok(vec![]));
    assert_eq!(judged(&with_url_of(1001), &[&authority]), Err(ImportError::LongUrl(1001)));
}

#[test]
fn an_extension_that_is_there_twice_is_refused() {
    let (_, authority, _) = family();
    let twice = authority.leaf_with("shop.test", |params| {
        let extension = |value| CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![4, 1, value]);
        params.custom_extensions.extend([extension(1), extension(2)]);
    });
    let error = chain_error(&twice, &[&authority]);
    assert!(error.to_string().ends_with("it has the extension 1.2.3.4 twice"), "{error}");
}

#[test]
fn keys_that_are_not_supported_are_refused_by_name() {
    let (_, authority, leaf) = family();
    // Their private keys can't be read, so the certificate is judged alone.
    let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
    let certificate = authority.certify(leaf.params, key).certificate();
    let error = check(&certificate, &[authority.certificate()], now()).unwrap_err();
    assert!(matches!(error, ImportError::Key(PublicKeyError::Unsupported(_))), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn whatever_the_order_of_a_chain_the_right_one_is_found(order in Just([0, 1, 2, 3, 4]).prop_shuffle()) {
        let mut chain = vec![root("Root")];
        for number in 0..4 {
            chain.push(chain[number].authority(&format!("Authority {number}")));
        }
        let leaf = chain[4].leaf("shop.test").certificate();
        let right: Vec<_> = chain.iter().rev().map(Party::certificate).collect();
        let shuffled: Vec<_> = order.iter().map(|place| right[*place].clone()).collect();
        let checked = chain::check(&leaf, &shuffled, now());
        if shuffled == right {
            prop_assert_eq!(checked, Ok(()));
        } else {
            prop_assert_eq!(checked, Err(ChainError::Order { right }));
        }
    }
}

/// Certificates that rcgen does not make: by openssl, from a configuration.
fn by_openssl(commands: &[&str]) -> Certificate {
    let folder = tempfile::tempdir().unwrap();
    let names = "subjectAltName = DNS:shop.test\n";
    std::fs::write(folder.path().join("names"), names).unwrap();
    for command in commands {
        openssl(folder.path(), command);
    }
    let pem = std::fs::read(folder.path().join("certificate")).unwrap();
    Contents::read(&pem, None).unwrap().certified().unwrap().leaf
}

#[test]
fn a_short_key_is_refused() {
    let certificate = by_openssl(&[
        "req -x509 -newkey rsa:1024 -nodes -keyout key -subj /CN=shop.test -addext subjectAltName=DNS:shop.test \
         -days 90 -out certificate",
    ]);
    let error = check(&certificate, &[], certificate.not_before).unwrap_err();
    assert_eq!(error, ImportError::Key(PublicKeyError::RsaLength(1024)));
}

#[test]
fn a_certificate_of_version_one_is_refused() {
    let certificate = by_openssl(&[
        "req -newkey rsa:2048 -nodes -keyout key -subj /CN=shop.test -out request",
        "x509 -req -in request -signkey key -days 90 -out certificate",
    ]);
    let error = check(&certificate, &[], certificate.not_before).unwrap_err();
    let version = ChainError::Version { certificate: "CN=shop.test".to_owned(), version: 1 };
    assert_eq!(error, ImportError::Chain(version));
}

#[test]
fn signatures_with_sha_1_are_refused_in_a_chain() {
    let folder = tempfile::tempdir().unwrap();
    let run = |command: &str| openssl(folder.path(), command);
    std::fs::write(folder.path().join("names"), "subjectAltName = DNS:shop.test\n").unwrap();
    run("req -x509 -newkey rsa:2048 -nodes -keyout root.key -subj /CN=Root -days 90 -out root");
    run("req -newkey rsa:2048 -nodes -keyout key -subj /CN=shop.test -out request");
    run("x509 -req -in request -CA root -CAkey root.key -sha1 -extfile names -days 90 -out certificate");
    let read = |name: &str| {
        let pem = std::fs::read(folder.path().join(name)).unwrap();
        Contents::read(&pem, None).unwrap().certified().unwrap().leaf
    };
    let (leaf, root) = (read("certificate"), read("root"));
    let error = check(&leaf, std::slice::from_ref(&root), leaf.not_before).unwrap_err();
    let certificate = "CN=shop.test".to_owned();
    let weak = ChainError::WeakSignature { certificate, algorithm: "sha1WithRSAEncryption" };
    assert_eq!(error, ImportError::Chain(weak));
    // By itself it is noted.
    let notes = check(&leaf, &[], leaf.not_before).unwrap();
    assert!(notes.contains(&Note::Weakness(Weakness::Signature("sha1WithRSAEncryption"))), "{notes:?}");
}
