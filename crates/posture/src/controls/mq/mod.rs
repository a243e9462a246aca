//! Amazon MQ: clients to brokers.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("amazonmq-broker-tls-endpoints", listed)];
