//! `hermetic guard --config`: what the rules do on each listener where that is not their default, and by
//! whose leave they do less.

use std::path::Path;

use anstyle::{AnsiColor, Style};
use hermetic_config::Configuration;
use hermetic_guard::{Action, RuleId};
use hermetic_hop::{Exception, PartyName};
use hermetic_tls::{Clock, SystemClock};
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::Format;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Cell, Column, Table};

/// What `--format json` prints.
#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    rules: Vec<ToldRule<'a>>,
}

/// A rule that does something else than by default.
#[derive(Serialize)]
struct ToldRule<'a> {
    listener: &'a PartyName,
    rule: RuleId,
    /// `null`: it does not judge there.
    default: Option<Action>,
    action: Option<Action>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<&'a Exception>,
}

/// Prints them.
pub fn run(file: &Path, format: Format) -> Result<Exit, Failure> {
    let configuration = hermetic_config::read(file, &SystemClock)?;
    let rules = told(&configuration, SystemClock.now());
    match format {
        Format::Json => output::print_json(&Told { schema: "hermetic.guard.listeners/1", rules })?,
        Format::Table if rules.is_empty() => {
            output::print("every rule does what it does by default; `hermetic guard` lists them\n")?;
        }
        Format::Table => output::print(&table(&rules).render(output::width()))?,
    }
    Ok(Exit::Fine)
}

fn told(configuration: &Configuration, now: Timestamp) -> Vec<ToldRule<'_>> {
    let listeners = configuration
        .listeners
        .iter()
        .filter_map(|listener| Some((&listener.name, &listener.termination()?.guard)));
    let all = listeners.flat_map(|(listener, guard)| {
        RuleId::ALL.into_iter().map(move |rule| ToldRule {
            listener,
            rule,
            default: guard.default_of(rule),
            action: guard.action(rule, || now),
            exception: exception(configuration, listener, rule),
        })
    });
    all.filter(|rule| rule.action != rule.default).collect()
}

fn exception<'a>(
    configuration: &'a Configuration,
    listener: &PartyName,
    rule: RuleId,
) -> Option<&'a Exception> {
    let weakened = &configuration.weakened;
    let of_rule = weakened.iter().find(|weakened| weakened.listener == *listener && weakened.rule == rule);
    of_rule.map(|weakened| &weakened.exception)
}

fn table(rules: &[ToldRule<'_>]) -> Table {
    let columns = [
        Column::keep("LISTENER"),
        Column::keep("RULE"),
        Column::keep("DOES"),
        Column::keep("BY DEFAULT"),
        Column::keep("UNTIL"),
        Column::drop("OWNER", 1),
        Column::cut("REASON"),
    ];
    let mut table = Table::new(columns);
    let word = |action: Option<Action>| action.map_or("–", Action::as_str);
    for rule in rules {
        let of = |field: fn(&Exception) -> String| rule.exception.map_or("–".to_owned(), field);
        let style = if rule.action < rule.default { AnsiColor::Yellow.on_default() } else { Style::new() };
        table.row([
            Cell::from(rule.listener.as_str()),
            Cell::from(rule.rule.as_str()),
            Cell::styled(word(rule.action), style),
            Cell::from(word(rule.default)),
            Cell::from(of(|exception| exception.until.to_string())),
            Cell::from(of(|exception| exception.owner.clone())),
            Cell::from(of(|exception| exception.reason.clone())),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGE: &str = r#"
[[listener]]
name = "edge"
bind = "127.0.0.1:8443"
names = ["localhost"]

[listener.guard]
insecure-origin = "deny"
hsts = "count"

[listener.guard.absolute-http-target]
action = "count"
reason = "the old balancer does not change the scheme"
owner = "platform"
until = 2027-03-31
"#;

    const REST: &str = r#"
[[route]]
listener = "edge"
to = "app"

[[upstream]]
name = "app"
endpoints = ["127.0.0.1:3000"]
"#;

    #[derive(Debug)]
    struct Stopped(Timestamp);

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    fn shown(listener: &str) -> String {
        let now: Timestamp = "2026-11-24T02:20:11Z".parse().unwrap();
        let text = format!("{listener}{REST}");
        let configuration = hermetic_config::parse(&text, Path::new("hermetic.toml"), &Stopped(now)).unwrap();
        let table = table(&told(&configuration, now)).render(Some(130));
        anstream::adapter::strip_str(&table).to_string()
    }

    #[test]
    fn what_differs_from_the_default_is_shown_with_by_whose_leave() {
        insta::assert_snapshot!(shown(EDGE));
    }
}
