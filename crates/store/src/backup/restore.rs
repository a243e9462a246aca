//! Restoration: a backup in the place of the store.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;

use super::mark::{self, Restored};
use super::{Backup, Manifest, head, unusable, unwritable};
use crate::Store;
use crate::actor::Actor;
use crate::database::off_the_runtime;
use crate::engine::Transaction;
use crate::error::StoreError;
use crate::folder::{self, FolderLock};
use crate::journal::JournalHead;
use crate::witness;

/// What is asked of a restoration.
#[derive(Debug)]
pub struct Restoration {
    /// Whether a store that is there may be put aside.
    pub replace: bool,
    /// Who asks for it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}

/// Puts a backup in the place of the store in a data folder, which no instance may hold. A store that is
/// there is put aside; gives where. The one in its place must be reconciled.
///
/// All of it is made ready beside, so that a crash leaves the old store or the new one.
pub async fn restore(
    file: &Path,
    data: &Path,
    restoration: Restoration,
) -> Result<(Manifest, Option<PathBuf>), StoreError> {
    folder::make(data)?;
    let lock = FolderLock::take(data)?;
    let there = folder::database(data);
    if there.exists() && !restoration.replace {
        return Err(StoreError::StoreThere(data.to_owned()));
    }
    let manifest = Backup::read(file)?.manifest;
    let replaced = if there.exists() { last_look(&there) } else { None };
    let beside = data.join("restoring");
    prepare(file, &beside)?;
    let mark = Restored { at: restoration.at, backup: manifest.journal.clone(), replaced };
    let identity = make_ready(file, &beside, restoration.actor, mark).await?;
    witness::leave_to(data, &identity).map_err(|error| unwritable(data, error))?;
    let (data, at) = (data.to_owned(), restoration.at);
    let aside = off_the_runtime(move || {
        let swapped = swap(&data, &beside, at);
        swapped.map_err(|error| unwritable(&folder::database(&data), error))
    })
    .await?;
    drop(lock);
    Ok((manifest, aside))
}

/// Where the journal of the store that goes ended; of one that was restored itself and not reconciled, the one
/// before it. What is in its write-ahead log comes into its file, which is then whole by itself. A store that
/// can't be read goes as it is.
fn last_look(database: &Path) -> Option<JournalHead> {
    let connection = Connection::open(database).ok()?;
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    let mark = mark::in_file(&connection).ok().flatten();
    mark.map_or_else(|| head(&connection).ok(), |mark| mark.replaced)
}

/// Copies the backup into a folder of its own, without its manifest.
fn prepare(file: &Path, beside: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| unwritable(beside, error);
    match fs::remove_dir_all(beside) {
        // What a restoration left that did not come to its end.
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    folder::make(beside)?;
    let database = folder::private_database(beside)?;
    let mut copy = File::options().write(true).open(&database).map_err(failed)?;
    io::copy(&mut File::open(file).map_err(|error| unusable(file, error))?, &mut copy).map_err(failed)?;
    let copy = Connection::open(&database).map_err(|error| unusable(file, error))?;
    copy.execute_batch("PRAGMA secure_delete = on; DROP TABLE backup;").map_err(|error| unusable(file, error))
}

/// Checks the copy, and marks it. Gives which store it is.
async fn make_ready(file: &Path, beside: &Path, actor: Actor, mark: Restored) -> Result<Vec<u8>, StoreError> {
    let store = Store::open(beside).await?.on_behalf_of(actor.clone());
    if store.follow_journal(Some(mark.backup.clone())).await? != mark.backup {
        return Err(unusable(file, "its journal ends elsewhere than its manifest says"));
    }
    let file = file.display().to_string();
    let work =
        move |transaction: &mut Transaction<'_>| mark::begin_anew(transaction, &actor, Some(&file), 0, &mark);
    store.database.write(work).await?;
    Ok(store.setting("identity").await?.unwrap_or_default())
}

/// Puts the old database aside, with what belongs to it, and the new one in its place.
fn swap(data: &Path, beside: &Path, at: Timestamp) -> io::Result<Option<PathBuf>> {
    let (old, new) = (folder::database(data), folder::database(beside));
    // The last connection brought it into the file; without it, the file alone would be older.
    if with_ending(&new, "-wal").exists() {
        return Err(io::Error::other("the copy is still open elsewhere"));
    }
    File::open(&new)?.sync_all()?;
    let aside = with_ending(&old, &format!(".replaced-{}", at.strftime("%Y%m%dT%H%M%S%6fZ")));
    // The old one has a second name before the new one takes its first: at no time is there none.
    let was_there = match fs::hard_link(&old, &aside) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    // Its log goes, too, should there be one that could not be brought in: SQLite would play it into the new one.
    for ending in ["-wal", "-shm"] {
        match fs::rename(with_ending(&old, ending), with_ending(&aside, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(&new, &old)?;
    File::open(data)?.sync_all()?;
    fs::remove_dir_all(beside)?;
    Ok(was_there.then_some(aside))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
