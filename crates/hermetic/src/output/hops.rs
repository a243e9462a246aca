//! Hops as a table, and what was counted of them.

use std::collections::BTreeMap;

use hermetic_hop::{Counts, EvidenceKind, HopReport, PeerFacts, Scan, Severity, View, relative};
use jiff::Timestamp;

use super::table::{Cell, Column, Table};
use super::{several, tone};

const COLUMNS: [Column; 10] = [
    Column::keep("HOP"),
    Column::keep("VERDICT"),
    Column::keep("EVIDENCE"),
    Column::drop("VIEW", 2),
    Column::keep("VERSION"),
    Column::keep("GROUP"),
    Column::drop("PQ", 5),
    Column::drop("SUITE", 1),
    Column::drop("CERTIFICATE", 3),
    Column::drop("CONNECTIONS", 4),
];

/// The hops, a row each.
pub fn table(hops: &[HopReport], now: Timestamp) -> Table {
    let mut table = Table::new(COLUMNS);
    for hop in hops {
        table.row(row(hop, now));
    }
    table
}

/// Why hops fall short, and by whose leave cleartext may pass over others, a line each.
pub fn reasons(hops: &[HopReport]) -> String {
    let short = hops.iter().filter(|hop| hop.verdict.falls_short() || hop.exception.is_some());
    let line = |hop: &HopReport| {
        let style = tone(hop.verdict);
        format!("{} is {style}{}{style:#}: {}\n", hop.name(), hop.verdict, super::plain(&hop.reason))
    };
    short.map(line).collect()
}

/// What scans found, a line for each hop of which one found something.
pub fn scans(hops: &[HopReport], now: Timestamp) -> String {
    let found = hops.iter().filter_map(|hop| Some((hop, hop.scan.as_ref()?)));
    let line = |(hop, scan): (&HopReport, &Scan)| {
        let told: Vec<_> = scan
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Informational)
            .map(|finding| format!("{} ({})", super::plain(&finding.control), finding.severity.as_str()))
            .collect();
        let told = if told.is_empty() { "nothing".to_owned() } else { told.join(", ") };
        format!("{}: a scan {} found {told}\n", hop.name(), relative(scan.at, now))
    };
    found.map(line).collect()
}

/// What was counted, a paragraph for each hop that was used or tried.
pub fn counts(hops: &[HopReport]) -> String {
    let counted = hops.iter().filter_map(|hop| Some((hop, hop.counts.as_ref()?)));
    let used = counted.filter(|(_, counts)| counts.connections + counts.failed > 0);
    used.map(|(hop, counts)| format!("{}\n{}", hop.name(), paragraph(counts))).collect()
}

fn row(hop: &HopReport, now: Timestamp) -> [Cell; 10] {
    let facts = hop.tls.as_ref().map(|tls| &tls.facts);
    let known = |text: Option<String>| text.map_or_else(Cell::unknown, Cell::from);
    let quantum = hop.tls.as_ref().and_then(|tls| tls.post_quantum);
    [
        Cell::from(hop.name().to_string()),
        Cell::styled(hop.verdict.as_str(), tone(hop.verdict)),
        known(hop.evidence.map(|kind| kind.to_string())),
        known(
            hop.view
                .filter(|_| hop.evidence != Some(EvidenceKind::Declared))
                .map(|view| word(view).to_owned()),
        ),
        known(facts.and_then(|facts| facts.version).map(|version| range(hop, version.to_string()))),
        known(facts.and_then(|facts| facts.group).map(|group| group.to_string())),
        known(quantum.map(|quantum| if quantum { "yes" } else { "no" }.to_owned())),
        known(facts.and_then(|facts| facts.suite).map(|suite| suite.to_string())),
        known(facts.and_then(|facts| expiry([&facts.server, &facts.client], now))),
        known(hop.counts.as_ref().map(|counts| counts.connections.to_string())),
    ]
}

/// A declaration tells the lowest version that may be negotiated.
fn range(hop: &HopReport, version: String) -> String {
    if hop.evidence == Some(EvidenceKind::Declared) { format!("{version}+") } else { version }
}

fn word(view: View) -> &'static str {
    match view {
        View::Client => "client",
        View::Server => "server",
        View::Both => "both",
        View::Observer => "observer",
    }
}

/// When the first of the hop's certificates expires.
fn expiry(peers: [&Option<PeerFacts>; 2], now: Timestamp) -> Option<String> {
    let first = peers.into_iter().flatten().map(|peer| peer.not_after).min()?;
    let when = relative(first, now);
    Some(if first < now { format!("expired {when}") } else { when.to_string() })
}

fn paragraph(counts: &Counts) -> String {
    let Counts { connections, cleartext, resumed, failed, requests, credential_exposed, .. } = counts;
    let mut text = format!(
        "  {} ({resumed} resumed), {failed} failed, {}, {} in, {} out\n",
        several(*connections, "connection"),
        several(*requests, "request"),
        bytes(counts.bytes_received),
        bytes(counts.bytes_sent)
    );
    let tallies = [
        ("version", &counts.versions),
        ("group", &counts.groups),
        ("suite", &counts.suites),
        ("failed", &counts.failures),
    ];
    for (label, tally) in tallies.into_iter().filter(|(_, tally)| !tally.is_empty()) {
        text.push_str(&format!("  {label:<8} {}\n", super::plain(&listed(tally))));
    }
    if *cleartext > 0 {
        text.push_str(&format!("  {} in cleartext\n", several(*cleartext, "connection")));
    }
    if *credential_exposed > 0 {
        let requests = several(*credential_exposed, "request");
        text.push_str(&format!("  {requests} carried a secret in cleartext\n"));
    }
    text
}

/// The most frequent first.
fn listed(tally: &BTreeMap<String, u64>) -> String {
    let mut entries: Vec<_> = tally.iter().collect();
    entries.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    entries.into_iter().map(|(name, count)| format!("{name} ({count})")).collect::<Vec<_>>().join(", ")
}

fn bytes(count: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(worth, _)| count >= *worth) {
        Some((worth, unit)) => format!("{}.{} {unit}", count / worth, count % worth * 10 / worth),
        None => format!("{count} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(u64::MAX), "17179869183.9 GiB");
    }
}
