use base64ct::{Base64, Encoding};
use proptest::prelude::*;

use super::*;

/// Tag, length and content.
fn tlv(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = if content.len() < 128 { vec![tag, length[1]] } else { vec![tag, 0x82, length[0], length[1]] };
    // DER has no leading zeros in lengths.
    let head = if head.len() == 4 && length[0] == 0 { vec![tag, 0x81, length[1]] } else { head };
    [head, content].concat()
}

/// A certificate of serial 7, named by SHA-1.
fn certificate() -> Vec<u8> {
    let hash = tlv(0x04, &[&[0xab; 20]]);
    let sha_1 = tlv(0x30, &[&[0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a], &[0x05, 0x00]]);
    tlv(0x30, &[&sha_1, &hash, &hash, &[0x02, 0x01, 0x07]])
}

fn nonce(content: &[u8]) -> Vec<u8> {
    extension(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02], false, &tlv(0x04, &[content]))
}

fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
    tlv(0x30, &[&tlv(0x06, &[id]), critical, &tlv(0x04, &[value])])
}

/// A request for these certificates, with these extensions.
fn request(certificates: &[Vec<u8>], extensions: &[Vec<u8>]) -> Vec<u8> {
    let single: Vec<u8> = certificates.iter().flat_map(|certificate| tlv(0x30, &[certificate])).collect();
    let extensions = match extensions {
        [] => Vec::new(),
        some => tlv(0xa2, &[&tlv(0x30, &[&some.concat()])]),
    };
    tlv(0x30, &[&tlv(0x30, &[&tlv(0x30, &[&single]), &extensions])])
}

#[test]
fn a_nonce_has_one_to_128_bytes() {
    let read = |length| Request::read(&request(&[certificate()], &[nonce(&vec![9; length])]));
    for length in [1, 128] {
        assert_eq!(read(length).unwrap().nonce().unwrap().as_bytes(), vec![9; length]);
    }
    for length in [0, 129] {
        assert_eq!(read(length), Err(RequestError::Nonce(length)));
    }
    let two = Request::read(&request(&[certificate()], &[nonce(b"one"), nonce(b"two")]));
    assert_eq!(two, Err(RequestError::TwoNonces));
}

#[test]
fn none_and_too_many_certificates_are_refused() {
    let read = |count| Request::read(&request(&vec![certificate(); count], &[]));
    assert_eq!(read(0), Err(RequestError::Certificates(0)));
    assert_eq!(read(MOST_CERTIFICATES).unwrap().certificates().len(), MOST_CERTIFICATES);
    assert_eq!(read(MOST_CERTIFICATES + 1), Err(RequestError::Certificates(MOST_CERTIFICATES + 1)));
}

#[test]
fn an_unknown_extension_is_passed_over_unless_it_is_critical() {
    let with =
        |critical| Request::read(&request(&[certificate()], &[extension(&[0x2a, 0x03], critical, b"?")]));
    assert!(with(false).is_ok());
    let error = with(true).unwrap_err();
    assert_eq!(error, RequestError::Critical("1.2.3".to_owned()));
    assert_eq!(error.refusal(), Refusal::Unauthorized);
}

#[test]
fn what_is_no_request_is_told_to_be_malformed() {
    let whole = request(&[certificate()], &[nonce(b"nonce")]);
    let behind = [&whole[..], b"\0"].concat();
    for bytes in [&b""[..], b"\x30\x80\0\0", &whole[..whole.len() - 1], &behind] {
        let error = Request::read(bytes).unwrap_err();
        assert!(matches!(error, RequestError::Malformed(_)), "{error}");
        assert_eq!(error.refusal(), Refusal::MalformedRequest);
    }
    assert_eq!(Request::read(&[0; LONGEST_REQUEST + 1]), Err(RequestError::Long(LONGEST_REQUEST + 1)));
}

#[test]
fn another_version_is_refused() {
    let list = tlv(0x30, &[&tlv(0x30, &[&certificate()])]);
    let bytes = tlv(0x30, &[&tlv(0x30, &[&tlv(0xa0, &[&[0x02, 0x01, 0x01]]), &list])]);
    assert_eq!(Request::read(&bytes), Err(RequestError::Version(1)));
}

#[test]
fn a_request_in_an_address_is_read_however_it_is_escaped() {
    // Long and odd enough for each of `+`, `/` and `=`.
    let der = request(&[certificate()], &[nonce(&[0xfb, 0xef, 0xff, 0xff, 1])]);
    let base64 = Base64::encode_string(&der);
    assert!(['+', '/', '='].iter().all(|letter| base64.contains(*letter)), "{base64}");
    let escaped: String = base64.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let usual = base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    for text in [&base64, base64.trim_end_matches('='), &escaped, &usual] {
        assert_eq!(Request::from_uri(text), Request::read(&der), "{text}");
    }
    for text in ["%", "%4", "%zz", "AA AA", "A", "ümlaut", "%ff"] {
        assert_eq!(Request::from_uri(text), Err(RequestError::Base64), "{text}");
    }
}

proptest! {
    #[test]
    fn no_bytes_bring_the_reader_down(bytes: Vec<u8>) {
        let _ = Request::read(&bytes);
    }

    #[test]
    fn no_text_brings_the_reader_down(text: String) {
        let _ = Request::from_uri(&text);
    }

    #[test]
    fn a_request_that_was_touched_is_read_or_refused(at: prop::sample::Index, flip in 1_u8..) {
        let mut der = request(&[certificate(), certificate()], &[nonce(b"nonce")]);
        let at = at.index(der.len());
        der[at] ^= flip;
        if let Ok(request) = Request::read(&der) {
            prop_assert!((1..=MOST_CERTIFICATES).contains(&request.certificates().len()));
        }
    }

    #[test]
    fn what_was_read_in_der_is_read_in_an_address(certificates in 1..4_usize, bytes in prop::collection::vec(any::<u8>(), 1..=128)) {
        let der = request(&vec![certificate(); certificates], &[nonce(&bytes)]);
        let read = Request::read(&der).unwrap();
        prop_assert_eq!(read.nonce().unwrap().as_bytes(), &bytes[..]);
        prop_assert_eq!(Request::from_uri(&Base64::encode_string(&der)), Ok(read));
    }
}
