//! The path that one request took: carried from party to party in a header, shown at its end.

use hermetic_hop::{Evidence, HopName, HopReport, Mode, PartyName, Verdict};
use serde::{Deserialize, Serialize};

/// What one party saw of one hop that a request took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// Who connected.
    pub from: PartyName,
    /// Whom it connected to.
    pub to: PartyName,
    /// What the hop demands.
    pub mode: Mode,
    /// The full name of the policy that it is measured by.
    pub policy: String,
    /// What was seen.
    pub evidence: Evidence,
}

/// The path of a request, judged: what the page and its JSON show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathReport {
    /// The flow that has this path, where the configuration names one.
    pub flow: Option<PartyName>,
    /// The worst hop's verdict.
    pub verdict: Verdict,
    /// The hop that decides.
    pub weakest: Option<HopName>,
    /// The hops in order.
    pub hops: Vec<HopReport>,
}
