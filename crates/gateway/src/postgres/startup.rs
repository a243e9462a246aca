//! Start-up: the packets that come before a connection is agreed, which have no type but their length and
//! a number (PostgreSQL's manual, "Message Flow" and "Message Formats").

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;

/// The most bytes of a start-up packet behind its length, as PostgreSQL bounds it
/// (`MAX_STARTUP_PACKET_LENGTH`).
const LONGEST: u32 = 10_000;

/// The bytes of a cancel key: 4 in protocol 3.0, up to 256 in 3.2.
const CANCEL_KEY: std::ops::RangeInclusive<usize> = 4..=256;

/// The content type of a TLS handshake, with which direct TLS begins. As a length it would be 369 MB.
const TLS_HANDSHAKE: u8 = 0x16;

/// The least that any packet has: a length and a number.
const HEAD: usize = 8;

/// `SSLRequest`: "TLS, please".
pub const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];

/// What a client begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// A TLS record: direct TLS.
    Tls,
    /// `SSLRequest`.
    SslRequest,
    /// `GSSENCRequest`: encryption by Kerberos, please.
    GssEncRequest,
    /// `CancelRequest`, whole, as it goes on to the server.
    Cancel(Vec<u8>),
    /// `StartupMessage`.
    Startup(Startup),
}

/// How far a packet has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many more bytes are of it for sure.
    Read(usize),
    /// It is whole.
    Whole(Packet),
}

/// A `StartupMessage` of protocol 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Startup {
    /// The packet, whole, as it goes on to the server.
    pub packet: Vec<u8>,
    /// The user; never empty.
    pub user: String,
    /// The database; the user's name where none is named.
    pub database: String,
}

/// Why bytes are no start-up packet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartupError {
    /// A length that can't be.
    #[error("invalid length of startup packet")]
    Length(u32),
    /// A protocol that is not 3.x.
    #[error("unsupported frontend protocol {major}.{minor}: the gateway passes 3.x on")]
    Version {
        /// The number before the dot.
        major: u16,
        /// The number behind it.
        minor: u16,
    },
    /// Its list of names and values is not one.
    #[error("invalid startup packet layout: {0}")]
    Layout(&'static str),
    /// Nobody wants to log in.
    #[error("no PostgreSQL user name specified in startup packet")]
    NoUser,
    /// A cancel key that can't be one.
    #[error("invalid length of cancel request packet")]
    CancelKey,
}

/// Reads a packet of which these bytes have come. Never asks for more bytes than belong to it, so that
/// nothing behind it is read along.
pub fn read(bytes: &[u8]) -> Result<Progress, StartupError> {
    if bytes.first() == Some(&TLS_HANDSHAKE) {
        return Ok(Progress::Whole(Packet::Tls));
    }
    let Some((length, code)) = head(bytes) else { return Ok(Progress::Read(HEAD - bytes.len())) };
    let whole = usize::try_from(length).ok().filter(|whole| *whole >= HEAD && length <= LONGEST + 4);
    let Some(whole) = whole else { return Err(StartupError::Length(length)) };
    let (major, minor) = ((code >> 16) as u16, (code & 0xffff) as u16);
    // What no packet of ours could be is told before the rest of it is read.
    match (major, minor) {
        (3, _) => {}
        (1234, 5678) if CANCEL_KEY.contains(&whole.saturating_sub(HEAD + 4)) => {}
        (1234, 5678) => return Err(StartupError::CancelKey),
        (1234, 5679 | 5680) if whole == HEAD => {}
        (1234, 5679 | 5680) => return Err(StartupError::Length(length)),
        _ => return Err(StartupError::Version { major, minor }),
    }
    let Some(packet) = bytes.get(..whole) else { return Ok(Progress::Read(whole - bytes.len())) };
    Ok(Progress::Whole(match (major, minor) {
        (1234, 5678) => Packet::Cancel(packet.to_vec()),
        (1234, 5679) => Packet::SslRequest,
        (1234, 5680) => Packet::GssEncRequest,
        _ => Packet::Startup(startup(packet)?),
    }))
}

fn head(bytes: &[u8]) -> Option<(u32, u32)> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (code, _) = rest.split_first_chunk()?;
    Some((u32::from_be_bytes(*length), u32::from_be_bytes(*code)))
}

fn startup(packet: &[u8]) -> Result<Startup, StartupError> {
    let (mut user, mut database) = (None, None);
    let mut rest = packet.get(HEAD..).unwrap_or_default();
    loop {
        let name = text(&mut rest)?;
        if name.is_empty() {
            break;
        }
        let value = text(&mut rest)?;
        // PostgreSQL takes the last of several.
        match name {
            b"user" => user = Some(value),
            b"database" => database = Some(value),
            _ => {}
        }
    }
    if !rest.is_empty() {
        return Err(StartupError::Layout("bytes behind its end"));
    }
    let user = user.filter(|user| !user.is_empty()).ok_or(StartupError::NoUser)?;
    let database = database.filter(|database| !database.is_empty()).unwrap_or(user);
    // PostgreSQL would compare bytes. A name that is no UTF-8 can't be in a list of ours, nor in a log.
    let utf8 = |name: &[u8]| {
        let name = String::from_utf8(name.to_vec());
        name.map_err(|_| StartupError::Layout("a user or database that is not UTF-8"))
    };
    Ok(Startup { user: utf8(user)?, database: utf8(database)?, packet: packet.to_vec() })
}

