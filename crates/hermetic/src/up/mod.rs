//! `hermetic up`.

use std::path::PathBuf;

/// What `up` was told.
#[derive(Clone, Debug, Default)]
#[expect(dead_code, reason = "read by what runs it")]
pub struct Options {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--to`.
    pub to: Option<String>,
    /// `--port-base`.
    pub port_base: Option<u16>,
    /// `--data`.
    pub data: Option<PathBuf>,
}

/// Why `up` did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum UpError {}

/// Runs until SIGTERM or SIGINT, then drains.
#[expect(clippy::todo, reason = "the seam that the data plane is joined at")]
pub async fn run(_options: Options) -> Result<(), UpError> {
    todo!()
}
