//! NATS: the server begins with `INFO` and a JSON object, which says whether TLS follows.

use serde::Deserialize;

use super::{Step, line};

/// What the server says of itself, as far as it concerns TLS.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Info {
    /// TLS follows.
    tls_required: bool,
    /// TLS may follow.
    tls_available: bool,
}

pub(super) fn step(heard: &mut Vec<u8>) -> Step {
    const INFO: &[u8] = b"INFO ";
    if !heard.starts_with(INFO) && !INFO.starts_with(heard) {
        return Step::Refused("it does not speak NATS".to_owned());
    }
    let Some(line) = line(heard) else { return Step::Read };
    let info = line.strip_prefix(INFO).and_then(|json| serde_json::from_slice::<Info>(json).ok());
    match info {
        Some(Info { tls_required: false, tls_available: false }) => Step::Cleartext(&[]),
        Some(_) if heard.is_empty() => Step::Tls(Vec::new()),
        Some(_) => Step::Refused(super::BEHIND.to_owned()),
        None => Step::Refused("the server's INFO can't be read".to_owned()),
    }
}
