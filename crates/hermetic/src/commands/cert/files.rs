//! Files that certificates and keys are written to: new ones, whole, and all or none.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::exit::Failure;

/// Who may read what.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// The owner alone: it is a key, or has one in it.
    Private = 0o600,
    /// Everybody: certificates are no secret.
    Public = 0o644,
}

/// Files that are not there yet.
#[derive(Debug)]
pub struct NewFiles(Vec<(PathBuf, Mode)>);

impl NewFiles {
    /// These, none of which may be there: asked before anything is made that nobody could keep.
    pub fn of(files: impl IntoIterator<Item = (PathBuf, Mode)>) -> Result<Self, Failure> {
        let files: Vec<_> = files.into_iter().collect();
        match files.iter().find(|(path, _)| path.exists()) {
            Some((path, _)) => Err(taken(path)),
            None => Ok(Self(files)),
        }
    }

    /// Writes all of them, a content for each, or none.
    pub fn write<'a>(&self, contents: impl IntoIterator<Item = &'a [u8]>) -> Result<(), Failure> {
        let mut written: Vec<&Path> = Vec::new();
        for ((path, mode), content) in self.0.iter().zip(contents) {
            if let Err(failure) = create(path, content, *mode) {
                // One without the others is of no use, and would be in the way the next time.
                for path in written {
                    let _ = std::fs::remove_file(path);
                }
                return Err(failure);
            }
            written.push(path);
        }
        Ok(())
    }
}

/// Writes a file that must not be there yet, durably.
fn create(path: &Path, content: &[u8], mode: Mode) -> Result<(), Failure> {
    let write = |mut file: File| file.write_all(content).and_then(|()| file.sync_all());
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode as u32).open(path);
    opened.and_then(write).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(path),
        _ => Failure::unable(format!("the file can't be written: {error}")).at(path.display().to_string()),
    })
}

fn taken(path: &Path) -> Failure {
    Failure::wrong("the file is there already, and is not overwritten")
        .at(path.display().to_string())
        .remedy("move it away, or name another place with --out")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_can_be_read_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (key, certificate) = (folder.path().join("key"), folder.path().join("certificate"));
        let files =
            NewFiles::of([(key.clone(), Mode::Private), (certificate.clone(), Mode::Public)]).unwrap();
        files.write([&b"key"[..], b"chain"]).unwrap();
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read(&certificate).unwrap(), b"chain");
    }

    #[test]
    fn nothing_is_overwritten_and_no_key_is_left_without_its_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let (key, certificate) = (folder.path().join("key"), folder.path().join("certificate"));
        let both = [(key.clone(), Mode::Private), (certificate.clone(), Mode::Public)];
        let files = NewFiles::of(both.clone()).unwrap();
        std::fs::write(&certificate, "somebody's").unwrap();
        assert!(NewFiles::of(both).is_err());
        assert!(files.write([&b"key"[..], b"chain"]).is_err());
        assert_eq!(std::fs::read(&certificate).unwrap(), b"somebody's");
        assert!(!key.exists());
    }
}
