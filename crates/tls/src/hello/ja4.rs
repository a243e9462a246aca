//! JA4: the fingerprint of a client by its ClientHello. Two clients of one make have the same one,
//! whatever they ask for: order, GREASE, names and keys do not count.
//!
//! This is JA4 alone, the TLS client fingerprint of FoxIO's specification, which is BSD-3-Clause; its
//! siblings (JA4S, JA4H and the rest) are under another licence and are not in this house.

use std::fmt;
use std::str::FromStr;

use super::ClientHello;
use super::message::{ALPN, SERVER_NAME, SIGNATURE_ALGORITHMS, SUPPORTED_VERSIONS, is_grease};
use crate::ProtocolVersion;
use crate::digest::sha256;

/// The length of its text: three parts of 10, 12 and 12 characters.
const LENGTH: usize = 36;

/// A JA4 fingerprint, such as `t13d1516h2_8daaf6152771_e5627efa2ab1`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ja4([u8; LENGTH]);

/// A text that is no JA4 fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a JA4 fingerprint has three parts of 10, 12 and 12 characters: t13d1516h2_8daaf6152771_e5627efa2ab1"
)]
pub struct Ja4Error;

impl Ja4 {
    /// The fingerprint of a hello that came over TCP.
    pub fn of(hello: &ClientHello) -> Self {
        let text = format!("{}_{}_{}", offer(hello), suites(hello), extensions(hello));
        // Its parts have these lengths whatever the hello says.
        text.parse().unwrap_or(Self([b'0'; LENGTH]))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever put in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Ja4 {
    type Err = Ja4Error;

    fn from_str(text: &str) -> Result<Self, Ja4Error> {
        let bytes: [u8; LENGTH] = text.as_bytes().try_into().map_err(|_| Ja4Error)?;
        let mut parts = bytes.split(|&byte| byte == b'_');
        let (Some(offer), Some(suites), Some(extensions), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Ja4Error);
        };
        let hash =
            |part: &[u8]| part.len() == 12 && part.iter().all(|byte| b"0123456789abcdef".contains(byte));
        let plain = offer.len() == 10 && offer.iter().all(u8::is_ascii_alphanumeric);
        if plain && hash(suites) && hash(extensions) { Ok(Self(bytes)) } else { Err(Ja4Error) }
    }
}

impl fmt::Display for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ja4({self})")
    }
}

/// The readable part: transport, version, whether a name was asked for, counts, first application protocol.
fn offer(hello: &ClientHello) -> String {
    let named = if has(hello, SERVER_NAME) { 'd' } else { 'i' };
    let suites = hello.suites.iter().filter(|suite| !is_grease(suite.0)).count().min(99);
    let extensions = hello.extensions.iter().filter(|(kind, _)| !is_grease(*kind)).count().min(99);
    format!("t{}{named}{suites:02}{extensions:02}{}", version(hello), protocol(hello))
}

fn version(hello: &ClientHello) -> &'static str {
    let best = match has(hello, SUPPORTED_VERSIONS) {
        true => hello.best_version(),
        false => Some(hello.legacy_version),
    };
    match best {
        Some(ProtocolVersion(0x0304)) => "13",
        Some(ProtocolVersion(0x0303)) => "12",
        Some(ProtocolVersion(0x0302)) => "11",
        Some(ProtocolVersion(0x0301)) => "10",
        Some(ProtocolVersion(0x0300)) => "s3",
        Some(ProtocolVersion(0x0002)) => "s2",
        _ => "00",
    }
}

/// The first and last character of the first application protocol; of its hexadecimal form where either
/// is no letter or digit.
fn protocol(hello: &ClientHello) -> String {
    let ends = |bytes: &[u8]| Some((*bytes.first()?, *bytes.last()?));
    let Some((first, last)) = hello.alpn.first().and_then(|protocol| ends(protocol)) else {
        return "00".to_owned();
    };
    match first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        true => [first, last].map(char::from).iter().collect(),
        false => format!("{:x}{:x}", first >> 4, last & 0x0F),
    }
}

fn suites(hello: &ClientHello) -> String {
    let mut suites: Vec<u16> = hello.suites.iter().map(|suite| suite.0).collect();
    suites.retain(|suite| !is_grease(*suite));
    suites.sort_unstable();
    hashed(&listed(suites))
}

/// The extensions in the order of their numbers, without the name and the protocols, which differ from
/// one site to another; then the signature algorithms in the client's order.
fn extensions(hello: &ClientHello) -> String {
    let mut kinds: Vec<u16> = hello.extensions.iter().map(|(kind, _)| *kind).collect();
    kinds.retain(|kind| !is_grease(*kind) && ![SERVER_NAME, ALPN].contains(kind));
    kinds.sort_unstable();
    let mut text = listed(kinds);
    if has(hello, SIGNATURE_ALGORITHMS) {
        let schemes = hello.signature_schemes.iter().copied().filter(|scheme| !is_grease(*scheme));
        text = format!("{text}_{}", listed(schemes));
    }
    hashed(&text)
}

