//! The vocabulary of data paths: hops, flows, evidence, verdicts, requirements, and the reports
//! that show them. Nothing here touches the network; it only judges what others saw.

mod assess;
mod cleartext;
mod demand;
mod evidence;
mod exception;
mod external;
mod finding;
mod flow;
mod judge;
mod observation;
mod party;
mod relative;
mod report;
mod requirement;
#[cfg(test)]
mod samples;
mod scan;
mod scheme;
mod verdict;

pub use assess::{Declared, assess_hop};
pub use cleartext::{CleartextSeen, Origins};
pub use demand::{CleartextRefused, Demand};
pub use evidence::{Checked, Evidence, EvidenceKind, PeerFacts, TlsFacts, Transport, View};
pub use exception::Exception;
pub use external::{ExternalEndpoint, ExternalEndpointError};
pub use finding::{
    Compliance, Control, FailOn, Finding, Leave, Place, Reported, Resource, Severity, Standard, Status, asff,
    ocsf, sarif,
};
pub use flow::Flow;
pub use judge::{Expectation, Judgement, judge};
pub use observation::{Observation, Refusal, Step, TlsTrial};
pub use party::{HopName, PartyName, PartyNameError};
pub use relative::{Relative, relative};
pub use report::{
    CleartextReport, Counts, FlowReport, HopReport, Report, SCHEMA, Shortfall, TlsReport, weakest,
};
pub use requirement::Requirement;
pub use scan::{Scan, ScanFinding};
pub use scheme::Scheme;
pub use verdict::{Mode, Verdict};
