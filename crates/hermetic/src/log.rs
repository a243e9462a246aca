//! What Hermetic says while it works, on standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::arguments::Command;

/// The variable that says how much: `HERMETIC_LOG=debug`, or `hermetic_gateway=trace,warn`.
const VARIABLE: &str = "HERMETIC_LOG";

/// Starts it. Whoever runs an instance wants to know what it does; a command just does its work.
pub fn start(command: &Command) {
    let default = if matches!(command, Command::Up(_) | Command::Part) { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(default));
    let colours =
        io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(io::stderr).init();
}
