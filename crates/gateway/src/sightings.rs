//! What this party adds to the path that travels with a request: its sight of the hop that the
//! request came over, and of the hop that it goes on over. Written once a connection, joined once
//! a request.

use hermetic_hop::{Evidence, HopName, Mode};
use hermetic_tls::SecurityPolicy;
use http::{HeaderName, HeaderValue};

use crate::path::Sighting;

/// The header that carries the path. Stripped from everybody but an authenticated previous hop.
pub(crate) const PATH: HeaderName = HeaderName::from_static("hermetic-path");

/// A sighting, with its text as it travels.
#[derive(Debug)]
pub(crate) struct Sighted {
    pub sighting: Sighting,
    hop: HopName,
    text: String,
}

impl Sighted {
    /// The sighting of a connection that has just come to stand.
    pub fn new(hop: &HopName, mode: Mode, policy: &SecurityPolicy, evidence: Evidence) -> Self {
        let sighting = Sighting {
            from: hop.from.clone(),
            to: hop.to.clone(),
            mode,
            policy: policy.full_name(),
            evidence,
        };
        let text = crate::path::encode(std::slice::from_ref(&sighting));
        Self { text: text.to_str().unwrap_or_default().to_owned(), hop: hop.clone(), sighting }
    }

    /// The hop that was seen.
    pub fn hop(&self) -> &HopName {
        &self.hop
    }
}

/// The path so far with these sightings behind it.
pub(crate) fn extended(so_far: Option<&HeaderValue>, sightings: [&Sighted; 2]) -> Option<HeaderValue> {
    // One that is too long or malformed goes on as it is: whoever reads it refuses it, which is
    // better than a path that looks whole and is not.
    let so_far = so_far.and_then(|value| value.to_str().ok());
    let texts = so_far.into_iter().chain(sightings.map(|sighted| sighted.text.as_str()));
    let elements =
        texts.filter_map(|text| text.strip_prefix('[')?.strip_suffix(']')).filter(|text| !text.is_empty());
    HeaderValue::from_str(&format!("[{}]", elements.collect::<Vec<_>>().join(","))).ok()
}
