//! ECR: clients to repositories.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] =
    &[control!("ecr-repository-policy-secure-transport", secure_transport::judge)];
