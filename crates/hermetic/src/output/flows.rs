//! Flows: each with its verdict and the hop that decides.

use hermetic_hop::{FlowReport, HopReport, Report};

use super::table::{Cell, Column, Table};
use super::{plain, tone};

/// The flows of a report, a row each.
pub fn table(report: &Report) -> Table {
    let columns =
        [Column::keep("FLOW"), Column::keep("VERDICT"), Column::keep("HOPS"), Column::keep("WEAKEST HOP")];
    let mut table = Table::new(columns);
    for flow in &report.flows {
        table.row([
            Cell::from(flow.name.as_str()),
            Cell::styled(flow.verdict.as_str(), tone(flow.verdict)),
            Cell::from(tally(flow, report)),
            Cell::from(weakest(flow, report).unwrap_or_default()),
        ]);
    }
    table
}

/// A flow in one line: `tour: SEALED, 3 of 3 hops; weakest client → edge: X25519, not post-quantum`.
pub fn line(flow: &FlowReport, report: &Report) -> String {
    let style = tone(flow.verdict);
    let verdict = flow.verdict.as_str().to_uppercase();
    let weakest = weakest(flow, report).map(|weakest| format!("; weakest {weakest}")).unwrap_or_default();
    format!("{}: {style}{verdict}{style:#}, {} hops{weakest}", flow.name, tally(flow, report))
}

/// How many of its hops do not fall short.
fn tally(flow: &FlowReport, report: &Report) -> String {
    let fine = |hop: &&HopReport| !hop.verdict.falls_short();
    let good = flow.hops().filter_map(|name| report.hop(&name)).filter(fine).count();
    format!("{good} of {}", flow.hops().count())
}

fn weakest(flow: &FlowReport, report: &Report) -> Option<String> {
    let name = flow.weakest.as_ref()?;
    let weakness = report.hop(name).map_or_else(|| "nobody reports it".to_owned(), HopReport::weakness);
    Some(plain(&format!("{name}: {weakness}")))
}
