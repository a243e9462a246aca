//! The page of the book.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::decided::{self, DECISIONS};
use super::{Cell, Peer};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/reference/agreement-of-scanners.md");

const HEAD: &str = "\
<!-- Written by `UPDATE_DOCS=1 cargo xtask soak agreement`; don't edit. -->

# Agreement of scanners

`hermetic scan`, sslscan 2.0.7, sslyze 6.3.1 and testssl.sh 3.0.8 look at the same servers, and what they say is \
compared, question by question. A tick is agreement; a number is a disagreement, with how many answers the scanner has \
that Hermetic has not (+) and lacks that Hermetic has (−), and the decision below. Where nothing stands the scanner \
does not answer. What Hermetic could not tell is not compared.

A test holds sslscan and sslyze against Hermetic with every change; `cargo xtask soak agreement` runs all four, which \
took half an hour on a busy machine with two cores.
";

/// Writes it.
pub fn write(cells: &[Cell]) -> String {
    let mut page = HEAD.to_owned();
    let mut servers: Vec<&str> = cells.iter().map(|cell| cell.server).collect();
    servers.dedup();
    let (agree, all) = (cells.iter().filter(|cell| cell.agrees()).count(), cells.len());
    let _ = write!(page, "\n{all} cells of {} servers, of which {agree} agree.\n", servers.len());
    for server in servers {
        let of_server: Vec<&Cell> = cells.iter().filter(|cell| cell.server == server).collect();
        table(&mut page, server, &of_server);
    }
    page.push_str("\n## Decisions\n\n");
    for (number, decision) in (1..).zip(DECISIONS) {
        let at = if decision.server.is_empty() { String::new() } else { format!(", {}", decision.server) };
        let (peer, question) = (decision.peer.name(), decision.question);
        let about = if question.is_empty() { String::new() } else { format!(", {question}") };
        let _ = writeln!(page, "{number}. {peer}{at}{about}: {}.", decision.why);
    }
    page
}

fn table(page: &mut String, server: &str, cells: &[&Cell]) {
    let heads = Peer::ALL.map(Peer::name).join(" | ");
    let _ = write!(page, "\n## {server}\n\n| | {heads} |\n|---|---|---|---|\n");
    let mut rows: BTreeMap<&str, BTreeMap<Peer, &Cell>> = BTreeMap::new();
    for cell in cells {
        rows.entry(&cell.question).or_default().insert(cell.peer, cell);
    }
    for (question, row) in rows {
        let shown = Peer::ALL.map(|peer| row.get(&peer).map_or_else(String::new, |cell| mark(cell)));
        let _ = writeln!(page, "| {question} | {} |", shown.join(" | "));
    }
}

fn mark(cell: &Cell) -> String {
    if cell.agrees() {
        return "✓".to_owned();
    }
    let decision = decided::of(cell).map_or_else(|| "undecided".to_owned(), |place| (place + 1).to_string());
    let is_yes_or_no = |answer: &&String| *answer == "yes" || *answer == "no";
    if let Some(says) = cell.more.iter().next().filter(|says| is_yes_or_no(says)) {
        return format!("says {says} ({decision})");
    }
    format!("+{} −{} ({decision})", cell.more.len(), cell.less.len())
}

/// Writes it into the book, where that is asked for. What comes and goes would differ each time.
pub fn keep(page: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, page).unwrap();
    }
}
