//! From a host name to a connection.

use std::io;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::Instant;

use crate::way::{Connection, Destination, Way};

/// The addresses behind `host`, which may be one; the name itself where that is left to a proxy.
pub async fn resolve(way: &Way, host: &str, port: u16) -> Result<Vec<Destination>, String> {
    if way.leaves_names_to_the_proxy() && host.parse::<std::net::IpAddr>().is_err() {
        return Ok(vec![Destination::Named { name: host.to_owned(), port }]);
    }
    let addresses = lookup_host((host, port)).await;
    let addresses = addresses.map_err(|error| {
        // Before the resolver's own words stand those of the library, which say the same.
        let error = error.to_string();
        let error = error.strip_prefix("failed to lookup address information: ").unwrap_or(&error);
        format!("the name {host} can't be resolved: {error}")
    })?;
    let mut destinations: Vec<_> = addresses.map(Destination::Address).collect();
    destinations.dedup();
    if destinations.is_empty() {
        return Err(format!("the name {host} has no address"));
    }
    Ok(destinations)
}

/// Connects to the first of these that takes the connection. Those that say nothing share the time, so that
/// one of them does not use up all of it.
pub(crate) async fn first(
    way: &Way,
    destinations: &[Destination],
    within: Duration,
) -> Result<(Destination, Connection), String> {
    let until = Instant::now() + within;
    let mut refused = Vec::new();
    for (place, destination) in destinations.iter().enumerate() {
        let left = u32::try_from(destinations.len() - place).unwrap_or(u32::MAX);
        let share = until.saturating_duration_since(Instant::now()) / left;
        match way.connect(destination, share).await {
            Ok(io) => return Ok((destination.clone(), io)),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                refused.push(format!("{destination} does not answer"));
            }
            Err(error) => refused.push(format!("{destination}: {error}")),
        }
    }
    Err(format!("no connection: {}", refused.join("; ")))
}
