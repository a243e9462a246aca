use bytes::Bytes;

use super::*;
use crate::hello::writer::{handshake, numbers, record, vector8, vector16};
use crate::offer::{Extension, Offer};
use crate::testing::{Authority, policy, server_settings};
use crate::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme, Ssl2Cipher};

/// A ServerHello as it is written.
pub(super) fn server_hello(version: u16, random: [u8; 32], suite: u16, rest: &[u8]) -> Vec<u8> {
    let parts = [&numbers(&[version])[..], &random, &vector8(&[9; 32]), &numbers(&[suite]), &[0], rest];
    handshake(2, &parts.concat())
}

/// The list of one extension.
pub(super) fn extension(number: u16, content: &[u8]) -> Vec<u8> {
    vector16(&[numbers(&[number]), vector16(content)].concat())
}

fn heard(bytes: &[u8]) -> Result<Heard, AnswerError> {
    AnswerReader::new().push(bytes)
}

fn whole(messages: &[Vec<u8>]) -> Answer {
    match heard(&record(&messages.concat())) {
        Ok(Heard::Whole(answer)) => *answer,
        other => panic!("{other:?}"),
    }
}

/// What our own server answers to an offer.
async fn answer_to(older: bool, offer: Offer) -> Heard {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let authority = Authority::new("ca");
    let mut settings = server_settings(authority.issue(&["shop.test"]));
    if older {
        settings.policy = policy("elb/ELBSecurityPolicy-TLS-1-2-2017-01");
    }
    let server = crate::testing::server(settings);
    let (near, mut far) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move { crate::testing::answer(&server, near).await.map(drop) });
    far.write_all(&offer.records([7; 32])).await.unwrap();
    let mut reader = AnswerReader::new();
    let mut buffer = [0; 100];
    loop {
        let count = far.read(&mut buffer).await.unwrap();
        assert!(count > 0, "it says something");
        match reader.push(&buffer[..count]).unwrap() {
            Heard::Part => {}
            heard => return heard,
        }
    }
}

fn offer(suites: &[u16]) -> Offer {
    Offer::new(ProtocolVersion::TLS1_2, suites.iter().copied().map(CipherSuite).collect())
        .with(Extension::ServerName("shop.test".parse().unwrap()))
        .with(Extension::Groups(vec![NamedGroup::SECP384R1, NamedGroup::SECP256R1]))
        .with(Extension::SignatureSchemes(vec![SignatureScheme(0x0403)]))
}

#[tokio::test]
async fn before_tls_1_3_certificates_group_and_signature_scheme_come_in_clear() {
    let Heard::Whole(answer) = answer_to(true, offer(&[0xC02B])).await else { panic!("it answers") };
    assert_eq!(answer.hello.version, ProtocolVersion::TLS1_2);
    assert_eq!(answer.certificates.unwrap().len(), 1);
    let exchange = answer.key_exchange.unwrap();
    assert_eq!(exchange.scheme(), Some(SignatureScheme(0x0403)));
    assert!(matches!(exchange, KeyExchangeParameters::Curve { group: NamedGroup(0x17 | 0x18), .. }));
    assert!(!answer.asks_client && !answer.resumed);
}

#[tokio::test]
async fn without_a_key_share_the_server_names_the_group_that_it_would_have() {
    let offer = offer(&[0x1302])
        .with(Extension::Versions(vec![ProtocolVersion::TLS1_3]))
        .with(Extension::KeyShares(Vec::new()));
    let Heard::Whole(answer) = answer_to(false, offer).await else { panic!("it answers") };
    assert!(answer.hello.is_retry);
    assert_eq!((answer.hello.version, answer.hello.suite), (ProtocolVersion::TLS1_3, CipherSuite(0x1302)));
    assert!(matches!(answer.hello.group, Some(NamedGroup::SECP384R1 | NamedGroup::SECP256R1)));
}

#[tokio::test]
async fn what_a_server_refuses_it_refuses_by_an_alert() {
    let Heard::Alert(alert) = answer_to(true, offer(&[0x000A])).await else { panic!("it refuses") };
    assert_eq!(alert.to_string(), "handshake_failure");
}

#[test]
fn a_prime_and_the_scheme_are_read_of_an_exchange_over_a_field() {
    let values = [vector16(&[0, 0xFF, 1]), vector16(&[2]), vector16(&[5; 2])].concat();
    let signed = [values.clone(), numbers(&[0x0401]), vector16(&[1; 64])].concat();
    let exchange = |version: u16, suite: u16, body: &[u8]| {
        let messages = [server_hello(version, [1; 32], suite, &[]), handshake(12, body), handshake(14, &[])];
        whole(&messages).key_exchange.unwrap()
    };
    let prime = |exchange: KeyExchangeParameters| match exchange {
        KeyExchangeParameters::FiniteField { prime, scheme, .. } => (prime, scheme),
        other => panic!("{other:?}"),
    };
    let known = Bytes::from_static(&[0xFF, 1]);
    let (read, scheme) = prime(exchange(0x0303, 0x009E, &signed));
    assert_eq!((read, scheme), (known.clone(), Some(SignatureScheme(0x0401))));
    // Older versions do not say how they sign, anonymous suites don't, and shared keys come with a hint.
    let older = [values.clone(), vector16(&[1; 64])].concat();
    assert_eq!(prime(exchange(0x0301, 0x0033, &older)), (known.clone(), None));
    assert_eq!(prime(exchange(0x0303, 0x006C, &values)), (known.clone(), None));
    let hinted = [vector16(b"hint"), values].concat();
    assert_eq!(prime(exchange(0x0303, 0x00AA, &hinted)), (known, None));
}

