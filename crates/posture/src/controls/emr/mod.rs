//! EMR: nodes of a cluster among themselves.

mod in_transit;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("emr-cluster-in-transit-encryption", in_transit::cluster),
    control!("emr-security-configuration-encryption-transit", in_transit::configuration),
];
