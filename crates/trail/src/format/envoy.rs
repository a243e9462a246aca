//! Envoy.

use hermetic_hop::View;

use super::fields::{Fields, Names};
use crate::entry::{Connection, LogEntry, LoggedTransport, Occasion, UnreadableLine};

/// The operators that tell of one of the two connections of a line.
struct Side {
    tls: Names,
    /// The far end, as the kernel sees it. `DOWNSTREAM_REMOTE_ADDRESS` would be what a stranger
    /// writes into `X-Forwarded-For`, where Envoy is told to believe that.
    address: &'static str,
    connection: &'static str,
    failure: &'static str,
}

const DOWNSTREAM: Side = Side {
    tls: Names {
        version: "downstream_tls_version",
        suite: "downstream_tls_cipher",
        group: "downstream_tls_group",
    },
    address: "downstream_direct_remote_address",
    connection: "connection_id",
    failure: "downstream_transport_failure_reason",
};

const UPSTREAM: Side = Side {
    tls: Names { version: "upstream_tls_version", suite: "upstream_tls_cipher", group: "upstream_tls_group" },
    address: "upstream_host",
    connection: "upstream_connection_id",
    failure: "upstream_transport_failure_reason",
};

/// Reads a line of the documented operators, as JSON or as text.
pub(super) fn read(line: &[u8], view: View) -> Result<LogEntry, UnreadableLine> {
    let fields = Fields::read(line)?;
    let at = fields.time("start_time")?;
    let side = if view == View::Client { &UPSTREAM } else { &DOWNSTREAM };
    if fields.text(side.failure).is_some() {
        return Ok(LogEntry::Failed(at));
    }
    let address = fields.address(side.address);
    if view == View::Client && fields.text(side.address).is_none() && fields.has(side.address) {
        // Envoy answered by itself.
        return Ok(LogEntry::Elsewhere);
    }
    let transport = if fields.text(side.tls.version).is_some() {
        // That a certificate was shown is logged; that it was checked is not.
        fields.tls(&side.tls, None)
    } else if fields.has(side.tls.version) {
        LoggedTransport::cleartext(address)
    } else {
        return Err(UnreadableLine::Silent);
    };
    // Envoy counts no requests, and its numbers of connections may come again after a restart; with
    // the far end's port they do not.
    let same = fields
        .text(side.connection)
        .and_then(|_| fields.same(&[side.connection, side.address, side.tls.version]));
    let occasion = same.map_or(Occasion::First, Occasion::Of);
    Ok(LogEntry::Connection(Connection { at, address, transport, resumed: false, occasion }))
}
