//! What the scenarios stand on.

mod certificate;
mod clients;
mod connections;
mod fragments;
mod haproxy;
mod instance;
pub mod limited;
mod origin;
mod page;
mod peers;
mod ports;
mod postgres;
mod talking;
mod tap;

pub use certificate::{VALID, certificate};
pub use clients::ClientCa;
pub use connections::{Connections, KINDS, echo, socket_server};
pub use fragments::{Fragmentation, fragmenting};
pub use haproxy::Haproxy;
pub use instance::{Hermetic, command, folder, hermetic};
pub use origin::{Nginx, Origin, read_head};
pub use page::{Page, typed_in};
pub use peers::{PythonServer, curl, openssl, pkilint, python, self_signed};
pub use ports::Ports;
pub use postgres::{Postgres, Setup, psql};
pub use talking::Talking;
pub use tap::Tap;

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
