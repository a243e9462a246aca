//! The vocabulary of data paths: hops, flows, evidence, verdicts, requirements, and the reports
//! that show them. Nothing here touches the network; it only judges what others saw.

mod assess;
mod evidence;
mod exception;
mod external;
mod flow;
mod judge;
mod observation;
mod party;
mod relative;
mod report;
mod requirement;
#[cfg(test)]
mod samples;
mod verdict;

pub use assess::{Declared, assess_hop};
pub use evidence::{Checked, Evidence, EvidenceKind, PeerFacts, TlsFacts, Transport, View};
pub use exception::Exception;
pub use external::{ExternalEndpoint, ExternalEndpointError, Scheme};
pub use flow::Flow;
pub use judge::{Expectation, Judgement, judge};
pub use observation::{Observation, Refusal, Step};
pub use party::{HopName, PartyName, PartyNameError};
pub use relative::{Relative, relative};
pub use report::{Counts, FlowReport, HopReport, Report, SCHEMA, Shortfall, TlsReport, weakest};
pub use requirement::Requirement;
pub use verdict::{Mode, Verdict};
