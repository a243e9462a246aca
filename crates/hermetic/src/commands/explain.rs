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
    for (name, fact) in control.facts() {
        // A string takes whatever is written to it.
        let _ = writeln!(text, "{dimmed}{name:<12}{dimmed:#} {fact}");
    }
    for (language, lines) in control.written() {
        let _ = writeln!(text, "\n{dimmed}{language}{dimmed:#}\n{lines}");
    }
    text
}
