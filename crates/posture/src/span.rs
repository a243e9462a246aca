//! Where a value stands: the file, the line and the column.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One of the files that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A place in a file. Lines and columns count from one; columns are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// The names of all files that were read.
#[derive(Clone, Debug, Default)]
pub struct Files {
    paths: Vec<Arc<Path>>,
}

impl Files {
    /// Takes one more file in.
    pub fn add(&mut self, path: impl Into<PathBuf>) -> FileId {
        let id = FileId(u32::try_from(self.paths.len()).unwrap_or(u32::MAX));
        self.paths.push(Arc::from(path.into()));
        id
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// The path of a file, as it was given.
    pub fn path(&self, file: FileId) -> &Path {
        let known = usize::try_from(file.0).ok().and_then(|index| self.paths.get(index));
        known.map_or(Path::new("?"), |path| path)
    }
}

impl FileId {
    /// No file: the place of what nobody wrote.
    pub const NOWHERE: Self = Self(u32::MAX);

    /// The start of this file.
    pub fn start(self) -> Span {
        Span { file: self, line: 1, column: 1 }
    }
}
