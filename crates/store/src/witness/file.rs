//! The file of a witness: two lines of one length, written in turn, each with a checksum.
//!
//! A line that a crash has half-written does not count, and the other one is only a little older.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::Seen;
use crate::folder;
use crate::journal::{JournalHead, hex, sha256_of};

/// How long a line is, with its end.
const LINE: usize = 157;

/// How much of SHA-256 is the checksum.
const CHECKSUM: usize = 8;

/// The file, in a data folder that other processes of this host may use, too.
#[derive(Debug)]
pub(super) struct WitnessFile(File);

/// Where it is.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("witness")
}

/// What the file in a folder says; `None` where there is none.
pub(super) fn read(folder: &Path) -> io::Result<Option<Seen>> {
    match File::open(path(folder)) {
        Ok(file) => Ok(latest(&lines(&file)?).map(|(_, seen)| seen)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl WitnessFile {
    /// Opens it; made where it is missing.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        folder::private_file(&path(folder)).map(Self)
    }

    /// What it says.
    pub(super) fn seen(&self) -> io::Result<Option<Seen>> {
        Ok(latest(&lines(&self.0)?).map(|(_, seen)| seen))
    }

    /// Puts this in, if it is later than what is there. What another process has put in stays, where that is.
    pub(super) fn go_on(&self, seen: &Seen) -> io::Result<()> {
        self.0.lock()?;
        let outcome = self.go_on_alone(seen);
        self.0.unlock()?;
        outcome
    }

    fn go_on_alone(&self, seen: &Seen) -> io::Result<()> {
        match latest(&lines(&self.0)?) {
            Some((_, there)) if !there.is_before(seen) => Ok(()),
            Some((0, _)) => self.0.write_all_at(&line(seen), LINE as u64),
            _ => self.0.write_all_at(&line(seen), 0),
        }
    }
}

/// The later one, and which line it is.
fn latest(lines: &[Option<Seen>; 2]) -> Option<(usize, Seen)> {
    let [first, second] = lines.clone();
    match (first, second) {
        (Some(first), Some(second)) if first.is_before(&second) => Some((1, second)),
        (Some(first), _) => Some((0, first)),
        (None, second) => second.map(|second| (1, second)),
    }
}

fn lines(file: &File) -> io::Result<[Option<Seen>; 2]> {
    let mut bytes = [0; 2 * LINE];
    let mut read = 0;
    while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, read as u64)? {
            0 => break,
            more => read += more,
        }
    }
    let (first, second) = bytes.split_at(LINE);
    Ok([first, second].map(seen))
}

fn line(Seen { identity, epoch, head }: &Seen) -> Vec<u8> {
    let said = format!("{identity:<32} {epoch:>20} {:>20} {}", head.number, head.hash);
    format!("{said} {}\n", checksum(&said)).into_bytes()
}

fn seen(line: &[u8]) -> Option<Seen> {
    let (said, checksum_of_it) = std::str::from_utf8(line).ok()?.strip_suffix('\n')?.rsplit_once(' ')?;
    if checksum(said) != checksum_of_it {
        return None;
    }
    let mut words = said.split_ascii_whitespace();
    Some(Seen {
        identity: words.next()?.to_owned(),
        epoch: words.next()?.parse().ok()?,
        head: JournalHead { number: words.next()?.parse().ok()?, hash: words.next()?.to_owned() },
    })
}

fn checksum(said: &str) -> String {
    hex(sha256_of(said.as_bytes()).get(..CHECKSUM).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(epoch: u64, number: u64) -> Seen {
        let head = JournalHead { number, hash: hex(&sha256_of(&number.to_be_bytes())) };
        Seen { identity: "ab".repeat(16), epoch, head }
    }

    #[test]
    fn the_latest_is_read_back_and_nothing_earlier_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), None);
        let file = WitnessFile::open(folder.path()).unwrap();
        for (put, there) in
            [((1, 5), (1, 5)), ((1, 6), (1, 6)), ((1, 4), (1, 6)), ((1, 8), (1, 8)), ((2, 3), (2, 3))]
        {
            file.go_on(&at(put.0, put.1)).unwrap();
            assert_eq!(read(folder.path()).unwrap(), Some(at(there.0, there.1)));
        }
    }

    #[test]
    fn wherever_a_line_was_cut_the_one_before_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = WitnessFile::open(folder.path()).unwrap();
        file.go_on(&at(1, 7)).unwrap();
        let whole = line(&at(1, 8));
        assert_eq!(whole.len(), LINE);
        for length in 0..LINE {
            file.0.write_all_at(&[0; LINE], LINE as u64).unwrap();
            file.0.write_all_at(&whole[..length], LINE as u64).unwrap();
            assert_eq!(file.seen().unwrap(), Some(at(1, 7)), "{length}");
        }
    }
}
