//! A witness of the journal, beside the store: how far each node has seen it come.
//!
//! Whoever has the files of a database, or a dump, can put it back to an earlier state; the database itself
//! can't know, and certificates that were revoked since would come back (smallstep/certificates#606). The
//! witness is a small file in the data folder of each node, written after each commit and before its answers
//! go out. The disk isn't waited for: after a loss of power it may be some seconds behind, and is never ahead.

mod file;

use std::io;
use std::path::Path;

use jiff::Timestamp;

use self::file::WitnessFile;
use crate::actor::Actor;
use crate::backup::{Learnt, Restored, mark};
use crate::engine::{Engine, Query, Transaction, values};
use crate::error::{Fault, StoreError};
use crate::journal::{self, JournalHead, hex};

/// What a node has seen of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The store, as its setting `identity` tells it.
    identity: String,
    /// How often the store was put back before, knowingly, and one.
    epoch: u64,
    /// Where the journal ended.
    head: JournalHead,
}

impl Seen {
    /// Of two times at one store, whether this is the earlier.
    fn is_before(&self, other: &Self) -> bool {
        (self.epoch, self.head.number) < (other.epoch, other.head.number)
    }
}

/// The witness of a process that writes.
#[derive(Debug)]
pub(crate) struct Witness {
    file: WitnessFile,
    seen: Seen,
    /// Whether the store is marked as restored. The file then stays as it is: it says what has to be learnt.
    is_marked: bool,
}

/// What a database says of itself, beside what a node has seen.
struct Present {
    identity: String,
    epoch: u64,
    /// The hash of the entry that was the last one seen; `None` where it is not there.
    hash: Option<String>,
    is_marked: bool,
}

const PRESENT: &str = "
    SELECT i.value, e.value, (SELECT hash FROM journal WHERE number = $1),
        (SELECT count(*) FROM setting WHERE key = 'restored')
    FROM setting i, setting e WHERE i.key = 'identity' AND e.key = 'epoch'";

impl Witness {
    /// Begins to watch the store of a data folder. Where it lacks what this node has seen, it is marked as
    /// restored.
    pub(crate) fn begin(
        folder: &Path,
        engine: &mut dyn Engine,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let unusable = |error: io::Error| Fault::from(unusable(folder, &error));
        let file = WitnessFile::open(folder).map_err(unusable)?;
        if let Some(seen) = file.seen().map_err(unusable)?
            && !is_accounted_for(folder, engine, &seen)?
        {
            accuse(engine, actor, &seen, now).inspect_err(|_| engine.rollback())?;
        }
        let head = journal::head(engine)?;
        let Present { identity, epoch, is_marked, .. } = Present::beside(engine, &head)?;
        let seen = Seen { identity, epoch, head };
        if !is_marked {
            file.go_on(&seen).map_err(unusable)?;
        }
        Ok(Self { file, seen, is_marked })
    }

    /// Makes sure that the journal still has what this process has seen of it, and goes on from there. An
    /// error where an earlier copy was put in its place while this process runs.
    pub(crate) fn attend(&mut self, transaction: &mut Transaction<'_>) -> Result<(), Fault> {
        let present = Present::beside(transaction, &self.seen.head)?;
        if present.identity != self.seen.identity || !present.has(&self.seen.head) {
            return Err(Fault::Broken(StoreError::PutBack { entry: self.seen.head.number }));
        }
        (self.seen.epoch, self.is_marked) = (present.epoch, present.is_marked);
        Ok(())
    }

    /// Keeps where the journal ends after a commit. What was committed stays so where that can't be kept.
    pub(crate) fn saw(&mut self, head: JournalHead) {
        if head == self.seen.head {
            return;
        }
        self.seen.head = head;
        if self.is_marked {
            return;
        }
        if let Err(error) = self.file.go_on(&self.seen) {
            tracing::error!(%error, "the witness of the journal can't be written: an old copy of the store may go unseen");
        }
    }
}