/// The next text, which ends with a zero byte.
fn text<'p>(rest: &mut &'p [u8]) -> Result<&'p [u8], StartupError> {
    let end = memchr::memchr(0, rest).ok_or(StartupError::Layout("expected terminator as last byte"))?;
    let (text, behind) = rest.split_at_checked(end).unwrap_or_default();
    *rest = behind.get(1..).unwrap_or_default();
    Ok(text)
}

impl Packet {
    /// How many bytes it took; none of TLS, which is for the handshake to read.
    pub fn length(&self) -> usize {
        match self {
            Self::Tls => 0,
            Self::SslRequest | Self::GssEncRequest => HEAD,
            Self::Cancel(packet) => packet.len(),
            Self::Startup(startup) => startup.packet.len(),
        }
    }
}

impl Startup {
    /// The packet for this user and database of our own, in protocol 3.0.
    pub fn of(user: &str, database: &str) -> Self {
        let fields = ["user", user, "database", database, "application_name", "hermetic"];
        let body = fields.iter().flat_map(|field| field.bytes().chain([0])).chain([0]);
        let mut packet = vec![0, 0, 0, 0, 0, 3, 0, 0];
        packet.extend(body);
        let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
        if let Some(start) = packet.get_mut(..4) {
            start.copy_from_slice(&length.to_be_bytes());
        }
        Self { packet, user: user.to_owned(), database: database.to_owned() }
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls => "a TLS record",
            Self::SslRequest => "SSLRequest",
            Self::GssEncRequest => "GSSENCRequest",
            Self::Cancel(_) => "CancelRequest",
            Self::Startup(_) => "StartupMessage",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(code: [u16; 2], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEAD + body.len()).unwrap().to_be_bytes();
        [&length[..], &code[0].to_be_bytes(), &code[1].to_be_bytes(), body].concat()
    }

    fn whole(bytes: &[u8]) -> Packet {
        match read(bytes) {
            Ok(Progress::Whole(packet)) => packet,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_way_to_begin_is_known() {
        assert_eq!(whole(&SSL_REQUEST), Packet::SslRequest);
        assert_eq!(whole(&packet([1234, 5680], b"")), Packet::GssEncRequest);
        assert_eq!(whole(b"\x16\x03\x01"), Packet::Tls);
        let Packet::Startup(startup) = whole(&packet([3, 0], b"user\0web\0options\0x\0\0")) else { panic!() };
        assert_eq!((startup.user.as_str(), startup.database.as_str()), ("web", "web"));
        let Packet::Startup(startup) = whole(&packet([3, 2], b"database\0shop\0user\0web\0\0")) else {
            panic!()
        };
        assert_eq!((startup.user.as_str(), startup.database.as_str()), ("web", "shop"));
    }

    #[test]
    fn a_cancel_key_is_of_protocol_3_0_or_of_3_2() {
        for key in [4, 32, 256] {
            let bytes = packet([1234, 5678], &vec![1; 4 + key]);
            assert_eq!(whole(&bytes), Packet::Cancel(bytes.clone()));
        }
        for key in [0, 3, 257] {
            assert_eq!(read(&packet([1234, 5678], &vec![1; 4 + key])), Err(StartupError::CancelKey));
        }
    }

    #[test]
    fn what_is_none_is_told_at_its_head() {
        let told = |bytes: &[u8]| read(bytes).unwrap_err();
        assert_eq!(told(b"\0\0\0\x07\0\x03\0\0"), StartupError::Length(7));
        assert_eq!(told(b"\0\0\x27\x15\0\x03\0\0"), StartupError::Length(10_005));
        assert_eq!(told(b"GET / HTTP/1.1"), StartupError::Length(0x4745_5420));
        assert_eq!(told(b"\0\0\0\x40\0\x02\0\0"), StartupError::Version { major: 2, minor: 0 });
        assert_eq!(told(&packet([1234, 5679], b"x")), StartupError::Length(9));
    }

    #[test]
    fn a_list_that_is_none_is_refused() {
        let told = |body: &[u8]| read(&packet([3, 0], body)).unwrap_err();
        for body in [&b""[..], b"user\0web", b"user\0web\0", b"user\0", b"user\0web\0\0more"] {
            assert!(matches!(told(body), StartupError::Layout(_)), "{body:?}");
        }
        assert_eq!(told(b"\0"), StartupError::NoUser);
        assert_eq!(told(b"user\0\0\0"), StartupError::NoUser);
        assert!(matches!(told(b"user\0\xff\0\0"), StartupError::Layout(_)));
    }

    #[test]
    fn our_own_packet_reads_back() {
        let ours = Startup::of("asker", "postgres");
        assert_eq!(whole(&ours.packet), Packet::Startup(ours.clone()));
    }

    proptest! {
        #[test]
        fn it_never_reads_beyond_the_packet_and_always_comes_to_an_end(
            bytes in prop::collection::vec(any::<u8>(), 0..64), kind in 0_usize..5,
        ) {
            let sample = match kind {
                0 => packet([3, 0], &bytes),
                1 => packet([1234, 5678], &bytes),
                2 => SSL_REQUEST.to_vec(),
                3 => packet([3, 0], b"user\0web\0\0"),
                _ => bytes.clone(),
            };
            let (mut come, mut wanted) = (0, 0);
            while let Ok(Progress::Read(more)) = read(&sample[..come]) {
                prop_assert!(more > 0);
                wanted = come + more;
                if wanted > sample.len() { break }
                come = wanted;
            }
            if kind != 4 {
                prop_assert!(wanted <= sample.len());
                // However the bytes are cut, the outcome is the same.
                prop_assert_eq!(read(&sample[..come]).is_ok(), read(&sample).is_ok());
            }
        }
    }
}
