//! CodeBuild: builds to their sources.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("codebuild-project-insecure-ssl")];
