//! MSK: clients to brokers, brokers among themselves, and replicators to other clusters.

mod encryption;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("msk-client-authentication-over-tls", encryption::authentication),
    control!("msk-client-broker-tls", encryption::client_broker),
    control!("msk-in-cluster-node-require-tls", encryption::in_cluster),
    control!("msk-replicator-encrypted-in-transit"),
];
