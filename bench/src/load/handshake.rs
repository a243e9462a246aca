//! Handshakes: connect, finish, close in order, again.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, HandshakeKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Tally;
use crate::stage::NAME;

/// Full handshakes until `until`.
pub(super) async fn full(
    configuration: &Arc<ClientConfig>,
    port: u16,
    until: Instant,
    tally: &Tally,
) -> Result<(), String> {
    repeat(configuration, port, until, tally, &[HandshakeKind::Full]).await
}

/// Resumed handshakes until `until`, after a full one that brings the first tickets.
pub(super) async fn resumed(
    configuration: &Arc<ClientConfig>,
    port: u16,
    until: Instant,
    tally: &Tally,
) -> Result<(), String> {
    close(connect(configuration, port).await?).await?;
    repeat(configuration, port, until, tally, &[HandshakeKind::Resumed]).await
}

async fn repeat(
    configuration: &Arc<ClientConfig>,
    port: u16,
    until: Instant,
    tally: &Tally,
    expected: &[HandshakeKind],
) -> Result<(), String> {
    while Instant::now() < until {
        let stream = connect(configuration, port).await?;
        let kind = stream.get_ref().1.handshake_kind();
        if !kind.is_some_and(|kind| expected.contains(&kind)) {
            return Err(format!("a handshake was {kind:?}, not one of {expected:?}"));
        }
        close(stream).await?;
        tally.add(1.0);
    }
    Ok(())
}

/// A connection whose handshake has ended.
pub(super) async fn connect(
    configuration: &Arc<ClientConfig>,
    port: u16,
) -> Result<TlsStream<TcpStream>, String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let name = ServerName::try_from(NAME).map_err(|error| error.to_string())?;
    let connected = TlsConnector::from(configuration.clone()).connect(name, stream).await;
    connected.map_err(|error| error.to_string())
}

/// Closes in order. Reading to the end shows that the server has seen our Finished, and takes in the
/// tickets that it sends behind its own (RFC 8446 4.6.1).
async fn close(mut stream: TlsStream<TcpStream>) -> Result<(), String> {
    stream.shutdown().await.map_err(|error| error.to_string())?;
    let mut rest = Vec::new();
    // A server may answer our close by closing without its own alert.
    let _ = stream.read_to_end(&mut rest).await;
    Ok(())
}
