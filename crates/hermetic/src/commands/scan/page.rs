//! The report of a scan for a person: the verdict first, then what is wrong, then the rest.

mod certificates;
mod dns;
mod findings;
mod grade;
mod web;

pub use certificates::shared_keys;

use std::fmt::{Display, Write as _};

use anstyle::{AnsiColor, Style};
use hermetic_hop::{Checked, Verdict, relative};
use hermetic_probe::findings::Seeming;
use hermetic_tls::ProtocolVersion;

use super::report::handshake::Handshake;
use super::report::{Answer, Difference, Listed, Policy, Report, Supported};
use crate::output::table::{Cell, Column, Table};
use crate::output::{heading, plain, tone};

/// The page, within `width` columns where there is one.
pub fn text(report: &Report, width: Option<usize>) -> String {
    let mut page = String::new();
    let style = tone(report.verdict);
    let verdict = format!("{:?}", report.verdict).to_uppercase();
    let basis = report.evidence.map(|kind| format!(" ({})", format!("{kind:?}").to_lowercase()));
    let _ = writeln!(
        page,
        "{}{}: {style}{verdict}{style:#}{}, {}",
        report.target,
        report.address.as_ref().map(|address| format!(" at {address}")).unwrap_or_default(),
        basis.unwrap_or_default(),
        plain(&report.reason)
    );
    if let Some(protocol) = report.cleartext {
        let who =
            if report.verdict == Verdict::Local { "whoever is on this host" } else { "anybody on the way" };
        let _ = writeln!(page, "  it answers in clear, in {protocol}: {who} can read it");
    }
    if let Some(Seeming { software, sign, said }) = &report.software {
        let _ = writeln!(page, "  it seems to be {}, by {}: {}", software.name(), sign.place(), plain(said));
    }
    findings::findings(&mut page, &report.judged, width);
    if let Some(handshake) = &report.handshake {
        certificate(&mut page, handshake, report);
    }
    if let Some(told) = &report.grade {
        grade::section(&mut page, told);
    }
    // Where nothing at all was to be seen, the first line has said so.
    if let Some(reason) = report.unobserved.as_ref().filter(|reason| **reason != report.reason) {
        let _ = writeln!(page, "\nwhat it accepts was not to be seen: {}", plain(reason));
    }
    // Without any observation the rest would be empty headings.
    if let Some(measured) = &report.policy {
        findings::standards(&mut page, &report.judged.standards, width);
        weaknesses(&mut page, report, width);
        policy(&mut page, measured);
        protocols(&mut page, report, width);
        listed(&mut page, "Suites", &report.suites);
        listed(&mut page, "Groups", &report.groups);
        post_quantum(&mut page, report);
        listed(&mut page, "Signature schemes", &report.signature_schemes);
        features(&mut page, report, width);
    }
    certificates::section(&mut page, report);
    if let Some(told) = &report.web {
        web::section(&mut page, told);
    }
    if let Some(told) = &report.dns {
        dns::section(&mut page, told);
    }
    if report.policy.is_some() {
        let _ = writeln!(page, "\n{} connections", report.connections);
    }
    page
}

fn title(page: &mut String, title: &str) {
    let style = heading();
    let _ = writeln!(page, "\n{style}{title}{style:#}");
}

