//! The PostgreSQL database of a fleet: what the way to it rests on is there.

use std::path::Path;

use hermetic_store::{PostgresRoots, PostgresTransport, PostgresUrl};

use super::Check;
use crate::written;
use crate::written::table::{At, Optional};

impl Check<'_, '_> {
    /// The store's database; `Some(None)`: SQLite in the data folder.
    pub(super) fn store(&mut self, written: &written::File) -> Option<Option<PostgresUrl>> {
        let at = match &written.store {
            Optional::Absent => return Some(None),
            Optional::Wrong => return None,
            Optional::Written(at) => at,
        };
        let url = at.value.clone().starting_at(self.folder);
        let transport = self.way_to_the_store(at.at, url.transport());
        if url.passfile().is_some()
            && let Err(error) = url.password(|_| None)
        {
            self.problems.tell_error(at.at, &error);
            return None;
        }
        transport.map(|()| Some(url))
    }

    fn way_to_the_store(&mut self, at: usize, transport: &PostgresTransport) -> Option<()> {
        let PostgresTransport::VerifyFull { roots, client } = transport else { return Some(()) };
        let roots = match roots {
            PostgresRoots::System => Some(()),
            PostgresRoots::File(path) => {
                let instead = "name a PEM file with the root certificates of the server's authority";
                self.anchors(at, path, instead.to_owned()).map(drop)
            }
        };
        let client = match client {
            None => Some(()),
            Some(client) => {
                let placed = |path: &Path| At { key: at, at, value: path.to_owned() };
                let (cert, key) = (placed(&client.cert), placed(&client.key));
                self.key_pair(Some(&cert), Some(&key), "renew it").map(drop)
            }
        };
        roots.and(client)
    }
}
