use const_oid::db::rfc5280::{ANY_EXTENDED_KEY_USAGE, ID_CE_ISSUER_ALT_NAME};
use der::asn1::BitString;
use spki::AlgorithmIdentifierOwned;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::constraints::name::NameConstraints as WrittenConstraints;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CrlDistributionPoints,
    ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::time::Time;

use super::*;
use crate::constraints::NameConstraints;
use crate::name::{CanonicalName, NameRule, NameRules};
use crate::profile::{LifetimeBounds, Profile, ProfileBreach, ProfileKind};
use crate::purpose::Purpose;
use crate::subject::SubjectFault;
use crate::weak_key::WeakKey;
use hermetic_keys::SignatureAlgorithm;

/// What is intended, and the certificate that was built.
struct Case {
    serial: Serial,
    profile: Profile,
    subject: DistinguishedName,
    names: Vec<CanonicalName>,
    key: PublicKey,
    validity: Validity,
    publication: Publication,
    is_over: bool,
    issuers: Vec<AuthorityCertificate>,
    certificate: Option<ToBeSigned>,
}

/// What is shared by all cases: keys and authorities take time to make.
struct World {
    issuers: Vec<AuthorityCertificate>,
    key: PublicKey,
}

impl World {
    fn new() -> Self {
        let root = authority("CN=Root", None, None, None, days(-100, 1000));
        let issuing = authority("CN=Issuing", Some(&root), Some(0), None, days(-50, 500));
        let issuers = vec![issuing.certificate, root.certificate];
        Self { issuers, key: key(KeyAlgorithm::EcdsaP256).public_key().clone() }
    }

    /// A leaf of this kind that is as it should be.
    fn sound(&self, kind: ProfileKind) -> Case {
        let (subject, names) = match kind {
            ProfileKind::Ocsp | ProfileKind::Code => ("CN=Example", vec![]),
            ProfileKind::Mesh => ("", vec!["spiffe://example.org/shop"]),
            _ => ("", vec!["shop.example.com", "10.0.0.1"]),
        };
        let mut case = Case {
            serial: Serial::from_bytes(&[0x2a; 20]),
            profile: Profile::built_in(kind),
            subject: name(subject),
            names: names.into_iter().map(|name| name.parse().unwrap()).collect(),
            key: self.key.clone(),
            validity: days(-1, 2),
            publication: published(),
            is_over: false,
            issuers: self.issuers.clone(),
            certificate: None,
        };
        case.build();
        case
    }
}

impl Case {
    fn draft(&self) -> LeafDraft<'_> {
        LeafDraft {
            serial: &self.serial,
            profile: &self.profile,
            subject: &self.subject,
            names: &self.names,
            key: &self.key,
            validity: self.validity,
            publication: &self.publication,
            is_over: self.is_over,
        }
    }

    /// Builds the certificate anew, as it is intended.
    fn build(&mut self) {
        let draft = self.draft();
        let built = match self.issuers.first() {
            Some(issuer) => draft.under(issuer, SignatureAlgorithm::EcdsaSha256),
            None => draft.self_signed(SignatureAlgorithm::EcdsaSha256),
        };
        self.certificate = Some(built.unwrap());
    }

    fn certificate(&mut self) -> &mut ToBeSigned {
        self.certificate.as_mut().unwrap()
    }

    fn der(&self) -> Vec<u8> {
        self.certificate.as_ref().unwrap().to_der().unwrap()
    }

    fn problems(&self) -> Vec<Problem> {
        self.problems_of(&self.der())
    }

    fn problems_of(&self, der: &[u8]) -> Vec<Problem> {
        told(super::super::leaf(der, &self.draft(), &self.issuers, now()))
    }

    /// What the profile does not allow.
    fn breach(&self, breach: ProfileBreach) -> Problem {
        Problem::Profile { profile: self.profile.name().to_owned(), breach }
    }
}

#[test]
fn sound_leaves_of_every_kind_pass() {
    let world = World::new();
    for kind in ProfileKind::ALL {
        assert_eq!(world.sound(kind).problems(), [], "{kind}");
    }
    let mut own = world.sound(ProfileKind::Server);
    own.issuers.clear();
    own.subject = name("O=Hermetic test only");
    own.build();
    assert_eq!(own.problems(), []);
    own.subject = name("CN=shop.example.com");
    own.build();
    assert_eq!(own.problems(), [Problem::Unmarked]);
}

