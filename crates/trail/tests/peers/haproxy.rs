//! HAProxy, by the rules and the `log-format` of the reference.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hermetic_trail::{LogFormat, LogReader};

use crate::harness::{Curl, Ports, certificates, documented, eventually, read_until, reader};

/// A real HAProxy in a folder of its own, with a listener that speaks TLS and one that does not.
struct Haproxy {
    folder: tempfile::TempDir,
    ports: Ports,
    child: Child,
}

impl Haproxy {
    /// Starts it with its log going there; what it writes to stdout goes to `access.log`.
    fn start(folder: tempfile::TempDir, log: &str) -> Self {
        let rules = documented("# haproxy.cfg, in the frontend, before other rules\n");
        Self::serving(
            folder,
            log,
            &format!(
                "mode http\n http-request set-src hdr(x-real-ip)\n{rules}\n http-request return status 200"
            ),
        )
    }

    fn serving(folder: tempfile::TempDir, log: &str, frontend: &str) -> Self {
        certificates(folder.path());
        let ports = Ports::reserve();
        let (here, tls, clear) = (folder.path().display(), ports.tls(), ports.clear());
        let pem =
            ["server.pem", "server.key"].map(|name| fs::read_to_string(folder.path().join(name)).unwrap());
        fs::write(folder.path().join("both.pem"), pem.concat()).unwrap();
        let configuration = format!(
            "global\n log {log} local0\n\
             defaults\n log global\n timeout connect 5s\n timeout client 20s\n timeout server 20s\n\
             frontend proxy\n bind 127.0.0.1:{tls} ssl crt {here}/both.pem alpn h2,http/1.1\n\
             bind 127.0.0.1:{clear}\n{frontend}\n"
        );
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, configuration).unwrap();
        let stdout = OpenOptions::new().append(true).create(true).open(folder.path().join("access.log"));
        let child = Command::new("haproxy")
            .args(["-db", "-f"])
            .arg(&file)
            .stdout(stdout.unwrap())
            .stderr(Stdio::null())
            .spawn()
            .expect("haproxy is needed; `cargo xtask test` installs it");
        // Not the listener in clear: that it was asked would be in the log.
        eventually("HAProxy", || TcpStream::connect(("127.0.0.1", tls)).ok());
        Self { folder, ports, child }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("access.log")
    }

    fn reader(&self) -> LogReader {
        reader(&self.log(), LogFormat::Haproxy)
    }

    /// One connection over TLS with these options, for two requests.
    fn ask(&self, from: &'static str, options: &[&str]) {
        let url = format!("https://localhost:{}/", self.ports.tls());
        self.curl(from).ask(&[options, &["--output", "/dev/null", &url, &url]].concat());
    }

    /// One connection in clear.
    fn ask_in_clear(&self, from: &'static str) {
        self.curl(from).ask(&[&format!("http://localhost:{}/", self.ports.clear())]);
    }

    fn curl(&self, from: &'static str) -> Curl<'_> {
        Curl { folder: self.folder.path(), from }
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does what a syslog daemon does, to the file that has the name at that time.
fn syslog(folder: &Path) {
    let socket = UnixDatagram::bind(folder.join("syslog")).unwrap();
    let path = folder.join("syslog.log");
    std::thread::spawn(move || {
        let mut packet = [0; 8192];
        while let Ok(length) = socket.recv(&mut packet) {
            let mut file = OpenOptions::new().append(true).create(true).open(&path).unwrap();
            file.write_all(packet.get(..length).unwrap().trim_ascii_end()).unwrap();
            file.write_all(b"\n").unwrap();
        }
    });
}

#[test]
fn mixed_traffic_is_told_apart_by_connection() {
    let haproxy = Haproxy::start(tempfile::tempdir().unwrap(), "stdout format raw");
    let mut reader = haproxy.reader();
    haproxy.ask("203.0.113.7", &["--tlsv1.3"]);
    haproxy
        .ask("203.0.113.7", &["--http1.1", "--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384"]);
    haproxy.ask_in_clear("198.51.100.9");
    let logged = read_until(&mut reader, 3);
    assert_eq!((logged.connections, logged.cleartext, logged.resumed), (3, 1, 0));
    let seen: Vec<_> =
        logged.versions.iter().chain(&logged.suites).map(|(name, count)| (name.as_str(), *count)).collect();
    let expected = [
        ("TLSv1.2", 1),
        ("TLSv1.3", 1),
        ("TLS_AES_256_GCM_SHA384", 1),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 1),
    ];
    assert_eq!(seen, expected);
    let from: Vec<_> = logged.cleartext_from.addresses.into_iter().collect();
    assert_eq!(from, [("198.51.100.9".parse().unwrap(), 1)]);
}

#[test]
fn a_syslog_that_is_rotated_and_holds_other_lines_is_read_on() {
    let folder = tempfile::tempdir().unwrap();
    syslog(folder.path());
    let socket = folder.path().join("syslog");
    let haproxy = Haproxy::start(folder, socket.to_str().unwrap());
    let path = haproxy.folder.path().join("syslog.log");
    let mut reader = reader(&path, LogFormat::Haproxy);
    haproxy.ask("203.0.113.7", &[]);
    eventually("the syslog", || path.exists().then_some(()));
    read_until(&mut reader, 1);
    UnixDatagram::unbound().unwrap().send_to(b"<30>Nov 24 03:23:09 cron[7]: hello", &socket).unwrap();
    fs::rename(&path, path.with_extension("log.1")).unwrap();
    haproxy.ask("203.0.113.7", &[]);
    haproxy.ask_in_clear("203.0.113.7");
    let logged = read_until(&mut reader, 3);
    assert_eq!((logged.connections, logged.cleartext), (3, 1));
    assert!(logged.unreadable >= 1);
}

#[test]
fn in_tcp_mode_each_line_is_a_connection() {
    let rules = documented("# haproxy.cfg, in the frontend, before other rules\n");
    let format = rules.lines().find(|line| line.contains("log-format")).unwrap();
    let format = format.replace(r#""request":"%[var(txn.request)]","#, "");
    let folder = tempfile::tempdir().unwrap();
    let proxy = format!("mode tcp\n{format}\n default_backend none\nbackend none\n mode tcp");
    let haproxy = Haproxy::serving(folder, "stdout format raw", &proxy);
    let mut reader = haproxy.reader();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(("127.0.0.1", haproxy.ports.clear())).unwrap();
        stream.write_all(b"hello").unwrap();
        // There is nobody behind it: HAProxy closes.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let logged = read_until(&mut reader, 2);
    assert_eq!(
        (logged.cleartext, logged.cleartext_from.addresses.get(&"127.0.0.1".parse().unwrap())),
        (2, Some(&2))
    );
}
