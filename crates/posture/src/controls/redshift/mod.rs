//! Redshift: clients to provisioned clusters.

mod require_ssl;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("redshift-require-tls-ssl", require_ssl::judge)];
