//! The page of the book.

use std::fmt::Write;

use hermetic_posture::Standing;

use super::decided::{self, DECISIONS};
use super::{Cell, Group, Peer, Says};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/reference/agreement-of-auditors.md");

const HEAD: &str = "\
<!-- Written by `UPDATE_DOCS=1 cargo xtask soak audit-agreement`; don't edit. -->

# Agreement of auditors

`hermetic audit`, Checkov 3.3.30 and cfn-guard 3.2.1 with the rules of AWS Control Tower look at the same infrastructure \
code, and what they say is compared, control by control: on the [sample architecture](../explanation/one-architecture.md), \
sound, broken in twelve ways and in its three forms, on plans of Terraform, and on the cases of each control that one of them knows. \
A tick is agreement; where one disagrees, its word stands with the number of the decision below. Where nothing stands it \
says nothing. Checkov has many of its checks for Terraform alone. What there is nothing to judge of counts as passing.

Where several controls share an id they stand together, and each id is compared with the controls that carry it. \
`cargo xtask soak audit-agreement` runs all of it.
";

/// Writes it.
pub fn write(groups: &[Group]) -> String {
    let mut page = HEAD.to_owned();
    let cells: Vec<&Cell> = groups.iter().flat_map(Group::cells).collect();
    for peer in Peer::ALL {
        let of_peer = || cells.iter().filter(|cell| cell.peer == peer);
        let agree = of_peer().filter(|cell| cell.agrees()).count();
        let _ = write!(page, "\n{}: {} cells, of which {agree} agree.\n", peer.name(), of_peer().count());
    }
    for group in groups.iter().filter(|group| !group.rows.is_empty()) {
        section(&mut page, group);
    }
    page.push_str("\n## Decisions\n\n");
    for (number, decision) in (1..).zip(DECISIONS) {
        let example =
            if decision.example.is_empty() { String::new() } else { format!(", {}", decision.example) };
        let id = if decision.id.is_empty() { "All" } else { decision.id };
        let _ = writeln!(page, "{number}. {id}{example}: {}.", decision.why);
    }
    page
}

fn section(page: &mut String, group: &Group) {
    let names: Vec<String> = group.controls.iter().map(|control| format!("`{}`", control.id)).collect();
    let _ = write!(page, "\n## {}\n\n", names.join(", "));
    for control in &group.controls {
        let _ = writeln!(page, "- {}. Decided by: {}", plain(&control.title), plain(&control.source));
    }
    let answering: Vec<&(Peer, String)> = group
        .ids
        .iter()
        .filter(|(peer, id)| group.cells().any(|cell| cell.peer == *peer && cell.id == *id))
        .collect();
    let heads: Vec<String> = answering.iter().map(|(peer, id)| format!("{} `{id}`", peer.name())).collect();
    let _ =
        write!(page, "\n| | Hermetic | {} |\n|---|---|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
    for (words, ours, cells) in &group.rows {
        let marks = answering.iter().map(|(peer, id)| {
            let cell = cells.iter().find(|cell| cell.peer == *peer && cell.id == *id);
            cell.map_or_else(String::new, mark)
        });
        let marks: Vec<String> = marks.collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} |",
            plain(words).replace('|', "\\|"),
            standing(*ours),
            marks.join(" | ")
        );
    }
}

fn mark(cell: &Cell) -> String {
    if cell.agrees() {
        return "✓".to_owned();
    }
    let decision = decided::of(cell).map_or_else(|| "undecided".to_owned(), |place| (place + 1).to_string());
    let says = match cell.theirs {
        Says::Pass => "pass",
        Says::Fail => "fail",
    };
    format!("{says} ({decision})")
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::NotApplicable => "–",
        Standing::Pass => "pass",
        Standing::Unknown => "unknown",
        Standing::Fail => "fail",
    }
}

/// What Markdown would take for markup stays text.
fn plain(text: &str) -> String {
    text.trim().trim_end_matches('.').replace('<', "&lt;").replace('*', "\\*").replace('\n', " ")
}

/// Writes it into the book, where that is asked for.
pub fn keep(page: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, page).unwrap();
    }
}
