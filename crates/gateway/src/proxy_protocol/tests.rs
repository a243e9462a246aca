//! Headers as they are met, right ones and wrong ones.

use super::{Addresses, Details, HEADER_LIMIT, Header, HeaderError, Origin, Progress, TlsDetails, read};

/// Signature, version 2 and `PROXY`.
const START: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21";

fn header(bytes: &[u8]) -> Header {
    match read(bytes) {
        Ok(Progress::Complete { header, .. }) => *header,
        other => panic!("{other:?}"),
    }
}

fn refused(bytes: &[u8]) -> HeaderError {
    read(bytes).expect_err("a header that is none")
}

/// A header of version 2 over IPv4, with this behind its addresses.
fn over_v4(behind: &[u8]) -> Vec<u8> {
    let length = u16::try_from(12 + behind.len()).unwrap().to_be_bytes();
    let addresses = [192, 0, 2, 1, 192, 0, 2, 2, 0xDC, 4, 1, 0xBB];
    [START, &[0x11], &length, &addresses, behind].concat()
}

fn value(kind: u8, value: &[u8]) -> Vec<u8> {
    [&[kind][..], &u16::try_from(value.len()).unwrap().to_be_bytes(), value].concat()
}

fn v4(source: &str, destination: &str) -> Origin {
    Origin::Tcp(Addresses::V4 { source: source.parse().unwrap(), destination: destination.parse().unwrap() })
}

#[test]
fn the_line_of_the_specification_is_read_and_what_follows_is_left() {
    let bytes = b"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET / HTTP/1.1\r\n";
    let Ok(Progress::Complete { header, length }) = read(bytes) else { panic!("not whole") };
    assert_eq!(header.origin, v4("192.168.0.1:56324", "192.168.0.11:443"));
    assert_eq!(&bytes[length..], b"GET / HTTP/1.1\r\n");
}

#[test]
fn an_unknown_origin_may_be_followed_by_anything() {
    assert_eq!(header(b"PROXY UNKNOWN\r\n").origin, Origin::Unknown);
    assert_eq!(header(b"PROXY UNKNOWN ffff:: ::1 65535 0\r\n").origin, Origin::Unknown);
}

#[test]
fn a_line_that_only_looks_right_is_refused() {
    for line in [
        "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443 \r\n",
        "PROXY TCP4  192.168.0.1 192.168.0.11 56324 443\r\n",
        "PROXY TCP4 192.168.0.1 192.168.0.11 056324 443\r\n",
        "PROXY TCP4 192.168.0.1 192.168.0.11 +56324 443\r\n",
        "PROXY TCP4 192.168.0.1 192.168.0.11 56324 65536\r\n",
        "PROXY TCP4 192.168.0.01 192.168.0.11 56324 443\r\n",
        "PROXY TCP4 ::1 ::1 56324 443\r\n",
        "PROXY TCP6 192.168.0.1 192.168.0.11 56324 443\r\n",
        "PROXY TCP4 192.168.0.1 192.168.0.11 56324\r\n",
        "PROXY tcp4 192.168.0.1 192.168.0.11 56324 443\r\n",
        "PROXY TCP4\r\n",
        "PROXY \r\n",
        "PROXY UNKNOWNS\r\n",
    ] {
        assert!(matches!(refused(line.as_bytes()), HeaderError::Line(_)), "{line}");
    }
}

