//! `hermetic config`: what hermetic.toml may say.

use crate::arguments::Config;
use crate::exit::{Exit, Failure};
use crate::output;

/// Prints it.
pub fn run(what: Config) -> Result<Exit, Failure> {
    match what {
        Config::Schema => output::print_json(&hermetic_config::schema())?,
        Config::Reference => output::print(&hermetic_config::reference())?,
    }
    Ok(Exit::Fine)
}
