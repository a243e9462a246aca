//! Exchanges: requests over connections that stay open.

use std::sync::Arc;

use rustls::ClientConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

use super::Tally;
use super::handshake::connect;
use crate::origin::LARGE;
use crate::stage::NAME;

/// One read.
const BUFFER: usize = 64 * 1024;

const MIB: f64 = 1024.0 * 1024.0;

/// Small requests until `until`; counts requests.
pub(super) async fn small(
    configuration: &Arc<ClientConfig>,
    port: u16,
    until: Instant,
    tally: &Tally,
) -> Result<(), String> {
    let mut connection = Connection::open(configuration, port, "/small").await?;
    while Instant::now() < until {
        connection.exchange(|_| {}).await?;
        tally.add(1.0);
    }
    Ok(())
}

/// Large responses until `until`, the last one cut; counts MiB.
pub(super) async fn large(
    configuration: &Arc<ClientConfig>,
    port: u16,
    until: Instant,
    tally: &Tally,
) -> Result<(), String> {
    let mut connection = Connection::open(configuration, port, "/large").await?;
    while Instant::now() < until {
        let count = |bytes: usize| tally.add(bytes as f64 / MIB);
        let read = tokio::time::timeout_at(until, connection.exchange(count)).await;
        match read {
            Ok(Ok(length)) if length == LARGE => {}
            Ok(Ok(length)) => return Err(format!("a response of {length} bytes, not {LARGE}")),
            Ok(Err(reason)) => return Err(reason),
            Err(_) => break,
        }
    }
    Ok(())
}

/// A connection that asks for the same thing again and again.
struct Connection {
    stream: TlsStream<TcpStream>,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(configuration: &Arc<ClientConfig>, port: u16, path: &str) -> Result<Self, String> {
        let stream = connect(configuration, port).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {NAME}\r\n\r\n").into_bytes();
        Ok(Self { stream, request, buffer: vec![0; BUFFER] })
    }

    /// One request and its whole response; tells bytes of the body as they come, gives its length.
    async fn exchange(&mut self, passed: impl Fn(usize)) -> Result<usize, String> {
        self.stream.write_all(&self.request).await.map_err(|error| error.to_string())?;
        let mut head = Vec::new();
        let (length, mut read) = loop {
            let read = self.read().await?;
            head.extend_from_slice(self.buffer.get(..read).unwrap_or_default());
            if let Some((end, length)) = head_of(&head)? {
                break (length, head.len() - end);
            }
        };
        passed(read);
        while read < length {
            let more = self.read().await?;
            passed(more);
            read += more;
        }
        Ok(read)
    }

    async fn read(&mut self) -> Result<usize, String> {
        match self.stream.read(&mut self.buffer).await {
            Ok(0) => Err("the connection was closed".to_owned()),
            Ok(read) => Ok(read),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Where a response's head ends, and how long its body is; `None` while there is more to come.
fn head_of(bytes: &[u8]) -> Result<Option<(usize, usize)>, String> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).to_ascii_lowercase();
    if !head.starts_with("http/1.1 200") {
        return Err(format!("an answer that is no 200: {}", head.lines().next().unwrap_or_default()));
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    match length {
        Some(length) => Ok(Some((end + 4, length))),
        None => Err("a response without Content-Length".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_is_not_whole_is_waited_for() {
        assert_eq!(head_of(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"), Ok(None));
        assert_eq!(head_of(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), Ok(Some((38, 3))));
    }

    #[test]
    fn an_error_of_the_proxy_is_no_response_that_counts() {
        assert!(head_of(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").is_err());
    }
}