fn has(hello: &ClientHello, extension: u16) -> bool {
    hello.extensions.iter().any(|(kind, _)| *kind == extension)
}

fn listed(numbers: impl IntoIterator<Item = u16>) -> String {
    numbers.into_iter().map(|number| format!("{number:04x}")).collect::<Vec<_>>().join(",")
}

/// The first 12 hexadecimal digits of the SHA-256; zeros of nothing.
fn hashed(text: &str) -> String {
    if text.is_empty() {
        return "0".repeat(12);
    }
    sha256(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hello::writer::{self, Sample};
    use crate::hello::{HelloReader, Progress};

    fn fingerprint(suites: &[u16], extensions: Vec<(u16, Vec<u8>)>) -> String {
        let sample = Sample {
            legacy_version: 0x0303,
            random: [7; 32],
            session_id: Vec::new(),
            suites: suites.to_vec(),
            compression: vec![0],
            extensions: Some(extensions),
        };
        match HelloReader::new().push(&sample.bytes()).unwrap() {
            Progress::Complete(hello) => Ja4::of(&hello).to_string(),
            Progress::Partial => panic!("not whole"),
        }
    }

    /// The hello of Chrome that the specification takes for its example.
    const SUITES: [u16; 15] = [
        0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
        0x009d, 0x002f, 0x0035,
    ];

    fn of_chrome() -> Vec<(u16, Vec<u8>)> {
        let bare = [0x0005, 0x000b, 0x0012, 0x0015, 0x0017, 0x001b, 0x0023, 0x002d, 0x4469, 0xff01];
        let schemes = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
        let mut extensions: Vec<_> = bare.map(|kind| (kind, Vec::new())).to_vec();
        extensions.extend([
            writer::server_name(b"shop.test"),
            writer::alpn(&[b"h2", b"http/1.1"]),
            writer::groups(&[0x2a2a, 29, 23]),
            writer::signature_schemes(&schemes),
            writer::versions(&[0x3a3a, 0x0304, 0x0303]),
            writer::key_shares(&[(29, &[1; 32])]),
        ]);
        extensions
    }

    #[test]
    fn the_example_of_the_specification_has_its_fingerprint() {
        assert_eq!(fingerprint(&SUITES, of_chrome()), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    #[test]
    fn order_and_grease_do_not_count() {
        let mut suites = SUITES.to_vec();
        suites.reverse();
        suites.insert(0, 0x1a1a);
        let mut extensions = of_chrome();
        extensions.reverse();
        extensions.insert(3, (0x6a6a, vec![0]));
        assert_eq!(fingerprint(&suites, extensions), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    #[test]
    fn a_hello_that_offers_little_has_zeros() {
        assert_eq!(fingerprint(&[0x0a0a], Vec::new()), "t12i000000_000000000000_000000000000");
    }

    #[test]
    fn a_protocol_with_odd_ends_is_told_in_hexadecimal() {
        let with = |protocol: &[u8]| fingerprint(&SUITES, vec![writer::alpn(&[protocol])])[8..10].to_owned();
        assert_eq!(with(b"http/1.1"), "h1");
        assert_eq!(with(b"h"), "hh");
        assert_eq!(with(&[0xab]), "ab");
        assert_eq!(with(&[0x30, 0xab]), "3b");
    }

    #[test]
    fn only_a_fingerprint_is_read_as_one() {
        assert!("t13d1516h2_8daaf6152771_e5627efa2ab1".parse::<Ja4>().is_ok());
        for wrong in
            ["", "t13d1516h2", "t13d1516h2_8daaf6152771_E5627EFA2AB1", "t13d1516h2_8daaf6152771e5627efa2ab1_"]
        {
            assert_eq!(wrong.parse::<Ja4>(), Err(Ja4Error), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_hello_has_a_fingerprint_that_reads_back(
            suites in proptest::collection::vec(any::<u16>(), 1..120),
            kinds in proptest::collection::btree_set(100_u16.., 0..120),
            protocol in proptest::collection::vec(any::<u8>(), 1..20),
        ) {
            let mut extensions: Vec<_> = kinds.into_iter().map(|kind| (kind, Vec::new())).collect();
            extensions.push(writer::alpn(&[&protocol]));
            let text = fingerprint(&suites, extensions);
            prop_assert_eq!(text.parse::<Ja4>().unwrap().to_string(), text.clone());
            prop_assert!(text.starts_with('t'));
        }
    }
}
