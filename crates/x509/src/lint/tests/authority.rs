use hermetic_keys::SignatureAlgorithm;
use x509_cert::ext::pkix::constraints::name::NameConstraints as WrittenConstraints;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName};

use super::*;
use crate::constraints::NameConstraints;
use crate::purpose::Purpose;

struct Case {
    serial: Serial,
    subject: DistinguishedName,
    key: PublicKey,
    path_length: Option<u8>,
    name_constraints: Option<NameConstraints>,
    publication: Publication,
    issuers: Vec<AuthorityCertificate>,
    certificate: Option<ToBeSigned>,
}

impl Case {
    /// A root, or an authority below these, that is as it should be.
    fn sound(issuers: Vec<AuthorityCertificate>, path_length: Option<u8>) -> Self {
        let constraints = NameConstraints::new(vec!["dns:example.com".parse().unwrap()], vec![]).unwrap();
        let mut case = Self {
            serial: Serial::from_bytes(&[0x2a; 20]),
            subject: name("CN=Below,O=Example"),
            key: key(KeyAlgorithm::EcdsaP256).public_key().clone(),
            path_length,
            name_constraints: Some(constraints),
            publication: published(),
            issuers,
            certificate: None,
        };
        case.build();
        case
    }

    fn draft(&self) -> AuthorityDraft<'_> {
        AuthorityDraft {
            serial: &self.serial,
            subject: &self.subject,
            key: &self.key,
            validity: days(-1, 400),
            path_length: self.path_length,
            name_constraints: self.name_constraints.as_ref(),
            publication: &self.publication,
        }
    }

    /// Builds the certificate anew, as it is intended.
    fn build(&mut self) {
        let draft = self.draft();
        let built = match self.issuers.first() {
            Some(issuer) => draft.under(issuer, SignatureAlgorithm::EcdsaSha256),
            None => draft.root(SignatureAlgorithm::EcdsaSha256),
        };
        self.certificate = Some(built.unwrap());
    }

    fn certificate(&mut self) -> &mut ToBeSigned {
        self.certificate.as_mut().unwrap()
    }

    fn problems(&self) -> Vec<Problem> {
        let der = self.certificate.as_ref().unwrap().to_der().unwrap();
        told(super::super::authority(&der, &self.draft(), &self.issuers, now()))
    }
}

fn root(path_length: Option<u8>) -> AuthorityCertificate {
    authority("CN=Root", None, path_length, None, days(-100, 1000)).certificate
}

#[test]
fn sound_authorities_pass() {
    assert_eq!(Case::sound(vec![], None).problems(), []);
    assert_eq!(Case::sound(vec![], Some(1)).problems(), []);
    assert_eq!(Case::sound(vec![root(None)], None).problems(), []);
    assert_eq!(Case::sound(vec![root(Some(1))], Some(0)).problems(), []);
}

#[test]
fn each_rule_is_broken_by_one_certificate() {
    type Bend = fn(&mut Case);
    let table: &[(Bend, Problem)] = &[
        (
            |c| put(c.certificate(), &BasicConstraints { ca: false, path_len_constraint: Some(0) }),
            Problem::NotAnAuthority,
        ),
        (
            |c| put(c.certificate(), &BasicConstraints { ca: true, path_len_constraint: Some(1) }),
            Problem::PathLengthOther,
        ),
        (|c| put(c.certificate(), &KeyUsage(KeyUsages::KeyCertSign.into())), Problem::KeyUsage),
        (
            |c| {
                let other = NameConstraints::new(vec![], vec!["dns:example.com".parse().unwrap()]);
                c.name_constraints = Some(other.unwrap());
            },
            Problem::ConstraintsOther,
        ),
        (
            |c| {
                put(
                    c.certificate(),
                    &WrittenConstraints { permitted_subtrees: None, excluded_subtrees: None },
                )
            },
            Problem::ConstraintsOther,
        ),
        (
            |c| remove::<WrittenConstraints>(c.certificate()),
            Problem::ExtensionMissing(WrittenConstraints::OID),
        ),
        (
            |c| of_kind::<WrittenConstraints>(c.certificate()).critical = false,
            Problem::Criticality { oid: WrittenConstraints::OID, critical: true },
        ),
        (
            |c| {
                add(
                    c.certificate(),
                    false,
                    &SubjectAltName(vec![std::net::IpAddr::from([10, 0, 0, 1]).into()]),
                )
            },
            Problem::ExtensionUnexpected(SubjectAltName::OID),
        ),
        (
            |c| add(c.certificate(), false, &ExtendedKeyUsage(vec![Purpose::Server.oid()])),
            Problem::ExtensionUnexpected(ExtendedKeyUsage::OID),
        ),
        (
            |c| {
                c.subject = DistinguishedName::default();
                c.build();
            },
            Problem::SubjectEmpty,
        ),
        (
            |c| {
                c.subject = name("CN=Root");
                c.build();
            },
            Problem::SubjectIsIssuer,
        ),
        (
            |c| {
                c.path_length = Some(1);
                c.build();
            },
            Problem::PathLength("CN=Root".to_owned()),
        ),
        (
            |c| {
                c.path_length = None;
                c.build();
            },
            Problem::PathLength("CN=Root".to_owned()),
        ),
        (
            |c| {
                c.key = weak_key();
                c.build();
            },
            Problem::WeakKey(crate::weak_key::WeakKey::Roca),
        ),
    ];
    let root = root(Some(1));
    for (bend, problem) in table {
        let mut case = Case::sound(vec![root.clone()], Some(0));
        bend(&mut case);
        assert_eq!(case.problems(), std::slice::from_ref(problem));
    }
}

#[test]
fn a_root_without_a_name_is_refused() {
    let mut case = Case::sound(vec![], None);
    case.subject = DistinguishedName::default();
    case.build();
    assert_eq!(case.problems(), [Problem::IssuerEmpty]);
}

#[test]
fn an_authority_below_one_that_allows_none_is_refused() {
    let case = Case::sound(vec![root(Some(0))], Some(0));
    assert_eq!(case.problems(), [Problem::PathLength("CN=Root".to_owned())]);
}

#[test]
fn an_authority_whose_name_another_above_may_not_certify_is_refused() {
    let constraints = NameConstraints::new(vec!["directory:O=Other".parse().unwrap()], vec![]).unwrap();
    let root = authority("O=Other,CN=Root", None, None, Some(&constraints), days(-100, 1000));
    let case = Case::sound(vec![root.certificate], None);
    assert!(matches!(case.problems().as_slice(), [Problem::NameConstraint { .. }]));
}
