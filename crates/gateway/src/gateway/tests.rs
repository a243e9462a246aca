//! A whole gateway in this process, with OpenSSL at its door.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use hermetic_hop::View;
use hermetic_tls::{RevokedCertificates, SystemClock, SystemRandomness, TicketKeys, TrustAnchors};

use hermetic_config::Configuration;

use super::*;

mod race;
use crate::snapshot::{Builder, Credentials, MockSecret, SystemRoots};

/// Bytes after which keys change here.
const BOUND: u64 = 64 * 1024;

/// The most that one read or write adds: a record.
const RECORD: u64 = 16 * 1024;

/// Bytes that go up, and only then down again: more bounds than updates are accepted in a row.
const BULK: usize = 4 * 1024 * 1024;

/// Reads all of it, gives it back, and closes.
fn service() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut all = vec![0; BULK];
        stream.read_exact(&mut all).unwrap();
        stream.write_all(&all).unwrap();
    });
    port
}

/// Two ports on which nobody listens.
fn free() -> [u16; 2] {
    let held = [(); 2].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// `client → one → two → service`, TLS on both hops between.
fn gateway(folder: &Path, [one, two]: [u16; 2], service: u16) -> Gateway {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    let listener = |name: &str, port: u16, to: &str| {
        format!(
            "[[listener]]\nname = \"{name}\"\nbind = \"127.0.0.1:{port}\"\nprotocol = \"tls\"\n\
             certificate = {{ cert = \"cert.pem\", key = \"key.pem\" }}\n\
             [[route]]\nlistener = \"{name}\"\nto = \"{to}\"\n"
        )
    };
    let text = listener("one", one, "two")
        + &listener("two", two, "service")
        + &format!(
            "[[upstream]]\nname = \"two\"\nendpoints = [\"localhost:{two}\"]\ntls = {{ trust = \"cert.pem\" }}\n\
             [[upstream]]\nname = \"service\"\nendpoints = [\"127.0.0.1:{service}\"]\n"
        );
    let (configuration, snapshot) = built(&text, folder, BOUND);
    started(&configuration, snapshot)
}

/// A configuration whose files are in this folder, ready to serve.
fn built(text: &str, folder: &Path, key_update_after: u64) -> (Configuration, Snapshot) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let configuration = hermetic_config::parse(text, &folder.join("hermetic.toml"), &*clock).unwrap();
    let randomness = Arc::new(SystemRandomness::default());
    let credentials = Credentials {
        anchors: TrustAnchors::from_pem(include_str!("../live/client.pem")).unwrap(),
        listeners: HashMap::new(),
        stored: HashMap::new(),
        identities: HashMap::new(),
        revoked: RevokedCertificates::default(),
        tickets: TicketKeys::generate(clock.clone(), randomness.clone()).unwrap(),
        mock_secret: MockSecret::random(&*randomness).unwrap(),
        randomness,
    };
    let builder = Builder {
        configuration: &configuration,
        credentials: &credentials,
        clock: &clock,
        flows: Arc::default(),
        before: None,
        key_update_after,
        system: SystemRoots::default(),
    };
    let snapshot = Snapshot::built(builder).unwrap();
    (configuration, snapshot)
}

fn started(configuration: &Configuration, snapshot: Snapshot) -> Gateway {
    let sockets = Sockets::bind(&configuration.listeners, 1).unwrap();
    Gateway::start(snapshot, sockets, 1, AccessLog::default(), Arc::new(SystemClock)).unwrap()
}

#[test]
fn keys_change_on_every_hop_of_a_bulk_transfer_which_arrives_whole_and_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let ports = free();
    let gateway = gateway(folder.path(), ports, service());
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-tls1_3", "-servername", "localhost", "-connect"])
        .arg(format!("127.0.0.1:{}", ports[0]))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is needed; `cargo xtask test` installs it");
    let bulk: Vec<u8> = (0..BULK).map(|number| (number % 251) as u8).collect();
    let mut stdin = client.stdin.take().unwrap();
    let said = std::thread::spawn({
        let bulk = bulk.clone();
        move || stdin.write_all(&bulk).map(|()| stdin)
    });
    let mut heard = Vec::new();
    client.stdout.take().unwrap().read_to_end(&mut heard).unwrap();
    said.join().unwrap().unwrap();
    client.wait().unwrap();
    assert!(heard == bulk);

    let begun = |hop: &str, view: View| {
        let observations = gateway.observations();
        let seen = observations.iter().find(|seen| seen.hop.to_string() == hop && seen.view == view);
        seen.map_or(0, |seen| seen.counts.key_updates)
    };
    // Each update comes with the read or write that passes the bound: after one, two, four and so on, up and
    // then down, for nothing comes the other way meanwhile.
    let least = 2 * u64::from((BULK as u64 / (BOUND + RECORD)).ilog2());
    for (hop, view) in
        [("client → one", View::Server), ("one → two", View::Client), ("client → two", View::Server)]
    {
        let start = Instant::now();
        while begun(hop, view) < least {
            assert!(start.elapsed() < Duration::from_secs(10), "{hop} {view:?}: {}", begun(hop, view));
            std::thread::yield_now();
        }
    }
}
