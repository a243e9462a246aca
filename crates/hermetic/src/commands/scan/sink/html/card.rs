//! One endpoint on the page.

use std::fmt::{Display, Write as _};

use hermetic_hop::Verdict;
use hermetic_probe::certificates::SharedKey;
use hermetic_probe::findings::Untold;
use hermetic_probe::judge::standards::Answer;

use super::super::super::judged::{Judged, Shown};
use super::super::super::report::{Listed, Report};
use super::picture;
use crate::picture::escaped;

/// The card of an endpoint: verdict and picture, then what is wrong, then the rest.
pub(super) fn card(report: &Report) -> String {
    let verdict = report.verdict();
    let basis = report.evidence.map(|kind| format!(" ({kind})")).unwrap_or_default();
    let address = report.address.as_ref().map(|address| format!(" at {address}")).unwrap_or_default();
    let mut card = format!(
        "<article>\n<header><span class=\"badge {verdict}\">{}</span><h2>{}</h2>{}</header>\n\
         <p>{}</p>\n<p class=\"grey\">{verdict}{basis}{}, {}{}</p>\n{}",
        verdict.to_string().to_uppercase(),
        escaped(&report.target),
        grade(report),
        escaped(&report.reason),
        escaped(&address),
        report.at().strftime("%Y-%m-%d %H:%M:%S UTC"),
        if report.depth == "fast" { ", a fast scan, which asks little" } else { "" },
        picture::svg(report),
    );
    if let Some(reason) = &report.unobserved {
        let _ = writeln!(card, "<p>What it accepts was not to be seen: {}</p>", escaped(reason));
    }
    findings(&mut card, report);
    standards(&mut card, &report.judged);
    untold(&mut card, &report.judged);
    lists(&mut card, report);
    card.push_str("</article>\n");
    card
}

/// The keys that several endpoints have; nothing where there are none.
pub(super) fn shared_keys(shared: &[SharedKey]) -> String {
    if shared.is_empty() {
        return String::new();
    }
    let mut card = "<article>\n<h3>Keys that several endpoints have</h3>\n<table>\n".to_owned();
    for SharedKey { key_fingerprint, endpoints, more } in shared {
        let more = if *more > 0 { format!("<br>and {more} more") } else { String::new() };
        let endpoints: Vec<_> = endpoints.iter().map(|it| escaped(it)).collect();
        let short = key_fingerprint.get(..16).unwrap_or(key_fingerprint);
        let _ = writeln!(card, "<tr><td>{short}…</td><td>{}{more}</td></tr>", endpoints.join("<br>"));
    }
    card + "</table>\n</article>\n"
}

/// The grade of SSL Labs, with a question mark where something that counts was not to be seen.
fn grade(report: &Report) -> String {
    let Some(told) = &report.grade else { return String::new() };
    let tone = match told.grade.chars().next() {
        Some('A') => "good",
        Some('B') => "soft",
        _ => "bad",
    };
    let doubt = if told.sure { "" } else { "?" };
    let reasons: Vec<String> = told.reasons.iter().map(|it| format!("{}: {}", it.grade, it.reason)).collect();
    format!(
        "<span class=\"grade {tone}\" title=\"by SSL Labs' guide; {}\">{}{doubt}</span>",
        escaped(&reasons.join("; ")),
        escaped(&told.grade),
    )
}

fn findings(card: &mut String, report: &Report) {
    let judged = &report.judged;
    card.push_str(match (judged.findings.is_empty(), report.verdict()) {
        (false, _) => "<h3>Findings</h3>\n",
        (true, Verdict::Unknown) => "<h3>Nothing is known of it</h3>\n",
        (true, _) if judged.untold.is_empty() => "<h3>No findings</h3>\n",
        (true, _) => "<h3>No findings in what could be told</h3>\n",
    });
    judged.findings.iter().for_each(|shown| finding(card, shown));
    if !judged.gone.is_empty() {
        let _ = writeln!(
            card,
            "<p class=\"grey\">Gone since the earlier scan: {}</p>",
            escaped(&judged.gone.join(", "))
        );
    }
}

