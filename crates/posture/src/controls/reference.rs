//! The page of the book about controls, made from their files.

use std::fmt::Write as _;

use super::all;
use crate::control::Control;
use crate::framework;

const OPENING: &str = "\
<!-- Generated from the files in crates/posture/src/controls; don't edit. UPDATE_DOCS=1 cargo test -p hermetic-posture -->

# Controls

What `hermetic audit` judges. `hermetic explain ID` prints one in full, with what to write in CloudFormation, in Terraform and on the AWS command line; an ID of AWS Config, Security Hub, Prowler, Checkov, cfn-guard, Trivy or Steampipe will do, and `--control` takes the same.

What only a live account can show is listed, and judges no code.

## Frameworks

`--framework NAME` judges only what one of these asks for.

| name | framework | asks for |
|---|---|---|
";

/// The reference page, in Markdown.
pub fn reference() -> String {
    let mut page = OPENING.to_owned();
    for framework in framework::all() {
        // A string takes whatever is written to it.
        let _ =
            writeln!(page, "| `{}` | {} | {} |", framework.id, cell(&framework.title), cell(&framework.asks));
    }
    let mut service = "";
    for control in all() {
        if service != &*control.service {
            service = &control.service;
            let _ = write!(page, "\n## {service}\n");
        }
        write_control(&mut page, control);
    }
    page
}

fn write_control(page: &mut String, control: &Control) {
    let _ = write!(page, "\n### `{}`\n\n{}.\n\n", control.id, text(&control.title));
    let shown = if control.shown_by_code() { "" } else { " Only a live account can show it." };
    let types: Vec<String> = control.types.iter().map(|kind| format!("`{kind}`")).collect();
    let _ = write!(page, "Severity {}; judges {}.{shown}\n\n", control.severity.as_str(), types.join(", "));
    let facts = [
        ("Holds where", &control.condition),
        ("Why", &control.rationale),
        ("Decided by", &control.source),
        ("Do", &control.remedy.text),
    ];
    for (name, fact) in facts.into_iter().filter(|(_, fact)| !fact.is_empty()) {
        let _ = writeln!(page, "- {name}: {}", text(fact));
    }
    let elsewhere: Vec<String> = control.names().skip(1).map(|name| format!("`{name}`")).collect();
    if !elsewhere.is_empty() {
        let _ = writeln!(page, "- Elsewhere: {}", elsewhere.join(", "));
    }
    for (name, value) in &control.parameters {
        let _ = writeln!(page, "- Parameter `{name}`: `{value}`");
    }
}

/// What Markdown would take for markup stays text.
fn text(text: &str) -> String {
    text.trim().replace('<', "&lt;").replace('*', "\\*").replace('\n', " ")
}

fn cell(cell: &str) -> String {
    text(cell).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_book_is_what_the_controls_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/reference/controls.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == reference(), "stale; run: UPDATE_DOCS=1 cargo test -p hermetic-posture");
    }
}
