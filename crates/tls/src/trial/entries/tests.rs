use aws_lc_rs::agreement::{EphemeralPrivateKey, X25519};
use aws_lc_rs::rand::SystemRandom;
use proptest::prelude::*;

use super::keys::Algorithms;
use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
    digits.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// The trace of RFC 8448 section 3.
const CLIENT_HELLO: &str = "\
    010000c0 0303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7 000006130113031302 0100 \
    0091 0000000b0009000006736572766572 ff01000100 000a00140012001d0017001800190100010101020103 0104 \
    002300000033 00260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c \
    002b0003020304 000d0020001e040305030603020308040805080604010501060102010402050206020202 002d00020101 \
    001c00024001";
const SERVER_HELLO: &str = "\
    02000056 0303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e26928 00130100 002e \
    00330024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f 002b00020304";

#[test]
fn the_secret_of_the_server_s_traffic_is_that_of_rfc_8448() {
    let algorithms = Algorithms::of(CipherSuite(0x1301)).unwrap();
    let shared = bytes("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
    let transcript = [bytes(CLIENT_HELLO), bytes(SERVER_HELLO)].concat();
    assert_eq!(
        algorithms.secret(&shared, &transcript).unwrap(),
        bytes("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    );
}

fn entry(extensions: &[u8]) -> Result<Vec<Entry>, AnswerError> {
    let length = u16::try_from(extensions.len()).unwrap().to_be_bytes();
    let entry = [&[0, 0, 2, 0xAA, 0xBB], &length[..], extensions].concat();
    let length = u8::try_from(entry.len()).unwrap();
    Entry::all([&[0, 0, 0, length], &entry[..]].concat().into())
}

#[test]
fn what_stands_beside_a_certificate_is_read() {
    let told = entry(&[0, 18, 0, 2, 7, 8, 0, 5, 0, 5, 1, 0, 0, 1, 9, 0xFE, 0xED, 0, 0]).unwrap();
    let expected = Entry {
        certificate: Bytes::from_static(&[0xAA, 0xBB]),
        stapled: Some(Bytes::from_static(&[9])),
        timestamps: Some(Bytes::from_static(&[7, 8])),
    };
    assert_eq!(told, [expected]);
    assert_eq!(entry(&[]).unwrap()[0].timestamps, None);
}

#[test]
fn what_breaks_off_is_refused() {
    for broken in [&[0, 18, 0, 9][..], &[0], &[0, 5, 0, 5, 1, 0, 0, 9, 9]] {
        assert!(entry(broken).is_err(), "{broken:?}");
    }
    assert!(Entry::all(Bytes::from_static(&[0, 0, 0, 0, 9])).is_err());
}

fn flight() -> Flight {
    let key = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).unwrap();
    Flight::new(&[], vec![(NamedGroup::X25519, key)])
}

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], &length[..], content].concat()
}

#[test]
fn records_that_nobody_with_our_keys_has_sealed_are_not_opened() {
    let mut flight = flight();
    assert!(flight.push(&record(22, &bytes(SERVER_HELLO))).unwrap().is_none());
    assert!(flight.push(&record(20, &[1])).unwrap().is_none());
    assert!(matches!(flight.push(&record(23, &[0; 64])), Err(NotShown::NotOpened)));
}

#[test]
fn whoever_wants_another_hello_or_another_group_is_not_spoken_with() {
    let retry = bytes(SERVER_HELLO);
    let random = bytes("CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C");
    let retry = [&retry[..6], &random[..], &retry[38..]].concat();
    let other = bytes(&SERVER_HELLO.replace("00330024001d", "003300240018"));
    for hello in [retry, other] {
        let told = flight().push(&record(22, &hello));
        assert!(matches!(told, Err(NotShown::NotSpoken | NotShown::Malformed(_))), "{told:?}");
    }
    assert!(matches!(flight().push(&record(21, &[2, 40])), Err(NotShown::Alert(AlertNumber(40)))));
    assert!(matches!(
        flight().push(b"HTTP/1.1 400 Bad Request"),
        Err(NotShown::Malformed(AnswerError::NotTls))
    ));
}

proptest! {
    #[test]
    fn any_bytes_are_a_flight_or_none(
        segments in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..8),
    ) {
        let mut greeted = flight();
        let _ = greeted.push(&record(22, &bytes(SERVER_HELLO)));
        for mut flight in [flight(), greeted] {
            for segment in &segments {
                if flight.push(segment).is_err() {
                    break;
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_certificates_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Entry::all(bytes.into());
    }
}
