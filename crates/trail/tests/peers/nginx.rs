//! nginx, by the `log_format` of the reference.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hermetic_hop::{Declared, Verdict, assess_hop};
use hermetic_tls::SecurityPolicy;
use hermetic_trail::{LogFormat, LogReader};
use jiff::Timestamp;

use crate::harness::{Curl, Ports, certificates, documented, eventually, read_until, reader};

/// A real nginx in a folder of its own, with a listener that speaks TLS and one that does not.
struct Nginx {
    folder: tempfile::TempDir,
    ports: Ports,
    child: Child,
}

impl Nginx {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        let ports = Ports::reserve();
        let here = folder.path().display();
        let format = documented("# nginx.conf, in the http block\n");
        let (tls, clear) = (ports.tls(), ports.clear());
        // Strangers connect from loopback here, and say where they would be.
        let configuration = format!(
            "daemon off; user root; worker_processes 2; pid {here}/nginx.pid; error_log {here}/error.log;\n\
             events {{ worker_connections 256; }}\n\
             http {{ client_body_temp_path {here}/b; proxy_temp_path {here}/p; \
             fastcgi_temp_path {here}/f; uwsgi_temp_path {here}/u; scgi_temp_path {here}/s;\n{format}\n\
             access_log {here}/access.log hermetic; set_real_ip_from 127.0.0.1;\n\
             server {{ listen 127.0.0.1:{tls} ssl http2; listen 127.0.0.1:{clear};\n\
             ssl_certificate {here}/server.pem; ssl_certificate_key {here}/server.key;\n\
             ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ALL; ssl_ecdh_curve X25519:prime256v1:secp384r1; return 200 hello; }} }}\n"
        );
        fs::write(folder.path().join("nginx.conf"), configuration).unwrap();
        let child = nginx(folder.path()).spawn().expect("nginx is needed; `cargo xtask test` installs it");
        eventually("nginx", || TcpStream::connect(("127.0.0.1", clear)).ok());
        Self { folder, ports, child }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("access.log")
    }

    fn reader(&self) -> LogReader {
        reader(&self.log(), LogFormat::Nginx)
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

    fn reopen(&self) {
        assert!(nginx(self.folder.path()).args(["-s", "reopen"]).status().unwrap().success());
        eventually("the new log", || self.log().exists().then_some(()));
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master takes its workers with it only if it is asked.
        let _ = nginx(self.folder.path()).args(["-s", "stop"]).status();
        let _ = self.child.wait();
    }
}

fn nginx(folder: &Path) -> Command {
    let mut nginx = Command::new("nginx");
    nginx.arg("-c").arg(folder.join("nginx.conf")).arg("-p").arg(folder).stderr(Stdio::null());
    nginx
}

fn judged(reader: &LogReader) -> (Verdict, String) {
    let (policy, now) = (SecurityPolicy::default_policy(), Timestamp::now());
    let observation = reader.observation(policy, now);
    let declared = Declared { name: observation.hop.clone(), demand: None, policy, transport: None };
    let report = assess_hop(&declared, [&observation], now);
    (report.verdict, report.reason)
}

#[test]
fn mixed_traffic_is_told_apart_by_connection() {
    let nginx = Nginx::start();
    let mut reader = nginx.reader();
    nginx.ask("203.0.113.7", &["--tlsv1.3", "--curves", "X25519:P-256"]);
    nginx.ask("203.0.113.7", &["--http1.1", "--tls-max", "1.2", "--curves", "P-384:P-256"]);
    let logged = read_until(&mut reader, 2);
    assert_eq!((logged.connections, logged.cleartext, logged.unreadable), (2, 0, 0));
    assert_eq!(
        logged.versions.into_iter().collect::<Vec<_>>(),
        [("TLSv1.2".to_owned(), 1), ("TLSv1.3".to_owned(), 1)]
    );
    assert_eq!(
        logged.groups.into_iter().collect::<Vec<_>>(),
        [("X25519".to_owned(), 1), ("secp384r1".to_owned(), 1)]
    );
    assert_eq!(judged(&reader).0, Verdict::Sealed);

    nginx.ask("203.0.113.7", &["--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-SHA"]);
    read_until(&mut reader, 3);
    let (verdict, reason) = judged(&reader);
    assert_eq!(verdict, Verdict::Weak);
    assert!(reason.ends_with("; 1 of 3 connections in the last 24 h"), "{reason}");

    nginx.ask_in_clear("198.51.100.9");
    let logged = read_until(&mut reader, 4);
    assert_eq!(logged.cleartext_from.addresses.get(&"198.51.100.9".parse().unwrap()), Some(&1));
    let (verdict, reason) = judged(&reader);
    assert_eq!(verdict, Verdict::Clear);
    assert!(reason.ends_with("; 1 of 4 connections in the last 24 h, from 198.51.100.9 (1)"), "{reason}");
}

#[test]
fn cleartext_over_loopback_is_local() {
    let nginx = Nginx::start();
    let mut reader = nginx.reader();
    nginx.ask_in_clear("127.0.0.1");
    read_until(&mut reader, 1);
    assert_eq!(judged(&reader).0, Verdict::Local);
}

#[test]
fn a_log_that_is_rotated_under_traffic_loses_nothing() {
    let nginx = Nginx::start();
    let mut reader = nginx.reader();
    for round in 0..3 {
        nginx.ask("203.0.113.7", &[]);
        read_until(&mut reader, round * 3 + 1);
        fs::rename(nginx.log(), nginx.folder.path().join(format!("access.log.{round}"))).unwrap();
        // nginx still writes to the old file, whose name we no longer know.
        nginx.ask("203.0.113.7", &[]);
        nginx.reopen();
        nginx.ask_in_clear("203.0.113.7");
        read_until(&mut reader, round * 3 + 3);
    }
    let logged = reader.summary();
    assert_eq!((logged.connections, logged.cleartext, logged.unreadable), (9, 3, 0));
}

#[test]
fn a_log_that_is_copied_and_truncated_is_read_on() {
    let nginx = Nginx::start();
    let mut reader = nginx.reader();
    nginx.ask("203.0.113.7", &[]);
    read_until(&mut reader, 1);
    OpenOptions::new().write(true).open(nginx.log()).unwrap().set_len(0).unwrap();
    nginx.ask("203.0.113.7", &[]);
    nginx.ask_in_clear("203.0.113.7");
    let logged = read_until(&mut reader, 3);
    assert_eq!((logged.connections, logged.unreadable), (3, 0));
}

#[test]
fn a_real_log_that_comes_in_pieces_tells_the_same() {
    let nginx = Nginx::start();
    nginx.ask("203.0.113.7", &[]);
    nginx.ask_in_clear("203.0.113.7");
    let mut whole = nginx.reader();
    let expected = read_until(&mut whole, 2);
    let log = fs::read(nginx.log()).unwrap();
    let path = nginx.folder.path().join("pieces.log");
    let mut pieces = fs::File::create(&path).unwrap();
    let mut reader = reader(&path, LogFormat::Nginx);
    for piece in log.chunks(7) {
        pieces.write_all(piece).unwrap();
        reader.read_new(Timestamp::now()).unwrap();
    }
    assert_eq!(*reader.summary(), expected);
}
