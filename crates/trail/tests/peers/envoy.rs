//! Envoy, by the access log of the reference, both of whose hops are read.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use hermetic_hop::{Declared, HopName, Verdict, View, assess_hop};
use hermetic_tls::SecurityPolicy;
use hermetic_trail::{LogFormat, LogReader, LoggedConnections};
use jiff::Timestamp;

use crate::harness::{Curl, Ports, certificates, documented, eventually, read_until, reader};

/// A real Envoy in a folder of its own, with a listener that speaks TLS and one that does not, before two
/// origins of which the same is true.
struct Envoy {
    folder: tempfile::TempDir,
    ports: Ports,
    child: Child,
}

impl Envoy {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        let ports = Ports::reserve();
        let file = folder.path().join("envoy.yaml");
        let log = folder.path().join("access.log");
        let access_log = indented(
            &documented("# envoy.yaml, in the access_log of the connection manager or the TCP proxy\n")
                .replace("/var/log/envoy/hermetic.log", &log.display().to_string()),
        );
        let configuration = include_str!("envoy.yaml")
            .replace("HERE", &folder.path().display().to_string())
            .replace("SEALED_ORIGIN_PORT", &ports.nth(1).to_string())
            .replace("CLEAR_ORIGIN_PORT", &ports.nth(2).to_string())
            .replace("SEALED_PORT", &ports.tls().to_string())
            .replace("CLEAR_PORT", &ports.clear().to_string())
            .replace("            ACCESS_LOG\n", &access_log);
        fs::write(&file, configuration).unwrap();
        let child = Command::new(program())
            .arg("-c")
            .arg(&file)
            // What it logs reaches the file at once, and not after ten seconds.
            .args(["--use-dynamic-base-id", "--concurrency", "1", "--file-flush-interval-msec", "50"])
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let envoy = Self { folder, ports, child };
        eventually("Envoy", || TcpStream::connect(("127.0.0.1", envoy.ports.clear())).ok());
        envoy
    }

    fn reader(&self, view: View) -> LogReader {
        let path = self.folder.path().join("access.log");
        eventually("the log", || path.exists().then_some(()));
        match view {
            View::Client => LogReader::open(&path, LogFormat::Envoy, to_origin(), view).unwrap(),
            _ => reader(&path, LogFormat::Envoy),
        }
    }

    /// One connection over TLS with these options, for a request to each of these paths.
    fn ask(&self, options: &[&str], paths: &[&str]) {
        let urls: Vec<_> =
            paths.iter().map(|path| format!("https://localhost:{}{path}", self.ports.tls())).collect();
        let mut arguments = options.to_vec();
        // Each request writes somewhere; the harness says it for the first.
        arguments.extend(urls.iter().skip(1).flat_map(|_| ["--output", "/dev/null"]));
        arguments.extend(urls.iter().map(String::as_str));
        self.curl().ask(&arguments);
    }

    /// One connection in clear, for a request to this path.
    fn ask_in_clear(&self, options: &[&str], path: &str) {
        let url = format!("http://localhost:{}{path}", self.ports.clear());
        self.curl().ask(&[options, &[url.as_str()]].concat());
    }

    fn curl(&self) -> Curl<'_> {
        Curl { folder: self.folder.path(), from: "203.0.113.7" }
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program out of PyPI's wheel, which stands beside the Python of the other peers.
fn program() -> PathBuf {
    let python = std::env::var_os("HERMETIC_TEST_PYTHON").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/test-peers/venv/bin/python"),
        PathBuf::from,
    );
    let program = python.with_file_name("envoy");
    assert!(program.exists(), "{} is needed; `cargo xtask test` makes it", program.display());
    program
}

/// The block as it stands in the configuration.
fn indented(block: &str) -> String {
    block.lines().map(|line| format!("            {line}\n")).collect()
}

fn to_origin() -> HopName {
    HopName::new("proxy".parse().unwrap(), "origin".parse().unwrap())
}

