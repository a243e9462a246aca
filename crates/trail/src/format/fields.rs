//! The fields of one line: a JSON object of scalars, or `key=value` pairs with spaces between.

use std::hash::{DefaultHasher, Hash, Hasher};

use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::entry::{Address, ClientVerified, LoggedTransport, UnreadableLine};

/// The fields of one line by name.
#[derive(Debug)]
pub(super) struct Fields(Map<String, Value>);

/// A TLS connection, as fields of these names tell it.
pub(super) struct Names {
    pub(super) version: &'static str,
    pub(super) suite: &'static str,
    pub(super) group: &'static str,
}

impl Fields {
    /// Reads a line. What stands before a JSON object is the prefix of a syslog daemon.
    pub(super) fn read(line: &[u8]) -> Result<Self, UnreadableLine> {
        let line = std::str::from_utf8(line).map_err(|_| UnreadableLine::Form)?.trim();
        match line.find('{').and_then(|start| line.get(start..)) {
            Some(object) => serde_json::from_str(object).map(Self).map_err(|_| UnreadableLine::Form),
            None => Self::pairs(line),
        }
    }

    /// Words without `=` are the prefix of a syslog daemon too.
    fn pairs(line: &str) -> Result<Self, UnreadableLine> {
        let pairs: Map<_, _> = line
            .split_ascii_whitespace()
            .filter_map(|word| word.split_once('='))
            .map(|(key, value)| (key.to_owned(), Value::String(value.trim_matches('"').to_owned())))
            .collect();
        if pairs.is_empty() { Err(UnreadableLine::Form) } else { Ok(Self(pairs)) }
    }

    /// Whether the line has the field at all, with a value or without.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// What the line says under this key. An empty text and `-` say nothing: so nginx and HAProxy
    /// write a variable that has no value.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let text = match self.0.get(key)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        (!text.is_empty() && text != "-").then_some(text)
    }

    /// A number, written as such or as text.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.text(key)?.parse().ok()
    }

    /// A time by RFC 3339, or in seconds since 1970.
    pub(super) fn time(&self, key: &str) -> Result<Timestamp, UnreadableLine> {
        let text = self.text(key).ok_or(UnreadableLine::Time)?;
        let seconds = text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        seconds.or_else(|| text.parse().ok()).ok_or(UnreadableLine::Time)
    }

    /// An address, with or without a port.
    pub(super) fn address(&self, key: &str) -> Option<Address> {
        Address::read(&self.text(key)?)
    }

    /// TLS as these fields tell it.
    pub(super) fn tls(&self, names: &Names, client_verified: Option<ClientVerified>) -> LoggedTransport {
        LoggedTransport::Tls {
            version: self.text(names.version).and_then(|name| name.parse::<ProtocolVersion>().ok()),
            suite: self.text(names.suite).and_then(|name| name.parse::<CipherSuite>().ok()),
            group: self.text(names.group).and_then(|name| name.parse::<NamedGroup>().ok()),
            client_verified,
        }
    }

    /// One number for all lines that say the same under these keys; `None` where they say nothing.
    pub(super) fn same(&self, keys: &[&str]) -> Option<u64> {
        let said: Vec<_> = keys.iter().map(|key| self.text(key)).collect();
        said.iter().any(Option::is_some).then(|| {
            let mut hasher = DefaultHasher::new();
            said.hash(&mut hasher);
            hasher.finish()
        })
    }
}
