//! As whom the cluster runs: PostgreSQL refuses to run as root.

use std::path::Path;
use std::process::Command;

/// The user that Debian's packages make for it.
const USER: &str = "postgres";

/// A user other than ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

/// Why there is nobody to run it as.
#[derive(Debug, thiserror::Error)]
#[error(
    "PostgreSQL does not run as root, and there is no user `{USER}` here; run as another user, or add that one"
)]
pub struct NoOwner;

impl Owner {
    /// Whom to run it as; `None`: as ourselves.
    pub fn of_cluster() -> Result<Option<Self>, NoOwner> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        // `id` asks whatever this system keeps its users in, not `/etc/passwd` alone.
        match (number("-u"), number("-g")) {
            (Some(uid), Some(gid)) => Ok(Some(Self { uid, gid })),
            _ => Err(NoOwner),
        }
    }

    /// Gives a file or folder away.
    pub fn own(self, path: &Path) -> std::io::Result<()> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
    }
}

fn number(which: &str) -> Option<u32> {
    let output = Command::new("id").args([which, USER]).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}
