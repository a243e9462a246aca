//! The path that one request took: carried from party to party in a header, shown at its end.
//!
//! Each party adds what it saw of the hop that the request came over and of the hop that it goes
//! on over; the last one judges them all ([`PathReport::of`]) and answers with a page or its JSON.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod codec;
mod escape;
mod page;
mod report;
mod representation;
mod respond;
#[cfg(test)]
mod samples;
mod visits;

pub use codec::{LONGEST, MOST, PathError, decode, encode};
pub use escape::escape;
pub use page::{Links, Onward, STYLE, html};
pub use report::PathReport;
pub use representation::Representation;
pub use respond::{SECURITY_HEADERS, Surroundings, respond};
pub use visits::{Keeping, Kept, Visit, Visits};

use hermetic_hop::{Evidence, HopName, Mode, PartyName};
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

impl Sighting {
    /// The hop that was seen.
    pub fn hop(&self) -> HopName {
        HopName::new(self.from.clone(), self.to.clone())
    }
}
