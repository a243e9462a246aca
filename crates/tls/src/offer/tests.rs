use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::hello::{HelloReader, Progress};
use crate::{ClientHello, NamedGroup, SignatureScheme, Ssl2Cipher};

/// What our own reader, which is another's code, makes of an offer.
fn read(offer: &Offer) -> ClientHello {
    let bytes = offer.records([7; 32]);
    let Ok(Progress::Complete(hello)) = HelloReader::new().push(&bytes) else { panic!("{offer:?}") };
    assert_eq!(hello.raw.len(), bytes.len(), "nothing behind it");
    *hello
}

#[test]
fn what_is_offered_is_what_a_server_reads() {
    let offer = Offer::new(ProtocolVersion::TLS1_2, vec![CipherSuite(0x1301), CipherSuite(0xC02F)])
        .with(Extension::ServerName("shop.test".parse().unwrap()))
        .with(Extension::Groups(vec![NamedGroup::X25519]))
        .with(Extension::SignatureSchemes(vec![SignatureScheme(0x0403)]))
        .with(Extension::ApplicationProtocols(vec![Bytes::from_static(b"h2")]))
        .with(Extension::Versions(vec![ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2]))
        .with(Extension::KeyShares(vec![(NamedGroup::X25519, Bytes::from_static(&[9; 32]))]));
    let hello = read(&offer);
    assert_eq!(hello.suites, offer.suites);
    assert_eq!(hello.server_name.as_deref(), Some("shop.test"));
    assert_eq!(hello.groups, [NamedGroup::X25519]);
    assert_eq!(hello.key_shares, [NamedGroup::X25519]);
    assert_eq!(hello.signature_schemes, [0x0403]);
    assert_eq!(hello.alpn, ["h2"]);
    assert_eq!(hello.versions, [ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2]);
}

#[test]
fn a_hello_of_ssl_3_ends_before_extensions_and_comes_in_records_of_its_own_version() {
    let offer = Offer::new(ProtocolVersion::SSL3, vec![CipherSuite(0x000A)]);
    assert_eq!(offer.records([7; 32])[..3], [22, 3, 0]);
    assert_eq!(read(&offer).extensions, []);
    let newer = Offer::new(ProtocolVersion::TLS1_2, vec![CipherSuite(0x000A)]);
    assert_eq!(newer.records([7; 32])[..3], [22, 3, 1]);
}

#[test]
fn a_hello_of_ssl_2_has_the_lengths_that_its_header_tells() {
    let ciphers: Vec<_> = Ssl2Cipher::all().collect();
    let hello = ssl2_hello(&ciphers, [7; 16]);
    let length = usize::from(u16::from_be_bytes([hello[0] & 0x7F, hello[1]]));
    assert_eq!((hello[0] & 0x80, hello.len()), (0x80, 2 + length));
    assert_eq!(hello[2..11], [1, 0, 2, 0, 36, 0, 0, 0, 16]);
    assert_eq!(length, 9 + 36 + 16);
}

proptest! {
    #[test]
    fn any_offer_is_a_hello_and_is_read_as_it_was_meant(
        suites in vec(any::<u16>().prop_map(CipherSuite), 1..500),
        session_id in vec(any::<u8>(), 0..=32),
        others in vec(vec(any::<u8>(), 0..3000), 0..12),
    ) {
        let numbered = others.into_iter().zip(0x4000..);
        let extensions = numbered.map(|(content, number)| Extension::Other(number, content.into())).collect();
        let offer = Offer {
            session_id: session_id.into(),
            extensions,
            ..Offer::new(ProtocolVersion::TLS1_2, suites)
        };
        let hello = read(&offer);
        prop_assert_eq!(&hello.suites, &offer.suites);
        prop_assert_eq!(&hello.session_id, &offer.session_id);
        prop_assert_eq!(hello.extensions.len(), offer.extensions.len());
    }
}
