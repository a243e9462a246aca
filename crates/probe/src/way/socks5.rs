//! SOCKS 5 (RFC 1928), with a user and a password where the proxy wants them (RFC 1929).

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Destination;
use super::proxy::Credentials;

const VERSION: u8 = 5;
const NOBODY: u8 = 0;
const PASSWORD: u8 = 2;

/// Asks the proxy to connect; behind its answer comes the far end.
pub(super) async fn ask<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    to: &Destination,
    credentials: Option<&Credentials>,
) -> io::Result<()> {
    let methods: &[u8] =
        if credentials.is_some() { &[VERSION, 2, NOBODY, PASSWORD] } else { &[VERSION, 1, NOBODY] };
    io.write_all(methods).await?;
    match (read(io).await?, credentials) {
        ([VERSION, NOBODY], _) => {}
        ([VERSION, PASSWORD], Some(credentials)) => introduce(io, credentials).await?,
        ([VERSION, PASSWORD | 0xFF], _) => return Err(refused("it wants another user and password")),
        _ => return Err(wrong()),
    }
    io.write_all(&request(to)?).await?;
    let [version, reply, _, kind] = read(io).await?;
    if version != VERSION {
        return Err(wrong());
    }
    if reply != 0 {
        return Err(said(reply));
    }
    // The address that it connects from, which is of no use here.
    match kind {
        1 => read::<6, _>(io).await.map(drop),
        4 => read::<18, _>(io).await.map(drop),
        3 => {
            let [length] = read(io).await?;
            io.read_exact(&mut vec![0; usize::from(length) + 2]).await.map(drop)
        }
        _ => Err(wrong()),
    }
}

async fn introduce<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    credentials: &Credentials,
) -> io::Result<()> {
    let mut message = vec![1];
    push(&mut message, &credentials.user)?;
    push(&mut message, &credentials.password)?;
    io.write_all(&message).await?;
    match read(io).await? {
        [_, 0] => Ok(()),
        [_, _] => Err(refused("it does not take this user and password")),
    }
}

fn request(to: &Destination) -> io::Result<Vec<u8>> {
    let mut message = vec![VERSION, 1, 0];
    let port = match to {
        Destination::Address(address) => {
            match address.ip().to_canonical() {
                IpAddr::V4(ip) => message.extend([&[1], &ip.octets()[..]].concat()),
                IpAddr::V6(ip) => message.extend([&[4], &ip.octets()[..]].concat()),
            }
            address.port()
        }
        Destination::Named { name, port } => {
            message.push(3);
            push(&mut message, name)?;
            *port
        }
    };
    message.extend(port.to_be_bytes());
    Ok(message)
}

/// A text behind its length in a byte.
fn push(message: &mut Vec<u8>, text: &str) -> io::Result<()> {
    message.push(u8::try_from(text.len()).map_err(|_| refused("a name or password is too long for it"))?);
    message.extend(text.bytes());
    Ok(())
}

async fn read<const N: usize, IO: AsyncRead + Unpin>(io: &mut IO) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    io.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// What a reply of RFC 1928 section 6 means.
fn said(reply: u8) -> io::Error {
    let (kind, what) = match reply {
        2 => (io::ErrorKind::PermissionDenied, "its rules forbid this connection"),
        3 => (io::ErrorKind::NetworkUnreachable, "the network is unreachable from there"),
        4 => (io::ErrorKind::HostUnreachable, "the host is unreachable from there"),
        5 => (io::ErrorKind::ConnectionRefused, "the connection is refused there"),
        6 => (io::ErrorKind::TimedOut, "the host does not answer"),
        8 => (io::ErrorKind::Unsupported, "it does not know addresses of this kind"),
        _ => (io::ErrorKind::Other, "it can't connect"),
    };
    io::Error::new(kind, what)
}

fn refused(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, what)
}

fn wrong() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it does not speak SOCKS 5")
}