fn certificate(page: &mut String, handshake: &Handshake, report: &Report) {
    title(page, "Its own choice");
    let parts = [
        handshake.version.map(|it| it.to_string()),
        handshake.suite.map(|it| it.to_string()),
        handshake.group.map(|it| it.to_string()),
    ];
    let _ = writeln!(page, "  {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
    if let Some(server) = &handshake.certificate {
        let names: Vec<_> = server.identities.iter().map(ToString::to_string).collect();
        let ends = relative(server.not_after, report.at());
        let _ = writeln!(page, "  {} by {}, ends {ends}", plain(&names.join(" ")), plain(&server.issuer));
    }
    let (bad, odd) = (AnsiColor::Red.on_default(), AnsiColor::Yellow.on_default());
    let _ = match (&handshake.problem, handshake.server_checked) {
        (Some(problem), _) => writeln!(page, "  {bad}{}{bad:#}", plain(problem)),
        (None, Checked::Verified) => writeln!(page, "  verified"),
        (None, _) => {
            writeln!(page, "  {odd}not verified{odd:#}: no handshake came to its end")
        }
    };
}

/// Those that nobody can tell of, and those that are not there. The others are findings.
fn weaknesses(page: &mut String, report: &Report, width: Option<usize>) {
    title(page, "Weaknesses");
    let mut table = Table::new([Column::keep("  COULD NOT TELL"), Column::cut("WHY")]);
    let mut rows = 0;
    for weakness in report.weaknesses.iter().filter(|weakness| weakness.conclusion == "could not tell") {
        let style = AnsiColor::Yellow.on_default();
        table.row([
            Cell::styled(format!("  {}", weakness.id), style),
            Cell::from(weakness.reason.clone().unwrap_or_default()),
        ]);
        rows += 1;
    }
    if rows > 0 {
        page.push_str(&table.render(width));
    }
    let of = |conclusion: &str| {
        let found = report.weaknesses.iter().filter(|weakness| weakness.conclusion == conclusion);
        found.map(|weakness| weakness.id).collect::<Vec<_>>()
    };
    for (conclusion, style) in [("vulnerable", AnsiColor::Red.on_default()), ("not vulnerable", Style::new())]
    {
        let ids = of(conclusion);
        if !ids.is_empty() {
            let _ = writeln!(page, "  {style}{conclusion}{style:#}: {}", ids.join(", "));
        }
    }
}

fn policy(page: &mut String, policy: &Policy) {
    title(page, &format!("By {}", policy.name));
    difference(page, "accepted beyond it", &policy.beyond);
    difference(page, "not accepted of it", &policy.missing);
    for unknown in &policy.unknown {
        let _ = writeln!(page, "  could not tell: {}", plain(unknown));
    }
    if policy.within && policy.unknown.is_empty() {
        let _ = writeln!(page, "  nothing beyond it is accepted");
    }
}

fn difference(page: &mut String, what: &str, difference: &Difference) {
    let all = texts(&difference.versions).chain(texts(&difference.suites)).chain(texts(&difference.groups));
    let all: Vec<_> = all.collect();
    if !all.is_empty() {
        let _ = writeln!(page, "  {what}: {}", all.join(", "));
    }
}

fn texts<T: Display>(items: &[T]) -> impl Iterator<Item = String> {
    items.iter().map(ToString::to_string)
}

fn protocols(page: &mut String, report: &Report, width: Option<usize>) {
    title(page, "Protocols");
    let mut table = Table::new([Column::keep("  VERSION"), Column::keep("SPOKEN"), Column::cut("HOW")]);
    for protocol in &report.protocols {
        let old = protocol.version < ProtocolVersion::TLS1_2;
        table.row(cells(protocol.version.to_string(), &protocol.support, old));
    }
    page.push_str(&table.render(width));
}

fn features(page: &mut String, report: &Report, width: Option<usize>) {
    title(page, "Beside suites");
    let mut table = Table::new([Column::keep("  FEATURE"), Column::keep("THERE"), Column::cut("HOW")]);
    let features = report.features.iter().map(|feature| (feature.name, &feature.support));
    let sessions = report.sessions.iter().flat_map(|sessions| {
        [
            ("resumption_by_id", &sessions.resumption_by_id),
            ("resumption_by_ticket", &sessions.resumption_by_ticket),
            ("ticket_again", &sessions.ticket_again),
            ("resumption_tls13", &sessions.resumption_tls13),
            ("early_data", &sessions.early_data),
        ]
    });
    let asked = features.chain(sessions).filter(|(_, it)| it.support != Answer::NotApplicable);
    for (name, supported) in asked {
        let bad = matches!(
            name,
            "compression" | "client_renegotiation" | "reuses_curve_value" | "reuses_finite_field_value"
        );
        table.row(cells(name.replace('_', " "), supported, bad));
    }
    page.push_str(&table.render(width));
    if let Some(prime) = &report.prime {
        let shared = prime.common.map(|origin| format!(", which many servers share: {origin}"));
        let _ = writeln!(page, "  prime of {} bits{}", prime.bits, shared.unwrap_or_default());
    }
    if !report.application_protocols.is_empty() {
        let _ =
            writeln!(page, "  application protocols: {}", plain(&report.application_protocols.join(", ")));
    }
}

/// What it is, whether it is there, and how that is known; red where a yes is bad.
fn cells(what: String, Supported { support, reason }: &Supported, is_bad: bool) -> [Cell; 3] {
    let answer = match support {
        Answer::Yes if is_bad => Cell::styled("yes", AnsiColor::Red.on_default()),
        Answer::Yes => Cell::from("yes"),
        Answer::No => Cell::from("no"),
        Answer::CouldNotTell => Cell::styled("could not tell", AnsiColor::Yellow.on_default()),
        Answer::NotApplicable => Cell::unknown(),
    };
    [Cell::from(format!("  {what}")), answer, Cell::from(reason.clone().unwrap_or_default())]
}

fn listed<T: Display>(page: &mut String, what: &str, lists: &[Listed<T>]) {
    if lists.is_empty() {
        return;
    }
    title(page, what);
    for list in lists {
        let kind = list.authentication.map(|kind| format!(" {kind}")).unwrap_or_default();
        let order = list.order.map(|order| format!(", {order}'s order")).unwrap_or_default();
        let _ = writeln!(page, "  {}{kind}{order}", list.version);
        for item in &list.accepted {
            let _ = writeln!(page, "    {item}");
        }
        if let Some(reason) = &list.broke_off {
            let _ = writeln!(page, "    perhaps more: {}", plain(reason));
        }
    }
}

fn post_quantum(page: &mut String, report: &Report) {
    title(page, "Post-quantum key exchange");
    let readiness = &report.post_quantum;
    let group = readiness.group.map(|group| format!(", {group}")).unwrap_or_default();
    let reason = readiness.reason.as_ref().map(|reason| format!(": {}", plain(reason))).unwrap_or_default();
    let _ = writeln!(page, "  {}{group}{reason}", readiness.readiness);
}

#[cfg(test)]
mod tests {
    use hermetic_hop::{Evidence, EvidenceKind, TlsFacts, Transport, View};
    use hermetic_probe::{Depth, Outcome, Scanned};
    use jiff::Timestamp;

    use super::super::samples::{observed, report, speaking};
    use super::*;

    /// The page and the JSON of an endpoint whose handshake says so of its certificate.
    fn told(server_checked: Checked) -> (String, serde_json::Value) {
        let facts =
            TlsFacts { version: Some(ProtocolVersion::TLS1_1), server_checked, ..TlsFacts::default() };
        let (kind, view, at) = (EvidenceKind::Probed, View::Client, Timestamp::UNIX_EPOCH);
        let evidence = Evidence { kind, view, at, transport: Transport::Tls(Box::new(facts)) };
        let seen = observed(speaking(&[(ProtocolVersion::TLS1_1, 0xC013)]));
        let report = report(&Scanned { outcome: Outcome::Seen(evidence), ..seen }, Depth::Full);
        (text(&report, None), serde_json::to_value(&report).unwrap())
    }

    #[test]
    fn only_a_certificate_that_was_verified_is_called_so() {
        let (page, json) = told(Checked::Verified);
        assert!(page.contains("\n  verified\n"), "{page}");
        assert_eq!(json["handshake"]["server_checked"], "verified");
        let (page, json) = told(Checked::NotVerified);
        assert!(!page.contains("\n  verified\n") && page.contains("not verified"), "{page}");
        assert_eq!(json["handshake"]["server_checked"], "not_verified");
    }
}
