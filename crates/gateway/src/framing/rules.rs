//! One test a rule, on the reader alone.

use super::{CHUNK_LINE_LIMIT, HEAD_LIMIT, HeadLimits, Reader, Standing, TRAILER_LIMIT, Violation};

#[track_caller]
fn passes(stream: impl AsRef<[u8]>) {
    let mut reader = Reader::new();
    let passed = reader.advance(stream.as_ref());
    assert_eq!(reader.standing(), Standing::Reading);
    assert_eq!(passed, stream.as_ref().len());
}

/// The stream is refused by `violation` once `good`, its start, has passed.
#[track_caller]
fn refused_behind(good: &str, bad: impl AsRef<[u8]>, violation: Violation) {
    let mut reader = Reader::new();
    let passed = reader.advance(&[good.as_bytes(), bad.as_ref()].concat());
    assert_eq!(reader.standing(), Standing::Refused(violation));
    assert_eq!(passed, good.len());
}

#[track_caller]
fn refused(head: impl AsRef<[u8]>, violation: Violation) {
    refused_behind("", head, violation);
}

/// A request with these field lines.
#[track_caller]
fn fields_refused(fields: &str, violation: Violation) {
    refused(format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n"), violation);
}

const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

mod request_line {
    use super::*;

    #[test]
    fn more_than_one_space_no_method_no_target_or_no_version_is_refused() {
        for line in
            ["GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET /", "GET"]
        {
            refused(format!("{line}\r\nHost: a\r\n\r\n"), Violation::RequestLine);
        }
        refused("GET  HTTP/1.1\r\nHost: a\r\n\r\n", Violation::RequestLine);
        refused("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", Violation::RequestLine);
        refused("GET /\tb HTTP/1.1\r\nHost: a\r\n\r\n", Violation::RequestLine);
    }

    #[test]
    fn another_version_is_refused() {
        for version in ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "http/1.1", "HTTP/1.10", ""] {
            refused(format!("GET / {version}\r\nHost: a\r\n\r\n"), Violation::Version);
        }
    }

    #[test]
    fn the_preface_of_http_2_is_refused() {
        refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Violation::Version);
    }

    #[test]
    fn one_empty_line_before_it_is_let_pass_and_no_more() {
        passes("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        refused("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Violation::RequestLine);
    }
}

mod lines {
    use super::*;

    #[test]
    fn a_bare_line_feed_is_refused_wherever_a_line_ends() {
        refused("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Violation::BareLineFeed);
        refused("GET / HTTP/1.1\nHost: a\r\n\r\n", Violation::BareLineFeed);
        refused("GET / HTTP/1.1\r\nHost: a\n\r\n", Violation::BareLineFeed);
        refused("GET / HTTP/1.1\r\nHost: a\r\n\n", Violation::BareLineFeed);
    }

    #[test]
    fn a_bare_carriage_return_is_refused() {
        fields_refused("A: b\rc", Violation::ControlByte);
        fields_refused("A: b\r", Violation::ControlByte);
        refused("GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", Violation::ControlByte);
    }

    #[test]
    fn control_bytes_are_refused_and_tabs_and_bytes_above_ascii_are_not() {
        for control in (0..0x20).filter(|byte| !b"\t\n".contains(byte)).chain([0x7F]) {
            fields_refused(&format!("A: b{}c", char::from(control)), Violation::ControlByte);
            let line = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", char::from(control));
            refused(line, Violation::ControlByte);
        }
        passes(b"GET / HTTP/1.1\r\nHost: a\r\nA: b\tc \xE9\r\n\r\n");
    }

    #[test]
    fn a_folded_field_is_refused() {
        fields_refused("A: b\r\n c", Violation::Folded);
        fields_refused("A: b\r\n\tc: d", Violation::Folded);
    }

    #[test]
    fn white_space_before_the_first_field_is_refused() {
        refused("GET / HTTP/1.1\r\n Host: a\r\n\r\n", Violation::SpaceBeforeFields);
    }

    #[test]
    fn white_space_before_the_colon_is_refused() {
        fields_refused("Content-Length : 5", Violation::SpaceBeforeColon);
        fields_refused("Content-Length\t: 5", Violation::SpaceBeforeColon);
    }

    #[test]
    fn a_field_without_a_name_or_colon_is_refused() {
        fields_refused(": b", Violation::FieldName);
        fields_refused("A b: c", Violation::FieldName);
        fields_refused("A\0: c", Violation::FieldName);
        fields_refused("A", Violation::NoColon);
    }
}

mod host {
    use super::*;

