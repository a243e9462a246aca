//! `hermetic explain`: a control in full.

use std::fmt::Write as _;

use anstyle::Style;
use hermetic_posture::{Control, controls};

use super::audit::unknown_control;
use crate::arguments::{Explain, Format};
use crate::exit::{Exit, Failure};
use crate::output;

/// Prints what a control asks, why, and what to do.
pub fn run(arguments: &Explain) -> Result<Exit, Failure> {
    let called: Vec<&Control> = controls::called(&arguments.id).collect();
    if called.is_empty() {
        return Err(unknown_control(&arguments.id));
    }
    match arguments.format {
        Format::Json => output::print_json(&called)?,
        Format::Table => {
            output::print(&called.iter().map(|control| text(control)).collect::<Vec<_>>().join("\n"))?
        }
    }
    Ok(Exit::Fine)
}

fn text(control: &Control) -> String {
    let (bold, dimmed) = (Style::new().bold(), Style::new().dimmed());
    let mut text = format!("{bold}{}{bold:#}\n{}\n\n", control.id, control.title);
    let others: Vec<&str> = control.names().skip(1).collect();
    let facts = [
        ("severity", control.severity.as_str().to_owned()),
        ("judges", control.types.join(", ")),
        ("shown by", control.evidence.join(", ")),
        ("elsewhere", others.join(", ")),
        ("holds where", control.condition.to_string()),
        ("why", control.rationale.to_string()),
        ("decided by", control.source.to_string()),
        ("do", control.remedy.text.to_string()),
    ];
    for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
        // A string takes whatever is written to it.
        let _ = writeln!(text, "{dimmed}{name:<12}{dimmed:#} {fact}");
    }
    let remedy = &control.remedy;
    let written = [
        ("CloudFormation", &remedy.cloudformation),
        ("Terraform", &remedy.terraform),
        ("AWS CLI", &remedy.cli),
    ];
    for (language, lines) in written.iter().filter(|(_, lines)| !lines.trim().is_empty()) {
        let _ = writeln!(text, "\n{dimmed}{language}{dimmed:#}\n{}", lines.trim());
    }
    text
}
