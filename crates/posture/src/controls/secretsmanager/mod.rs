//! Secrets Manager: clients to secrets.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] =
    &[control!("secretsmanager-resource-policy-secure-transport", secure_transport::judge)];
