//! The pages of the book about controls, made from their files: one of all, and one of each.

use std::fmt::Write as _;

use super::all;
use crate::aspect::Aspect;
use crate::control::Control;
use crate::framework;

const GENERATED: &str = "\
<!-- Generated from the files in crates/posture/src/controls; don't edit. UPDATE_DOCS=1 cargo test -p hermetic-posture -->
";

const OPENING: &str = "
# Controls

What `hermetic audit` judges. Each has a page; `hermetic explain ID` prints the same. An ID of AWS Config, Security Hub, Prowler, Checkov, cfn-guard, Trivy or Steampipe will do, and `--control` takes the same.

What only a live account can show is listed, and judges no code.

## Frameworks

`--framework NAME` judges only what one of these asks for; `[[requirement]]` of a configuration takes the same names. Case, spaces and hyphens don't matter. `hermetic audit --list --framework NAME` lists the controls, and which clause asks for each.

Each control says what of a transmission it is about. A clause selects the controls that are about what its text asks for, on the kinds of hop that its text is about; some name their controls. No clause selects by the words of a title.

";

/// The page of all controls, in Markdown.
pub fn reference() -> String {
    let mut page = format!("{GENERATED}{OPENING}");
    write_aspects(&mut page);
    write_frameworks(&mut page);
    let mut service = "";
    for control in all() {
        if service != &*control.service {
            service = &control.service;
            let head = "| control | severity | Security Hub | holds where |\n|---|---|---|---|\n";
            let _ = write!(page, "\n## {service}\n\n{head}");
        }
        let live = if control.shown_by_code() { "" } else { " (a live account alone shows it)" };
        let _ = writeln!(
            page,
            "| [`{0}`](controls/{0}.md) | {1} | {2} | {3}{live} |",
            control.id,
            control.severity.as_str(),
            control.ids.security_hub.as_deref().unwrap_or_default(),
            cell(&control.title)
        );
    }
    page
}

fn write_aspects(page: &mut String) {
    page.push_str("| about | |\n|---|---|\n");
    for aspect in Aspect::ALL {
        // A string takes whatever is written to it.
        let _ = writeln!(page, "| `{aspect}` | {} |", aspect.means());
    }
}

fn write_frameworks(page: &mut String) {
    page.push_str("\n| name | framework | controls | also called |\n|---|---|---|---|\n");
    for framework in framework::all() {
        let selected = all().iter().filter(|control| framework.selects(control)).count();
        let _ = writeln!(
            page,
            "| `{}` | {} | {selected} | {} |",
            framework.id,
            cell(&framework.title),
            cell(&framework.names.join(", "))
        );
    }
    page.push_str("\n| framework | clause | asks for | selects |\n|---|---|---|---|\n");
    let whole = framework::all().iter().filter(|framework| !framework.is_part());
    for (framework, clause) in whole.flat_map(|it| it.clauses.iter().map(move |clause| (it, clause))) {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            framework.id,
            cell(&clause.id),
            cell(&clause.asks),
            cell(&clause.rule())
        );
    }
}

/// The page of one control, in Markdown.
pub fn page(control: &Control) -> String {
    let mut page = format!("{GENERATED}\n# {}\n\n{}.\n", control.id, text(&control.title));
    if !control.shown_by_code() {
        page.push_str("\nOnly a live account can show it: it is listed, and judges no code.\n");
    }
    page.push_str("\n| | |\n|---|---|\n");
    for (name, fact) in control.facts() {
        let _ = writeln!(page, "| {name} | {} |", cell(&fact));
    }
    for (language, lines) in control.written() {
        let fence = match language {
            "CloudFormation" => "yaml",
            "Terraform" => "hcl",
            _ => "sh",
        };
        let _ = write!(page, "\n## {language}\n\n```{fence}\n{lines}\n```\n");
    }
    page
}

/// What Markdown would take for markup stays text.
fn text(text: &str) -> String {
    text.trim().replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_").replace('\n', " ")
}

fn cell(cell: &str) -> String {
    text(cell).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    fn book() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src")
    }

    /// Writes the page where that is asked for; whether the book has it so.
    fn is_in_the_book(path: &Path, page: &str) -> bool {
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, page).unwrap();
        }
        std::fs::read_to_string(path).unwrap_or_default() == page
    }

    #[test]
    fn the_page_of_the_book_is_what_the_controls_say() {
        let is_there = is_in_the_book(&book().join("reference/controls.md"), &reference());
        assert!(is_there, "stale; run: cargo xtask docs");
    }

    #[test]
    fn each_control_has_its_page_and_no_page_is_left_over() {
        let folder = book().join("reference/controls");
        for control in all() {
            let is_there = is_in_the_book(&folder.join(format!("{}.md", control.id)), &page(control));
            assert!(is_there, "{} is stale; run: cargo xtask docs", control.id);
        }
        let wanted: BTreeSet<String> = all().iter().map(|control| format!("{}.md", control.id)).collect();
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !wanted.contains(&name) && std::env::var_os("UPDATE_DOCS").is_some() {
                std::fs::remove_file(&path).unwrap();
            }
            assert!(
                wanted.contains(&name) || !path.exists(),
                "{name} is of no control; run: cargo xtask docs"
            );
        }
    }

    /// A book leaves out what its table of contents has not.
    #[test]
    fn the_table_of_contents_has_the_page_of_each_control() {
        let path = book().join("SUMMARY.md");
        let before = std::fs::read_to_string(&path).unwrap();
        let head = "- [Controls](reference/controls.md)\n";
        let (above, below) = before.split_once(head).unwrap();
        let rest = after_the_controls(below);
        let entries: String = all()
            .iter()
            .map(|control| format!("  - [{0}](reference/controls/{0}.md)\n", control.id))
            .collect();
        assert!(
            is_in_the_book(&path, &format!("{above}{head}{entries}{rest}")),
            "stale; run: cargo xtask docs"
        );
    }

    /// What follows the pages of controls.
    fn after_the_controls(text: &str) -> String {
        let others = text.lines().skip_while(|line| line.contains("(reference/controls/"));
        others.map(|line| format!("{line}\n")).collect()
    }
}
