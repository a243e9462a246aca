//! From a host name to a connection.

use std::net::SocketAddr;

use tokio::net::{TcpStream, lookup_host};

/// Resolves `host` and connects to the first of its addresses that takes the connection.
pub(crate) async fn reach(host: &str, port: u16) -> Result<(SocketAddr, TcpStream), String> {
    let addresses = lookup_host((host, port)).await;
    let addresses = addresses.map_err(|error| format!("the name {host} can't be resolved: {error}"))?;
    let mut refused = Vec::new();
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(io) => return Ok((address, io)),
            Err(error) => refused.push(format!("{address}: {error}")),
        }
    }
    if refused.is_empty() {
        return Err(format!("the name {host} has no address"));
    }
    Err(format!("no connection: {}", refused.join("; ")))
}
