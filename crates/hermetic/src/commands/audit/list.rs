//! The controls, as a list.

use hermetic_posture::Control;
use serde::Serialize;

use crate::arguments::AuditFormat;
use crate::exit::Failure;
use crate::output;
use crate::output::table::{Cell, Column, Table};

/// `hermetic.controls/1`.
#[derive(Serialize)]
struct Controls<'a> {
    schema: &'static str,
    controls: Vec<&'a Control>,
}

/// Prints the controls.
pub fn print(controls: &[&Control], format: AuditFormat) -> Result<(), Failure> {
    match format {
        AuditFormat::Table => {}
        AuditFormat::Json => {
            let controls = Controls { schema: "hermetic.controls/1", controls: controls.to_vec() };
            return output::print_json(&controls);
        }
        _ => {
            return Err(Failure::wrong("a list of controls is a table or JSON, and no findings")
                .remedy("take --format json, or leave --list out"));
        }
    }
    let columns = [
        Column::keep("CONTROL"),
        Column::keep("SEVERITY"),
        Column::drop("SHOWN BY", 1),
        Column::drop("SECURITY HUB", 2),
        Column::cut("HOLDS WHERE"),
    ];
    let mut table = Table::new(columns);
    for control in controls {
        table.row([
            Cell::from(&*control.id),
            Cell::from(control.severity.as_str()),
            Cell::from(control.evidence.join(", ").as_str()),
            control.ids.security_hub.as_deref().map_or_else(Cell::unknown, Cell::from),
            Cell::from(&*control.title),
        ]);
    }
    output::print(&table.render(output::width()))
}