#[test]
fn each_rule_is_broken_by_one_certificate() {
    type Bend = fn(&mut Case);
    let table: &[(Bend, Problem)] = &[
        (|c| c.certificate().version = Version::V1, Problem::Version),
        (|c| (c.serial, c.certificate().serial_number) = serial(&[0]), Problem::SerialZero),
        (|c| (c.serial, c.certificate().serial_number) = serial(&[0x80; 20]), Problem::SerialNegative),
        (|c| (c.serial, c.certificate().serial_number) = serial(&[1; 21]), Problem::SerialLong),
        (|c| (c.serial, c.certificate().serial_number) = serial(&[1; 7]), Problem::SerialShort),
        (|c| c.certificate().serial_number = serial(&[1; 20]).1, Problem::SerialOther),
        (|c| c.certificate().issuer = name("CN=Other"), Problem::IssuerOther),
        (
            |c| {
                c.certificate().issuer = DistinguishedName::from_der(
                    b"\x30\x12\x31\x10\x30\x0e\x06\x03\x55\x04\x03\x13\x07Issuing",
                )
                .unwrap()
            },
            Problem::IssuerOther,
        ),
        (
            |c| {
                c.issuers.clear();
                c.build();
            },
            Problem::IssuerEmpty,
        ),
        (
            |c| {
                c.certificate().subject = name("CN=shop.example.com");
                of_kind::<SubjectAltName>(c.certificate()).critical = false;
            },
            Problem::SubjectOther,
        ),
        (|c| put(c.certificate(), &SubjectAltName(vec![])), Problem::NamesEmpty),
        (
            |c| put(c.certificate(), &SubjectAltName(vec![std::net::IpAddr::from([10, 0, 0, 1]).into()])),
            Problem::NamesOther,
        ),
        (
            |c| {
                c.names.push(c.names[0].clone());
                c.build();
            },
            Problem::NamesTwice,
        ),
        (
            |c| put(c.certificate(), &BasicConstraints { ca: true, path_len_constraint: None }),
            Problem::AuthorityInLeaf,
        ),
        (
            |c| put(c.certificate(), &BasicConstraints { ca: false, path_len_constraint: Some(0) }),
            Problem::AuthorityInLeaf,
        ),
        (
            |c| {
                add(
                    c.certificate(),
                    true,
                    &WrittenConstraints { permitted_subtrees: None, excluded_subtrees: None },
                )
            },
            Problem::ConstraintsInLeaf,
        ),
        (
            |c| put(c.certificate(), &KeyUsage(KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment)),
            Problem::KeyUsageOfKey,
        ),
        (
            |c| put(c.certificate(), &KeyUsage(KeyUsages::DigitalSignature | KeyUsages::KeyCertSign)),
            Problem::KeyUsage,
        ),
        (
            |c| put(c.certificate(), &ExtendedKeyUsage(vec![ANY_EXTENDED_KEY_USAGE])),
            Problem::ExtendedKeyUsage,
        ),
        (
            |c| put(c.certificate(), &ExtendedKeyUsage(vec![Purpose::Server.oid(), Purpose::Client.oid()])),
            Problem::ExtendedKeyUsage,
        ),
        (
            |c| {
                c.certificate().subject_public_key_info.subject_public_key =
                    BitString::from_bytes(&[4; 65]).unwrap()
            },
            Problem::KeyOther,
        ),
        (
            |c| put(c.certificate(), &SubjectKeyIdentifier(OctetString::new([1; 20]).unwrap())),
            Problem::SubjectKeyIdentifier,
        ),
        (
            |c| {
                let key_identifier = Some(OctetString::new([1; 20]).unwrap());
                put(c.certificate(), &AuthorityKeyIdentifier { key_identifier, ..Default::default() });
            },
            Problem::AuthorityKeyIdentifier,
        ),
        (
            |c| {
                let key_identifier = Some(OctetString::new(c.issuers[0].key_id()).unwrap());
                let authority_cert_serial_number = Some(c.certificate().serial_number.clone());
                let authority_cert_issuer = None;
                put(
                    c.certificate(),
                    &AuthorityKeyIdentifier {
                        key_identifier,
                        authority_cert_issuer,
                        authority_cert_serial_number,
                    },
                );
            },
            Problem::AuthorityKeyIdentifier,
        ),
        (
            |c| c.certificate().signature = SignatureAlgorithm::RsaSha256.identifier(),
            Problem::SignatureAlgorithm,
        ),
        (
            |c| {
                let oid = const_oid::db::rfc5912::ECDSA_WITH_SHA_224;
                c.certificate().signature = AlgorithmIdentifierOwned { oid, parameters: None };
            },
            Problem::SignatureAlgorithm,
        ),
        (
            |c| {
                let not_after = c.certificate().validity.not_after.to_date_time();
                let generalized = der::asn1::GeneralizedTime::from_date_time(not_after);
                c.certificate().validity.not_after = Time::GeneralTime(generalized);
            },
            Problem::TimeForm,
        ),
        (|c| c.certificate().validity = days(-1, 1), Problem::ValidityOther),
        (|c| c.live(days(-1, -2)), Problem::EndsBeforeItBegins),
        (|c| c.live(days(1, 2)), Problem::NotYet),
        (|c| c.live(days(-2, -1)), Problem::Over),
        (|c| c.is_over = true, Problem::NotOver),
        (|c| c.live(days(-51, 2)), Problem::BeginsBeforeIssuer),
        (
            |c| {
                c.profile =
                    c.profile.clone().with_lifetime(LifetimeBounds::new(DAY, DAY, DAY * 1000).unwrap());
                c.live(days(-1, 501));
            },
            Problem::OutlivesIssuer,
        ),
        (
            |c| {
                let elsewhere =
                    Publication { revocation_list: Some("http://a/b".parse().unwrap()), ..published() };
                c.publication = elsewhere;
            },
            Problem::RevocationList,
        ),
        (|c| put(c.certificate(), &CrlDistributionPoints(vec![])), Problem::RevocationList),
        (|c| put(c.certificate(), &AuthorityInfoAccessSyntax(vec![])), Problem::AuthorityInformationAccess),
    ];
    let world = World::new();
    for (bend, problem) in table {
        let mut case = world.sound(ProfileKind::Server);
        bend(&mut case);
        assert_eq!(case.problems(), std::slice::from_ref(problem));
    }
}

