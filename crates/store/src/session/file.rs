//! The lock of a session beside SQLite: a file in the data folder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{SessionId, new_id};
use crate::error::{Fault, StoreError};
use crate::folder;

/// A session, and the file that is locked for as long as it lives.
#[derive(Debug)]
pub(crate) struct SessionFile {
    id: SessionId,
    path: PathBuf,
    /// The lock; dropped, it is free.
    _file: File,
}

impl SessionFile {
    /// Opens a session beside the database of a folder.
    pub(crate) fn open(data: &Path) -> Result<Self, Fault> {
        let folder = data.join("sessions");
        folder::make(&folder)?;
        loop {
            let id = new_id()?;
            let path = path(data, id);
            let locked = lock_new(&path).map_err(|error| unusable(&path, &error))?;
            // Before it was locked, somebody may have taken it for one of a process that is gone.
            if let Some(file) = locked {
                return Ok(Self { id, path, _file: file });
            }
        }
    }

    pub(crate) fn id(&self) -> SessionId {
        self.id
    }

    /// Whether a session of this folder is gone.
    pub(crate) fn is_gone(data: &Path, session: SessionId) -> Result<bool, Fault> {
        let path = path(data, session);
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            opened => opened.map_err(|error| unusable(&path, &error))?,
        };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(unusable(&path, &error).into()),
            Ok(()) => {
                let _ = fs::remove_file(&path);
                Ok(true)
            }
        }
    }
}

impl Drop for SessionFile {
    fn drop(&mut self) {
        // One that stays behind is found to be free, and taken away by the next sweep.
        let _ = fs::remove_file(&self.path);
    }
}

fn path(data: &Path, session: SessionId) -> PathBuf {
    data.join("sessions").join(session.0.to_string())
}

/// Makes the file and locks it; `None` where it was taken away meanwhile.
fn lock_new(path: &Path) -> io::Result<Option<File>> {
    let file = folder::private_file(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let is_there = fs::metadata(path).is_ok_and(|there| {
        file.metadata().is_ok_and(|ours| (there.dev(), there.ino()) == (ours.dev(), ours.ino()))
    });
    Ok(is_there.then_some(file))
}

fn unusable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Open { path: path.to_owned(), reason: error.to_string() }
}
