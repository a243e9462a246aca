//! Why nothing was measured.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A file could not be written or read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A program could not be started.
    #[error("{}: could not be started: {source}; `cargo xtask bench` installs what is needed", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A program does not serve.
    #[error("{name}: does not listen on port {port} after {} s; it said: {said}", after.as_secs())]
    Silent {
        /// The program.
        name: String,
        /// The port that it should listen on.
        port: u16,
        /// How long was waited.
        after: Duration,
        /// The end of what it wrote.
        said: String,
    },
    /// A connection or request of the load failed; figures with failures in them mean nothing.
    #[error("{name}: {figure}: {reason}")]
    Load {
        /// The proxy.
        name: String,
        /// What was measured.
        figure: String,
        /// Why.
        reason: String,
    },
    /// The CPU time of a process could not be read.
    #[error("the CPU time of process {pid} can't be read from /proc")]
    CpuTime {
        /// The process.
        pid: u32,
    },
    /// The certificate could not be made.
    #[error("the test certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The runtime or TLS client of the load could not be made.
    #[error("the load can't be made: {0}")]
    Setup(String),
}
