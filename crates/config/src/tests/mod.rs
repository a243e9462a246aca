//! Scenarios: a text, and what is told of it.

mod listeners;
mod shape;
mod whole;

use std::path::Path;

use jiff::Timestamp;

use crate::{Configuration, ConfigurationError, parse};

/// Stands still at noon of 2026-07-15 (UTC).
#[derive(Debug)]
struct Noon;

impl hermetic_tls::Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-07-15T12:00:00Z".parse().unwrap()
    }
}

fn parsed(text: &str) -> Result<Configuration, ConfigurationError> {
    parse(text, Path::new("/etc/hermetic/hermetic.toml"), &Noon)
}

/// What is told, each with place, message and hint; empty where the text is valid.
fn told(text: &str) -> Vec<String> {
    match parsed(text) {
        Ok(_) => Vec::new(),
        Err(ConfigurationError::Invalid { problems, .. }) => {
            problems.iter().map(ToString::to_string).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

/// The configuration of a text that must be valid.
fn valid(text: &str) -> Configuration {
    parsed(text).unwrap_or_else(|error| panic!("{error}"))
}
