//! HAProxy as it comes from Debian: before Hermetic, which it tells of its clients, or behind it.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::eventually;

/// A real HAProxy in a folder that others may share; killed when dropped.
#[derive(Debug)]
pub struct Haproxy(Child);

impl Haproxy {
    /// Starts it with these sections, and waits until `port` answers.
    pub fn start(folder: &Path, sections: &str, port: u16) -> Self {
        let configuration =
            format!("defaults\n timeout connect 5s\n timeout client 20s\n timeout server 20s\n{sections}\n");
        let file = folder.join(format!("haproxy-{port}.cfg"));
        std::fs::write(&file, configuration).unwrap();
        let child = Command::new("haproxy")
            .args(["-db", "-f"])
            .arg(&file)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("haproxy is needed; `cargo xtask test` installs it");
        eventually("HAProxy", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self(child)
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
