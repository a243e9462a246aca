//! What holds for every header and for every other string of bytes, and that others read them alike.

use std::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6};

use ppp::v2::{Type, TypeLengthValue};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{Addresses, Details, Header, HeaderError, Origin, Progress, TlsDetails, read};

fn whole(bytes: &[u8]) -> Header {
    match read(bytes) {
        Ok(Progress::Complete { header, length }) if length == bytes.len() => *header,
        other => panic!("{other:?}"),
    }
}

/// The answer for `bytes`, which come in segments of these sizes, over and over.
fn split(bytes: &[u8], segments: &[usize]) -> Result<Progress, HeaderError> {
    let mut received = 0;
    for size in segments.iter().cycle() {
        received = bytes.len().min(received + size);
        let progress = read(&bytes[..received])?;
        if received == bytes.len() || progress != Progress::Partial {
            return Ok(progress);
        }
    }
    Ok(Progress::Partial)
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    vec(1..60_usize, 1..8)
}

fn addresses() -> impl Strategy<Value = Addresses> {
    let v4 = any::<(SocketAddrV4, SocketAddrV4)>()
        .prop_map(|(source, destination)| Addresses::V4 { source, destination });
    let plain = |address: SocketAddrV6| SocketAddrV6::new(*address.ip(), address.port(), 0, 0);
    let v6 = any::<(SocketAddrV6, SocketAddrV6)>().prop_map(move |(source, destination)| Addresses::V6 {
        source: plain(source),
        destination: plain(destination),
    });
    prop_oneof![v4, v6]
}

fn tls() -> impl Strategy<Value = TlsDetails> {
    let text = || prop::option::of("[ -~]{0,40}");
    let texts = (text(), "\\PC{0,20}".prop_map(Some), text(), text(), text(), text(), text());
    (any::<(bool, bool, bool, u32)>(), texts, prop::option::of(vec(any::<u8>(), 0..700))).prop_map(
        |((encrypted, connection, session, verify), texts, client_certificate)| {
            let (version, common_name, cipher, signature, key, group, scheme) = texts;
            TlsDetails {
                encrypted,
                certificate_on_connection: connection,
                certificate_in_session: session,
                verify,
                version,
                common_name,
                cipher,
                signature_algorithm: signature,
                key_algorithm: key,
                group,
                signature_scheme: scheme,
                client_certificate,
            }
        },
    )
}

fn details() -> impl Strategy<Value = Details> {
    (
        prop::option::of(vec(any::<u8>(), 0..20)),
        prop::option::of("\\PC{0,60}"),
        prop::option::of(vec(any::<u8>(), 0..=128)),
        prop::option::of(tls()),
        prop::option::of("[ -~]{0,20}"),
    )
        .prop_map(|(alpn, authority, unique_id, tls, namespace)| Details {
            alpn,
            authority,
            unique_id,
            tls,
            namespace,
        })
}

fn headers() -> impl Strategy<Value = Header> {
    let path = || vec(1..=255_u8, 0..=108);
    let unix = (path(), path(), details()).prop_map(|(source, destination, details)| Header {
        origin: Origin::Unix { source, destination },
        details,
    });
    let bare = prop_oneof![Just(Origin::Sender), Just(Origin::Unknown)]
        .prop_map(|origin| Header { origin, details: Details::default() });
    prop_oneof![
        6 => (addresses(), details()).prop_map(|(addresses, details)| Header::new(addresses, details)),
        1 => unix,
        1 => bare,
    ]
}