impl Case {
    fn live(&mut self, validity: Validity) {
        self.validity = validity;
        self.build();
    }
}

#[test]
fn each_extension_must_be_there_once_readable_and_critical_or_not() {
    let world = World::new();
    for kind in [ProfileKind::Server, ProfileKind::Ocsp] {
        for index in 0..world.sound(kind).certificate().extensions.len() {
            let bent = |bend: fn(&mut ToBeSigned, usize)| {
                let mut case = world.sound(kind);
                bend(case.certificate(), index);
                case.problems()
            };
            let oid = world.sound(kind).certificate().extensions[index].extn_id;
            let critical = world.sound(kind).certificate().extensions[index].critical;
            let missing = bent(|certificate, index| drop(certificate.extensions.remove(index)));
            assert_eq!(missing, [Problem::ExtensionMissing(oid)]);
            let twice = bent(|certificate, index| {
                let again = certificate.extensions[index].clone();
                certificate.extensions.push(again);
            });
            assert_eq!(twice, [Problem::ExtensionTwice(oid)]);
            let turned = bent(|certificate, index| certificate.extensions[index].critical ^= true);
            assert_eq!(turned, [Problem::Criticality { oid, critical }]);
            if oid != const_oid::db::rfc6960::ID_PKIX_OCSP_NOCHECK {
                let garbled = bent(|certificate, index| {
                    certificate.extensions[index].extn_value = OctetString::new([0x05, 0x01]).unwrap();
                });
                assert_eq!(garbled, [Problem::ExtensionUnreadable(oid)]);
            }
        }
    }
}

#[test]
fn an_extension_that_does_not_belong_there_is_refused() {
    let mut case = World::new().sound(ProfileKind::Server);
    let extn_value = OctetString::new([0x05, 0x00]).unwrap();
    let extn_id = ID_CE_ISSUER_ALT_NAME;
    case.certificate().extensions.push(Extension { extn_id, critical: false, extn_value });
    assert_eq!(case.problems(), [Problem::ExtensionUnexpected(extn_id)]);
}

#[test]
fn a_responder_that_says_where_to_ask_about_itself_is_refused() {
    let world = World::new();
    let mut case = world.sound(ProfileKind::Ocsp);
    let list = world.sound(ProfileKind::Server).certificate().extensions.clone();
    let list = list.into_iter().find(|extension| extension.extn_id == CrlDistributionPoints::OID).unwrap();
    case.certificate().extensions.push(list);
    assert_eq!(case.problems(), [Problem::ExtensionUnexpected(CrlDistributionPoints::OID)]);
}

