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

/// What is said in answer to each of these lines, up to the end.
fn told(scheme: Scheme, lines: &[&str]) -> Step {
    let mut prelude = prelude(scheme);
    let steps: Vec<_> = lines.iter().map(|line| prelude.feed(format!("{line}\r\n").as_bytes())).collect();
    steps.into_iter().next_back().unwrap()
}

#[test]
fn lmtp_says_hello_in_its_own_word() {
    assert_eq!(told(Scheme::Lmtp, &["220 mail LMTP"]), Step::Send(b"LHLO [10.0.0.9]\r\n".to_vec()));
}

#[test]
fn imap_offers_starttls_among_its_capabilities() {
    let greeting = "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready";
    assert_eq!(told(Scheme::Imap, &[greeting]), Step::Send(b"h1 CAPABILITY\r\n".to_vec()));
    let capable = [greeting, "* CAPABILITY IMAP4rev1 starttls LOGINDISABLED", "* 3 EXISTS", "h1 OK done"];
    assert_eq!(told(Scheme::Imap, &capable), Step::Send(b"h2 STARTTLS\r\n".to_vec()));
    let all = [&capable[..], &["h2 OK begin"]].concat();
    assert_eq!(told(Scheme::Imap, &all), Step::Tls(Vec::new()));
    let without = [greeting, "* CAPABILITY IMAP4rev1 XSTARTTLS", "h1 OK done"];
    assert_eq!(told(Scheme::Imap, &without), Step::Cleartext(b"h3 LOGOUT\r\n"));
    let late = [&capable[..], &["h2 NO not now"]].concat();
    assert_eq!(refused(told(Scheme::Imap, &late)), "STARTTLS is answered h2 NO not now");
    assert_eq!(refused(told(Scheme::Imap, &["220 mail"])), "it does not speak IMAP");
}

#[test]
fn pop3_offers_stls_among_its_capabilities_or_is_tried() {
    let offered = ["+OK ready", "+OK", "TOP", "STLS", "."];
    assert_eq!(told(Scheme::Pop3, &offered), Step::Send(b"STLS\r\n".to_vec()));
    assert_eq!(told(Scheme::Pop3, &[&offered[..], &["+OK go"]].concat()), Step::Tls(Vec::new()));
    assert_eq!(told(Scheme::Pop3, &["+OK ready", "+OK", "TOP", "."]), Step::Cleartext(b"QUIT\r\n"));
    assert_eq!(told(Scheme::Pop3, &["+OK", "-ERR what?"]), Step::Send(b"STLS\r\n".to_vec()));
    assert_eq!(told(Scheme::Pop3, &["+OK", "-ERR what?", "-ERR what?"]), Step::Cleartext(b"QUIT\r\n"));
    let late = [&offered[..], &["-ERR not now"]].concat();
    assert_eq!(refused(told(Scheme::Pop3, &late)), "STLS is answered -ERR not now");
}

#[test]
fn ftp_is_asked_for_tls_and_may_talk_before() {
    let long = ["220-Welcome", " to 220 files", "421 of them", "220 ready"];
    assert_eq!(told(Scheme::Ftp, &long), Step::Send(b"AUTH TLS\r\n".to_vec()));
    assert_eq!(told(Scheme::Ftp, &["220 hi", "234 go"]), Step::Tls(Vec::new()));
    assert_eq!(told(Scheme::Ftp, &["220 hi", "530 log in first"]), Step::Cleartext(b"QUIT\r\n"));
    assert_eq!(refused(told(Scheme::Ftp, &["421 too many"])), "the connection is answered 421 too many");
}

/// An ExtendedResponse with this code, its lengths as Active Directory writes them, or short.
fn extended(code: u8, long: bool) -> Vec<u8> {
    let wrap = |tag: u8, content: &[u8]| {
        let length = content.len() as u8;
        let header = if long { vec![tag, 0x84, 0, 0, 0, length] } else { vec![tag, length] };
        [header.as_slice(), content].concat()
    };
    let response = [wrap(10, &[code]), wrap(4, b""), wrap(4, b"no TLS here")].concat();
    wrap(0x30, &[wrap(2, &[1]), wrap(0x78, &response)].concat())
}

