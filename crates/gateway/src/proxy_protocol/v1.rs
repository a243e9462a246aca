//! Version 1: one line of ASCII, `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443` (section 2.1).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};
use std::str::FromStr;

use super::{Addresses, Details, Header, HeaderError, Origin, Progress};

const START: &[u8] = b"PROXY ";

/// The most characters of a line, its end included (section 2.1).
const LINE_LIMIT: usize = 107;

/// Reads the line, once its end is there.
pub(super) fn read(received: &[u8]) -> Result<Progress, HeaderError> {
    if !received.iter().zip(START).all(|(received, expected)| received == expected) {
        return Err(HeaderError::Missing);
    }
    let line = received.get(..LINE_LIMIT).unwrap_or(received);
    let Some(end) = line.windows(2).position(|pair| pair == b"\r\n") else {
        return match line.len() < LINE_LIMIT {
            true => Ok(Progress::Partial),
            false => Err(HeaderError::Line("it does not end within 107 characters")),
        };
    };
    let text = line.get(START.len()..end).and_then(|line| std::str::from_utf8(line).ok());
    let origin = origin(text.ok_or(HeaderError::Line("it is not ASCII"))?)?;
    let header = Box::new(Header { origin, details: Details::default() });
    Ok(Progress::Complete { header, length: end + 2 })
}

fn origin(text: &str) -> Result<Origin, HeaderError> {
    // What follows UNKNOWN is to be ignored.
    if text == "UNKNOWN" || text.starts_with("UNKNOWN ") {
        return Ok(Origin::Unknown);
    }
    let mut words = text.split(' ');
    let mut next = || words.next().ok_or(HeaderError::Line("it ends too early"));
    let (family, source, destination) = (next()?, next()?, next()?);
    let (from, to) = (port(next()?)?, port(next()?)?);
    if words.next().is_some() {
        return Err(HeaderError::Line("there is more than addresses and ports"));
    }
    match family {
        "TCP4" => {
            let socket = |address, port| ip::<Ipv4Addr>(address).map(|ip| SocketAddrV4::new(ip, port));
            let (source, destination) = (socket(source, from)?, socket(destination, to)?);
            Ok(Origin::Tcp(Addresses::V4 { source, destination }))
        }
        "TCP6" => {
            let socket = |address, port| ip::<Ipv6Addr>(address).map(|ip| SocketAddrV6::new(ip, port, 0, 0));
            let (source, destination) = (socket(source, from)?, socket(destination, to)?);
            Ok(Origin::Tcp(Addresses::V6 { source, destination }))
        }
        _ => Err(HeaderError::Line("neither TCP4, TCP6 nor UNKNOWN")),
    }
}

fn ip<T: FromStr>(text: &str) -> Result<T, HeaderError> {
    text.parse().map_err(|_| HeaderError::Line("an address is not one of its family"))
}

/// Without leading zeroes, which some would read as octal, and without a sign.
fn port(text: &str) -> Result<u16, HeaderError> {
    let plain = text == "0" || text.starts_with(|first: char| ('1'..='9').contains(&first));
    let port = text.parse().ok().filter(|_| plain);
    port.ok_or(HeaderError::Line("a port is not a number up to 65535"))
}

/// The line of this origin.
pub(super) fn write(origin: &Origin) -> Vec<u8> {
    let line = match origin {
        Origin::Sender | Origin::Unknown | Origin::Unix { .. } => "PROXY UNKNOWN\r\n".to_owned(),
        Origin::Tcp(Addresses::V4 { source, destination }) => {
            let (from, to) = (source.port(), destination.port());
            format!("PROXY TCP4 {} {} {from} {to}\r\n", source.ip(), destination.ip())
        }
        Origin::Tcp(Addresses::V6 { source, destination }) => {
            let (from, to) = (source.port(), destination.port());
            format!("PROXY TCP6 {} {} {from} {to}\r\n", source.ip(), destination.ip())
        }
    };
    line.into_bytes()
}