/// Why the store must not be trusted, if it must not: it is marked as restored, or it lacks what this node has
/// seen.
pub(crate) fn doubt(folder: &Path, reader: &mut dyn Query) -> Result<Option<StoreError>, Fault> {
    if let Some(Restored { at, .. }) = mark::read(reader)? {
        return Ok(Some(StoreError::NotReconciled(at)));
    }
    match file::read(folder).map_err(|error| unusable(folder, &error))? {
        Some(seen) if !is_accounted_for(folder, reader, &seen)? => {
            Ok(Some(StoreError::PutBack { entry: seen.head.number }))
        }
        _ => Ok(None),
    }
}

/// Keeps where the journal ends in another database, which the store of a folder was taken to: what is left here
/// is an earlier copy.
pub(crate) fn saw_elsewhere(folder: &Path, elsewhere: &mut dyn Query) -> Result<(), Fault> {
    let head = journal::head(elsewhere)?;
    let Present { identity, epoch, .. } = Present::beside(elsewhere, &head)?;
    let kept = WitnessFile::open(folder).and_then(|file| file.go_on(&Seen { identity, epoch, head }));
    kept.map_err(|error| unusable(folder, &error).into())
}

/// Leaves a folder to the store of this identity, which somebody puts there knowingly: what was seen of another
/// one is forgotten.
pub(crate) fn leave_to(folder: &Path, identity: &[u8]) -> io::Result<()> {
    match file::read(folder)? {
        Some(seen) if seen.identity != hex(identity) => std::fs::remove_file(file::path(folder)),
        _ => Ok(()),
    }
}

/// Whether the journal has what was seen, or the store was put back knowingly since, and has to learn it or
/// has learnt it. An error where it is another store.
fn is_accounted_for(folder: &Path, database: &mut dyn Query, seen: &Seen) -> Result<bool, Fault> {
    let present = Present::beside(database, &seen.head)?;
    if present.identity != seen.identity {
        return Err(StoreError::AnotherStore(file::path(folder)).into());
    }
    if present.has(&seen.head) || seen.epoch >= present.epoch {
        return Ok(present.has(&seen.head));
    }
    Ok(match mark::read(database)? {
        Some(mark) => mark.replaced.is_some_and(|replaced| replaced.number >= seen.head.number),
        None => Learnt::read(database)?.is_some_and(|learnt| learnt.covers(&seen.head)),
    })
}

/// Marks the store as restored; or the mark with how far the journal had come.
fn accuse(engine: &mut dyn Engine, actor: &Actor, seen: &Seen, now: Timestamp) -> Result<(), Fault> {
    let mut transaction = Transaction::begin(engine)?;
    let seen_there = Some(seen.head.clone());
    match mark::read(&mut transaction)? {
        Some(mark) => {
            let replaced = mark.replaced.filter(|replaced| replaced.number >= seen.head.number);
            mark::set(&mut transaction, &Restored { replaced: replaced.or(seen_there), ..mark })?;
            mark::raise_epoch(&mut transaction, seen.epoch)?;
        }
        None => {
            let backup = journal::head(&mut transaction)?;
            let mark = Restored { at: now, backup, replaced: seen_there };
            mark::begin_anew(&mut transaction, actor, None, seen.epoch, &mark)?;
        }
    }
    transaction.commit().map(drop)
}

impl Present {
    fn beside(database: &mut dyn Query, seen: &JournalHead) -> Result<Self, Fault> {
        let Some(mut row) = database.first(PRESENT, &values![seen.number])? else {
            let reason = "it has no identity or epoch any more; it was changed by hand";
            return Err(StoreError::Database(reason.to_owned()).into());
        };
        let (identity, epoch): (Vec<u8>, Vec<u8>) = (row.take()?, row.take()?);
        let (hash, marks): (_, u64) = (row.take()?, row.take()?);
        Ok(Self { identity: hex(&identity), epoch: mark::epoch(&epoch), hash, is_marked: marks > 0 })
    }

    fn has(&self, head: &JournalHead) -> bool {
        head.number == 0 || self.hash.as_ref() == Some(&head.hash)
    }
}

fn unusable(folder: &Path, error: &io::Error) -> StoreError {
    StoreError::Open { path: file::path(folder), reason: error.to_string() }
}
