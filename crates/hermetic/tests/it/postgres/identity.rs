//! Who a client is: by its certificate, for as long as that is not revoked, and by the word of a proxy.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::WHO;
use super::world::{BY_TLS, World, stdout};
use crate::harness::{ClientCa, DEADLINE, Haproxy, eventually, folder, psql};
use crate::revoking::{issue, revoke};

/// A psql that waits for statements, of a client that shows this certificate.
fn session(world: &World, folder: &Path, name: &str) -> (Child, ChildStdin, Receiver<String>) {
    let file = |end: &str| folder.join(format!("{name}.{end}")).display().to_string();
    let place = world.place(&format!("sslcert={} sslkey={}", file("pem"), file("key")));
    let mut psql = Command::new("psql")
        .args(["-w", "-At", "-d", &place])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (sender, said) = mpsc::channel();
    let lines = BufReader::new(psql.stdout.take().unwrap());
    std::thread::spawn(move || lines.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let stdin = psql.stdin.take().unwrap();
    (psql, stdin, said)
}

#[test]
fn a_revocation_ends_the_sessions_of_that_certificate_within_a_second_and_no_other() {
    let folder = folder();
    let ca = ClientCa::found(&folder.path().join("clients"));
    ca.issue("good");
    ca.issue("bad");
    let world = World::new_in(
        folder,
        &format!(
            "{BY_TLS}\nclients = \"required\"\nclient_ca = \"clients/ca.pem\"\nclient_crl = [\"clients/crl.pem\"]"
        ),
    );
    bad_ends_and_good_goes_on(&world, &ca.path(""), || {
        ca.revoke("bad");
        ca.publish(7);
    });
}

#[test]
fn a_revocation_by_the_authority_ends_the_sessions_of_that_certificate_within_a_second_and_no_other() {
    let world = World::new(&format!("{BY_TLS}\nclients = \"required\""));
    let folder = world.hermetic.folder.path();
    let serials = ["good", "bad"].map(|name| issue(folder, name));
    bad_ends_and_good_goes_on(&world, folder, || {
        revoke(&world.hermetic, &serials[1], "keyCompromise");
    });
}

/// Holds a session with each of these certificates against the revocation of one.
fn bad_ends_and_good_goes_on(world: &World, folder: &Path, revoke_bad: impl FnOnce()) {
    let mut sessions = ["good", "bad"].map(|name| session(world, folder, name));
    for (_, stdin, said) in &mut sessions {
        writeln!(stdin, "SELECT 'first';").unwrap();
        assert_eq!(said.recv_timeout(DEADLINE).unwrap(), "first");
    }
    let [(mut good, mut good_stdin, good_said), (mut bad, mut bad_stdin, bad_said)] = sessions;
    // A statement is under way when it comes.
    writeln!(bad_stdin, "SELECT pg_sleep(60);").unwrap();
    revoke_bad();
    let start = Instant::now();
    // psql ends when it has lost its server.
    eventually("the end", || bad.try_wait().unwrap());
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(bad_said.recv_timeout(DEADLINE), Err(RecvTimeoutError::Disconnected));
    assert_eq!(world.hermetic.hop("client", "db")["counts"]["ended"]["revoked"], 1);
    writeln!(good_stdin, "SELECT 'second';").unwrap();
    assert_eq!(good_said.recv_timeout(DEADLINE).unwrap(), "second");
    good.kill().unwrap();
    good.wait().unwrap();
}

#[test]
fn behind_haproxy_a_login_is_the_clients_and_what_the_header_tells_is_on_record() {
    let world = World::new(&format!("{BY_TLS}\nproxy_protocol = {{ from = [\"127.0.0.1\"] }}"));
    let (port, db) = (world.hermetic.ports.nth(2), world.hermetic.ports.nth(1));
    for send in ["send-proxy", "send-proxy-v2"] {
        let proxy = format!("listen l4\n mode tcp\n bind 127.0.0.1:{port}\n server db 127.0.0.1:{db} {send}");
        let _haproxy = Haproxy::start(world.hermetic.folder.path(), &proxy, port);
        let place = world.place("").replace(&format!("port={}", world.near.port), &format!("port={port}"));
        assert_eq!(stdout(&psql(&place, WHO)), "shop|t|TLSv1.3", "{send}");
    }
    let sessions = eventually("both records", || Some(world.records("stream")).filter(|all| all.len() == 2));
    for session in sessions {
        let by = session["told"]["by"].as_str().unwrap();
        assert!(by.starts_with("127.0.0.1:") && session["client"] != by, "{session}");
    }
}
