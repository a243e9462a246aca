//! The log, on standard error: what an operator must know, or with `HERMETIC_LOG` as much as wanted.

use std::env;
use std::io::{self, IsTerminal};

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The variable that says what is logged, such as `debug` or `hermetic_gateway=debug,warn`.
const VARIABLE: &str = "HERMETIC_LOG";

/// Starts it at `usual`, unless the variable says otherwise. Where the variable can't be read it is left out,
/// with a word about it.
pub fn start(usual: Level) {
    let asked = env::var(VARIABLE).ok().map(|text| text.parse::<Targets>());
    let (filter, wrong) = match asked {
        Some(Ok(filter)) => (filter, None),
        Some(Err(error)) => (Targets::new().with_default(usual), Some(error)),
        None => (Targets::new().with_default(usual), None),
    };
    let colours = io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none();
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(colours);
    tracing_subscriber::registry().with(lines).with(filter).init();
    if let Some(error) = wrong {
        tracing::warn!(%error, "{VARIABLE} is left out; write `debug`, or `hermetic_gateway=debug,warn`");
    }
}
