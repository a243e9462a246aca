//! The controls, as a list, and what the frameworks ask for that they were chosen by.

use std::fmt::Write as _;

use hermetic_posture::Control;
use hermetic_posture::framework::{Clause, Framework};
use serde::Serialize;

use crate::arguments::AuditFormat;
use crate::exit::Failure;
use crate::output;
use crate::output::table::{Cell, Column, Table};

/// `hermetic.controls/1`.
#[derive(Serialize)]
struct Controls<'a> {
    schema: &'static str,
    /// Those that were named; each clause says by what it selects controls.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    frameworks: &'a [&'static Framework],
    controls: Vec<Listed<'a>>,
}

/// A control, and the clauses that ask for it.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    control: &'a Control,
    /// Of the frameworks that were named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    asked_by: Vec<&'static str>,
}

/// Prints the controls.
pub fn print(
    controls: &[&Control],
    frameworks: &[&'static Framework],
    format: AuditFormat,
) -> Result<(), Failure> {
    match format {
        AuditFormat::Table => output::print(&text(controls, frameworks)),
        AuditFormat::Json => {
            let controls = controls.iter().map(|control| asked(control, frameworks)).collect();
            output::print_json(&Controls { schema: "hermetic.controls/1", frameworks, controls })
        }
        _ => Err(Failure::wrong("a list of controls is a table or JSON, and no findings")
            .remedy("take --format json, or leave --list out")),
    }
}

fn asked<'a>(control: &'a Control, frameworks: &[&'static Framework]) -> Listed<'a> {
    let clauses = frameworks.iter().flat_map(|framework| framework.answered_by(control));
    Listed { control, asked_by: clauses.map(|clause| &*clause.id).collect() }
}

fn text(controls: &[&Control], frameworks: &[&'static Framework]) -> String {
    let mut text = String::new();
    for framework in frameworks {
        // A string takes whatever is written to it.
        let _ = writeln!(text, "{}: {}", framework.id, framework.title);
        for clause in &framework.clauses {
            let Clause { id, asks, .. } = clause;
            let _ = writeln!(text, "  {id}: {asks}\n    selects {}", clause.rule());
        }
        text.push('\n');
    }
    let clauses = frameworks.iter().any(|framework| framework.clauses.len() > 1);
    let mut columns = vec![Column::keep("CONTROL"), Column::keep("SEVERITY")];
    columns.extend(clauses.then(|| Column::keep("ASKED BY")));
    columns.push(Column::drop("SHOWN BY", 1));
    columns.push(Column::drop("SECURITY HUB", 2));
    columns.push(Column::cut("HOLDS WHERE"));
    let mut table = Table::new(columns);
    for control in controls {
        let asked_by = asked(control, frameworks).asked_by.join(", ");
        let mut row = vec![Cell::from(&*control.id), Cell::from(control.severity.as_str())];
        row.extend(clauses.then(|| Cell::from(asked_by.as_str())));
        row.push(Cell::from(control.evidence.join(", ").as_str()));
        row.push(control.ids.security_hub.as_deref().map_or_else(Cell::unknown, Cell::from));
        row.push(Cell::from(&*control.title));
        table.row(row);
    }
    text.push_str(&table.render(output::width()));
    text
}
