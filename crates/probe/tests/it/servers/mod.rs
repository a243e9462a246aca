//! Real servers, each in a folder of its own, ended when dropped.

mod dovecot;
mod mariadb;
mod mosquitto;
mod nats;
mod nginx;
mod old;
mod postfix;
mod postgres;
mod rabbitmq;
mod redis;
mod responder;
mod selfserv;
mod slapd;
mod unbound;
mod vsftpd;

pub use dovecot::Dovecot;
pub use mariadb::MariaDb;
pub use mosquitto::Mosquitto;
pub use nats::Nats;
pub use nginx::Nginx;
pub use old::Old;
pub use postfix::Postfix;
pub use postgres::Postgres;
pub use rabbitmq::RabbitMq;
pub use redis::Redis;
pub use responder::Responder;
pub use selfserv::SelfServ;
pub use slapd::Slapd;
pub use unbound::Unbound;
pub use vsftpd::Vsftpd;

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process that serves a port.
#[derive(Debug)]
pub struct Server {
    child: Child,
    signal: &'static str,
}

impl Server {
    /// Starts it with its output in a file of the folder, and waits until the port answers. `signal`
    /// ends it, its children too.
    fn start(command: &mut Command, folder: &Path, port: u16, signal: &'static str) -> Self {
        Self::start_until(command, folder, signal, |_| TcpStream::connect(("127.0.0.1", port)).is_ok())
    }

    /// The same, and waits until its output, so far, says that it serves.
    fn start_until(
        command: &mut Command,
        folder: &Path,
        signal: &'static str,
        serves: impl Fn(&str) -> bool,
    ) -> Self {
        let log = folder.join("server.log");
        let output = std::fs::File::create(&log).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask test` installs it"));
        let mut server = Self { child, signal };
        let started = Instant::now();
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        while !serves(&said()) {
            let ended = server.child.try_wait().unwrap().is_some();
            assert!(!ended && started.elapsed() < Duration::from_secs(60), "{command:?}\n{}", said());
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").args([self.signal, &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// A port that is free now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Ports that are free now, no two of them the same.
pub fn free_ports<const N: usize>() -> [u16; N] {
    // All are held until the last is found.
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// Runs a command to its end; it must succeed.
fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask test` installs it"));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{text}{}", String::from_utf8_lossy(&output.stdout));
}

/// The command as this user, and the folder the user's own: some servers refuse to be root.
fn as_user(command: &mut Command, user: &str, folder: &Path) {
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let number = |kind: &str| {
        let output = Command::new("id").args([kind, user]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.trim().parse::<u32>().unwrap_or_else(|_| panic!("no user {user}; `cargo xtask test` makes it"))
    };
    run(Command::new("chown").arg("-R").arg(user).arg(folder));
    command.uid(number("-u")).gid(number("-g"));
}
