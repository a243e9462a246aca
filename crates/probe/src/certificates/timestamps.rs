//! The timestamps of Certificate Transparency logs that come with a chain (RFC 6962).

use std::collections::BTreeSet;

use hermetic_x509::LogTimestamp;

/// Where logs' timestamps were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timestamps {
    /// In the leaf.
    pub embedded: Vec<LogTimestamp>,
    /// In an extension of the handshake; `None` where that was not to be seen.
    pub in_handshake: Option<Vec<LogTimestamp>>,
    /// In the stapled OCSP response.
    pub stapled: Vec<LogTimestamp>,
}

impl Timestamps {
    /// How many logs have seen the certificate. Browsers want two, or three of what lives for more than 180 days.
    pub fn logs(&self) -> usize {
        let all = self.embedded.iter().chain(self.in_handshake.iter().flatten()).chain(&self.stapled);
        all.map(|timestamp| timestamp.log).collect::<BTreeSet<_>>().len()
    }
}
