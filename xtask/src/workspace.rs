//! What cargo knows of the workspace (`cargo metadata`).

use std::path::PathBuf;

use serde::Deserialize;

use crate::cargo::{captured, cargo};
use crate::steps::Failure;

/// The workspace, and every package that its lock file names.
#[derive(Deserialize)]
pub(crate) struct Workspace {
    pub(crate) workspace_root: PathBuf,
    pub(crate) target_directory: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// A package, ours or another's.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// An SPDX expression; `None` where the package names none.
    pub(crate) license: Option<String>,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn read() -> Result<Self, Failure> {
        let text = captured(cargo(["metadata", "--format-version", "1"]))?;
        serde_json::from_str(&text)
            .map_err(|error| Failure(format!("`cargo metadata` wrote what is not understood: {error}")))
    }
}
