//! What is accepted: the exceptions of a configuration, and what an earlier audit knew.

use std::path::Path;

use hermetic_posture::baseline::Baseline;
use hermetic_posture::exception::{self, Accepted};

use crate::arguments::Audit;
use crate::exit::Failure;

const USUAL: &str = "hermetic.toml";

/// The exceptions of the configuration that was named, or of the one in this folder.
pub fn exceptions(arguments: &Audit) -> Result<Vec<Accepted>, Failure> {
    let path = arguments.config.as_deref().unwrap_or(Path::new(USUAL));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && arguments.config.is_none() => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(wrong(path, &error)),
    };
    exception::read(&text).map_err(|error| wrong(path, &error))
}

/// What the earlier audit knew, where one was named.
pub fn baseline(arguments: &Audit) -> Result<Option<Baseline>, Failure> {
    let Some(path) = arguments.baseline.as_deref() else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(path, &error))?;
    Baseline::read(&text).map(Some).map_err(|error| wrong(path, &error))
}

fn wrong(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::wrong(error.to_string()).at(path.display().to_string())
}
