use std::collections::BTreeMap;
use std::sync::LazyLock;

use hermetic_keys::{LocalSigner, Signer};
use hermetic_tls::Serial;
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::certificate::AuthorityCertificate;
use crate::revocation::{Revocation, RevocationReason};
use crate::testing::{self, Authority, signed};
use crate::validity::Validity;

/// One authority for all tests here.
static AUTHORITY: LazyLock<(LocalSigner, AuthorityCertificate)> = LazyLock::new(authority);

fn authority() -> (LocalSigner, AuthorityCertificate) {
    let validity = Validity::between(at(0), at(4_000_000_000)).unwrap();
    let Authority { certificate, signer } =
        testing::authority("CN=root,O=Hermetic", None, None, None, validity);
    (signer, certificate)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn draft(scope: Scope, revoked: &BTreeMap<Serial, Revocation>) -> RevocationListDraft<'_> {
    RevocationListDraft {
        issuer: &AUTHORITY.1,
        signature: AUTHORITY.0.algorithm(),
        scope,
        number: ListNumber::new(7),
        this_update: at(1_000_000),
        next_update: at(2_000_000),
        revoked,
    }
}

/// A list with one entry, signed after some of its bytes were exchanged for as many others.
fn exchanged(from: &[u8], to: &[u8]) -> Result<RevocationList, RevocationListError> {
    assert_eq!(from.len(), to.len());
    let entry = Revocation { at: at(1_000_000), reason: RevocationReason::KeyCompromise };
    let revoked = [(Serial::from_bytes(&[0x77; 4]), entry)].into();
    let mut tbs = draft(Scope::Shard("http://pki.test/0".to_owned()), &revoked).to_der().unwrap();
    let place = tbs.windows(from.len()).position(|window| window == from).unwrap();
    tbs[place..place + from.len()].copy_from_slice(to);
    RevocationList::read(&signed(&AUTHORITY.0, &tbs))
}

#[test]
fn a_list_reads_back_as_it_was_written() {
    let entry = |reason| Revocation { at: at(1_234_567), reason };
    let revoked: BTreeMap<_, _> = RevocationReason::ALL
        .into_iter()
        .map(|reason| (Serial::from_bytes(&[0x80 + reason.code(); 20]), entry(reason)))
        .collect();
    let scope = Scope::Shard("http://pki.test/crl/root/1/3.crl".to_owned());
    let list = signed(&AUTHORITY.0, &draft(scope.clone(), &revoked).to_der().unwrap());
    let read = RevocationList::read(&list).unwrap();
    assert_eq!((read.issuer(), read.issuer_key()), (AUTHORITY.1.subject(), AUTHORITY.1.key_id()));
    assert_eq!((read.scope(), read.number()), (&scope, ListNumber::new(7)));
    assert_eq!((read.this_update(), read.next_update()), (at(1_000_000), at(2_000_000)));
    assert!(read.is_signed_by(&AUTHORITY.1));
    assert!(!read.is_signed_by(&authority().1), "another key of the same name");
    for (serial, revocation) in &revoked {
        let listed = ListedRevocation { at: revocation.at, reason: Some(revocation.reason) };
        assert_eq!(read.revoked().get(serial), Some(&listed));
    }
    assert_eq!(read.revoked().len(), revoked.len());
}

#[test]
fn a_list_of_one_kind_speaks_for_no_other() {
    let none = BTreeMap::new();
    for (authorities, address) in [(false, None), (true, Some("http://pki.test/0".to_owned()))] {
        let scope = Scope::OfKind { authorities, address };
        let list = signed(&AUTHORITY.0, &draft(scope.clone(), &none).to_der().unwrap());
        let read = RevocationList::read(&list).unwrap();
        assert_eq!(read.scope(), &scope);
        assert!(scope.speaks_for(authorities, "http://pki.test/0"));
        assert!(!scope.speaks_for(!authorities, "http://pki.test/0"));
        assert_eq!(scope.speaks_for(authorities, "http://pki.test/1"), !authorities);
    }
}

#[test]
fn a_date_from_2050_on_has_four_digits_for_its_year() {
    let last: Timestamp = "2049-12-31T23:59:59Z".parse().unwrap();
    let first: Timestamp = "2050-01-01T00:00:00Z".parse().unwrap();
    let none = BTreeMap::new();
    let tbs = RevocationListDraft { this_update: last, next_update: first, ..draft(Scope::Complete, &none) };
    let tbs = tbs.to_der().unwrap();
    let dates = b"\x17\x0d491231235959Z\x18\x0f20500101000000Z";
    assert!(tbs.windows(dates.len()).any(|window| window == dates));
}

#[test]
fn a_reason_that_was_not_given_is_not_written() {
    let entry = Revocation { at: at(1), reason: RevocationReason::Unspecified };
    let revoked = [(Serial::from_bytes(&[7]), entry)].into();
    let tbs = draft(Scope::Complete, &revoked).to_der().unwrap();
    let reason_code = [0x06, 0x03, 0x55, 0x1d, 0x15];
    assert!(!tbs.windows(5).any(|window| window == reason_code));
}

