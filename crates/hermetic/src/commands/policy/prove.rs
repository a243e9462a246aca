//! `hermetic policy prove`.

use anstyle::AnsiColor;
use hermetic_iam::request::Request;
use hermetic_iam::{Document, Floor, Proof, Question};
use serde::Serialize;

use crate::arguments::{Format, Prove};
use crate::exit::{Exit, Failure};
use crate::output;

/// `hermetic.policy-proof/1`.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    resource: &'a str,
    floor: Option<Floor>,
    /// `denied`, `open` or `unknown`.
    verdict: &'static str,
    /// A request that gets through.
    counterexample: Option<&'a Request>,
    reason: String,
}

pub fn run(arguments: &Prove) -> Result<Exit, Failure> {
    let own = super::document(&arguments.file)?;
    let inherited = arguments.inherited.iter().map(|file| super::document(file));
    let inherited: Vec<Document> = inherited.collect::<Result<_, _>>()?;
    let documents: Vec<&Document> = std::iter::once(&own).chain(&inherited).collect();
    let (resource, floor) = (arguments.resource.as_str(), arguments.floor);
    let question = Question { documents: &documents, resource, account: arguments.account.clone(), floor };
    let proof = hermetic_iam::prove(&question)?;
    let (verdict, exit, counterexample, reason) = match &proof {
        Proof::Denied => ("denied", Exit::Fine, None, denied(resource, floor)),
        Proof::Open(open) => ("open", Exit::Findings, Some(&open.request), open.reason.clone()),
        Proof::Unknown(reason) => ("unknown", Exit::Unable, None, reason.clone()),
    };
    let schema = "hermetic.policy-proof/1";
    let report = Report { schema, resource, floor, verdict, counterexample, reason };
    match arguments.format {
        Format::Json => output::print_json(&report)?,
        Format::Table => output::print(&page(&report))?,
    }
    Ok(exit)
}

fn denied(resource: &str, floor: Option<Floor>) -> String {
    let below = floor.map_or_else(String::new, |floor| format!(", or over TLS below {floor}"));
    format!("no request to {resource} or to anything in it gets through in cleartext{below}")
}

fn page(report: &Report<'_>) -> String {
    let tone = match report.verdict {
        "denied" => AnsiColor::Green.on_default(),
        "open" => AnsiColor::Red.on_default().bold(),
        _ => AnsiColor::Yellow.on_default(),
    };
    let verdict = report.verdict.to_uppercase();
    let mut page = format!("{tone}{verdict}{tone:#}  {}\n", output::plain(&report.reason));
    if let Some(request) = report.counterexample {
        page.push_str("\nA request that gets through:\n");
        let principal = request.principal.to_string();
        let fields =
            [("principal", &principal), ("action", &request.action), ("resource", &request.resource)];
        for (name, value) in fields {
            page.push_str(&format!("  {name:<10} {}\n", output::plain(value)));
        }
        for (key, values) in request.context.keys() {
            page.push_str(&format!("  {key} = {}\n", output::plain(&values.join(", "))));
        }
        page.push_str("\n`hermetic policy fix` closes it.\n");
    }
    page
}
