//! MediaStore: clients to containers.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] =
    &[control!("mediastore-container-ssl-requests-only", secure_transport::judge)];
