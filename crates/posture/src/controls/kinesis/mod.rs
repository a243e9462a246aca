//! Kinesis: producers and consumers of streams.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] =
    &[control!("kinesis-resource-policy-secure-transport", secure_transport::judge)];
