//! From a host name to a connection.

use std::net::SocketAddr;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};

/// Resolves `host` and connects to the first of its addresses that takes the connection. Those that
/// say nothing share the time until `until`, so that one of them does not use up all of it.
pub(crate) async fn reach(host: &str, port: u16, until: Instant) -> Result<(SocketAddr, TcpStream), String> {
    let addresses = lookup_host((host, port)).await;
    let mut addresses = addresses.map_err(|error| format!("the name {host} can't be resolved: {error}"))?;
    let mut refused = Vec::new();
    while let Some(address) = addresses.next() {
        let others = u32::try_from(addresses.size_hint().0).unwrap_or(u32::MAX - 1);
        let share = until.saturating_duration_since(Instant::now()) / (others + 1);
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(io)) => return Ok((address, io)),
            Ok(Err(error)) => refused.push(format!("{address}: {error}")),
            Err(_) => refused.push(format!("{address} does not answer")),
        }
    }
    if refused.is_empty() {
        return Err(format!("the name {host} has no address"));
    }
    Err(format!("no connection: {}", refused.join("; ")))
}
