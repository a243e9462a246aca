//! Session tickets: keys that rotate, and partitions that never open each other's tickets.
//!
//! A ticket from a listener without client certificates must never resume into one that demands
//! them (CVE-2025-23419 was that), so every [`crate::ServerHandshake`] derives its own keys from
//! the shared ones and a digest of its policy, certificate set and client-CA set.

use std::sync::Arc;

use crate::{Clock, Randomness, RandomnessFailed};

/// The keys from which all ticket keys of a process derive; a fleet shares them through the store.
/// Clones are the same keys.
#[derive(Clone, Debug)]
pub struct TicketKeys {
    #[allow(dead_code)]
    inner: Arc<()>,
}

impl TicketKeys {
    /// Fresh keys that rotate by `clock`: a new one every 6 hours, a ticket is good for 12.
    pub fn generate(
        _clock: Arc<dyn Clock>,
        _randomness: Arc<dyn Randomness>,
    ) -> Result<Self, RandomnessFailed> {
        todo!()
    }
}