/// The checks that neither passed nor failed.
fn untold(card: &mut String, judged: &Judged) {
    let count: usize = judged.untold.iter().map(|it| it.checks.len()).sum();
    if count == 0 {
        return;
    }
    let _ = writeln!(card, "<details><summary>Checks that could not be told: {count}</summary>");
    for Untold { because, checks } in &judged.untold {
        let checks = checks.join(", ");
        let _ = writeln!(card, "<p>{}<br><span class=\"grey\">{checks}</span></p>", escaped(because));
    }
    card.push_str("</details>\n");
}

fn finding(card: &mut String, shown: &Shown) {
    let found = &shown.found;
    let severity = found.finding.severity.as_str();
    let known = if shown.is_known() { ", known before" } else { "" };
    let _ = writeln!(
        card,
        "<div class=\"finding {severity}\"><p><span class=\"level\">{severity}</span> {}{known}</p>\n<p>{}</p>\n\
         <p class=\"grey\">Seen by: {}. {}</p>\n<p>{}</p>",
        escaped(found.finding.control),
        escaped(&found.finding.reason),
        escaped(found.question),
        escaped(&found.basis.join(", ")),
        escaped(&found.finding.remedy),
    );
    if let Some(configuration) = &found.configuration {
        let needs = if configuration.needs.is_empty() {
            String::new()
        } else {
            format!("; needs {}", configuration.needs)
        };
        let lines: Vec<_> = configuration.lines.iter().map(|line| escaped(line)).collect();
        let _ = writeln!(
            card,
            "<p class=\"grey\">{}, {}{}</p>\n<pre>{}</pre>",
            configuration.software.name(),
            escaped(configuration.place),
            escaped(&needs),
            lines.join("\n"),
        );
    }
    card.push_str("</div>\n");
}

fn standards(card: &mut String, judged: &Judged) {
    card.push_str("<h3>Standards</h3>\n<table>\n");
    for standing in &judged.standards {
        let tone = match standing.answer {
            Answer::Met => "good",
            Answer::NotMet => "bad",
            Answer::CouldNotTell => "soft",
        };
        let step = standing.step.map(|step| format!("step: {step}"));
        let because: Vec<String> = step.into_iter().chain(standing.because.iter().cloned()).collect();
        let _ = writeln!(
            card,
            "<tr><td class=\"toned {tone}\">{}</td><td>{}</td><td>{}</td></tr>",
            standing.answer.as_str(),
            escaped(standing.standard.title),
            because.iter().map(|text| escaped(text)).collect::<Vec<_>>().join("<br>"),
        );
    }
    card.push_str("</table>\n");
}

fn lists(card: &mut String, report: &Report) {
    if report.suites.is_empty() {
        return;
    }
    card.push_str("<details><summary>All suites and groups</summary>\n<table>\n");
    listed(card, "suites", &report.suites);
    listed(card, "groups", &report.groups);
    card.push_str("</table></details>\n");
}

fn listed<T: Display>(card: &mut String, what: &str, lists: &[Listed<T>]) {
    for list in lists {
        let order = list.order.map(|order| format!("{order}'s order")).unwrap_or_default();
        let accepted: Vec<_> = list.accepted.iter().map(|item| escaped(&item.to_string())).collect();
        let _ = writeln!(
            card,
            "<tr><td>{}</td><td>{what}<br><span class=\"grey\">{order}</span></td><td>{}</td></tr>",
            list.version,
            accepted.join("<br>"),
        );
        if let Some(reason) = &list.broke_off {
            let _ = writeln!(
                card,
                "<tr><td>{}</td><td></td><td class=\"grey\">perhaps more: {}</td></tr>",
                list.version,
                escaped(reason),
            );
        }
    }
}
