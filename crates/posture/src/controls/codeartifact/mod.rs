//! CodeArtifact: clients to domains and repositories.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] =
    &[control!("codeartifact-policy-secure-transport", secure_transport::judge)];
