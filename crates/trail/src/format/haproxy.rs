//! HAProxy.

use super::fields::{Fields, Names};
use crate::entry::{ClientVerified, Connection, LogEntry, LoggedTransport, Occasion, UnreadableLine};

const NAMES: Names = Names { version: "version", suite: "suite", group: "group" };

/// Reads a line of our `log-format`, with or without what a syslog daemon puts before it.
pub(super) fn read(line: &[u8]) -> Result<LogEntry, UnreadableLine> {
    let fields = Fields::read(line)?;
    let address = fields.address("from");
    let transport = match (fields.number("tls"), fields.text("version")) {
        (Some(0), _) => LoggedTransport::cleartext(address),
        (Some(_), _) | (None, Some(_)) => fields.tls(&NAMES, client_verified(&fields)),
        (None, None) => return Err(UnreadableLine::Silent),
    };
    // Without a count every line is a connection: so it is in TCP mode. The port and the time of
    // accept would not do, since HAProxy renews that time with every request of a connection.
    let occasion = match fields.number("request") {
        None | Some(0 | 1) => Occasion::First,
        Some(_) => Occasion::Later,
    };
    let resumed = fields.number("resumed") == Some(1);
    Ok(LogEntry::Connection(Connection { at: fields.time("time")?, address, transport, resumed, occasion }))
}

/// `ssl_c_used`, and `ssl_c_verify`, which is 0 where there was no certificate too.
fn client_verified(fields: &Fields) -> Option<ClientVerified> {
    match (fields.number("client_used")?, fields.number("client_verify")?) {
        (0, _) => Some(ClientVerified::None),
        (_, 0) => Some(ClientVerified::Yes),
        _ => Some(ClientVerified::No),
    }
}
