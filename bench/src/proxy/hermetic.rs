//! Hermetic, as a person would run it.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::stage::{NAME, Stage};

/// The command that runs it.
pub fn command(program: &Path, stage: &Stage, port: u16, origin: u16) -> Result<Command, Failure> {
    let configuration = stage.write(
        "hermetic.toml",
        format!(
            r#"workers = 1

[[listener]]
name = "edge"
bind = "127.0.0.1:{port}"
names = ["{NAME}"]
certificate = {{ cert = "cert.pem", key = "key.pem" }}

[[route]]
listener = "edge"
to = "app"

[[upstream]]
name = "app"
endpoints = ["127.0.0.1:{origin}"]
"#
        ),
    )?;
    let mut command = Command::new(program);
    command.arg("up").arg("--config").arg(configuration);
    Ok(command)
}
