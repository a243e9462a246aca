//! The stamp of a file: what tells one state of it from another without reading it.
//!
//! It is asked for again and again, and no kernel watch is set up: the host's watches may have run out
//! (envoyproxy/envoy#14151), and a link that is put in place of another is not always told of
//! (envoyproxy/envoy#39498).

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The state of a file, seen without reading it. Links are followed, so that one which leads elsewhere
/// makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(Option<Identity>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds of the last change of the content.
    modified: (i64, i64),
    /// The same of the last change of anything; nobody can set it back.
    changed: (i64, i64),
}

/// A file that a configuration rests on, and its stamp from just before it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// The file.
    pub path: PathBuf,
    /// Its state.
    pub stamp: Stamp,
}

impl Stamp {
    /// The state of the file now. A file that can't be seen has one, too.
    pub fn of(path: &Path) -> Self {
        Self(std::fs::metadata(path).ok().map(|metadata| Identity::from(&metadata)))
    }
}

impl FileRead {
    /// The file as it is about to be read.
    pub(crate) fn about_to(path: &Path) -> Self {
        Self { path: path.to_owned(), stamp: Stamp::of(path) }
    }
}

impl From<&Metadata> for Identity {
    fn from(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_that_leads_elsewhere_is_another_file_although_both_say_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let here = |name: &str| folder.path().join(name);
        for name in ["first", "second"] {
            fs::write(here(name), "the same").unwrap();
        }
        symlink("first", here("link")).unwrap();
        let before = Stamp::of(&here("link"));
        assert_eq!(before, Stamp::of(&here("first")));
        symlink("second", here("next")).unwrap();
        fs::rename(here("next"), here("link")).unwrap();
        assert_ne!(before, Stamp::of(&here("link")));
    }

    #[test]
    fn a_file_that_comes_into_being_has_another_stamp_than_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let missing = Stamp::of(&path);
        fs::write(&path, "").unwrap();
        assert_ne!(missing, Stamp::of(&path));
    }

    #[test]
    fn a_file_that_says_something_else_in_as_many_bytes_has_another_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "one").unwrap();
        let before = Stamp::of(&path);
        // The file system's clock ticks every few milliseconds; the name is new in any case.
        fs::write(folder.path().join("new"), "two").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        assert_ne!(before, Stamp::of(&path));
    }
}
