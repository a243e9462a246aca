//! What the scenarios stand on.

mod instance;
mod origin;
mod peers;
mod ports;
mod postgres;

pub use instance::{Hermetic, folder, hermetic};
pub use origin::{Nginx, Origin, read_head};
pub use peers::{PythonServer, curl, openssl, python};
pub use ports::Ports;
pub use postgres::{Postgres, psql};

use std::time::{Duration, Instant};

/// How long a scenario waits for what must come.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Waits for a condition; fails when it does not come within [`DEADLINE`].
pub fn eventually<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(start.elapsed() < DEADLINE, "{what}: not within {DEADLINE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
