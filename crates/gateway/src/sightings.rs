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

    /// The sighting as it travels: a list of one.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The hop that was seen.
    pub fn hop(&self) -> &HopName {
        &self.hop
    }
}

/// The path so far with these sightings behind it. One that is malformed goes on as it is: whoever
/// reads it refuses it, which is better than a path that looks whole and is not.
pub(crate) fn extended(so_far: Option<&HeaderValue>, sightings: [&str; 2]) -> Option<HeaderValue> {
    let elements = |text: &str| Some(text.strip_prefix('[')?.strip_suffix(']')?.to_owned());
    let mut all = match so_far {
        None => Vec::new(),
        Some(so_far) => match so_far.to_str().ok().and_then(elements) {
            Some(told) => vec![told],
            None => return Some(so_far.clone()),
        },
    };
    all.extend(sightings.into_iter().filter_map(elements));
    all.retain(|elements| !elements.is_empty());
    HeaderValue::from_str(&format!("[{}]", all.join(","))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_grows_by_what_this_party_saw() {
        let so_far = HeaderValue::from_static("[1,2]");
        assert_eq!(extended(Some(&so_far), ["[3]", "[4]"]).unwrap(), "[1,2,3,4]");
        assert_eq!(extended(None, ["[3]", "[4]"]).unwrap(), "[3,4]");
        assert_eq!(extended(Some(&HeaderValue::from_static("[]")), ["[3]", "[4]"]).unwrap(), "[3,4]");
    }

    #[test]
    fn a_malformed_path_goes_on_to_be_refused_and_does_not_become_a_shorter_one() {
        for malformed in ["everything is fine", "[1", "[1], [2] x"] {
            let so_far = HeaderValue::from_static(malformed);
            assert_eq!(extended(Some(&so_far), ["[3]", "[4]"]).unwrap(), malformed);
        }
    }
}