#[test]
fn ldap_has_an_operation_for_tls() {
    assert_eq!(prelude(Scheme::Ldap).opening().len(), 31);
    for long in [false, true] {
        let answered = |code| prelude(Scheme::Ldap).feed(&extended(code, long));
        assert_eq!(answered(0), Step::Tls(Vec::new()));
        assert_eq!(answered(2), Step::Cleartext(b"0\x05\x02\x01\x02B\0"));
        assert_eq!(refused(answered(10)), "StartTLS is answered by code 10 no TLS here");
    }
    assert_eq!(refused(prelude(Scheme::Ldap).feed(b"220 mail")), "it does not speak LDAP");
}

#[test]
fn amqp_answers_with_the_header_that_it_would_have() {
    assert_eq!(prelude(Scheme::Amqp).feed(b"AMQP\x02\x01\0\0"), Step::Tls(Vec::new()));
    assert_eq!(prelude(Scheme::Amqp).feed(b"AMQP\0\0\x09\x01"), Step::Cleartext(b""));
    assert_eq!(refused(prelude(Scheme::Amqp).feed(b"HTTP/1.1 400")), "it does not speak AMQP");
}

#[test]
fn nats_says_in_its_first_line_whether_tls_follows() {
    for required in ["\"tls_required\":true", "\"tls_required\":false,\"tls_available\":true"] {
        let info = format!("INFO {{\"server_id\":\"N\",{required},\"port\":4222}} ");
        assert_eq!(told(Scheme::Nats, &[&info]), Step::Tls(Vec::new()));
    }
    assert_eq!(told(Scheme::Nats, &["INFO {\"server_id\":\"N\"}"]), Step::Cleartext(b""));
    assert_eq!(refused(told(Scheme::Nats, &["INFO no"])), "the server's INFO can't be read");
}

#[test]
fn nobody_puts_bytes_behind_the_last_word_of_any_protocol() {
    let offered = &["* OK\r\n", "* CAPABILITY STARTTLS\r\n", "h1 OK\r\n"][..];
    for (scheme, before, last) in [
        (Scheme::Imap, offered, "h2 OK\r\n* OK\r\n"),
        (Scheme::Pop3, &["+OK\r\n", "+OK\r\nSTLS\r\n.\r\n"], "+OK\r\n+OK\r\n"),
        (Scheme::Ftp, &["220 hi\r\n"], "234 go\r\n230 in\r\n"),
        (Scheme::Nats, &[], "INFO {\"tls_required\":true}\r\nPING\r\n"),
        (Scheme::Amqp, &[], "AMQP\x02\x01\0\0AMQP"),
    ] {
        let mut prelude = prelude(scheme);
        for line in before {
            prelude.feed(line.as_bytes());
        }
        assert!(refused(prelude.feed(last.as_bytes())).contains("behind"), "{scheme:?}");
    }
    let injected = [extended(0, false), extended(0, false)].concat();
    assert!(refused(prelude(Scheme::Ldap).feed(&injected)).contains("behind"));
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
    let told =
        "it offers STARTTLS, and has no TLS at the moment: STARTTLS is answered 454 4.7.0 TLS not available";
    assert_eq!(reason, told);
}

#[test]
fn what_a_far_end_says_is_quoted_on_one_line() {
    let mut smtp = prelude(Scheme::Smtp);
    let reason = refused(smtp.feed(b"554 no\x1b[31m\tservice\r\n"));
    assert_eq!(reason, "the connection is answered 554 no [31m service");
}

/// Bytes that come some way into each protocol.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        "S",
        "N",
        "E\0\0\0",
        "220 ",
        "220-",
        "250-",
        "250 ",
        "STARTTLS",
        "\r\n",
        "\u{1}\0\0\0\n",
        "* OK\r\n",
        "* CAPABILITY STARTTLS\r\n",
        "h1 OK\r\n",
        "h2 OK\r\n",
        "+OK\r\n",
        "STLS\r\n.\r\n",
        "234 go\r\n",
        "AMQP",
        "0\x0c\x02\x01\x01x\x07\n\x01\0",
        "INFO {\"tls_required\":true}\r\n",
        "-ERR\r\n",
    ];
    let part = prop_oneof![
        proptest::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..24),
        any::<u16>().prop_map(greeting),
    ];
    proptest::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

fn any_scheme() -> impl Strategy<Value = Scheme> {
    let has_one = |scheme: &Scheme| Prelude::of(*scheme, LOCAL).is_some();
    proptest::sample::select(Scheme::ALL.into_iter().filter(has_one).collect::<Vec<_>>())
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
