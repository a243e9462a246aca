//! Version 2: a signature, a command, a length, addresses, and behind them what else there is to tell
//! (section 2.2).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};

use super::{Addresses, Details, HEADER_LIMIT, Header, HeaderError, Origin, Progress, Unwritable, tlv};

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// Signature, version and command, family, length.
const START: usize = 16;

const LOCAL: u8 = 0x20;
const PROXY: u8 = 0x21;

const UNSPEC: u8 = 0x00;
const TCP4: u8 = 0x11;
const UDP4: u8 = 0x12;
const TCP6: u8 = 0x21;
const UDP6: u8 = 0x22;
const UNIX_STREAM: u8 = 0x31;
const UNIX_DATAGRAM: u8 = 0x32;

/// A path in `sockaddr_un`.
const PATH: usize = 108;

/// Reads the header, once all of it is there. What is wrong at its start is refused at once.
pub(super) fn read(received: &[u8]) -> Result<Progress, HeaderError> {
    if !received.iter().zip(SIGNATURE).all(|(received, expected)| received == expected) {
        return Err(HeaderError::Missing);
    }
    let behind = received.get(SIGNATURE.len()..).unwrap_or_default();
    if !matches!(behind.first(), None | Some(&(LOCAL | PROXY))) {
        return Err(HeaderError::Malformed("a version other than 2, or an unknown command"));
    }
    // With LOCAL, the family is to be ignored.
    let is_unknown = |family: u8| family >> 4 > 3 || family & 0x0F > 2;
    if matches!(behind, [PROXY, family, ..] if is_unknown(*family)) {
        return Err(HeaderError::Malformed("an unknown family or protocol"));
    }
    let &[command, family, high, low, ref rest @ ..] = behind else { return Ok(Progress::Partial) };
    let length = START + usize::from(u16::from_be_bytes([high, low]));
    if length > HEADER_LIMIT {
        return Err(HeaderError::TooLong);
    }
    let (Some(whole), Some(body)) = (received.get(..length), rest.get(..length - START)) else {
        return Ok(Progress::Partial);
    };
    // What comes with LOCAL is to be discarded.
    let header = match command {
        LOCAL => Header { origin: Origin::Sender, details: Details::default() },
        _ => header(family, whole, body)?,
    };
    Ok(Progress::Complete { header: Box::new(header), length })
}

/// `body` is what stands behind the start of `whole`.
fn header(family: u8, whole: &[u8], body: &[u8]) -> Result<Header, HeaderError> {
    let (origin, rest) = match family {
        TCP4 => v4(body).map(|(addresses, rest)| (Origin::Tcp(addresses), rest)),
        TCP6 => v6(body).map(|(addresses, rest)| (Origin::Tcp(addresses), rest)),
        UNIX_STREAM => unix(body),
        UDP4 => v4(body).map(|(_, rest)| (Origin::Unknown, rest)),
        UDP6 => v6(body).map(|(_, rest)| (Origin::Unknown, rest)),
        UNIX_DATAGRAM => unix(body).map(|(_, rest)| (Origin::Unknown, rest)),
        // Who knows no family can't say where its addresses end.
        _ => return Ok(Header { origin: Origin::Unknown, details: Details::default() }),
    }
    .ok_or(HeaderError::Malformed("it is shorter than its addresses"))?;
    Ok(Header { origin, details: tlv::read(rest, whole)? })
}

fn v4(body: &[u8]) -> Option<(Addresses, &[u8])> {
    let (source, body) = body.split_first_chunk::<4>()?;
    let (destination, body) = body.split_first_chunk::<4>()?;
    let ([from, to], rest) = ports(body)?;
    let source = SocketAddrV4::new(Ipv4Addr::from(*source), from);
    let destination = SocketAddrV4::new(Ipv4Addr::from(*destination), to);
    Some((Addresses::V4 { source, destination }, rest))
}

fn v6(body: &[u8]) -> Option<(Addresses, &[u8])> {
    let (source, body) = body.split_first_chunk::<16>()?;
    let (destination, body) = body.split_first_chunk::<16>()?;
    let ([from, to], rest) = ports(body)?;
    let source = SocketAddrV6::new(Ipv6Addr::from(*source), from, 0, 0);
    let destination = SocketAddrV6::new(Ipv6Addr::from(*destination), to, 0, 0);
    Some((Addresses::V6 { source, destination }, rest))
}

fn ports(body: &[u8]) -> Option<([u16; 2], &[u8])> {
    let (&[a, b, c, d], rest) = body.split_first_chunk()?;
    Some(([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])], rest))
}

fn unix(body: &[u8]) -> Option<(Origin, &[u8])> {
    let (source, body) = body.split_first_chunk::<PATH>()?;
    let (destination, rest) = body.split_first_chunk::<PATH>()?;
    Some((Origin::Unix { source: path(source), destination: path(destination) }, rest))
}

/// A path without what fills its place up.
fn path(padded: &[u8; PATH]) -> Vec<u8> {
    let length = padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    padded.iter().copied().take(length).collect()
}

/// The bytes of a header.
pub(super) fn write(header: &Header) -> Result<Vec<u8>, Unwritable> {
    let (command, family, addresses) = match &header.origin {
        Origin::Sender => (LOCAL, UNSPEC, Vec::new()),
        Origin::Unknown => (PROXY, UNSPEC, Vec::new()),
        Origin::Tcp(Addresses::V4 { source, destination }) => {
            let ips = [source.ip().octets(), destination.ip().octets()].concat();
            (PROXY, TCP4, [ips, written_ports(source.port(), destination.port())].concat())
        }
        Origin::Tcp(Addresses::V6 { source, destination }) => {
            let ips = [source.ip().octets(), destination.ip().octets()].concat();
            (PROXY, TCP6, [ips, written_ports(source.port(), destination.port())].concat())
        }
        Origin::Unix { source, destination } => {
            (PROXY, UNIX_STREAM, [padded(source)?, padded(destination)?].concat())
        }
    };
    let details = match family {
        UNSPEC => Vec::new(),
        _ => tlv::write(&header.details)?,
    };
    let length = START + addresses.len() + details.len();
    if length > HEADER_LIMIT {
        return Err(Unwritable);
    }
    let mut bytes = Vec::with_capacity(length);
    bytes.extend(SIGNATURE);
    bytes.extend([command, family]);
    bytes.extend(u16::try_from(length - START).map_err(|_| Unwritable)?.to_be_bytes());
    bytes.extend(addresses);
    bytes.extend(details);
    if family != UNSPEC {
        tlv::seal(&mut bytes);
    }
    Ok(bytes)
}

fn written_ports(from: u16, to: u16) -> Vec<u8> {
    [from.to_be_bytes(), to.to_be_bytes()].concat()
}

fn padded(path: &[u8]) -> Result<Vec<u8>, Unwritable> {
    let mut padded = path.to_vec();
    padded.resize(PATH.max(path.len()), 0);
    if padded.len() > PATH { Err(Unwritable) } else { Ok(padded) }
}
