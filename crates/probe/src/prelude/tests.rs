use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 9));

fn prelude(scheme: Scheme) -> Prelude {
    Prelude::of(scheme, LOCAL).unwrap()
}

fn refused(step: Step) -> String {
    match step {
        Step::Refused(reason) => reason,
        step => panic!("{step:?}"),
    }
}

/// The greeting of a MariaDB with these capabilities, as version 10.11 writes it.
fn greeting(capabilities: u16) -> Vec<u8> {
    let mut packet = vec![10];
    packet.extend(b"5.5.5-10.11.14-MariaDB-0+deb12u2\0");
    packet.extend([31, 0, 0, 0]);
    packet.extend(b"challeng\0");
    packet.extend(capabilities.to_le_bytes());
    packet.extend([45, 2, 0, 0xFF, 0x81, 21]);
    packet.extend(b"\0\0\0\0\0\0\x1d\0\0\0challengetwo\0mysql_native_password\0");
    [&[packet.len() as u8, 0, 0, 0], packet.as_slice()].concat()
}

#[test]
fn postgres_says_by_one_byte_whether_it_does_tls() {
    assert_eq!(prelude(Scheme::Postgres).opening(), [0, 0, 0, 8, 4, 210, 22, 47]);
    assert_eq!(prelude(Scheme::Postgres).feed(b"S"), Step::Tls(Vec::new()));
    assert_eq!(prelude(Scheme::Postgres).feed(b"N"), Step::Cleartext(b""));
}

#[test]
fn mysql_says_by_a_capability_whether_it_does_tls() {
    assert_eq!(
        prelude(Scheme::Mysql).feed(&greeting(0xF7FE)),
        Step::Cleartext(&mysql::FAREWELL_IN_CLEARTEXT)
    );
    let Step::Tls(request) = prelude(Scheme::Mysql).feed(&greeting(0xFFFE)) else { panic!("it does") };
    assert_eq!(request[..4], [32, 0, 0, 1]);
    assert_eq!(request.len(), 36);
    assert_eq!(request[5] & 0x08, 0x08, "CLIENT_SSL");
}

#[test]
fn smtp_offers_starttls_among_its_extensions() {
    let mut smtp = prelude(Scheme::Smtp);
    assert_eq!(
        smtp.feed(b"220-hello\r\n220 mail.test ESMTP\r\n"),
        Step::Send(b"EHLO [10.0.0.9]\r\n".to_vec())
    );
    assert_eq!(smtp.feed(b"250-mail.test\r\n250-SIZE 1000\r\n"), Step::Read);
    assert_eq!(smtp.feed(b"250-StartTLS\r\n250 SMTPUTF8\r\n"), Step::Send(b"STARTTLS\r\n".to_vec()));
    assert_eq!(smtp.feed(b"220 2.0.0 Ready\r\n"), Step::Tls(Vec::new()));
}

#[test]
fn smtp_without_starttls_or_without_extensions_is_cleartext() {
    for reply in ["250-STARTTLS.mail.test\r\n250 SIZE\r\n", "250 mail.test\r\n", "502 5.5.2 what?\r\n"] {
        let mut smtp = prelude(Scheme::Smtp);
        smtp.feed(b"220 mail.test\r\n");
        assert_eq!(smtp.feed(reply.as_bytes()), Step::Cleartext(b"QUIT\r\n"), "{reply}");
    }
}

#[test]
fn bytes_behind_the_last_word_before_tls_are_refused() {
    assert!(refused(prelude(Scheme::Postgres).feed(b"SE")).contains("behind"));
    let injected = [greeting(0xFFFE), vec![1, 0, 0, 2, 0]].concat();
    assert!(refused(prelude(Scheme::Mysql).feed(&injected)).contains("behind"));
    let mut smtp = prelude(Scheme::Smtp);
    smtp.feed(b"220 mail.test\r\n");
    smtp.feed(b"250-mail.test\r\n250 STARTTLS\r\n");
    assert!(refused(smtp.feed(b"220 go\r\n250 injected\r\n")).contains("behind"));
}

#[test]
fn a_server_that_offers_starttls_and_then_does_not_is_not_called_cleartext() {
    let mut smtp = prelude(Scheme::Smtp);
    smtp.feed(b"220 mail.test\r\n");
    smtp.feed(b"250-mail.test\r\n250 STARTTLS\r\n");
    let reason = refused(smtp.feed(b"454 4.7.0 TLS not available\r\n"));
    assert_eq!(reason, "STARTTLS is answered 454 4.7.0 TLS not available");
}

#[test]
fn what_a_far_end_says_is_quoted_on_one_line() {
    let mut smtp = prelude(Scheme::Smtp);
    let reason = refused(smtp.feed(b"554 no\x1b[31m\tservice\r\n"));
    assert_eq!(reason, "the connection is answered 554 no [31m service");
}

/// Bytes that come some way into each protocol.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let known = ["S", "N", "E\0\0\0", "220 ", "220-", "250-", "250 ", "STARTTLS", "\r\n", "\u{1}\0\0\0\n"];
    let part = prop_oneof![
        proptest::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..24),
        any::<u16>().prop_map(greeting),
    ];
    proptest::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

fn any_scheme() -> impl Strategy<Value = Scheme> {
    proptest::sample::select(vec![Scheme::Postgres, Scheme::Mysql, Scheme::Smtp])
}

proptest! {
    #[test]
    fn any_bytes_get_a_step(scheme in any_scheme(), segments in proptest::collection::vec(any_bytes(), 0..6)) {
        let mut prelude = prelude(scheme);
        for segment in segments {
            prelude.feed(&segment);
        }
    }

    #[test]
    fn nobody_keeps_us_reading_beyond_the_limit(scheme in any_scheme(), bytes in any_bytes()) {
        let mut prelude = prelude(scheme);
        let segment = if bytes.is_empty() { b"220-".repeat(16) } else { bytes.repeat(64 / bytes.len() + 1) };
        let reads = LIMIT / segment.len() + 1;
        let ends = (0..reads).any(|_| !matches!(prelude.feed(&segment), Step::Read | Step::Send(_)));
        prop_assert!(ends);
    }

    #[test]
    fn a_greeting_is_read_the_same_however_it_is_cut(capabilities: u16, cut in 0..80_usize) {
        let whole = greeting(capabilities);
        let (first, second) = whole.split_at(cut);
        let mut cut = prelude(Scheme::Mysql);
        prop_assert_eq!(cut.feed(first), Step::Read);
        prop_assert_eq!(cut.feed(second), prelude(Scheme::Mysql).feed(&whole));
    }
}