    #[test]
    fn http_1_1_needs_one_and_1_0_does_not() {
        refused("GET / HTTP/1.1\r\n\r\n", Violation::NoHost);
        passes("GET / HTTP/1.0\r\n\r\n");
    }

    #[test]
    fn two_are_refused_equal_or_not() {
        fields_refused("HOST: a", Violation::TwoHosts);
        refused("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", Violation::TwoHosts);
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for host in ["a b", "a/b", "a@b", "a?b", "a#b", "a\\b", "caf\u{e9}"] {
            refused(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), Violation::Host);
        }
        passes("GET / HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n\r\n");
    }
}

mod length {
    use super::*;

    #[test]
    fn two_are_refused_equal_or_not() {
        fields_refused("Content-Length: 5\r\nContent-Length: 6", Violation::TwoLengths);
        fields_refused("Content-Length: 5\r\ncontent-length: 5", Violation::TwoLengths);
        fields_refused("Content-Length: 5, 5", Violation::Length);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for length in ["", "+5", "-5", "5 5", "0x5", "5a", "5.0", "18446744073709551616", "\u{665}"] {
            fields_refused(&format!("Content-Length: {length}"), Violation::Length);
        }
    }

    #[test]
    fn beside_an_encoding_it_is_refused_in_either_order() {
        let both = Violation::LengthAndEncoding;
        fields_refused("Content-Length: 5\r\nTransfer-Encoding: chunked", both);
        fields_refused("Transfer-Encoding: chunked\r\nContent-Length: 5", both);
    }

    #[test]
    fn the_body_is_not_judged() {
        passes(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n\n \0: \rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        );
    }

    #[test]
    fn what_follows_the_body_is() {
        let good = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab";
        refused_behind(good, "c / HTTP/1.1\r\n\r\n", Violation::NoHost);
    }
}

mod encoding {
    use super::*;

    #[test]
    fn anything_but_chunked_is_refused() {
        for encoding in
            ["gzip, chunked", "chunked, chunked", "identity", "", "xchunked", "chunked;a=b", "\"chunked\""]
        {
            fields_refused(&format!("Transfer-Encoding: {encoding}"), Violation::Encoding);
        }
        fields_refused("Transfer-Encoding: \u{b}chunked", Violation::ControlByte);
    }

    #[test]
    fn chunked_is_known_in_any_case_and_between_white_space() {
        passes("POST / HTTP/1.1\r\nHost: a\r\ntransfer-ENCODING: \tCHUNKED \r\n\r\n0\r\n\r\n");
    }

    #[test]
    fn two_are_refused() {
        let twice = "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked";
        fields_refused(twice, Violation::TwoEncodings);
    }

    #[test]
    fn http_1_0_has_none() {
        let head = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
        refused(head, Violation::EncodingInHttp10);
    }
}

mod chunks {
    use super::*;

    #[track_caller]
    fn refused(bad: impl AsRef<[u8]>, violation: Violation) {
        refused_behind(CHUNKED, bad, violation);
    }

    #[test]
    fn chunks_extensions_and_trailers_pass() {
        passes(format!(
            "{CHUNKED}5\r\nhello\r\n00a;name;n2=token;n3=\"a \\\"b\\\" c\"\r\n0123456789\r\n0;last\r\nA: b\r\nC:d\r\n\r\n"
        ));
    }