#[test]
fn a_line_needs_both_of_its_ends_and_within_107_characters() {
    assert_eq!(read(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n"), Ok(Progress::Partial));
    let long = [&b"PROXY UNKNOWN "[..], &[b'f'; 92]].concat();
    assert_eq!(read(&long), Ok(Progress::Partial));
    assert!(matches!(refused(&[&long[..], b"f\r\n"].concat()), HeaderError::Line(_)));
    assert_eq!(header(&[&long[..91], b"\r\n"].concat()).origin, Origin::Unknown);
}

#[test]
fn a_connection_that_begins_with_something_else_is_told_so_at_its_first_byte() {
    assert_eq!(refused(&[22, 3, 1]), HeaderError::TlsInstead);
    assert_eq!(refused(b"GET / HTTP/1.1"), HeaderError::Missing);
    assert_eq!(refused(b"POST / HTTP/1.1"), HeaderError::Missing);
    assert_eq!(refused(b"\r\n\r\nGET"), HeaderError::Missing);
}

#[test]
fn what_a_terminating_proxy_tells_of_tls_is_read() {
    let version = value(0x21, b"TLSv1.3");
    let ssl = [&[0x07, 0, 0, 0, 0][..], &version, &value(0x22, b"alice")].concat();
    let told =
        header(&over_v4(&[value(0x01, b"h2"), value(0x02, b"shop.example"), value(0x20, &ssl)].concat()));
    let tls = TlsDetails {
        encrypted: true,
        certificate_on_connection: true,
        certificate_in_session: true,
        version: Some("TLSv1.3".to_owned()),
        common_name: Some("alice".to_owned()),
        ..TlsDetails::default()
    };
    let details = Details {
        alpn: Some(b"h2".to_vec()),
        authority: Some("shop.example".to_owned()),
        tls: Some(tls),
        ..Details::default()
    };
    assert_eq!(told, Header { origin: v4("192.0.2.1:56324", "192.0.2.2:443"), details });
}

#[test]
fn padding_and_types_of_others_are_skipped() {
    let told =
        header(&over_v4(&[value(0x04, &[0; 9]), value(0xEA, b"\x01vpce-1"), value(0xF0, b"")].concat()));
    assert_eq!(told.details, Details::default());
}

#[test]
fn values_that_run_over_the_end_or_come_twice_are_refused() {
    for behind in [
        &[0x01][..],
        &[0x01, 0],
        &[0x01, 0, 3, b'h', b'2'],
        &[0x01, 0xFF, 0xFF],
        &value(0x20, &[1, 0, 0, 0]),
        &value(0x20, &[1, 0, 0, 0, 0, 0x21, 0, 9, b'T']),
        &value(0x03, &[0; 3]),
        &value(0x05, &[0; 129]),
        &[value(0x02, b"a"), value(0x02, b"b")].concat(),
    ] {
        assert!(matches!(refused(&over_v4(behind)), HeaderError::Malformed(_)), "{behind:?}");
    }
}

#[test]
fn a_checksum_that_does_not_hold_is_refused() {
    assert_eq!(refused(&over_v4(&value(0x03, &[0; 4]))), HeaderError::Checksum);
}

#[test]
fn a_health_check_of_the_proxy_is_its_own_whatever_comes_with_it() {
    let local = b"\r\n\r\n\0\r\nQUIT\n\x20\x11\x00\x03\x03\x00\x09";
    assert_eq!(header(local), Header { origin: Origin::Sender, details: Details::default() });
    // Its family, whatever that is, says nothing.
    let unknown = b"\r\n\r\n\0\r\nQUIT\n\x20\x93\x00\x03\x03\x00\x09";
    assert_eq!(header(unknown), Header { origin: Origin::Sender, details: Details::default() });
}

#[test]
fn datagrams_and_unspecified_families_tell_no_address() {
    assert_eq!(header(&[START, &[0x00, 0, 2, 9, 9]].concat()).origin, Origin::Unknown);
    assert_eq!(header(&[START, &[0x12, 0, 12], &[1; 12]].concat()).origin, Origin::Unknown);
}

#[test]
fn what_is_wrong_at_the_start_is_refused_before_the_rest_is_there() {
    let signature = &START[..12];
    for wrong in [&[0x11][..], &[0x30], &[0x22], &[0x21, 0x41], &[0x21, 0x13]] {
        let error = refused(&[signature, wrong].concat());
        assert!(matches!(error, HeaderError::Malformed(_)), "{wrong:?}: {error}");
    }
    assert_eq!(refused(&[START, &[0x11, 0xFF, 0xFF]].concat()), HeaderError::TooLong);
    let short = refused(&[START, &[0x21, 0, 35], &[0; 35]].concat());
    assert!(matches!(short, HeaderError::Malformed(_)), "{short}");
}

#[test]
fn ends_of_two_families_are_written_as_one() {
    let addresses = Addresses::new("192.0.2.1:5".parse().unwrap(), "[2001:db8::1]:443".parse().unwrap());
    let line = Header::new(addresses, Details::default()).version1();
    assert_eq!(line, b"PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 5 443\r\n");
    let addresses = Addresses::new("[::ffff:192.0.2.1]:5".parse().unwrap(), "192.0.2.2:443".parse().unwrap());
    let line = Header::new(addresses, Details::default()).version1();
    assert_eq!(line, b"PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n");
}

#[test]
fn what_has_no_room_is_not_written() {
    let addresses = Addresses::new("192.0.2.1:5".parse().unwrap(), "192.0.2.2:443".parse().unwrap());
    let long = Details { authority: Some("a".repeat(HEADER_LIMIT)), ..Details::default() };
    assert!(Header::new(addresses, long).version2().is_err());
    let path = Origin::Unix { source: vec![b'a'; 109], destination: Vec::new() };
    assert!(Header { origin: path, details: Details::default() }.version2().is_err());
}