#[test]
fn a_server_that_would_speak_a_newer_version_says_so_in_its_random() {
    let downgrade = |end: &[u8; 8]| {
        let mut random = [1; 32];
        random[24..].copy_from_slice(end);
        whole(&[server_hello(0x0303, random, 0xC02B, &[]), handshake(14, &[])]).hello.downgrade()
    };
    assert_eq!(downgrade(b"DOWNGRD\x01"), Some(Downgrade::Below1_3));
    assert_eq!(downgrade(b"DOWNGRD\x00"), Some(Downgrade::Below1_2));
    assert_eq!(downgrade(b"DOWNGRD\x02"), None);
}

#[test]
fn a_staple_a_chain_and_the_wish_for_a_certificate_are_read() {
    let vector24 = |bytes: &[u8]| [&[0], vector16(bytes).as_slice()].concat();
    let answer = whole(&[
        server_hello(0x0303, [1; 32], 0xC02F, &extension(0xFF01, &[0])),
        handshake(11, &vector24(&[vector24(b"leaf"), vector24(b"issuer")].concat())),
        handshake(22, &[&[1], vector24(b"staple").as_slice()].concat()),
        handshake(13, &[1, 1, 0, 0, 0, 0]),
        handshake(14, &[]),
    ]);
    assert_eq!(answer.certificates.unwrap(), ["leaf", "issuer"]);
    assert_eq!(answer.stapled.unwrap(), "staple");
    assert!(answer.asks_client && answer.hello.has(0xFF01) && !answer.hello.has(23));
}

#[test]
fn a_session_that_goes_on_is_seen() {
    let hello = record(&server_hello(0x0303, [1; 32], 0xC02F, &[]));
    let Ok(Heard::Whole(answer)) = heard(&[hello, vec![20, 3, 3, 0, 1, 1]].concat()) else { panic!() };
    assert!(answer.resumed);
}

#[test]
fn an_alert_ends_the_handshake_unless_it_only_warns() {
    assert_eq!(heard(&[21, 3, 1, 0, 2, 2, 70]), Ok(Heard::Alert(AlertNumber(70))));
    let mut reader = AnswerReader::new();
    assert_eq!(reader.push(&[21, 3, 1, 0, 2, 1, 112]), Ok(Heard::Part));
    assert_eq!(reader.warnings(), [AlertNumber(112)]);
    assert_eq!(reader.push(&[21, 3, 1, 0, 2, 1, 0]), Ok(Heard::Alert(AlertNumber(0))));
}

#[test]
fn what_is_no_answer_is_told_as_what_it_is() {
    assert_eq!(heard(b"HTTP/1.1 400 Bad Request\r\n"), Err(AnswerError::CleartextHttp));
    assert_eq!(heard(b"220 mail ESMTP\r\n"), Err(AnswerError::NotTls));
    assert_eq!(
        heard(&record(&[11, 0, 0, 3])),
        Err(AnswerError::Malformed("the first message is no ServerHello"))
    );
    let cut = record(&handshake(2, &[3, 3, 1]));
    assert!(matches!(heard(&cut), Err(AnswerError::Malformed("ServerHello"))));
    let twice = [server_hello(0x0303, [1; 32], 0xC02F, &[]), server_hello(0x0303, [1; 32], 0xC02F, &[])];
    assert_eq!(heard(&record(&twice.concat())), Err(AnswerError::Malformed("a second ServerHello")));
}

#[test]
fn an_answer_without_an_end_is_read_no_further_than_the_limit() {
    let mut reader = AnswerReader::new();
    assert_eq!(reader.push(&record(&server_hello(0x0303, [1; 32], 0xC02F, &[]))), Ok(Heard::Part));
    let filler = record(&handshake(99, &[0; 16_000]));
    let refused = (0..200).find_map(|_| reader.push(&filler).err());
    assert_eq!(refused, Some(AnswerError::TooLong));
}

#[test]
fn a_server_of_ssl_2_tells_all_its_ciphers_at_once() {
    let body = [&[4, 0, 1, 0, 2, 0, 4, 0, 6, 0, 2][..], b"leaf", &[1, 0, 0x80, 7, 0, 0xC0], &[8, 8]].concat();
    let bytes = [&[0x80, body.len() as u8], body.as_slice()].concat();
    let ciphers = vec![Ssl2Cipher([1, 0, 0x80]), Ssl2Cipher([7, 0, 0xC0])];
    let spoken = Ssl2Answer::Spoken { ciphers, certificate: Bytes::from_static(b"leaf") };
    assert_eq!(read_ssl2(&bytes), Ok(Some(spoken)));
    assert_eq!(read_ssl2(&bytes[..9]), Ok(None));
    assert_eq!(read_ssl2(&[0x80, 3, 0, 0, 1]), Ok(Some(Ssl2Answer::Refused)));
    assert_eq!(read_ssl2(&[21, 3, 1, 0, 2, 2, 70]), Err(AnswerError::NotTls));
}

#[test]
fn a_hello_of_thousands_of_extensions_is_refused_before_they_are_compared() {
    let extensions: Vec<u8> = (1_000..16_000_u16).flat_map(|number| numbers(&[number, 0])).collect();
    let hello = server_hello(0x0303, [7; 32], 0xC02F, &vector16(&extensions));
    // Over as many records as it takes.
    let records: Vec<u8> = hello.chunks(15_000).flat_map(record).collect();
    assert_eq!(heard(&records), Err(AnswerError::Malformed("more extensions than there are")));
}