    #[test]
    fn a_size_that_is_no_hexadecimal_number_is_refused() {
        for size in ["", "g", "-1", "0x5", " 5", "5 ", "5\t", "5 ;a", "00000000000000005", "\u{665}"] {
            refused(format!("{size}\r\nhello\r\n"), Violation::ChunkSize);
        }
    }

    #[test]
    fn the_largest_size_passes() {
        passes(format!("{CHUNKED}ffffffffffffffff\r\nhello"));
    }

    #[test]
    fn a_bare_line_feed_in_a_chunk_line_is_refused() {
        refused("5\nhello\r\n", Violation::BareLineFeed);
        refused("5;a\nhello\r\n", Violation::BareLineFeed);
    }

    #[test]
    fn a_bare_carriage_return_in_a_chunk_line_is_refused() {
        refused("5\r5\r\nhello\r\n", Violation::ChunkSize);
        refused("5;a\rb\r\nhello\r\n", Violation::ChunkExtension);
    }

    #[test]
    fn malformed_extensions_are_refused() {
        for extension in
            [";", ";;a", ";=b", "; a", ";a ", ";a=", ";a=b=c", ";a=\"b", ";a=\"b\"c", ";a=\"\0\"", ";a=\"\\"]
        {
            refused(format!("5{extension}\r\nhello\r\n"), Violation::ChunkExtension);
        }
    }

    #[test]
    fn a_chunk_line_has_a_limit() {
        let of_length = |length: usize| format!("0;{}\r\n", "a".repeat(length - 4));
        passes(format!("{CHUNKED}{}\r\n", of_length(CHUNK_LINE_LIMIT)));
        refused(of_length(CHUNK_LINE_LIMIT + 1), Violation::ChunkLineTooLong);
        refused("5".repeat(CHUNK_LINE_LIMIT + 1), Violation::ChunkLineTooLong);
    }

    #[test]
    fn a_chunk_that_is_longer_than_its_size_is_refused() {
        for end in ["x", "\n", "\r\r", "\rx"] {
            refused_behind(&format!("{CHUNKED}5\r\nhello"), end, Violation::ChunkEnd);
        }
    }
}

mod trailers {
    use super::*;

    #[track_caller]
    fn refused(trailers: impl AsRef<[u8]>, violation: Violation) {
        refused_behind(&format!("{CHUNKED}0\r\n"), trailers, violation);
    }

    #[test]
    fn malformed_ones_are_refused() {
        refused("A : b\r\n\r\n", Violation::SpaceBeforeColon);
        refused(" A: b\r\n\r\n", Violation::Folded);
        refused("A: b\n\r\n", Violation::BareLineFeed);
        refused("A: b\r\n\n", Violation::BareLineFeed);
        refused("A: \0\r\n\r\n", Violation::ControlByte);
        refused("A\r\n\r\n", Violation::NoColon);
        refused(": b\r\n\r\n", Violation::FieldName);
    }

    #[test]
    fn fields_that_belong_into_the_head_are_refused() {
        for name in ["Content-Length", "transfer-encoding", "HOST", "Trailer"] {
            refused(format!("A: b\r\n{name}: 5\r\n\r\n"), Violation::Trailer);
        }
    }

    #[test]
    fn they_have_a_limit() {
        let of_length = |length: usize| format!("a:{}\r\n\r\n", "b".repeat(length - 6));
        passes(format!("{CHUNKED}0\r\n{}", of_length(TRAILER_LIMIT)));
        refused(of_length(TRAILER_LIMIT + 1), Violation::TrailersTooLarge);
    }
}

mod heads {
    use super::*;

    #[test]
    fn a_head_is_held_back_until_it_is_whole() {
        let head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut reader = Reader::new();
        for length in 0..head.len() {
            assert_eq!(reader.advance(&head.as_bytes()[..length]), 0);
        }
        assert_eq!(reader.advance(head.as_bytes()), head.len());
    }

