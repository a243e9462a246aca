//! `hermetic explain`: a control of the auditor or a check of the scanner, in full.

use std::fmt::Write as _;

use anstyle::Style;
use hermetic_config::nearest;
use hermetic_posture::{Control, controls};
use hermetic_probe::findings::{Check, Configuration, checks};
use serde::Serialize;

use super::audit::meant_by;
use crate::arguments::{Explain, Format};
use crate::exit::{Exit, Failure};
use crate::output;

/// A check of the scanner, as it stands in JSON.
#[derive(Serialize)]
struct Explained {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    severity: &'static str,
    seen_by: &'static str,
    basis: &'static [&'static str],
    remedy: String,
    configurations: Vec<Configuration>,
}

/// Prints what a control or check asks, why, and what to do.
pub fn run(arguments: &Explain) -> Result<Exit, Failure> {
    let called: Vec<&Control> = controls::called(meant_by(&arguments.id)).collect();
    let checks: Vec<Explained> =
        checks().filter(|check| check.control.id == arguments.id).map(Explained::of).collect();
    match (arguments.format, called.is_empty(), checks.is_empty()) {
        (_, true, true) => return Err(unknown(&arguments.id)),
        (Format::Json, true, _) => output::print_json(&checks)?,
        (Format::Json, false, _) => output::print_json(&called)?,
        (Format::Table, ..) => {
            let controls = called.iter().map(|control| text(control));
            let texts: Vec<String> = controls.chain(checks.iter().map(Explained::text)).collect();
            output::print(&texts.join("\n"))?;
        }
    }
    Ok(Exit::Fine)
}

/// Nothing is called so.
fn unknown(name: &str) -> Failure {
    let controls = controls::all().iter().flat_map(Control::names);
    let remedy = match nearest(name, controls.chain(checks().map(|check| check.control.id))) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`hermetic audit --list` shows all controls, and `hermetic scan` names its checks".to_owned(),
    };
    Failure::wrong(format!("no control and no check is called `{name}`")).remedy(remedy)
}

fn text(control: &Control) -> String {
    let facts = control.facts();
    let mut text = headed(&control.id, &control.title, facts.iter().map(|(name, fact)| (*name, &**fact)));
    for (language, lines) in control.written() {
        written(&mut text, language, lines);
    }
    text
}

/// An id, a title, and what there is to know, a line each.
fn headed<'a>(id: &str, title: &str, facts: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let (bold, dimmed) = (Style::new().bold(), Style::new().dimmed());
    let mut text = format!("{bold}{id}{bold:#}\n{title}\n\n");
    for (name, fact) in facts.filter(|(_, fact)| !fact.is_empty()) {
        // A string takes whatever is written to it.
        let _ = writeln!(text, "{dimmed}{name:<12}{dimmed:#} {fact}");
    }
    text
}

fn written(text: &mut String, where_to: impl std::fmt::Display, lines: impl std::fmt::Display) {
    let dimmed = Style::new().dimmed();
    // A string takes whatever is written to it.
    let _ = writeln!(text, "\n{dimmed}{where_to}{dimmed:#}\n{lines}");
}

impl Explained {
    fn of(check: &'static Check) -> Self {
        Self {
            id: check.control.id,
            title: check.control.title,
            about: check.about.title(),
            severity: check.severity.as_str(),
            seen_by: check.question,
            basis: check.basis,
            remedy: check.remedy(),
            configurations: check.configurations(),
        }
    }

    fn text(&self) -> String {
        let basis = self.basis.join(", ");
        let facts = [
            ("about", self.about),
            ("at worst", self.severity),
            ("seen by", self.seen_by),
            ("rests on", &basis),
            ("remedy", &self.remedy),
        ];
        let mut text = headed(self.id, self.title, facts.into_iter());
        for Configuration { software, place, lines, needs } in &self.configurations {
            let needs = if needs.is_empty() { String::new() } else { format!(" ({needs})") };
            written(&mut text, format!("{}, {place}{needs}", software.name()), lines.join("\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_that_a_scan_can_fail_is_known_with_its_remedy() {
        for check in checks() {
            let arguments = Explain { id: check.control.id.to_owned(), format: Format::Json };
            assert!(run(&arguments).is_ok(), "{}", check.control.id);
            let told = Explained::of(check);
            assert!(!told.remedy.is_empty() && !told.remedy.contains('{'), "{}", check.control.id);
            assert!(told.text().contains(check.control.title), "{}", check.control.id);
        }
    }

    #[test]
    fn every_control_of_the_auditor_is_known() {
        for control in controls::all() {
            let arguments = Explain { id: control.id.to_string(), format: Format::Json };
            assert!(run(&arguments).is_ok(), "{}", control.id);
        }
    }

    #[test]
    fn what_is_nearly_a_check_is_guessed() {
        let arguments = Explain { id: "certificate-untrustd".to_owned(), format: Format::Table };
        let failure = format!("{:?}", run(&arguments).err().unwrap());
        assert!(failure.contains("did you mean `certificate-untrusted`?"), "{failure}");
    }
}
