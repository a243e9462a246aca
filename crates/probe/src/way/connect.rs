//! HTTP CONNECT (RFC 9110 section 9.3.6).

use std::io;

use base64ct::{Base64, Encoding};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Destination;
use super::proxy::Credentials;

/// The longest head of an answer that is read.
const LIMIT: usize = 16 * 1024;

/// Asks the proxy to connect; behind its answer comes the far end.
pub(super) async fn ask<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    to: &Destination,
    credentials: Option<&Credentials>,
) -> io::Result<()> {
    let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n");
    if let Some(Credentials { user, password }) = credentials {
        let told = Base64::encode_string(format!("{user}:{password}").as_bytes());
        request.push_str(&format!("Proxy-Authorization: Basic {told}\r\n"));
    }
    request.push_str("\r\n");
    io.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    // A byte at a time: the first behind the head is the far end's.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LIMIT {
            return Err(wrong());
        }
        head.push(io.read_u8().await?);
    }
    match status(&head).ok_or_else(wrong)? {
        200..=299 => Ok(()),
        status => Err(refused(status)),
    }
}

fn status(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.")?;
    std::str::from_utf8(rest.get(2..5)?).ok()?.parse().ok()
}

fn refused(status: u16) -> io::Error {
    let (kind, what) = match status {
        407 => (io::ErrorKind::PermissionDenied, "it wants another user and password"),
        403 | 405 => (io::ErrorKind::PermissionDenied, "it forbids this connection"),
        504 => (io::ErrorKind::TimedOut, "the far end does not answer it"),
        _ => (io::ErrorKind::ConnectionRefused, "it can't connect"),
    };
    io::Error::new(kind, format!("{what}: it answers {status}"))
}

fn wrong() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it does not speak HTTP")
}
