//! What is revoked, told to whoever holds connections: all of it at first, then what any process revokes. On the
//! same way comes what any process does to the authorities themselves.

use hermetic_store::{JournalEntry, Store};
use hermetic_tls::{Certificate, Serial};
use jiff::Timestamp;

use super::serial_of;
use crate::Authority;
use crate::authorities::Authorities;
use crate::error::AuthorityError;

/// How many journal entries are read at once.
const STRETCH: usize = 512;

/// Certificates that one authority revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedBy {
    /// The authority's certificate.
    pub issuer: Certificate,
    /// Their serial numbers.
    pub serials: Vec<Serial>,
}

/// What all processes on one store revoke, by its journal.
#[derive(Debug)]
pub struct RevocationNews {
    authority: Authority,
    /// The journal entry that is read next.
    from: u64,
}

impl Authority {
    /// All that is revoked and has not run out, and what tells of more.
    pub async fn revocations(&self) -> Result<(Vec<RevokedBy>, RevocationNews), AuthorityError> {
        // The place in the journal first: what is revoked meanwhile is told twice, and not never.
        let from = self.journal_end().await?;
        let all = revoked_in(&self.store, self.now()).await?;
        Ok((all, RevocationNews { authority: self.clone(), from }))
    }

    /// Waits until something is revoked by this process, so that nobody need look at the journal to know.
    pub async fn revoked_here(&self) {
        self.inner.revoked.notified().await;
    }

    /// The number that the next entry of the journal gets.
    pub(super) async fn journal_end(&self) -> Result<u64, AuthorityError> {
        let last = self.store.latest_entries(1, |_| true).await?;
        Ok(last.last().map_or(0, |entry| entry.number).saturating_add(1))
    }

    /// What the journal tells of from this entry on.
    pub(super) async fn told_since(&self, from: u64) -> Result<News, AuthorityError> {
        let mut news = News { next: from, ..News::default() };
        loop {
            let entries = self.store.journal(news.next, STRETCH).await?;
            news.next = entries.last().map_or(news.next, |last| last.number.saturating_add(1));
            news.revoked.extend(entries.iter().filter_map(Told::by));
            news.of_authorities |= entries.iter().any(|entry| entry.kind.starts_with("authority."));
            if entries.len() < STRETCH {
                return Ok(news);
            }
        }
    }
}

/// All that the authorities of a store have revoked and that has not run out by `now`, for whoever only reads it.
pub async fn revoked_in(store: &Store, now: Timestamp) -> Result<Vec<RevokedBy>, AuthorityError> {
    let authorities = Authorities::read(store.authorities().await?, &Authorities::default())?;
    let mut all = Vec::new();
    for authority in authorities.all() {
        let Some(chain) = authority.chain() else { continue };
        // A list at a time: an estate may have revoked a hundred thousand.
        for shard in authority.shards().all() {
            let revoked = store.revoked_of_shard(authority.id(), shard.number().into(), now).await?;
            let serials: Vec<_> = revoked.iter().filter_map(|revoked| serial_of(&revoked.serial)).collect();
            if !serials.is_empty() {
                all.push(RevokedBy { issuer: chain.leaf().clone(), serials });
            }
        }
    }
    Ok(all)
}

impl RevocationNews {
    /// What was revoked since it was asked last. Where something was done to an authority, the authorities are
    /// read anew. An error leaves it where it was.
    pub async fn since_last(&mut self) -> Result<Vec<RevokedBy>, AuthorityError> {
        let News { revoked: told, of_authorities, next } = self.authority.told_since(self.from).await?;
        // What was revoked may be of an authority that another process made since.
        if of_authorities || !told.is_empty() {
            self.authority.refresh().await?;
        }
        if of_authorities {
            // A step of a roll-over may be due earlier now.
            self.authority.inner.changed.notify_one();
        }
        let mut news = Vec::new();
        for authority in self.authority.authorities() {
            let name = authority.name().as_str();
            let mut serials = Vec::new();
            // The name may be that of several generations, each of which has numbers of its own.
            for Told { serial, .. } in told.iter().filter(|told| told.authority == name) {
                let of_it = self.authority.store.certificate_of(authority.id(), serial).await?;
                serials.extend(of_it.and_then(|record| serial_of(&record.serial)));
            }
            let Some(chain) = authority.chain().filter(|_| !serials.is_empty()) else { continue };
            news.push(RevokedBy { issuer: chain.leaf().clone(), serials });
        }
        self.from = next;
        Ok(news)
    }
}

/// What a stretch of the journal tells of.
#[derive(Default)]
pub(super) struct News {
    /// What was revoked.
    pub(super) revoked: Vec<Told>,
    /// Whether something was done to an authority.
    of_authorities: bool,
    /// The entry that comes next.
    pub(super) next: u64,
}

/// A revocation, as the journal tells of it.
pub(super) struct Told {
    /// The name of the authority.
    pub(super) authority: String,
    /// The list that the certificate stands on.
    pub(super) shard: u32,
    /// Its serial number in hex.
    serial: String,
}

impl Told {
    fn by(entry: &JournalEntry) -> Option<Self> {
        if entry.kind != "certificate.revoked" {
            return None;
        }
        let text = |key: &str| Some(entry.body.get(key)?.as_str()?.to_owned());
        let shard = u32::try_from(entry.body.get("shard")?.as_u64()?).ok()?;
        Some(Self { authority: text("authority")?, shard, serial: text("serial")? })
    }
}
