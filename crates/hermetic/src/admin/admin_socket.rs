//! The admin socket, `<data>/admin.sock`.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use super::server::AdminError;

/// The listening admin socket of an instance. Whoever can open it may ask anything, so only its owner can.
#[derive(Debug)]
pub struct AdminSocket(UnixListener);

impl AdminSocket {
    /// Where the socket of a data folder is.
    pub fn path(data: &Path) -> PathBuf {
        data.join("admin.sock")
    }

    /// Listens there. The caller holds the lock of the data folder, so a socket that is there is a dead
    /// instance's.
    pub fn bind(data: &Path) -> Result<Self, AdminError> {
        let path = Self::path(data);
        let failure = |source| AdminError::Socket { path: path.clone(), source };
        let _ = std::fs::remove_file(&path);
        let socket = UnixListener::bind(&path).map_err(failure)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failure)?;
        Self::of(socket).map_err(failure)
    }

    /// Takes one that listens already.
    pub fn of(socket: UnixListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }

    /// The socket.
    pub fn socket(&self) -> &UnixListener {
        &self.0
    }
}