#[test]
fn a_subject_that_may_not_be_written_is_refused() {
    let mut case = World::new().sound(ProfileKind::Code);
    case.subject = name(&format!("CN={}", "a".repeat(65)));
    case.build();
    let fault = SubjectFault::Long { oid: const_oid::db::rfc4519::CN, longest: 64 };
    assert_eq!(case.problems(), [Problem::Subject(fault)]);
    case.subject = name("CN=Issuing");
    case.build();
    assert_eq!(case.problems(), [Problem::SubjectIsIssuer]);
}

#[test]
fn what_the_profile_does_not_allow_is_refused() {
    type Bend = fn(&mut Case);
    let table: &[(ProfileKind, Bend, &str)] = &[
        (ProfileKind::Server, |c| c.names.clear(), "nobody is named"),
        (
            ProfileKind::Server,
            |c| c.subject = name("CN=other.example.com"),
            "CN=other.example.com in the subject",
        ),
        (ProfileKind::Server, |c| c.deny("shop.example.com"), "dns:shop.example.com is denied"),
        (ProfileKind::Client, |c| c.names = vec!["*.example.com".parse().unwrap()], "stands for many hosts"),
        (ProfileKind::Mesh, |c| c.names.push("spiffe://a/b".parse().unwrap()), "there are 2 SPIFFE IDs"),
        (ProfileKind::Mesh, |c| c.names.push("a.example".parse().unwrap()), "dns:a.example is no SPIFFE ID"),
        (ProfileKind::Mesh, |c| c.names = vec!["spiffe://a".parse().unwrap()], "names a trust domain"),
        (ProfileKind::Mesh, |c| c.subject = name("CN=spiffe"), "CN=spiffe in the subject"),
        (ProfileKind::Code, |c| c.names = vec!["a.example".parse().unwrap()], "dns:a.example is a name"),
        (ProfileKind::Ocsp, |c| c.subject = name(""), "the subject is empty"),
        (ProfileKind::Code, |c| c.live(days(0, 461)), "a lifetime of"),
        (ProfileKind::Server, |c| c.least(DAY * 30), "a lifetime of"),
    ];
    let world = World::new();
    for (kind, bend, told) in table {
        let mut case = world.sound(*kind);
        bend(&mut case);
        case.build();
        match case.problems().as_slice() {
            [Problem::Profile { breach, .. }] => assert!(breach.to_string().contains(told), "{breach}"),
            other => panic!("{told}: {other:?}"),
        }
    }
}

impl Case {
    fn deny(&mut self, name: &str) {
        let deny = vec![NameRule::exact(name).unwrap()];
        self.profile = self.profile.clone().with_names(NameRules { allow: Vec::new(), deny });
    }

    fn least(&mut self, least: SignedDuration) {
        self.profile = self.profile.clone().with_lifetime(LifetimeBounds::new(least, least, least).unwrap());
    }
}

#[test]
fn what_ends_with_its_issuer_may_be_shorter_than_the_profile_says() {
    let mut case = World::new().sound(ProfileKind::Server);
    let brief = authority("CN=Brief", None, None, None, days(-50, 2));
    case.issuers = vec![brief.certificate];
    case.least(DAY * 30);
    case.build();
    assert_eq!(case.problems(), []);
}

#[test]
fn a_key_that_the_profile_does_not_take_is_refused() {
    let mut case = World::new().sound(ProfileKind::Server);
    let taken = vec![KeyAlgorithm::Ed25519];
    case.profile = case.profile.with_key_algorithms(taken.clone()).unwrap();
    assert_eq!(case.problems(), [case.breach(ProfileBreach::KeyAlgorithm(KeyAlgorithm::EcdsaP256, taken))]);
}

#[test]
fn a_weak_key_is_refused() {
    let mut case = World::new().sound(ProfileKind::Server);
    case.key = weak_key();
    case.build();
    assert_eq!(case.problems(), [Problem::WeakKey(WeakKey::Roca)]);
}

#[test]
fn an_rsa_key_of_a_server_must_be_able_to_encipher_keys() {
    let mut case = World::new().sound(ProfileKind::Server);
    case.key = key(KeyAlgorithm::Rsa2048).public_key().clone();
    case.build();
    assert_eq!(case.problems(), []);
    put(case.certificate(), &KeyUsage(KeyUsages::DigitalSignature.into()));
    assert_eq!(case.problems(), [Problem::KeyUsage]);
}

