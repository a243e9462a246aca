//! Scenarios: a text, and all that is told of it.

mod audit;
mod authority;
mod clients;
mod external;
mod files;
mod flows;
mod guard;
mod hooks;
mod hops;
mod keys;
mod limits;
mod listeners;
mod modes;
mod names;
mod passthrough;
mod policies;
mod postgres;
mod profiles;
mod proxy_protocol;
mod routes;
mod scanning;
mod shape;
mod store;
mod upstreams;
mod whole;

use std::path::Path;

use jiff::Timestamp;

use crate::{Configuration, ConfigurationError, parse};

/// A configuration without a fault, to put below the lines that have one.
const BASE: &str = r#"
[[listener]]
name = "edge"
bind = "127.0.0.1:8443"
names = ["localhost", "*.example.com"]
[[route]]
listener = "edge"
host = "localhost"
to = "app"
[[upstream]]
name = "app"
endpoints = ["127.0.0.1:3000"]
"#;

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

/// What is told of these lines above a faultless rest.
fn told_of(lines: &str) -> Vec<String> {
    told(&format!("{lines}{BASE}"))
}

/// The configuration of a text that must be valid.
fn valid(text: &str) -> Configuration {
    parsed(text).unwrap_or_else(|error| panic!("{error}"))
}

/// The configuration of valid lines above a faultless rest.
fn valid_with(lines: &str) -> Configuration {
    valid(&format!("{lines}{BASE}"))
}