#[test]
fn a_list_that_covers_something_else_is_refused() {
    let point = b"\x86\x11http://pki.test/0";
    let name = b"\x82\x11http://pki.test/0";
    assert_eq!(exchanged(point, name), Err(RevocationListError::Partial), "a DNS name is no address");
    let identifier = b"\x06\x03\x55\x1d\x1c\x01\x01\xff";
    let delta = b"\x06\x03\x55\x1d\x1b\x01\x01\xff";
    assert_eq!(exchanged(identifier, delta), Err(RevocationListError::Delta));
    // Without its mark of being critical: the number of the list, exchanged for the other.
    let number = b"\x06\x03\x55\x1d\x14";
    assert_eq!(exchanged(number, b"\x06\x03\x55\x1d\x1b"), Err(RevocationListError::Delta));
}

#[test]
fn a_list_without_what_every_list_has_is_refused() {
    let number = b"\x06\x03\x55\x1d\x14";
    let issuer_key = b"\x06\x03\x55\x1d\x23";
    let other = b"\x06\x03\x55\x1d\x7f";
    assert_eq!(exchanged(number, other), Err(RevocationListError::Lacks("number")));
    let lacks = RevocationListError::Lacks("identifier of its issuer's key");
    assert_eq!(exchanged(issuer_key, other), Err(lacks));
    assert!(matches!(exchanged(number, issuer_key), Err(RevocationListError::Twice(_))));
}

#[test]
fn another_version_and_another_algorithm_inside_are_refused() {
    assert_eq!(exchanged(b"\x02\x01\x01\x30", b"\x02\x01\x00\x30"), Err(RevocationListError::Version1));
    let sha_256 = b"\x2a\x86\x48\xce\x3d\x04\x03\x02";
    let sha_384 = b"\x2a\x86\x48\xce\x3d\x04\x03\x03";
    assert_eq!(exchanged(sha_256, sha_384), Err(RevocationListError::Algorithms));
}

#[test]
fn a_serial_that_is_listed_twice_is_refused() {
    let entry = Revocation { at: at(1_000_000), reason: RevocationReason::Superseded };
    let revoked = [0x77, 0x78].map(|byte| (Serial::from_bytes(&[byte; 4]), entry)).into();
    let mut tbs = draft(Scope::Complete, &revoked).to_der().unwrap();
    let place = tbs.windows(4).position(|window| window == [0x78; 4]).unwrap();
    tbs[place..place + 4].copy_from_slice(&[0x77; 4]);
    let error = RevocationList::read(&signed(&AUTHORITY.0, &tbs)).unwrap_err();
    assert_eq!(error, RevocationListError::Twice("the serial 77777777".to_owned()));
}

#[test]
fn what_is_no_list_is_refused() {
    for bytes in [&b""[..], b"0", b"-----BEGIN X509 CRL-----", &[0x30, 0x80, 0, 0]] {
        assert!(matches!(RevocationList::read(bytes), Err(RevocationListError::Malformed(_))));
    }
    let long = vec![0; LONGEST_LIST + 1];
    assert_eq!(RevocationList::read(&long), Err(RevocationListError::Long(LONGEST_LIST + 1)));
}

fn revocations() -> impl Strategy<Value = BTreeMap<Serial, Revocation>> {
    let serial = prop::collection::vec(any::<u8>(), 1..=20).prop_map(|bytes| Serial::from_bytes(&bytes));
    // The last second is in the year 9999.
    let entry = (0..253_402_300_799_i64, prop::sample::select(&RevocationReason::ALL[..]))
        .prop_map(|(second, reason)| Revocation { at: at(second.min(253_402_207_200)), reason });
    prop::collection::btree_map(serial, entry, 0..20)
}

proptest! {
    #[test]
    fn whatever_is_revoked_reads_back(revoked in revocations(), number: u64) {
        let tbs = RevocationListDraft { number: ListNumber::new(number), ..draft(Scope::Complete, &revoked) };
        let read = RevocationList::read(&signed(&AUTHORITY.0, &tbs.to_der().unwrap())).unwrap();
        prop_assert_eq!(read.number(), ListNumber::new(number));
        let back: BTreeMap<_, _> = read
            .revoked()
            .iter()
            .map(|(serial, listed)| (serial.clone(), Revocation { at: listed.at, reason: listed.reason.unwrap() }))
            .collect();
        prop_assert_eq!(back, revoked);
    }

    #[test]
    fn no_bytes_bring_the_reader_down(bytes: Vec<u8>) {
        let _ = RevocationList::read(&bytes);
    }

    #[test]
    fn a_list_that_was_touched_is_refused_or_signed_by_nobody(at: prop::sample::Index, flip in 1_u8..) {
        let entry = Revocation { at: super::tests::at(1_000_000), reason: RevocationReason::KeyCompromise };
        let revoked = [(Serial::from_bytes(&[0x77; 4]), entry)].into();
        let tbs = draft(Scope::Shard("http://pki.test/0".to_owned()), &revoked).to_der().unwrap();
        let mut list = signed(&AUTHORITY.0, &tbs);
        let at = at.index(list.len());
        list[at] ^= flip;
        if let Ok(list) = RevocationList::read(&list) {
            prop_assert!(!list.is_signed_by(&AUTHORITY.1));
        }
    }
}
