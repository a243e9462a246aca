//! DataSync: agents to the storage that they copy.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("datasync-location-efs-in-transit-encryption"),
    control!("datasync-location-object-storage-using-https"),
];