#[test]
fn names_that_an_authority_above_may_not_certify_are_refused() {
    let constraints = NameConstraints::new(vec!["dns:example.org".parse().unwrap()], vec![]).unwrap();
    let root = authority("CN=Root", None, None, Some(&constraints), days(-100, 1000));
    let issuing = authority("CN=Issuing", Some(&root), None, None, days(-50, 500));
    let mut case = World::new().sound(ProfileKind::Server);
    case.issuers = vec![issuing.certificate, root.certificate];
    case.build();
    match case.problems().as_slice() {
        [Problem::NameConstraint { authority, breach }] => {
            assert_eq!(authority, "CN=Root");
            assert!(breach.to_string().starts_with("dns:shop.example.com"), "{breach}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_leaf_below_more_authorities_than_allowed_is_refused() {
    let root = authority("CN=Root", None, Some(0), None, days(-100, 1000));
    let issuing = authority("CN=Issuing", Some(&root), None, None, days(-50, 500));
    let mut case = World::new().sound(ProfileKind::Server);
    case.issuers = vec![issuing.certificate, root.certificate];
    case.build();
    assert_eq!(case.problems(), [Problem::PathLength("CN=Root".to_owned())]);
}

#[test]
fn a_leaf_that_is_over_may_lie_before_its_issuer() {
    let mut case = World::new().sound(ProfileKind::Server);
    case.is_over = true;
    case.live(days(-200, -199));
    assert_eq!(case.problems(), []);
}

#[test]
fn bytes_that_are_no_der_or_no_certificate_are_refused() {
    let case = World::new().sound(ProfileKind::Server);
    let der = case.der();
    let problems = |der: &[u8]| case.problems_of(der);
    let behind = [der.as_slice(), &[0]].concat();
    assert!(matches!(problems(&behind).as_slice(), [Problem::Unreadable(_)]));
    assert!(matches!(problems(&[]).as_slice(), [Problem::Unreadable(_)]));
    // A fraction of a second, which section 4.1.2.5.2 forbids: the reader does not take it either.
    let written = b"\x17\x0d310205040506Z";
    let at = der.windows(written.len()).position(|window| window == written).unwrap();
    let mut with_fraction = der.clone();
    with_fraction.splice(at..at + written.len(), *b"\x18\x0d31020504050.6Z");
    assert!(matches!(problems(&with_fraction).as_slice(), [Problem::Unreadable(_)]));
}

#[test]
fn an_encoding_that_is_not_der_is_refused() {
    let case = World::new().sound(ProfileKind::Server);
    let mut der = case.der();
    // `critical TRUE` as 01 in the place of FF.
    let at = der.windows(3).position(|window| window == b"\x01\x01\xff").unwrap();
    der[at + 2] = 1;
    let problems = case.problems_of(&der);
    assert!(matches!(problems.as_slice(), [Problem::NotDer | Problem::Unreadable(_)]), "{problems:?}");
}

#[test]
fn all_problems_are_told_at_once() {
    let mut case = World::new().sound(ProfileKind::Server);
    case.certificate().version = Version::V1;
    remove::<KeyUsage>(case.certificate());
    let der = case.der();
    let told = super::super::leaf(&der, &case.draft(), &case.issuers, now()).unwrap_err().to_string();
    assert_eq!(told, "refused before signing: its version is not 3; it lacks the extension id-ce-keyUsage");
}

#[test]
fn names_of_other_kinds_are_refused() {
    let mut case = World::new().sound(ProfileKind::Server);
    let mailbox = GeneralName::Rfc822Name(der::asn1::Ia5String::new("a@example.com").unwrap());
    put(case.certificate(), &SubjectAltName(vec![mailbox]));
    assert_eq!(case.problems(), [Problem::NamesOther]);
}

/// Chance gives one in 512 such: a zero byte, which a number drops, before a high bit, before which DER puts
/// one back.
#[test]
fn a_serial_number_that_begins_with_a_high_bit_is_the_intended_one() {
    let mut case = World::new().sound(ProfileKind::Server);
    let mut drawn = [0x9a; 20];
    drawn[0] = 0;
    case.serial = Serial::from_bytes(&drawn);
    case.build();
    assert_eq!(case.problems(), []);
}
