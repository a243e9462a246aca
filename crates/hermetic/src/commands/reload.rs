//! `hermetic reload`: has the running instance serve what its files say now.

use std::path::Path;

use hermetic_gateway::Changes;
use hermetic_hop::PartyName;
use hermetic_tls::SystemClock;
use serde_json::json;

use crate::admin::client::Admin;
use crate::arguments::{Format, Reload};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::up::Reloaded;

/// Asks for it, waits for it, and tells what changed.
pub async fn run(arguments: &Reload) -> Result<Exit, Failure> {
    // Finding the instance reads the configuration, so a wrong one is told here already.
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let reloaded: Reloaded = Admin::of(&place.data).post("/v1/reload", &json!({})).await?;
    match arguments.format {
        Format::Json => output::print_json(&reloaded)?,
        Format::Table => output::print(&text(&reloaded.listeners))?,
    }
    Ok(Exit::Fine)
}

fn text(listeners: &Changes) -> String {
    let line = |label: &str, names: &[PartyName]| {
        let names: Vec<&str> = names.iter().map(PartyName::as_str).collect();
        if names.is_empty() { String::new() } else { format!("{label:<8} {}\n", names.join(", ")) }
    };
    let Changes { added, changed, removed, kept } = listeners;
    let told = [("added", added), ("changed", changed), ("removed", removed), ("kept", kept)];
    let lines: String = told.iter().map(|(label, names)| line(label, names)).collect();
    let count = added.len() + changed.len() + kept.len();
    let plural = if count == 1 { "" } else { "s" };
    format!("reloaded; {count} listener{plural}\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<PartyName> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn it_tells_what_became_of_each_listener() {
        let changes = Changes {
            added: names(&["admin"]),
            changed: names(&["edge"]),
            removed: Vec::new(),
            kept: names(&["db", "plain"]),
        };
        insta::assert_snapshot!(text(&changes), @r"
        reloaded; 4 listeners
        added    admin
        changed  edge
        kept     db, plain
        ");
    }
}