proptest! {
    #[test]
    fn what_was_written_is_read(header in headers()) {
        prop_assert_eq!(whole(&header.version2().unwrap()), header);
    }

    #[test]
    fn a_line_that_was_written_is_read(addresses in addresses()) {
        let header = Header::new(addresses, Details::default());
        prop_assert_eq!(whole(&header.version1()), header);
    }

    #[test]
    fn segments_do_not_matter(
        header in headers(), line: bool, behind in vec(any::<u8>(), 0..40), segments in sizes(),
    ) {
        let header = if line { header.version1() } else { header.version2().unwrap() };
        let bytes = [header.clone(), behind].concat();
        let progress = split(&bytes, &segments).unwrap();
        prop_assert_eq!(&progress, &read(&bytes).unwrap());
        let is_whole = matches!(progress, Progress::Complete { length, .. } if length == header.len());
        prop_assert!(is_whole);
    }

    #[test]
    fn a_header_with_bytes_changed_gets_one_answer_however_it_is_split(
        header in headers(),
        line: bool,
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        segments in sizes(),
    ) {
        let mut bytes = if line { header.version1() } else { header.version2().unwrap() };
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        prop_assert_eq!(split(&bytes, &segments), read(&bytes));
    }

    #[test]
    fn any_bytes_behind_a_signature_get_one_answer_however_they_are_split(
        start in prop::sample::select(vec![&b""[..], b"PROXY ", b"PROXY TCP4 ", b"\r\n\r\n\0\r\nQUIT\n!\x11"]),
        bytes in vec(any::<u8>(), 0..300),
        segments in sizes(),
    ) {
        let bytes = [start, &bytes].concat();
        prop_assert_eq!(split(&bytes, &segments), read(&bytes));
    }

    #[test]
    fn no_changed_address_passes_the_checksum(
        addresses in addresses(), details in details(), bit in any::<prop::sample::Index>(),
    ) {
        let mut bytes = Header::new(addresses, details).version2().unwrap();
        // The shorter ones, behind the start.
        let bit = bit.index(12 * 8);
        bytes[16 + bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(read(&bytes), Err(HeaderError::Checksum));
    }

    #[test]
    fn a_header_says_the_same_to_another_reader(addresses in addresses(), details in details()) {
        let bytes = Header::new(addresses, details.clone()).version2().unwrap();
        let theirs = ppp::v2::Header::try_from(bytes.as_slice()).unwrap();
        let (source, destination) = match theirs.addresses {
            ppp::v2::Addresses::IPv4(told) => (
                SocketAddr::new(told.source_address.into(), told.source_port),
                SocketAddr::new(told.destination_address.into(), told.destination_port),
            ),
            ppp::v2::Addresses::IPv6(told) => (
                SocketAddr::new(told.source_address.into(), told.source_port),
                SocketAddr::new(told.destination_address.into(), told.destination_port),
            ),
            other => panic!("{other:?}"),
        };
        prop_assert_eq!((source, destination), (addresses.source(), addresses.destination()));
        let value = |kind: u8| {
            let mut values = theirs.tlvs().map(Result::unwrap);
            values.find(|value| value.kind == kind).map(|value| value.value.to_vec())
        };
        prop_assert_eq!(value(Type::ALPN.into()), details.alpn);
        prop_assert_eq!(value(Type::Authority.into()), details.authority.map(String::into_bytes));
        prop_assert_eq!(value(Type::SSL.into()).is_some(), details.tls.is_some());
    }

    #[test]
    fn what_another_writer_wrote_says_the_same(addresses in addresses(), alpn in vec(any::<u8>(), 0..20)) {
        let (source, destination) = (addresses.source(), addresses.destination());
        let told: ppp::v2::Addresses = match (source.ip(), destination.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                ppp::v2::IPv4::new(from, to, source.port(), destination.port()).into()
            }
            (IpAddr::V6(from), IpAddr::V6(to)) => {
                ppp::v2::IPv6::new(from, to, source.port(), destination.port()).into()
            }
            _ => unreachable!("one family"),
        };
        let command = ppp::v2::Version::Two | ppp::v2::Command::Proxy;
        let bytes = ppp::v2::Builder::with_addresses(command, ppp::v2::Protocol::Stream, told)
            .write_payload(TypeLengthValue::new(Type::ALPN, &alpn))
            .and_then(ppp::v2::Builder::build)
            .unwrap();
        let details = Details { alpn: Some(alpn), ..Details::default() };
        prop_assert_eq!(whole(&bytes), Header::new(addresses, details));
    }

    #[test]
    fn a_line_says_the_same_to_another_reader(addresses in addresses()) {
        let line = Header::new(addresses, Details::default()).version1();
        let theirs = ppp::v1::Header::try_from(line.as_slice()).unwrap();
        let told = match theirs.addresses {
            ppp::v1::Addresses::Tcp4(told) => (
                SocketAddr::new(told.source_address.into(), told.source_port),
                SocketAddr::new(told.destination_address.into(), told.destination_port),
            ),
            ppp::v1::Addresses::Tcp6(told) => (
                SocketAddr::new(told.source_address.into(), told.source_port),
                SocketAddr::new(told.destination_address.into(), told.destination_port),
            ),
            ppp::v1::Addresses::Unknown => panic!("unknown"),
        };
        prop_assert_eq!(told, (addresses.source(), addresses.destination()));
    }
}
