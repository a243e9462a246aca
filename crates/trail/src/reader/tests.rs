use std::fs::OpenOptions;
use std::io::Write;

use super::*;

fn hop() -> HopName {
    HopName::new("client".parse().unwrap(), "edge".parse().unwrap())
}

fn at(hour: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-24T12:30:00Z".parse().unwrap();
    noon + SignedDuration::from_hours(hour)
}

fn line(at: Timestamp, connection: u32, scheme: &str) -> String {
    let version = if scheme == "https" { "TLSv1.3" } else { "" };
    format!(
        r#"{{"time":"{at}","from":"203.0.113.7","connection":{connection},"scheme":"{scheme}","version":"{version}","suite":"TLS_AES_128_GCM_SHA256"}}"#
    ) + "\n"
}

struct Log {
    _folder: tempfile::TempDir,
    path: PathBuf,
    reader: LogReader,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        let reader = LogReader::open(&path, LogFormat::Nginx, hop(), View::Server).unwrap();
        Self { _folder: folder, path, reader }
    }

    fn write(&self, text: &str) {
        let mut file = OpenOptions::new().append(true).create(true).open(&self.path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }
}

#[test]
fn what_is_older_than_the_window_is_forgotten() {
    let mut log = Log::new();
    log.write(&line(at(-30), 1, "http"));
    log.write(&line(at(-20), 2, "http"));
    log.write(&line(at(0), 3, "https"));
    log.reader.read_new(at(0)).unwrap();
    assert_eq!((log.reader.summary().connections, log.reader.summary().cleartext), (2, 1));
    log.reader.read_new(at(6)).unwrap();
    assert_eq!((log.reader.summary().connections, log.reader.summary().cleartext), (1, 0));
}

#[test]
fn a_clock_that_runs_ahead_does_not_keep_its_lines_alive() {
    let mut log = Log::new();
    log.write(&line(at(1000), 1, "http"));
    log.reader.read_new(at(0)).unwrap();
    assert_eq!(log.reader.summary().last, Some(at(0)));
    log.reader.read_new(at(26)).unwrap();
    assert_eq!(log.reader.summary().connections, 0);
}

#[test]
fn requests_that_nobody_counts_are_one_connection_by_its_number() {
    let mut log = Log::new();
    for connection in [1, 1, 2, 1] {
        log.write(&line(at(0), connection, "https"));
    }
    log.reader.read_new(at(0)).unwrap();
    assert_eq!(log.reader.summary().connections, 2);
}

#[test]
fn garbage_is_counted_and_what_is_around_it_read() {
    let mut log = Log::new();
    log.write(&line(at(0), 1, "https"));
    log.write("\u{1}\u{2}garbage\n\n{\"half\":\n");
    log.write(&line(at(0), 2, "https"));
    log.reader.read_new(at(0)).unwrap();
    assert_eq!((log.reader.summary().connections, log.reader.summary().unreadable), (2, 3));
}

#[test]
fn a_log_is_not_asked_for_the_view_that_it_can_not_have() {
    let open = |format, view| LogReader::open(Path::new("access.log"), format, hop(), view);
    assert!(open(LogFormat::Envoy, View::Client).is_ok());
    for (format, view) in [(LogFormat::Nginx, View::Client), (LogFormat::Envoy, View::Observer)] {
        assert!(matches!(open(format, view), Err(LogError::View { .. })));
    }
}

#[test]
fn a_file_that_is_missing_does_not_stop_time() {
    let mut log = Log::new();
    log.write(&line(at(0), 1, "http"));
    log.reader.read_new(at(0)).unwrap();
    std::fs::remove_file(&log.path).unwrap();
    assert!(matches!(log.reader.read_new(at(30)), Err(LogError::Missing { .. })));
    assert_eq!(log.reader.summary().connections, 0);
}
