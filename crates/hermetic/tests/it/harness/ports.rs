//! Ports of a scenario's own. Scenarios run side by side in processes of their own, so a block of
//! ports is reserved by a lock on a file.

use std::fs::File;
use std::net::TcpListener;

/// A block of 500 ports, held until dropped.
#[derive(Debug)]
pub struct Ports {
    base: u16,
    _lock: File,
}

impl Ports {
    /// Reserves a block below the range that the kernel gives to outgoing connections.
    pub fn reserve() -> Self {
        let folder = std::env::temp_dir().join("hermetic-test-ports");
        std::fs::create_dir_all(&folder).unwrap();
        super::eventually("a free block of ports", || {
            (20..63).map(|block| block * 500).find_map(|base: u16| {
                let lock = File::create(folder.join(base.to_string())).unwrap();
                lock.try_lock().ok()?;
                is_free(base).then_some(Self { base, _lock: lock })
            })
        })
    }

    /// What `--port-base` takes.
    pub fn base(&self) -> u16 {
        self.base
    }

    /// The `n`th port of the block.
    pub fn nth(&self, n: u16) -> u16 {
        assert!(n < 500);
        self.base + n
    }

    /// Whether none of the tour's ports is listened on.
    pub fn are_free(&self) -> bool {
        is_free(self.base)
    }

    /// Where the edge of the tour and of `--to` is.
    pub fn edge(&self) -> u16 {
        self.nth(443)
    }

    /// Where the redirect of the tour and of `--to` is.
    pub fn plain(&self) -> u16 {
        self.nth(80)
    }
}

/// Whether nobody listens on the tour's ports any more: the parts of a tour that was killed end a moment
/// after their supervisor, whose lock is gone by then.
fn is_free(base: u16) -> bool {
    [80, 443, 444, 445, 446, 447, 453, 454, 455, 457, 464]
        .iter()
        .all(|n| TcpListener::bind(("127.0.0.1", base + n)).is_ok())
}
