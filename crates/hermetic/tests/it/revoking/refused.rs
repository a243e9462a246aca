//! What becomes of whoever shows them.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hermetic_store::{RevocationReason, Store};
use serde_json::Value;

use super::{OK, Server, authority, done, edge, issue, published_at, publishing, revoke, split};
use crate::harness::{
    Connections, Hermetic, KINDS, Origin, Page, Ports, Postgres, curl, echo, eventually, folder, openssl,
    socket_server,
};

#[test]
fn after_an_upgrade_the_same_is_published_and_what_is_revoked_ends_in_the_old_process_too() {
    let origin = Origin::answering(OK);
    let echo = echo();
    let configured =
        |ports: &Ports, _: &Path| "drain = \"2m\"\n".to_owned() + &guards(ports, origin.port, 1, echo);
    let hermetic = Hermetic::replaceable(configured);
    let folder = hermetic.folder.path();
    let serial = issue(folder, "bad");
    split(folder, "bad");
    let mut session = s_client(&hermetic, "bad");
    let mut said = BufReader::new(session.0.stdout.take().unwrap());
    let mut typed = session.0.stdin.take().unwrap();
    typed.write_all(b"word\n").unwrap();
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "word\n");
    hermetic.replace_program(Path::new(env!("CARGO_BIN_EXE_hermetic")));
    hermetic.upgrade();
    let url = format!("{}/ca/intermediate/1.crt", published_at(&hermetic));
    assert!(curl(&hermetic, &["--fail", "-o", "/dev/null", &url]).status.success());
    revoke(&hermetic, &serial, "keyCompromise");
    let start = Instant::now();
    eventually("the end", || session.0.try_wait().unwrap());
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn a_session_of_a_revoked_certificate_is_not_resumed() {
    let origin = Origin::answering(OK);
    let hermetic = guarded(origin.port, 1);
    let folder = hermetic.folder.path();
    let serial = issue(folder, "bad");
    let address = format!("127.0.0.1:{}", hermetic.ports.nth(1));
    let file = |name: &str| folder.join(name).display().to_string();
    split(folder, "bad");
    let (certificate, key, chain) = (file("bad-leaf.pem"), file("bad.key"), file("bad-issuer.pem"));
    let ca = hermetic.ca().display().to_string();
    let request = |version: &str, session: [&str; 2]| {
        let connect = ["s_client", version, "-connect", &address, "-servername", "localhost", "-ign_eof"];
        let shows = ["-CAfile", &ca, "-cert", &certificate, "-key", &key, "-cert_chain", &chain];
        let asks = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let output = openssl(&[&connect[..], &shows, &session].concat(), asks);
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let versions = [("-tls1_2", file("one")), ("-tls1_3", file("two"))];
    for (version, session) in &versions {
        assert!(request(version, ["-sess_out", session]).contains("200 OK"));
        assert!(request(version, ["-sess_in", session]).contains("Reused, TLS"));
    }
    revoke(&hermetic, &serial, "keyCompromise");
    for (version, session) in &versions {
        let again = request(version, ["-sess_in", session]);
        assert!(!again.contains("Reused, TLS") && !again.contains("200 OK"), "{version}: {again}");
    }
}

#[test]
fn what_another_process_on_the_store_revokes_takes_hold_here_within_a_second() {
    let origin = Origin::answering(OK);
    let hermetic = guarded(origin.port, 1);
    let serial = issue(hermetic.folder.path(), "bad");
    assert_eq!(asks(&hermetic, "bad"), "ok");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open_beside(&hermetic.folder.path().join(".hermetic")).await.unwrap();
        let issuer = store.certificate(&serial).await.unwrap().unwrap().authority.unwrap().id;
        let now = jiff::Timestamp::now();
        store.revoke(issuer, &serial, RevocationReason::KeyCompromise, now).await.unwrap();
    });
    let start = Instant::now();
    eventually("the refusal", || asks(&hermetic, "bad").contains("certificate revoked").then_some(()));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn a_revocation_on_one_node_of_a_fleet_ends_connections_on_another_within_a_second() {
    let (issuer, origin, echo) = (Hermetic::configured(|_, _| String::new()), Origin::answering(OK), echo());
    let (page, server) = (Page::how_to("fleet-on-postgresql"), Postgres::start(&issuer));
    for statement in page.other("CREATE DATABASE").lines() {
        server.query(statement);
    }
    let roots = issuer.ca();
    let place =
        format!("localhost:{}/hermetic?sslmode=verify-full&sslrootcert={}", server.port(), roots.display());
    let here = ("db.internal/hermetic?sslrootcert=db-ca.pem&passfile=pgpass", &*place);
    let node = |folder| {
        let configured = |ports: &Ports, _: &Path| {
            page.configuration("store = ", &[here]) + &guards(ports, origin.port, 1, echo)
        };
        Hermetic::configured_in(folder, configured)
    };
    let first = node(folder());
    let beside = folder();
    std::fs::copy(first.folder.path().join("fleet.key"), beside.path().join("fleet.key")).unwrap();
    let second = node(beside);
    let serial = issue(first.folder.path(), "bad");
    split(first.folder.path(), "bad");
    assert_eq!(asks(&first, "bad"), "ok");
    let mut session = s_client(&first, "bad");
    let mut typed = session.0.stdin.take().unwrap();
    let mut said = BufReader::new(session.0.stdout.take().unwrap());
    typed.write_all(b"word\n").unwrap();
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "word\n");
    revoke(&second, &serial, "keyCompromise");
    let start = Instant::now();
    eventually("the end", || session.0.try_wait().unwrap());
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(asks(&first, "bad").contains("certificate revoked"));
}

