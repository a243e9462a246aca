//! The program that this process runs, as it is found again after it was replaced on the disk.

use std::env;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where the program lies, found out at the start: later `/proc/self/exe` would only tell that it is
/// deleted, and where a link has led, it would hide that it leads elsewhere by now.
pub fn path() -> io::Result<PathBuf> {
    let running = env::current_exe()?;
    let called = env::args_os().next().map(PathBuf::from).and_then(|name| found(&name));
    Ok(called.filter(|called| is_same(called, &running)).unwrap_or(running))
}

/// A program by the name that it was called by, as a shell would find it.
fn found(name: &Path) -> Option<PathBuf> {
    if name.components().count() > 1 {
        return std::path::absolute(name).ok();
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Whoever starts a process may call it as they like.
fn is_same(called: &Path, running: &Path) -> bool {
    let identity = |path: &Path| path.metadata().map(|metadata| (metadata.dev(), metadata.ino())).ok();
    identity(called).is_some_and(|called| Some(called) == identity(running))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_in_the_path_as_a_shell_finds_it() {
        assert!(found(Path::new("sh")).unwrap().ends_with("sh"));
        assert!(found(Path::new("no-such-program")).is_none());
    }

    #[test]
    fn a_link_stays_a_link_so_that_it_may_lead_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/bin/sh", &link).unwrap();
        assert_eq!(found(&link), Some(link.clone()));
        assert!(is_same(&link, Path::new("/bin/sh")));
    }
}
