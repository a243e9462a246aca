//! Succession: a snapshot takes the place of another.

use std::sync::Arc;
use std::time::Duration;

use hermetic_hop::PartyName;
use serde::{Deserialize, Serialize};

use super::{ListenerSnapshot, Snapshot};
use crate::sockets::Bind;

/// What became of the listeners, by name and in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// They are new.
    pub added: Vec<PartyName>,
    /// Something about them is otherwise, or about an upstream behind them.
    pub changed: Vec<PartyName>,
    /// They are gone.
    pub removed: Vec<PartyName>,
    /// Nothing about them changed; they go on with their connections and sessions.
    pub kept: Vec<PartyName>,
}

impl Snapshot {
    /// The places of listeners at which this snapshot has none any more.
    pub(crate) fn binds_gone_since(&self, before: &Self) -> Vec<Bind> {
        before.listeners.keys().filter(|bind| !self.listeners.contains_key(*bind)).cloned().collect()
    }

    /// Ends the tenure of every listener of the snapshot before that this one does not keep.
    pub(crate) fn succeed(&self, before: &Self, farewell: Duration) -> Changes {
        for (bind, old) in &before.listeners {
            match self.listeners.get(bind) {
                Some(new) if Arc::ptr_eq(old, new) => {}
                Some(_) => old.tenure.replace(),
                None => old.tenure.end_within(farewell),
            }
        }
        self.changes_since(before)
    }

    /// Ends the tenure of all listeners.
    pub(crate) fn end_within(&self, farewell: Duration) {
        self.listeners.values().for_each(|listener| listener.tenure.end_within(farewell));
    }

    fn changes_since(&self, before: &Self) -> Changes {
        let mut changes = Changes::default();
        for (name, new) in self.by_name() {
            match before.by_name().find(|(known, _)| *known == name) {
                Some((_, old)) if Arc::ptr_eq(old, new) => changes.kept.push(name.clone()),
                Some(_) => changes.changed.push(name.clone()),
                None => changes.added.push(name.clone()),
            }
        }
        let gone = before.by_name().filter(|(name, _)| !self.by_name().any(|(known, _)| known == *name));
        changes.removed.extend(gone.map(|(name, _)| name.clone()));
        for names in [&mut changes.added, &mut changes.changed, &mut changes.removed, &mut changes.kept] {
            names.sort_unstable();
        }
        changes
    }

    fn by_name(&self) -> impl Iterator<Item = (&PartyName, &Arc<ListenerSnapshot>)> {
        self.listeners.values().map(|listener| (&listener.name, listener))
    }
}
