//! Workloads: what their settings tell them to connect to.

mod connection_string;
mod environment;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("workload-connection-strings-tls", environment::judge)];
