//! nginx.

use super::fields::{Fields, Names};
use crate::entry::{ClientVerified, Connection, LogEntry, LoggedTransport, Occasion, UnreadableLine};

const NAMES: Names = Names { version: "version", suite: "suite", group: "group" };

/// Reads a line of our `log_format`.
pub(super) fn read(line: &[u8]) -> Result<LogEntry, UnreadableLine> {
    let fields = Fields::read(line)?;
    let address = fields.address("from");
    let transport = if fields.text("version").is_some() || fields.text("scheme").as_deref() == Some("https") {
        fields.tls(&NAMES, client_verified(&fields))
    } else if fields.has("version") && fields.has("scheme") {
        LoggedTransport::cleartext(address)
    } else {
        return Err(UnreadableLine::Silent);
    };
    let occasion = match (fields.number("request"), fields.number("connection")) {
        (Some(0 | 1), _) | (None, None) => Occasion::First,
        (Some(_), _) => Occasion::Later,
        // nginx counts connections from 1 after each start; with the address, the same number
        // again is hardly ever another connection.
        (None, Some(_)) => {
            fields.same(&["connection", "from", "version"]).map_or(Occasion::First, Occasion::Of)
        }
    };
    let resumed = fields.text("resumed").as_deref() == Some("r");
    Ok(LogEntry::Connection(Connection { at: fields.time("time")?, address, transport, resumed, occasion }))
}

/// `$ssl_client_verify`: `SUCCESS`, `FAILED:` with the reason, or `NONE`.
fn client_verified(fields: &Fields) -> Option<ClientVerified> {
    match fields.text("client_verify")?.as_str() {
        "SUCCESS" => Some(ClientVerified::Yes),
        "NONE" => Some(ClientVerified::None),
        failed if failed.starts_with("FAILED") => Some(ClientVerified::No),
        _ => None,
    }
}