fn counted<'a>(counts: impl IntoIterator<Item = (&'a String, &'a u64)>) -> Vec<(&'a str, u64)> {
    counts.into_iter().map(|(name, count)| (name.as_str(), *count)).collect()
}

fn cleartext_from(logged: &LoggedConnections) -> Vec<(String, u64)> {
    logged.cleartext_from.addresses.iter().map(|(address, count)| (address.to_string(), *count)).collect()
}

#[test]
fn mixed_traffic_into_envoy_is_told_apart_by_connection() {
    let envoy = Envoy::start();
    envoy.ask(&["--tlsv1.3"], &["/", "/clear"]);
    envoy.ask(
        &["--http1.1", "--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384"],
        &["/", "/", "/"],
    );
    // What a stranger says of where it comes from is not where it comes from.
    envoy.ask_in_clear(&["--interface", "127.0.0.9", "--header", "X-Forwarded-For: 10.0.0.1"], "/");
    let mut reader = envoy.reader(View::Server);
    let logged = read_until(&mut reader, 3);
    assert_eq!((logged.connections, logged.cleartext, logged.unreadable), (3, 1, 0));
    assert_eq!(counted(&logged.versions), [("TLSv1.2", 1), ("TLSv1.3", 1)]);
    let suites = counted(&logged.suites);
    assert!(suites.contains(&("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 1)), "{suites:?}");
    assert_eq!(cleartext_from(&logged), [("127.0.0.9".to_owned(), 1)]);
}

#[test]
fn the_same_lines_tell_of_the_hop_behind_envoy() {
    let envoy = Envoy::start();
    envoy.ask_in_clear(&[], "/");
    let mut reader = envoy.reader(View::Client);
    let sealed = read_until(&mut reader, 1);
    assert_eq!((sealed.connections, sealed.cleartext), (1, 0));
    let declared = Declared {
        name: to_origin(),
        demand: None,
        policy: SecurityPolicy::default_policy(),
        transport: None,
    };
    let now = Timestamp::now();
    let judged = |reader: &LogReader| {
        let observation = reader.observation(SecurityPolicy::default_policy(), now);
        assess_hop(&declared, [&observation], now)
    };
    assert_eq!(judged(&reader).verdict, Verdict::Sealed);
    // The client's own TLS makes nothing better behind Envoy.
    envoy.ask(&[], &["/clear"]);
    let mixed = read_until(&mut reader, 2);
    assert_eq!((mixed.connections, mixed.cleartext), (2, 1));
    assert_eq!(judged(&reader).verdict, Verdict::Local);
}

#[test]
fn an_answer_of_envoys_own_says_nothing_of_the_hop_behind_it() {
    let envoy = Envoy::start();
    envoy.ask(&[], &["/own"]);
    let mut into = envoy.reader(View::Server);
    assert_eq!(read_until(&mut into, 1).connections, 1);
    let mut behind = envoy.reader(View::Client);
    behind.read_new(Timestamp::now()).unwrap();
    assert_eq!((behind.summary().connections, behind.summary().unreadable), (0, 0));
}

#[test]
fn a_failed_handshake_is_counted_as_failed_and_not_as_cleartext() {
    let envoy = Envoy::start();
    let refused = Command::new("curl")
        .args(["--silent", "--max-time", "20", "--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-SHA"])
        .args(["--cacert", "/dev/null", &format!("https://localhost:{}/", envoy.ports.tls())])
        .status()
        .expect("curl is needed; `cargo xtask test` installs it");
    assert!(!refused.success());
    envoy.ask(&[], &["/"]);
    let mut reader = envoy.reader(View::Server);
    let logged = eventually("the failure", || {
        reader.read_new(Timestamp::now()).unwrap();
        (reader.summary().failed >= 1 && reader.summary().connections >= 1).then(|| reader.summary().clone())
    });
    assert_eq!((logged.connections, logged.cleartext, logged.failed), (1, 0, 1));
}
