//! Who listens on a port already, as far as `/proc` tells.

use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

/// Who holds a listening port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// This process.
    Process {
        /// Its number.
        pid: u32,
        /// Its command's name.
        command: String,
    },
    /// One that we may not see: another user's, or in another namespace.
    Hidden,
}

impl Holder {
    /// Who listens on the port of `address`.
    pub fn of(address: SocketAddr) -> Self {
        let inodes = listening_inodes(address.port());
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())))
            .find(|(_, folder)| holds(folder, &inodes))
            .map_or(Self::Hidden, |(pid, folder)| Self::Process { pid, command: command(&folder) })
    }
}

/// The inodes of listening TCP sockets on `port`: state `0A` in `/proc/net/tcp` and `tcp6`.
fn listening_inodes(port: u16) -> Vec<String> {
    let port = format!(":{port:04X}");
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| {
            let inode = |line: &str| {
                let fields: Vec<&str> = line.split_whitespace().collect();
                let listens = fields.get(1)?.ends_with(&port) && *fields.get(3)? == "0A";
                listens.then(|| fields.get(9).map(ToString::to_string)).flatten()
            };
            table.lines().filter_map(inode).collect::<Vec<_>>()
        })
        .collect()
}

fn holds(process: &Path, inodes: &[String]) -> bool {
    let links = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    links.filter_map(|link| fs::read_link(link.path()).ok()).any(|target| {
        let socket = target.to_string_lossy();
        inodes.iter().any(|inode| *socket == format!("socket:[{inode}]"))
    })
}

fn command(process: &Path) -> String {
    fs::read_to_string(process.join("comm")).map_or_else(|_| "?".to_owned(), |name| name.trim().to_owned())
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { pid, command } => write!(f, "process {pid} ({command})"),
            Self::Hidden => f.write_str("a process that is not visible from here"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_port_is_named() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let holder = Holder::of(socket.local_addr().unwrap());
        assert!(matches!(holder, Holder::Process { pid, .. } if pid == std::process::id()), "{holder}");
    }
}
