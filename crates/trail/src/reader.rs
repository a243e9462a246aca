//! A log as evidence: one file, read on and on, summed up over a window of time.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use hermetic_hop::{HopName, Observation, View};
use hermetic_tls::SecurityPolicy;
use jiff::{SignedDuration, Timestamp};

use crate::connections::LoggedConnections;
use crate::entry::{Connection, LogEntry, Occasion};
use crate::follow::Follower;
use crate::format::LogFormat;
use crate::known::KnownConnections;
use crate::lines::Line;

/// Reads one log of one hop.
///
/// It begins with the start of the file that is there, and forgets what is older than its window, to
/// the hour. Reading blocks on the disk.
#[derive(Debug)]
pub struct LogReader {
    format: LogFormat,
    hop: HopName,
    view: View,
    window: SignedDuration,
    follower: Follower,
    known: KnownConnections,
    /// By the hour, counted from 1970.
    hours: BTreeMap<i64, LoggedConnections>,
    summary: LoggedConnections,
}

/// Why a log can't be read. What was read before stands.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// No such file now.
    #[error(
        "{} is not there; check the path and that the proxy writes its log to it. It is read as soon as it appears",
        path.display()
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The system does not let us.
    #[error("{} may not be read; give the user that runs this the right to, for example by its group", path.display())]
    Forbidden {
        /// The file.
        path: PathBuf,
    },
    /// A folder, a pipe or a device.
    #[error(
        "{} is not a file that can be followed (a folder, a pipe or a device); have the log written to a file",
        path.display()
    )]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The disk.
    #[error("{} could not be read: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The log does not tell what is asked of it.
    #[error(
        "the log of {} tells nothing of a hop as its {view:?} sees it; only Envoy logs the TLS of its own \
         connections (view client), and all three log that of the connections that they accept (view server)",
        format.as_str()
    )]
    View {
        /// Whose log.
        format: LogFormat,
        /// The view that was asked for.
        view: View,
    },
}

impl LogReader {
    /// The window of time that evidence is taken from, unless another is chosen.
    pub const WINDOW: SignedDuration = SignedDuration::from_hours(24);

    /// A reader of this file, which need not be there yet. The view says which end of the hop the
    /// proxy is: `server` where the hop leads to it, `client` where it leads on from it.
    pub fn open(path: &Path, format: LogFormat, hop: HopName, view: View) -> Result<Self, LogError> {
        if !format.tells(view) {
            return Err(LogError::View { format, view });
        }
        Ok(Self {
            format,
            hop,
            view,
            window: Self::WINDOW,
            follower: Follower::new(path),
            known: KnownConnections::default(),
            hours: BTreeMap::new(),
            summary: LoggedConnections::over(Self::WINDOW),
        })
    }

    /// The same with another window of time.
    pub fn with_window(mut self, window: SignedDuration) -> Self {
        self.window = window;
        self.summary = LoggedConnections::over(window);
        self
    }

    /// Reads what was written since the last time. After an error, what could be read counts.
    pub fn read_new(&mut self, now: Timestamp) -> Result<(), LogError> {
        let (format, view, oldest) = (self.format, self.view, oldest(now, self.window));
        let (hours, known) = (&mut self.hours, &mut self.known);
        let outcome = self.follower.read(&mut |line| {
            let entry = match line {
                Line::Whole(line) => format.read(line, view).ok(),
                Line::TooLong | Line::Cut => None,
            };
            match entry {
                Some(LogEntry::Connection(connection)) => {
                    let is_new = is_new(known, connection.occasion);
                    // A clock that runs ahead must not keep its lines alive for ever.
                    let connection = Connection { at: connection.at.min(now), ..connection };
                    if connection.at >= oldest {
                        hours.entry(hour(connection.at)).or_default().record(&connection, is_new);
                    }
                }
                Some(LogEntry::Failed(at)) if at >= oldest => {
                    hours.entry(hour(at.min(now))).or_default().failed += 1;
                }
                Some(LogEntry::Failed(_) | LogEntry::Elsewhere) => {}
                None => hours.entry(hour(now)).or_default().unreadable += 1,
            }
        });
        self.hours = self.hours.split_off(&hour(oldest));
        self.summary = LoggedConnections::over(self.window);
        for hour in self.hours.values() {
            self.summary.add(hour);
        }
        outcome
    }

    /// What was logged within the window, as of the latest reading.
    pub fn summary(&self) -> &LoggedConnections {
        &self.summary
    }

    /// The same as an observation of the hop; see [`LoggedConnections::observation`].
    pub fn observation(&self, policy: &'static SecurityPolicy, now: Timestamp) -> Observation {
        self.summary.observation(self.hop.clone(), self.view, policy, now)
    }
}

fn is_new(known: &mut KnownConnections, occasion: Occasion) -> bool {
    match occasion {
        Occasion::First => true,
        Occasion::Later => false,
        Occasion::Of(connection) => known.is_new(connection),
    }
}

fn oldest(now: Timestamp, window: SignedDuration) -> Timestamp {
    now.checked_sub(window).unwrap_or(Timestamp::MIN)
}

fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3600)
}

#[cfg(test)]
mod tests;
