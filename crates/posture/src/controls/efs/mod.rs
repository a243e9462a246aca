//! EFS: clients to file systems.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] =
    &[control!("efs-filesystem-policy-secure-transport", secure_transport::judge)];
