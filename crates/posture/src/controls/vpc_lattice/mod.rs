//! VPC Lattice: services among themselves.

mod target_group;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("vpc-lattice-listener-encrypted"),
    control!("vpc-lattice-targetgroup-https", target_group::judge),
];