#[test]
fn an_upstream_whose_certificate_is_revoked_is_not_believed_any_more() {
    let hermetic = Hermetic::configured(|ports, _| {
        authority(ports.nth(3))
            + &edge(ports, ports.nth(4))
            + "tls = { trust = \"authority\", name = \"app.internal\" }\n"
    });
    let folder = hermetic.folder.path();
    let serial = issue(folder, "app.internal");
    split(folder, "app.internal");
    let _server = Server::start(folder, "app.internal", hermetic.ports.nth(4));
    let url = format!("https://localhost:{}/", hermetic.ports.nth(1));
    let status = || {
        let output = curl(&hermetic, &["-o", "/dev/null", "-w", "%{http_code}", &url]);
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(status(), "200");
    revoke(&hermetic, &serial, "keyCompromise");
    let start = Instant::now();
    eventually("the refusal", || (status() == "502").then_some(()));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    let failures = hermetic.hop("edge", "app")["counts"]["failures"].to_string();
    assert!(failures.contains("it is revoked"), "{failures}");
}

#[test]
fn the_tour_goes_on_with_another_identity_once_one_is_revoked() {
    let tour = Hermetic::tour();
    let listed: Value =
        serde_json::from_str(&done(&tour.hermetic(&["cert", "list", "--format", "json"]))).unwrap();
    let certificates = listed["certificates"].as_array().unwrap_or_else(|| panic!("{listed}"));
    let of_edge =
        certificates.iter().find(|it| it["subject"] == "identity edge").unwrap_or_else(|| panic!("{listed}"));
    let serial = of_edge["serial"].as_str().unwrap().to_owned();
    revoke(&tour, &serial, "keyCompromise");
    let url = format!("https://localhost:{}/", tour.ports.edge());
    eventually("a request that gets through", || {
        let output = curl(&tour, &["-o", "/dev/null", "-w", "%{http_code}", &url]);
        (output.stdout == b"200").then_some(())
    });
    let shown = &tour.hop("edge", "balancer")["evidence"];
    assert!(!shown.to_string().contains(&serial), "{shown}");
}

/// A listener for HTTP and one for bytes that demand certificates of the authority's, at the first two ports.
/// It publishes at the third.
fn guards(ports: &Ports, origin: u16, socket: u16, echo: u16) -> String {
    let listener = |name: &str, protocol: &str, port: u16| {
        format!(
            "[[listener]]\nname = \"{name}\"\nbind = \"127.0.0.1:{port}\"\nprotocol = \"{protocol}\"\n\
             names = [\"localhost\"]\nclients = \"required\"\n"
        )
    };
    let upstream = |name: &str, port: u16| {
        format!("[[upstream]]\nname = \"{name}\"\nendpoints = [\"127.0.0.1:{port}\"]\n")
    };
    authority(ports.nth(3))
        + &listener("edge", "https", ports.nth(1))
        + "[[route]]\nlistener = \"edge\"\npath = \"/socket\"\nto = \"socket\"\n"
        + "[[route]]\nlistener = \"edge\"\nto = \"app\"\n"
        + &listener("raw", "tls", ports.nth(2))
        + "[[route]]\nlistener = \"raw\"\nto = \"echo\"\n"
        + &upstream("app", origin)
        + &upstream("socket", socket)
        + &upstream("echo", echo)
}

fn guarded(origin: u16, echo: u16) -> Hermetic {
    Hermetic::configured(|ports, _| guards(ports, origin, 1, echo))
}

/// A connection of OpenSSL's to the listener for bytes, with this certificate.
fn s_client(hermetic: &Hermetic, name: &str) -> Server {
    let address = format!("127.0.0.1:{}", hermetic.ports.nth(2));
    let connect = ["s_client", "-quiet", "-connect", &address, "-servername", "localhost"];
    let mut command = Command::new("openssl");
    command.current_dir(hermetic.folder.path()).args(connect);
    let chain = ["-cert", &format!("{name}-leaf.pem"), "-cert_chain", &format!("{name}-issuer.pem")];
    command.args(chain).args(["-key", &format!("{name}.key"), "-CAfile", ".hermetic/ca.pem"]);
    Server(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
}

/// What curl gets with this certificate, or how it was refused.
fn asks(hermetic: &Hermetic, name: &str) -> String {
    let url = format!("https://localhost:{}/", hermetic.ports.nth(1));
    let file = |ending: &str| format!("{}/{name}.{ending}", hermetic.folder.path().display());
    let shown = ["--cert", &file("pem"), "--key", &file("key"), "--tls-max", "1.2", &url];
    let output = curl(hermetic, &shown);
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn a_revocation_ends_the_live_connections_of_that_certificate_in_every_protocol_within_a_second() {
    let origin = Origin::answering(OK);
    let free = Ports::reserve();
    let _socket = socket_server(free.nth(1));
    let echo = echo();
    let hermetic = Hermetic::configured(|ports, _| guards(ports, origin.port, free.nth(1), echo));
    let folder = hermetic.folder.path();
    issue(folder, "good");
    let serial = issue(folder, "bad");
    let connections = Connections::open(&hermetic, folder, &["good", "bad"]);
    revoke(&hermetic, &serial, "keyCompromise");
    let took = connections.end(KINDS.map(|kind| format!("bad {kind}")).to_vec());
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(connections.talk(KINDS.len()), KINDS.map(|kind| format!("answers good {kind}")));
    assert!(asks(&hermetic, "bad").contains("certificate revoked"), "{}", asks(&hermetic, "bad"));
    assert_eq!(asks(&hermetic, "good"), "ok");
    let ended = |listener: &str| hermetic.hop("client", listener)["counts"]["ended"]["revoked"].clone();
    assert_eq!((ended("edge"), ended("raw")), (3.into(), 1.into()));
}

#[test]
fn what_was_revoked_before_a_start_is_refused_from_the_first_handshake_on() {
    let origin = Origin::answering(OK);
    let mut hermetic = guarded(origin.port, 1);
    let serial = issue(hermetic.folder.path(), "bad");
    assert_eq!(asks(&hermetic, "bad"), "ok");
    hermetic.kill();
    // Without an instance, the command does it itself.
    revoke(&hermetic, &serial, "unspecified");
    let told =
        done(&hermetic.hermetic(&["trail", "tail", "--kind", "certificate.revoked", "--format", "json"]));
    let entry: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!(entry["body"]["serial"], serial);
    assert!(entry["body"]["who"]["uid"].is_u64(), "who typed it is named: {entry}");
    let hermetic = Hermetic::up_again(hermetic, &[]);
    assert!(asks(&hermetic, "bad").contains("certificate revoked"));
}

#[test]
fn a_certificate_that_is_served_and_revoked_is_replaced_at_once() {
    let hermetic = publishing();
    let url = format!("https://localhost:{}/", hermetic.ports.nth(1));
    let shown = || {
        let output = curl(&hermetic, &["-o", "/dev/null", "-w", "%{certs}", &url]);
        let text = String::from_utf8(output.stdout).unwrap();
        let serial = text.lines().find_map(|line| line.strip_prefix("Serial Number:").map(str::to_owned));
        serial.unwrap_or_else(|| panic!("{text}")).trim().replace(':', "")
    };
    let before = shown();
    revoke(&hermetic, &before, "keyCompromise");
    eventually("another certificate", || (shown() != before).then_some(()));
}
