//! The findings as a table below the picture, each with what to write behind a fold.

use std::fmt::Write as _;

use hermetic_posture::report::{FindingLine, ProblemLine, Remedy, Report, Status};

use crate::output::several;
use crate::picture::escaped;

/// The findings, what could not be read, and how many there are of each, as a part of a page.
pub fn findings(report: &Report) -> String {
    let counts = &report.counts;
    let many = |count: usize, what: &str| several(u64::try_from(count).unwrap_or(u64::MAX), what);
    let mut html = format!(
        "<h2>Findings</h2>\n<p>{} in {}: {} fail, {} unknown, {} excepted, {} pass.</p>\n",
        many(counts.resources, "resource"),
        many(counts.files, "file"),
        counts.fail,
        counts.unknown,
        counts.excepted,
        counts.pass
    );
    if !report.findings.is_empty() {
        html.push_str(
            "<table>\n<thead><tr><th>Severity</th><th>Resource</th><th>What was seen, and what to do</th></tr></thead>\n<tbody>\n",
        );
        report.findings.iter().for_each(|finding| write_row(&mut html, finding));
        html.push_str("</tbody>\n</table>\n");
    }
    if !report.problems.is_empty() {
        html.push_str("<h2>Not read</h2>\n<dl>\n");
        report.problems.iter().for_each(|problem| write_problem(&mut html, problem));
        html.push_str("</dl>\n");
    }
    html
}

fn write_row(html: &mut String, finding: &FindingLine) {
    let word = match finding.status {
        Status::Fail => finding.severity.as_str(),
        status => status.as_str(),
    };
    let elsewhere = finding.ids.security_hub.as_deref().map(|id| format!(", {}", escaped(id)));
    // A string takes whatever is written to it.
    let _ = writeln!(
        html,
        "<tr class=\"{word}\"><td>{word}</td><td><strong>{}</strong><br>{}<br><code>{}:{}</code></td><td>{}<br><small>{}{}</small>",
        escaped(&finding.resource),
        escaped(&finding.kind).replace("::", "::<wbr>"),
        escaped(&finding.file),
        finding.line,
        escaped(&super::super::page::told(finding)),
        escaped(finding.control),
        elsewhere.unwrap_or_default()
    );
    if finding.status == Status::Fail {
        write_remedy(html, &finding.remedy, &finding.write);
    }
    html.push_str("</td></tr>\n");
}

fn write_remedy(html: &mut String, words: &str, write: &Remedy) {
    let written =
        [("CloudFormation", &write.cloudformation), ("Terraform", &write.terraform), ("AWS CLI", &write.cli)];
    let mut written = written.iter().filter(|(_, lines)| !lines.is_empty()).peekable();
    if written.peek().is_none() {
        let _ = writeln!(html, "<p>{}</p>", escaped(words));
        return;
    }
    let _ = writeln!(html, "<details><summary>{}</summary>", escaped(words));
    for (language, lines) in written {
        let lines: Vec<String> = lines.lines().map(escaped).collect();
        let _ = writeln!(html, "<h3>{language}</h3>\n<pre>{}</pre>", lines.join("\n"));
    }
    html.push_str("</details>\n");
}

fn write_problem(html: &mut String, problem: &ProblemLine) {
    let _ = writeln!(
        html,
        "<dt><code>{}</code></dt><dd>{}</dd>",
        escaped(&problem.place()),
        escaped(&problem.message)
    );
}
