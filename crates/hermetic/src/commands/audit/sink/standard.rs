//! SARIF, the AWS Security Finding Format and OCSF. What nobody can tell, what is excepted and what passes says so in
//! the words of each; what does not apply is in SARIF alone, for the others have no word for it.

use std::collections::HashMap;
use std::rc::Rc;

use hermetic_hop::asff::Account;
use hermetic_hop::{
    Compliance, Control as Rule, Finding, Leave, Place, Reported, Resource, Severity, Status,
};
use hermetic_posture::Control;
use hermetic_posture::report::{FindingLine, Report};
use jiff::Timestamp;
use serde_json::Value;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A log of one run.
pub fn sarif(report: &Report, controls: &[&'static Control]) -> Value {
    let told = Told::all(report, controls);
    hermetic_hop::sarif::log(VERSION, &rules(controls), told.iter().map(Told::reported))
}

/// Findings as Security Hub imports them.
pub fn asff(
    report: &Report,
    controls: &[&'static Control],
    account: Account<'_>,
    at: Timestamp,
) -> Vec<Value> {
    let told = Told::all(report, controls);
    let applying = told.iter().filter(|told| told.applies()).map(Told::reported);
    hermetic_hop::asff::findings(account, &rules(controls), applying, at)
}

/// Findings as events of OCSF.
pub fn ocsf(report: &Report, controls: &[&'static Control], at: Timestamp) -> Vec<Value> {
    let told = Told::all(report, controls);
    let applying = told.iter().filter(|told| told.applies()).map(Told::reported);
    hermetic_hop::ocsf::findings(VERSION, &rules(controls), applying, at)
}

fn rules(controls: &[&'static Control]) -> Vec<Rule> {
    controls.iter().map(|control| Rule { id: &control.id, title: &control.title }).collect()
}

/// A line, the finding that it is, and where its resource is known by.
struct Told<'a> {
    line: &'a FindingLine,
    finding: Finding,
    id: String,
    /// Where code scanning looks for the file: a path from here, or else one that says whose it is.
    place: String,
    compliance: Option<Rc<Compliance<'static>>>,
}

impl<'a> Told<'a> {
    fn all(report: &'a Report, controls: &[&'static Control]) -> Vec<Self> {
        let compliance: HashMap<&str, _> =
            controls.iter().map(|control| (&*control.id, Rc::new(control.compliance()))).collect();
        let told = |line: &'a FindingLine| Self {
            line,
            finding: finding(line),
            id: format!("{}#{}", line.file, line.resource),
            place: if line.file.starts_with('/') {
                format!("file://{}", line.file)
            } else {
                line.file.clone()
            },
            compliance: compliance.get(line.control).cloned(),
        };
        report.findings.iter().map(told).collect()
    }

    fn applies(&self) -> bool {
        self.line.status != Status::NotApplicable
    }

    fn reported(&self) -> Reported<'_> {
        let Self { line, finding, id, place, compliance } = self;
        let in_source = line.excepted_in_source;
        let resource = Resource {
            kind: &line.kind,
            id,
            name: &line.resource,
            details: vec![
                ("file", line.file.clone()),
                ("line", line.line.to_string()),
                ("hop", line.hop.to_string()),
            ],
            place: Some(Place { file: place, line: line.line, column: line.column }),
        };
        Reported {
            finding,
            status: line.status,
            leave: line.exception.as_ref().map(|exception| Leave { exception, in_source }),
            compliance: compliance.as_deref(),
            resource,
        }
    }
}

/// What passes or can't be told is only to be known of.
fn finding(line: &FindingLine) -> Finding {
    let when = line.when.as_ref().map(|when| format!("; when {when}")).unwrap_or_default();
    let severity = match line.status {
        Status::Fail | Status::Excepted => line.severity,
        Status::Unknown | Status::Pass | Status::NotApplicable => Severity::Informational,
    };
    let reason = match line.status {
        Status::Unknown => format!("it can't be told: {}{when}", line.message),
        // What it has nothing to say of has no words of its own.
        Status::NotApplicable if line.message.is_empty() => "the control does not apply to it".to_owned(),
        _ => format!("{}{when}", line.message),
    };
    Finding { control: line.control, severity, reason, remedy: line.remedy.clone() }
}
