use super::writer::{Sample, handshake, record, records, vector16};
use super::{ClientHello, HELLO_LIMIT, HelloError, HelloReader, Progress, writer};
use crate::{Alert, CipherSuite, NamedGroup, ProtocolVersion};

fn read(bytes: &[u8]) -> Result<Progress, HelloError> {
    HelloReader::new().push(bytes)
}

#[track_caller]
fn hello(bytes: &[u8]) -> ClientHello {
    match read(bytes) {
        Ok(Progress::Complete(hello)) => *hello,
        Ok(Progress::Partial) => panic!("the hello is not whole"),
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn refused(bytes: &[u8]) -> HelloError {
    match read(bytes) {
        Ok(Progress::Complete(_)) => panic!("accepted"),
        Ok(Progress::Partial) => panic!("waits for more"),
        Err(error) => error,
    }
}

#[track_caller]
fn is_malformed(bytes: &[u8]) {
    let error = refused(bytes);
    assert!(matches!(error, HelloError::Malformed(_)), "{error}");
    assert_eq!(error.alert(), Some(Alert::DecodeError));
}

#[track_caller]
fn is_malformed_with(extension: (u16, Vec<u8>)) {
    is_malformed(&Sample::with(vec![extension]).bytes());
}

mod real_clients {
    use super::*;

    const X25519: NamedGroup = NamedGroup::X25519;
    const X25519MLKEM768: NamedGroup = NamedGroup::X25519MLKEM768;

    #[test]
    fn openssl_1_0_and_1_1_offer_their_version_and_no_signature_algorithms() {
        for (bytes, version) in [
            (&include_bytes!("testdata/openssl-tls1.bin")[..], ProtocolVersion::TLS1_0),
            (include_bytes!("testdata/openssl-tls1_1.bin"), ProtocolVersion::TLS1_1),
        ] {
            let hello = hello(bytes);
            assert!(hello.versions == [version]);
            assert!(hello.signature_schemes.is_empty() && hello.key_shares.is_empty());
            assert_eq!(hello.server_name.as_deref(), Some("shop.example.com"));
            assert_eq!(hello.raw, bytes);
            assert_eq!(hello.message, &bytes[5..]);
        }
    }

    #[test]
    fn openssl_1_2_offers_no_more_than_its_legacy_version() {
        let hello = hello(include_bytes!("testdata/openssl-tls1_2.bin"));
        assert!(hello.best_version() == Some(ProtocolVersion::TLS1_2));
        assert!(hello.groups.contains(&X25519) && hello.key_shares.is_empty());
        assert_eq!(hello.alpn, ["h2", "http/1.1"]);
        assert!(!hello.is_fallback());
    }

    #[test]
    fn openssl_1_3_offers_one_version_and_one_share() {
        let hello = hello(include_bytes!("testdata/openssl-tls1_3.bin"));
        assert!(hello.legacy_version == ProtocolVersion::TLS1_2);
        assert!(hello.versions == [ProtocolVersion::TLS1_3]);
        assert!(hello.key_shares == [X25519]);
        assert!(hello.suites.starts_with(&[CipherSuite(0x1302), CipherSuite(0x1303), CipherSuite(0x1301)]));
        assert_eq!(hello.session_id.len(), 32);
    }

    #[test]
    fn a_fallback_is_marked() {
        assert!(hello(include_bytes!("testdata/openssl-fallback.bin")).is_fallback());
    }

    #[test]
    fn curl_offers_every_version_and_http_2() {
        let hello = hello(include_bytes!("testdata/curl.bin"));
        assert!(hello.versions.iter().map(|version| version.0).eq([0x0304, 0x0303, 0x0302, 0x0301]));
        assert_eq!(hello.alpn, ["h2", "http/1.1"]);
        assert_eq!(hello.server_name.as_deref(), Some("shop.example.com"));
    }

    #[test]
    fn browsers_bring_a_post_quantum_share_and_chrome_strews_grease() {
        let chrome = hello(include_bytes!("testdata/chrome.bin"));
        let firefox = hello(include_bytes!("testdata/firefox.bin"));
        for hello in [&chrome, &firefox] {
            assert!(hello.versions == [ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2]);
            assert!(hello.key_shares.contains(&X25519MLKEM768) && hello.key_shares.contains(&X25519));
        }
        assert!(firefox.groups.first() == Some(&X25519MLKEM768));
        assert!(chrome.groups.first().is_some_and(|grease| grease.0 & 0x0F0F == 0x0A0A));
    }

    #[test]
    fn curl_that_speaks_http_to_the_tls_port_is_recognised() {
        assert_eq!(refused(include_bytes!("testdata/curl-http.bin")), HelloError::CleartextHttp);
    }
}

mod fragmentation {
    use super::*;

    #[test]
    fn a_hello_byte_by_byte_is_partial_until_its_last() {
        let bytes = include_bytes!("testdata/chrome.bin");
        let mut reader = HelloReader::new();
        let (last, before) = bytes.split_last().unwrap();
        for byte in before {
            assert!(reader.push(&[*byte]) == Ok(Progress::Partial));
        }
        assert!(reader.push(&[*last]) == Ok(Progress::Complete(Box::new(hello(bytes)))));
    }

    #[test]
    fn a_message_in_records_of_one_byte_is_put_together() {
        let whole = hello(include_bytes!("testdata/firefox.bin"));
        let bytes = records(&whole.message, &[1]);
        let fragmented = hello(&bytes);
        assert_eq!(fragmented.raw, bytes);
        assert_eq!(fragmented.message, whole.message);
        assert!(fragmented.key_shares == whole.key_shares);
    }

    #[test]
    fn bytes_behind_the_hello_are_kept_and_do_not_belong_to_it() {
        let sample = Sample::default().bytes();
        let mut reader = HelloReader::new();
        let first = reader.push(&[&sample[..], b"early data"].concat()).unwrap();
        let again = reader.push(b", and more").unwrap();
        let Progress::Complete(hello) = &first else { panic!("partial") };
        assert_eq!(hello.raw, sample);
        assert!(first == again);
        assert_eq!(reader.received(), [&sample[..], b"early data, and more"].concat());
    }

    #[test]
    fn a_refusal_stays() {
        let mut reader = HelloReader::new();
        assert!(reader.push(b"SSH-2.0-").is_err());
        assert!(reader.push(&Sample::default().bytes()) == Err(HelloError::NotTls));
    }

    #[test]
    fn bytes_behind_the_message_in_its_record_are_refused() {
        is_malformed(&record(&[Sample::default().message().as_slice(), &[0]].concat()));
    }
}

mod the_limit {
    use super::*;

    /// A hello that is `length` bytes on the wire.
    fn of_length(length: usize) -> Vec<u8> {
        let sized = |padding: usize| {
            let filler = |kind, length| (kind, vec![0; length]);
            let sample = Sample::with(vec![filler(21, padding / 2), filler(0xFF00, padding - padding / 2)]);
            records(&sample.message(), &[1 << 14])
        };
        let (mut low, mut high) = (0, length);
        while low < high {
            let middle = low.midpoint(high);
            if sized(middle).len() < length { low = middle + 1 } else { high = middle }
        }
        sized(low)
    }

    #[test]
    fn sixty_four_kib_are_read() {
        let bytes = of_length(HELLO_LIMIT);
        assert_eq!(bytes.len(), HELLO_LIMIT);
        assert_eq!(hello(&bytes).raw.len(), HELLO_LIMIT);
    }

    #[test]
    fn one_byte_more_is_refused_before_it_comes() {
        let bytes = of_length(HELLO_LIMIT + 1);
        assert_eq!(bytes.len(), HELLO_LIMIT + 1);
        let error = refused(&bytes[..HELLO_LIMIT]);
        assert_eq!(error, HelloError::TooLong);
        assert_eq!(error.alert(), Some(Alert::RecordOverflow));
    }

    #[test]
    fn a_message_that_announces_more_is_refused_at_once() {
        assert_eq!(refused(&record(&[1, 1, 0, 0])), HelloError::TooLong);
    }

    #[test]
    fn sixty_four_kib_byte_by_byte_take_linear_time() {
        let bytes = records(&handshake(1, &[0; 40_000]), &[3]);
        let mut reader = HelloReader::new();
        let mut verdict = Ok(Progress::Partial);
        for byte in &bytes {
            verdict = reader.push(&[*byte]);
        }
        assert!(verdict == Err(HelloError::TooLong));
    }
}

mod strangers {
    use super::*;

    #[test]
    fn http_is_recognised_with_the_space_behind_its_method() {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PRI"]
        {
            assert!(read(method.as_bytes()) == Ok(Progress::Partial), "{method}");
            let error = refused(format!("{method} ").as_bytes());
            assert_eq!(error, HelloError::CleartextHttp, "{method}");
            assert_eq!(error.alert(), None);
        }
    }

    #[test]
    fn an_ssl_2_hello_is_recognised_whatever_version_it_asks_for() {
        for version in [[0, 2], [3, 0], [3, 1], [3, 3]] {
            let error = refused(&[&[0x80, 46, 1][..], &version].concat());
            assert_eq!(error, HelloError::Ssl2);
            assert_eq!(error.alert(), Some(Alert::ProtocolVersion));
        }
    }

    #[test]
    fn anything_else_is_not_tls_from_the_first_byte_that_shows_it() {
        let strange: [&[u8]; 8] = [
            b"S",
            b"get",
            b"GETS",
            b"\0",
            b"\x16\x02",
            b"\x15\x03",
            b"\x80\x2e\x02",
            b"\x80\x2e\x01\x00\x03",
        ];
        for bytes in strange {
            assert_eq!(refused(bytes), HelloError::NotTls, "{bytes:?}");
        }
    }
}

mod records_that_break_the_rules {
    use super::*;

    /// The smallest hello in two records.
    fn halves() -> [Vec<u8>; 2] {
        let message = Sample::default().message();
        let (first, second) = message.split_at(20);
        [record(first), record(second)]
    }

    #[test]
    fn an_empty_fragment_is_refused() {
        is_malformed(&[22, 3, 1, 0, 0]);
    }

    #[test]
    fn a_record_over_two_to_the_fourteenth_is_refused() {
        is_malformed(&[22, 3, 1, 0x40, 1]);
    }

    #[test]
    fn an_alert_between_the_fragments_is_refused() {
        let [first, _] = halves();
        is_malformed(&[first.as_slice(), &[21, 3, 1, 0, 2, 1, 0]].concat());
    }

    #[test]
    fn another_major_version_between_the_fragments_is_refused() {
        let [first, mut second] = halves();
        second[1] = 4;
        is_malformed(&[first, second].concat());
    }

    #[test]
    fn another_handshake_message_is_refused() {
        is_malformed(&record(&handshake(2, &[0; 40])));
    }
}

mod messages_that_break_the_rules {
    use super::*;

    /// The smallest legal message with its body changed, header right.
    fn with_body(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
        let mut body = Sample::default().message().split_off(4);
        change(&mut body);
        record(&handshake(1, &body))
    }

    #[test]
    fn trailing_bytes_are_refused() {
        is_malformed(&with_body(|body| body.push(0)));
        is_malformed(&with_body(|body| body.extend([0, 0, 0])));
    }

    #[test]
    fn a_body_cut_short_anywhere_is_refused() {
        let length = Sample::default().message().len() - 4;
        for kept in 0..length {
            is_malformed(&with_body(|body| body.truncate(kept)));
        }
    }

    #[test]
    fn a_session_id_over_32_bytes_is_refused() {
        is_malformed(&Sample { session_id: vec![0; 33], ..Sample::default() }.bytes());
    }

    #[test]
    fn no_suites_or_half_a_suite_are_refused() {
        is_malformed(&Sample { suites: vec![], ..Sample::default() }.bytes());
        is_malformed(&with_body(|body| drop(body.splice(35..39, [0, 3, 1, 2, 3]))));
    }

    #[test]
    fn no_compression_method_is_refused() {
        is_malformed(&Sample { compression: vec![], ..Sample::default() }.bytes());
    }

    #[test]
    fn an_extension_that_comes_twice_is_refused() {
        is_malformed(&Sample::with(vec![(99, vec![1]), (98, vec![]), (99, vec![2])]).bytes());
    }

    #[test]
    fn an_extension_that_leaves_its_block_is_refused() {
        is_malformed(&with_body(|body| body.extend(vector16(&[0, 99, 0, 2, 0]))));
    }
}

mod extensions {
    use super::*;

    #[test]
    fn a_hello_without_extensions_is_legal_and_offers_its_legacy_version() {
        let old = hello(&Sample { legacy_version: 0x0300, ..Sample::default() }.bytes());
        assert!(old.versions == [ProtocolVersion::SSL3]);
        assert!(old.extensions.is_empty() && old.server_name.is_none());
    }

    #[test]
    fn a_legacy_version_of_1_3_stands_for_1_2() {
        let hello = hello(&Sample { legacy_version: 0x0304, ..Sample::default() }.bytes());
        assert!(hello.versions == [ProtocolVersion::TLS1_2]);
    }

    #[test]
    fn versions_come_best_first_without_grease() {
        let sample = Sample::with(vec![writer::versions(&[0x8A8A, 0x0302, 0x0304, 0x0303])]);
        let best_first = [ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_1];
        assert!(hello(&sample.bytes()).versions == best_first);
    }

    #[test]
    fn a_server_name_is_put_in_lower_case() {
        let sample = Sample::with(vec![writer::server_name(b"Shop_1.EXAMPLE.com")]);
        assert_eq!(hello(&sample.bytes()).server_name.as_deref(), Some("shop_1.example.com"));
    }

    #[test]
    fn a_server_name_that_is_no_dns_name_is_refused() {
        let long = [b'a'; 64];
        let names: [&[u8]; 8] =
            [b"", b"a\0.example", b"a b", b"a..b", b".a", b"a.", b"caf\xc3\xa9.example", &long];
        for name in names {
            is_malformed_with(writer::server_name(name));
        }
        is_malformed_with(writer::server_name(&[&b"a."[..]; 130].concat()));
    }

    #[test]
    fn two_server_names_none_or_another_type_are_refused() {
        let host = [&[0][..], &vector16(b"a")].concat();
        is_malformed_with((0, vector16(&[host.as_slice(), &host].concat())));
        is_malformed_with((0, vector16(&[])));
        is_malformed_with((0, vector16(&[&[1][..], &vector16(b"a")].concat())));
        is_malformed_with((0, vec![]));
    }

    #[test]
    fn an_empty_protocol_or_list_of_protocols_is_refused() {
        is_malformed_with(writer::alpn(&[]));
        is_malformed_with(writer::alpn(&[b"h2", b""]));
    }

    #[test]
    fn empty_lists_are_refused() {
        is_malformed_with(writer::versions(&[]));
        is_malformed_with(writer::groups(&[]));
        is_malformed_with(writer::signature_schemes(&[]));
    }

    #[test]
    fn a_client_may_offer_no_share_but_no_empty_one() {
        assert!(hello(&Sample::with(vec![writer::key_shares(&[])]).bytes()).key_shares.is_empty());
        is_malformed_with(writer::key_shares(&[(0x001D, b"")]));
    }

    #[test]
    fn bytes_behind_a_list_are_refused() {
        for (kind, mut body) in [
            writer::server_name(b"a"),
            writer::groups(&[29]),
            writer::signature_schemes(&[0x0403]),
            writer::alpn(&[b"h2"]),
            writer::versions(&[0x0304]),
            writer::key_shares(&[(29, b"key")]),
        ] {
            body.push(0);
            is_malformed_with((kind, body));
        }
    }
}
