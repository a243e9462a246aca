//! DocumentDB: clients to clusters, and the certificates they see.

mod tls;

pub(crate) use tls::tls;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("docdb-cluster-encrypted-in-transit", tls::judge),
    control!("docdb-instance-ca-certificate-current"),
];
