//! Flows: parties in order, each neighbouring pair a hop.

use serde::{Deserialize, Serialize};

use crate::party::{HopName, PartyName};

/// A data path from client to data store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Its name.
    pub name: PartyName,
    /// The parties in order; at least two.
    pub path: Vec<PartyName>,
    /// Tags that requirements choose by.
    #[serde(default)]
    pub tags: Vec<String>,
}

impl Flow {
    /// Its hops in order.
    pub fn hops(&self) -> impl Iterator<Item = HopName> + '_ {
        hops_of(&self.path)
    }
}

/// The hops between parties in order.
pub(crate) fn hops_of(path: &[PartyName]) -> impl Iterator<Item = HopName> + '_ {
    path.iter().zip(path.iter().skip(1)).map(|(from, to)| HopName::new(from.clone(), to.clone()))
}
