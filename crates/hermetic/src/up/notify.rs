//! What systemd is told, where it wants to know (`sd_notify(3)`, `Type=notify`): that the instance serves,
//! which process goes on in its place, and that it stops.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The variable with the path of systemd's socket, or its abstract name behind `@`.
const SOCKET: &str = "NOTIFY_SOCKET";

/// The instance serves.
pub fn ready() {
    tell("READY=1");
}

/// This process is the service from now on. systemd believes it from the one that was it before.
pub fn taken_over_by(pid: u32) {
    tell(&format!("MAINPID={pid}"));
}

/// The instance stops.
pub fn stopping() {
    tell("STOPPING=1");
}

fn tell(state: &str) {
    let Some(socket) = std::env::var_os(SOCKET) else { return };
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&socket),
    };
    let sent = address.and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
    if let Err(error) = sent {
        tracing::warn!(%error, "systemd can't be told: {state}");
    }
}
