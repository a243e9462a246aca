use std::fs::{self, OpenOptions};
use std::io::Write;

use super::*;

/// A log in a folder of its own, and what was read of it.
struct Log {
    folder: tempfile::TempDir,
    follower: Follower,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let follower = Follower::new(&folder.path().join("access.log"));
        Self { folder, follower }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let mut file = OpenOptions::new().append(true).create(true).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn rotate(&self) {
        fs::rename(self.path("access.log"), self.path("access.log.1")).unwrap();
    }

    /// The lines that are new; `✂` for one that was cut.
    fn read(&mut self) -> Result<Vec<String>, LogError> {
        let mut seen = Vec::new();
        self.follower.read(&mut |line| {
            seen.push(match line {
                Line::Whole(line) => String::from_utf8(line.to_vec()).unwrap(),
                Line::TooLong | Line::Cut => "✂".to_owned(),
            });
        })?;
        Ok(seen)
    }
}

#[test]
fn a_file_that_is_not_there_yet_is_said_to_be_missing_and_read_once_it_comes() {
    let mut log = Log::new();
    assert!(matches!(log.read(), Err(LogError::Missing { .. })));
    log.write("access.log", "a\n");
    assert_eq!(log.read().unwrap(), ["a"]);
    assert_eq!(log.read().unwrap(), [""; 0]);
}

#[test]
fn a_line_that_is_half_written_waits_for_its_rest() {
    let mut log = Log::new();
    log.write("access.log", "a\nhalf");
    assert_eq!(log.read().unwrap(), ["a"]);
    log.write("access.log", " and half\n");
    assert_eq!(log.read().unwrap(), ["half and half"]);
}

#[test]
fn after_a_rotation_the_old_file_is_finished_before_the_new_one() {
    let mut log = Log::new();
    log.write("access.log", "a\nhal");
    assert_eq!(log.read().unwrap(), ["a"]);
    log.rotate();
    log.write("access.log.1", "f\nb\n");
    assert_eq!(log.read().unwrap(), ["half", "b"]);
    log.write("access.log.1", "c\n");
    log.write("access.log", "d\n");
    assert_eq!(log.read().unwrap(), ["c", "d"]);
}

#[test]
fn a_writer_that_is_late_to_leave_the_old_file_is_heard() {
    let mut log = Log::new();
    log.write("access.log", "a\n");
    log.read().unwrap();
    log.rotate();
    log.write("access.log", "b\n");
    assert_eq!(log.read().unwrap(), ["b"]);
    log.write("access.log.1", "late\ncut");
    log.write("access.log", "c\n");
    assert_eq!(log.read().unwrap(), ["late", "c"]);
    assert_eq!(log.read().unwrap(), ["✂"]);
}

#[test]
fn a_file_that_was_copied_and_truncated_is_read_from_its_start() {
    let mut log = Log::new();
    log.write("access.log", "a\nb\ncut");
    log.read().unwrap();
    fs::File::create(log.path("access.log")).unwrap();
    assert_eq!(log.read().unwrap(), ["✂"]);
    log.write("access.log", "c\n");
    assert_eq!(log.read().unwrap(), ["c"]);
}

#[test]
fn a_truncated_file_that_has_grown_past_the_old_end_is_known_by_its_start() {
    let mut log = Log::new();
    log.write("access.log", "03:00 a\n");
    log.read().unwrap();
    fs::File::create(log.path("access.log")).unwrap();
    log.write("access.log", "04:00 b\n04:01 c\n");
    assert_eq!(log.read().unwrap(), ["04:00 b", "04:01 c"]);
}

#[test]
fn a_file_that_was_removed_is_missing_but_its_last_lines_are_read() {
    let mut log = Log::new();
    log.write("access.log", "a\n");
    log.read().unwrap();
    fs::remove_file(log.path("access.log")).unwrap();
    assert!(matches!(log.read(), Err(LogError::Missing { .. })));
    log.write("access.log", "b\n");
    assert_eq!(log.read().unwrap(), ["b"]);
}

#[test]
fn what_is_no_file_is_refused_rather_than_waited_for() {
    let mut log = Log::new();
    std::os::unix::fs::symlink("/dev/null", log.path("access.log")).unwrap();
    let error = log.read().unwrap_err();
    assert!(error.to_string().contains("is not a file"), "{error}");
}