    #[test]
    fn a_head_has_a_limit() {
        let of_length =
            |length: usize| format!("GET / HTTP/1.1\r\nHost: a\r\nA: {}\r\n\r\n", "b".repeat(length - 32));
        assert_eq!(of_length(HEAD_LIMIT).len(), HEAD_LIMIT);
        passes(of_length(HEAD_LIMIT));
        refused(of_length(HEAD_LIMIT + 1), Violation::HeadTooLarge);
        refused("a".repeat(HEAD_LIMIT + 1), Violation::HeadTooLarge);
    }

    #[test]
    fn a_head_has_the_limits_that_it_is_given() {
        let standing = |head: &str| {
            let mut reader = Reader::within(HeadLimits { bytes: 40, fields: 2 });
            reader.advance(head.as_bytes());
            reader.standing()
        };
        assert_eq!(standing("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n"), Standing::Reading);
        let three = standing("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nA: b\r\n");
        assert_eq!(three, Standing::Refused(Violation::TooManyFields));
        let long = standing("GET / HTTP/1.1\r\nHost: a\r\nA: bbbbbbbbbbbbb\r\n\r\n");
        assert_eq!(long, Standing::Refused(Violation::HeadTooLarge));
    }

    #[test]
    fn a_head_of_64_kib_byte_by_byte_takes_linear_time() {
        let head = vec![b'a'; HEAD_LIMIT];
        let mut reader = Reader::new();
        for length in 0..=head.len() {
            assert_eq!(reader.advance(&head[..length]), 0);
        }
        assert_eq!(reader.standing(), Standing::Reading);
    }

    #[test]
    fn an_end_within_a_head_is_refused_and_one_between_requests_is_not() {
        for (unpassed, standing) in [
            ("", Standing::Reading),
            ("\r\n", Standing::Reading),
            ("G", Standing::Refused(Violation::CutShort)),
            ("\r\nG", Standing::Refused(Violation::CutShort)),
            ("GET / HTTP/1.1\r\n", Standing::Refused(Violation::CutShort)),
        ] {
            let mut reader = Reader::new();
            assert_eq!(reader.advance(unpassed.as_bytes()), 0);
            reader.end(unpassed.as_bytes());
            assert_eq!(reader.standing(), standing, "{unpassed:?}");
        }
    }
}

mod switching {
    use super::*;

    const UPGRADE: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    const FRAME: &[u8] = b"\x81\x05hello\n\0";

    fn asked(head: &str) -> Reader {
        let mut reader = Reader::new();
        assert_eq!(reader.advance(&[head.as_bytes(), FRAME].concat()), head.len());
        assert_eq!(reader.standing(), Standing::AwaitingAnswer);
        assert!(reader.asks_to_switch());
        reader
    }

    #[test]
    fn nothing_passes_before_the_answer_and_everything_behind_a_switch() {
        let mut reader = asked(UPGRADE);
        assert_eq!(reader.advance(FRAME), 0);
        reader.switch();
        assert_eq!(reader.advance(FRAME), FRAME.len());
        assert_eq!(reader.standing(), Standing::Switched);
    }

    #[test]
    fn a_declined_request_is_followed_by_the_next_one_strictly_read() {
        let mut reader = asked(UPGRADE);
        reader.resume();
        assert_eq!(reader.advance(FRAME), 0);
        assert_eq!(reader.standing(), Standing::Refused(Violation::BareLineFeed));
    }

    #[test]
    fn connect_asks_too_in_any_version() {
        asked("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n");
        asked("CONNECT a:443 HTTP/1.0\r\n\r\n");
    }

    #[test]
    fn http_1_0_can_not_ask_by_upgrade() {
        passes("GET / HTTP/1.0\r\nUpgrade: websocket\r\n\r\n");
    }

    #[test]
    fn a_request_with_a_body_asks_behind_it() {
        asked("POST / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody");
    }

    #[test]
    fn an_answer_that_nobody_awaits_changes_nothing() {
        let mut reader = Reader::new();
        reader.switch();
        reader.resume();
        assert_eq!(reader.standing(), Standing::Reading);
    }
}
