//! `hermetic guard`: the rules by which requests are refused, mended or counted.

use hermetic_guard::rules::RULES;
use hermetic_guard::{Action, Phase, Rule, RuleId};
use serde::Serialize;

use crate::arguments::Format;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Cell, Column, Table};

/// What `--format json` prints.
#[derive(Serialize)]
struct Rules {
    schema: &'static str,
    rules: Vec<Described>,
}

#[derive(Serialize)]
struct Described {
    id: RuleId,
    phase: Phase,
    default: Action,
    /// What it may be told to do.
    allowed: &'static [Action],
    what: &'static str,
    why: &'static str,
}

/// Prints all of them, or one in full.
pub fn run(rule: Option<RuleId>, format: Format) -> Result<Exit, Failure> {
    let rules: Vec<&Rule> = match rule {
        Some(rule) => vec![rule.rule()],
        None => RULES.to_vec(),
    };
    match (format, rule) {
        (Format::Json, _) => output::print_json(&Rules {
            schema: "hermetic.guard/1",
            rules: rules.into_iter().map(Described::from).collect(),
        })?,
        (Format::Table, Some(rule)) => output::print(&in_full(rule.rule()))?,
        (Format::Table, None) => output::print(&table(&rules).render(output::width()))?,
    }
    Ok(Exit::Fine)
}

fn table(rules: &[&Rule]) -> Table {
    let columns = [
        Column::keep("RULE"),
        Column::keep("PHASE"),
        Column::keep("DEFAULT"),
        Column::keep("OR"),
        Column::cut("WHAT IT DOES"),
    ];
    let mut table = Table::new(columns);
    for rule in rules {
        let first = rule.what.split_inclusive(". ").next().unwrap_or_default().trim_end();
        table.row([
            Cell::from(rule.id.as_str()),
            Cell::from(rule.phase.as_str()),
            Cell::from(rule.default.as_str()),
            Cell::from(others(rule)),
            Cell::from(first.replace('`', "")),
        ]);
    }
    table
}

fn others(rule: &Rule) -> String {
    let others: Vec<&str> =
        rule.allowed.iter().filter(|action| **action != rule.default).map(|action| action.as_str()).collect();
    if others.is_empty() { "–".to_owned() } else { others.join(", ") }
}

fn in_full(rule: &Rule) -> String {
    let fields = [
        ("rule", rule.id.to_string()),
        ("phase", rule.phase.to_string()),
        ("default", rule.default.to_string()),
        ("or", others(rule)),
        ("what", rule.what.to_owned()),
        ("why", rule.why.to_owned()),
    ];
    fields.map(|(label, value)| format!("{label:<8} {value}\n")).concat()
}

impl From<&Rule> for Described {
    fn from(rule: &Rule) -> Self {
        let Rule { id, phase, default, allowed, what, why, .. } = rule;
        Self { id: *id, phase: *phase, default: *default, allowed, what, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_rule() {
        let shown = |width| anstream::adapter::strip_str(&table(&RULES).render(width)).to_string();
        insta::assert_snapshot!(shown(Some(120)));
        assert_eq!(shown(None).lines().count(), RuleId::ALL.len() + 1);
    }

    #[test]
    fn one_rule_is_shown_in_full() {
        insta::assert_snapshot!(in_full(RuleId::Misdirected.rule()));
    }

    #[test]
    fn the_json_has_what_a_program_needs() {
        let described = Described::from(RuleId::SecureCookies.rule());
        insta::assert_snapshot!(serde_json::to_string_pretty(&described).unwrap());
    }
}
