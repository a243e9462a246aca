//! One log file, followed through rotation and truncation.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::lines::{Line, Lines};
use crate::reader::LogError;

/// How much of a file's start is remembered, in bytes: the time in the first line tells a file that
/// was truncated and has grown again from one that only grew.
const HEAD: usize = 256;

/// Follows the file of one name.
#[derive(Debug)]
pub(crate) struct Follower {
    path: PathBuf,
    current: Option<Tail>,
    /// The file that had the name before. Its writer may have a few lines left: the workers of a
    /// proxy open the new file one after the other.
    leaving: Option<Tail>,
}

/// A file that is read to its end again and again.
#[derive(Debug)]
struct Tail {
    file: File,
    id: FileId,
    offset: u64,
    head: Vec<u8>,
    lines: Lines,
}

/// Device and inode: what a file keeps when it is renamed.
type FileId = (u64, u64);

impl Follower {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), current: None, leaving: None }
    }

    /// Calls `each` with every line that was completed since the last time.
    pub(crate) fn read(&mut self, each: &mut impl FnMut(Line<'_>)) -> Result<(), LogError> {
        self.follow(each).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => LogError::Missing { path: self.path.clone() },
            io::ErrorKind::PermissionDenied => LogError::Forbidden { path: self.path.clone() },
            io::ErrorKind::InvalidInput => LogError::NotAFile { path: self.path.clone() },
            _ => LogError::Read { path: self.path.clone(), error },
        })
    }

    fn follow(&mut self, each: &mut impl FnMut(Line<'_>)) -> io::Result<()> {
        if let Some(leaving) = &mut self.leaving
            && !leaving.read(each)?
        {
            leaving.abandon(each);
            self.leaving = None;
        }
        let Some(current) = &mut self.current else {
            return self.current.insert(Tail::open(&self.path)?).read(each).map(drop);
        };
        current.read(each)?;
        match self.path.metadata() {
            Ok(found) if id(&found) == current.id => Ok(()),
            Ok(_) => self.turn(each),
            // Renamed, and the writer has not opened the next one yet; unless it was removed.
            Err(error) if error.kind() == io::ErrorKind::NotFound && current.has_a_name()? => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The name belongs to another file now.
    fn turn(&mut self, each: &mut impl FnMut(Line<'_>)) -> io::Result<()> {
        let next = Tail::open(&self.path)?;
        let left = self.current.replace(next);
        if let Some(mut older) = std::mem::replace(&mut self.leaving, left) {
            older.abandon(each);
        }
        self.current.as_mut().map_or(Ok(false), |current| current.read(each)).map(drop)
    }
}

impl Tail {
    fn open(path: &Path) -> io::Result<Self> {
        // A log that is a pipe or `/dev/stdout`, as in containers, would block its reader for ever.
        if !path.metadata()?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let file = File::open(path)?;
        let id = id(&file.metadata()?);
        Ok(Self { file, id, offset: 0, head: Vec::new(), lines: Lines::default() })
    }

    /// Reads to where the end is now; says whether there was anything new.
    fn read(&mut self, each: &mut impl FnMut(Line<'_>)) -> io::Result<bool> {
        let end = self.file.metadata()?.len();
        if end < self.offset || !self.begins_as_before()? {
            self.abandon(each);
            (self.offset, self.head) = (0, Vec::new());
        }
        let start = self.offset;
        let mut buffer = [0; 1 << 16];
        while self.offset < end {
            let length = match self.file.read_at(&mut buffer, self.offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                length => length?,
            };
            let bytes = buffer.get(..length).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            self.head.extend(bytes.iter().take(HEAD.saturating_sub(self.head.len())));
            self.offset += bytes.len() as u64;
            self.lines.push(bytes, &mut *each);
        }
        Ok(self.offset > start)
    }

    fn begins_as_before(&self) -> io::Result<bool> {
        let mut head = vec![0; self.head.len()];
        match self.file.read_exact_at(&mut head, 0) {
            Ok(()) => Ok(head == self.head),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The rest of a line that was begun will never come.
    fn abandon(&mut self, each: &mut impl FnMut(Line<'_>)) {
        if self.lines.abandon() {
            each(Line::Cut);
        }
    }

    fn has_a_name(&self) -> io::Result<bool> {
        Ok(self.file.metadata()?.nlink() > 0)
    }
}

fn id(metadata: &std::fs::Metadata) -> FileId {
    (metadata.dev(), metadata.ino())
}

#[cfg(test)]
mod tests;
