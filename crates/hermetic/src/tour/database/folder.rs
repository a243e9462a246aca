//! The folder of the cluster. It goes with it.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::owner::Owner;

/// Nobody but its owner looks into it.
const MODE: u32 = 0o700;

/// How often its removal is tried.
const TRIES: u32 = 40;

/// How long between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// A folder that nobody but its owner can look into; removed when dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    owner: Option<Owner>,
}

impl Folder {
    /// Makes it; an error where something of that name is there.
    pub fn make(path: PathBuf, owner: Option<Owner>) -> io::Result<Self> {
        DirBuilder::new().mode(MODE).create(&path)?;
        let folder = Self { path, owner };
        folder.own(&folder.path)?;
        Ok(folder)
    }

    /// The one that was left at `path`, to be removed; `None` where what is there can't have been made here.
    pub fn left(path: PathBuf) -> Option<Self> {
        let found = std::fs::symlink_metadata(&path).ok()?;
        let ours = || {
            let cluster = Owner::of_cluster().ok().flatten().map(|owner| owner.uid);
            found.uid() == rustix::process::geteuid().as_raw() || Some(found.uid()) == cluster
        };
        // Made only then: it removes what is there when it is dropped.
        (found.is_dir() && found.mode() & 0o777 == MODE && ours()).then(|| Self { path, owner: None })
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// As whom whatever works in it must run.
    pub fn owner(&self) -> Option<Owner> {
        self.owner
    }

    /// Writes a file that only the owner can read, whole or not at all.
    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<PathBuf> {
        let (path, new) = (self.path(name), self.path(&format!("{name}.new")));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(content)?;
        self.own(&new)?;
        std::fs::rename(&new, &path)?;
        Ok(path)
    }

    fn own(&self, path: &Path) -> io::Result<()> {
        self.owner.map_or(Ok(()), |owner| owner.own(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What was killed a moment ago may still write its last.
        let removed = (0..TRIES).any(|attempt| {
            std::thread::sleep(PAUSE * attempt.min(1));
            std::fs::remove_dir_all(&self.path).is_ok()
        });
        if !removed {
            tracing::warn!(folder = %self.path.display(), "the throw-away cluster's folder stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_the_owner_looks_into_it_and_it_goes_when_it_is_dropped() {
        let around = tempfile::tempdir().unwrap();
        let folder = Folder::make(around.path().join("cluster"), None).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let file = folder.write("server.key", b"secret").unwrap();
        assert_eq!((mode(&around.path().join("cluster")), mode(&file)), (0o700, 0o600));
        drop(folder);
        assert!(!around.path().join("cluster").exists());
    }

    #[test]
    fn what_somebody_else_put_there_is_not_used() {
        let around = tempfile::tempdir().unwrap();
        assert!(Folder::make(around.path().to_owned(), None).is_err());
        assert!(around.path().exists());
    }
}
