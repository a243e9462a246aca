//! What is around a template: the files beside it, in which nested stacks are, and the names that are taken.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::span::{FileId, Files};
use crate::value::PartId;

/// A file larger than this is no template of any tool that is known.
const LARGEST: u64 = 256 << 20;

/// What is around a template. Templates may be read side by side.
pub trait Surroundings: Sync {
    /// A file beside a template, by its path; nothing where there is none.
    fn file(&self, path: &Path) -> Option<(FileId, String)>;

    /// An id that no other part has.
    fn part(&self) -> PartId;
}

/// Nothing at all: nested stacks stay closed.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Surroundings for Nothing {
    fn file(&self, _path: &Path) -> Option<(FileId, String)> {
        None
    }

    fn part(&self) -> PartId {
        PartId(u32::MAX)
    }
}

/// The files of this machine.
#[derive(Debug, Default)]
pub struct Disk {
    files: Mutex<Files>,
    parts: AtomicU32,
}

impl Disk {
    /// Takes a file in.
    pub fn add(&self, path: impl Into<PathBuf>) -> FileId {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).add(path)
    }

    /// All files that were taken in.
    pub fn into_files(self) -> Files {
        self.files.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Surroundings for Disk {
    fn file(&self, path: &Path) -> Option<(FileId, String)> {
        let known = std::fs::metadata(path).ok()?;
        if !known.is_file() || known.len() > LARGEST {
            return None;
        }
        let text = std::fs::read_to_string(path).ok()?;
        Some((self.add(path), text))
    }

    fn part(&self) -> PartId {
        PartId(self.parts.fetch_add(1, Ordering::Relaxed))
    }
}
