//! Files of the data folder: written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::AuthorityError;

/// Puts `bytes` into `path`: beside it first, then to the disk, then in its place. A crash leaves the
/// old file or the new one, never half of one; of those who write at once, one is last.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), AuthorityError> {
    let beside = beside(path);
    let write = || -> io::Result<()> {
        // One that a crash left may have another mode.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
            _ => File::open(".")?.sync_all(),
        }
    };
    write().map_err(|error| failed(path, &error))
}

/// The file in which this call alone writes: under one name for all, a process took away what another one was
/// about to put in place.
fn beside(path: &Path) -> PathBuf {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}-{}.new", process::id(), CALLS.fetch_add(1, Ordering::Relaxed)));
    PathBuf::from(beside)
}

/// The content of a file; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, AuthorityError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, &error)),
    }
}

/// Takes a file away, be it there or not.
pub(crate) fn remove(path: &Path) -> Result<(), AuthorityError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, &error)),
        _ => Ok(()),
    }
}

fn failed(path: &Path, error: &io::Error) -> AuthorityError {
    AuthorityError::File { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_who_write_at_once_all_succeed_and_one_is_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let whole = |writer: u8| vec![writer; 10_000];
        std::thread::scope(|threads| {
            for writer in 0..8 {
                let path = &path;
                threads.spawn(move || (0..20).for_each(|_| replace(path, &whole(writer), 0o644).unwrap()));
            }
        });
        let last = read(&path).unwrap().unwrap();
        assert!((0..8).any(|writer| last == whole(writer)));
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, [path]);
    }

    #[test]
    fn no_other_process_writes_to_the_same_file_beside() {
        let beside = beside(Path::new("ca.pem")).to_str().unwrap().to_owned();
        assert!(beside.contains(&process::id().to_string()), "{beside}");
    }
}
