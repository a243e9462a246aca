//! The log, on standard error: what an operator must know, or with `HERMETIC_LOG` as much as wanted.

use std::io::{self, IsTerminal};

use tracing::Level;
use tracing_subscriber::EnvFilter;

/// The variable that says what is logged, such as `debug` or `hermetic_gateway=debug,warn`.
const VARIABLE: &str = "HERMETIC_LOG";

/// Starts it at `usual`, unless the variable says otherwise. What the variable holds wrongly is left out, with a word about it.
pub fn start(usual: Level) {
    let filter = EnvFilter::builder().with_default_directive(usual.into());
    let filter = filter.with_env_var(VARIABLE).from_env_lossy();
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(colours).init();
}
