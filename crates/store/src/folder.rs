//! The data folder: private to its owner, and held by one process at a time.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// The hold on a data folder; it ends when this is dropped, or with the process.
///
/// The operating system keeps it (`flock`), not the file's content: certmagic's lock files, which are
/// judged by what stands in them, left hangs behind when a crash had half-written one (caddy#4448).
#[derive(Debug)]
pub(crate) struct FolderLock(File);

impl FolderLock {
    /// Takes the lock of `folder`, or says who has it.
    pub(crate) fn take(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("lock");
        let mut file = private_file(&path).map_err(|error| unusable(&path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { path: folder.to_owned(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(&path, error)),
        }
        sign(&mut file).map_err(|error| unusable(&path, error))?;
        Ok(Self(file))
    }

    /// Shares the hold of the process that gave this descriptor: both have it until the last of them lets
    /// go, so there is no moment in which nobody does. An error where it holds another folder.
    pub(crate) fn share(folder: &Path, given: OwnedFd) -> Result<Self, StoreError> {
        let path = folder.join("lock");
        let mut file = File::from(given);
        let same = fs::metadata(&path)
            .and_then(|here| {
                file.metadata().map(|given| (here.dev(), here.ino()) == (given.dev(), given.ino()))
            })
            .map_err(|error| unusable(&path, error))?;
        if !same {
            let reason = "the process before holds another data folder; `data` can't change in an upgrade";
            return Err(StoreError::Open { path: folder.to_owned(), reason: reason.to_owned() });
        }
        // The lock belongs to the open file that both descriptors are of (flock(2)).
        file.try_lock().map_err(|error| unusable(&path, error.into()))?;
        sign(&mut file).map_err(|error| unusable(&path, error))?;
        Ok(Self(file))
    }

    /// The descriptor once more, for a process that is to share the hold.
    pub(crate) fn to_share(&self) -> io::Result<OwnedFd> {
        Ok(self.0.try_clone()?.into())
    }

    /// Signs it again, since the process that shared it is gone.
    pub(crate) fn sign_again(&self) -> io::Result<()> {
        sign(&mut self.0.try_clone()?)
    }
}

/// Makes the folder where it is missing (mode 0700). One that is there keeps the mode its owner gave it.
pub(crate) fn make(folder: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| unusable(folder, error))
}

/// Makes sure that `folder` has a database file that only its owner can read, before SQLite would make
/// one by the umask. Its write-ahead log takes the mode after it.
pub(crate) fn private_database(folder: &Path) -> Result<PathBuf, StoreError> {
    let path = database(folder);
    private_file(&path)
        .and_then(|file| file.sync_all())
        .and_then(|()| File::open(folder)?.sync_all())
        .map_err(|error| unusable(&path, error))?;
    Ok(path)
}

/// Where the database of a folder is.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("hermetic.db")
}

/// Opens a file that only its owner can read, made where it is missing.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

/// Who signed the lock file: `4711 (hermetic)`, or `4711` where the system does not tell.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    // Between taking the lock and signing it the file may be empty or another's; it is only a hint.
    let signed = file.rewind().and_then(|()| file.read_to_string(&mut text)).ok();
    let Some(pid) = signed.and_then(|_| text.trim().parse::<u32>().ok()) else {
        return "(unknown)".to_owned();
    };
    match fs::read_to_string(format!("/proc/{pid}/comm")) {
        Ok(command) => format!("{pid} ({})", command.trim_end()),
        Err(_) => pid.to_string(),
    }
}

fn unusable(path: &Path, error: io::Error) -> StoreError {
    StoreError::Open { path: path.to_owned(), reason: error.to_string() }
}
