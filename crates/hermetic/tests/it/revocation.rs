//! Certificates of clients that are revoked: by OpenSSL's authority, whose CRL is a file.

use std::time::Duration;

use crate::harness::{
    ClientCa, Connections, Hermetic, KINDS, Origin, Ports, curl, echo, eventually, folder, socket_server,
};

/// A listener that demands certificates of that authority, and a listener of raw bytes that does too. They
/// lead to an origin, to a WebSocket server, and to a service that gives back bytes.
fn guarded(origin: u16, socket: u16, echo: u16) -> (Hermetic, ClientCa) {
    let folder = folder();
    let ca = ClientCa::found(&folder.path().join("clients"));
    let listener = |name: &str, protocol: &str, port: u16| {
        format!(
            "[[listener]]\nname = \"{name}\"\nbind = \"127.0.0.1:{port}\"\nprotocol = \"{protocol}\"\n\
             names = [\"localhost\"]\nclients = \"required\"\nclient_ca = \"clients/ca.pem\"\n\
             client_crl = [\"clients/crl.pem\"]\n"
        )
    };
    let upstream = |name: &str, port: u16| {
        format!("[[upstream]]\nname = \"{name}\"\nendpoints = [\"127.0.0.1:{port}\"]\n")
    };
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        listener("edge", "https", ports.nth(1))
            + "[[route]]\nlistener = \"edge\"\npath = \"/socket\"\nto = \"socket\"\n"
            + "[[route]]\nlistener = \"edge\"\nto = \"app\"\n"
            + &listener("raw", "tls", ports.nth(2))
            + "[[route]]\nlistener = \"raw\"\nto = \"echo\"\n"
            + &upstream("app", origin)
            + &upstream("socket", socket)
            + &upstream("echo", echo)
    });
    (hermetic, ca)
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// What curl gets, or how it was refused. A TLS 1.2 client waits for the server's last word before it says
/// anything, so that it always hears the alert.
fn asks(hermetic: &Hermetic, ca: &ClientCa, name: &str) -> String {
    let url = format!("https://localhost:{}/", hermetic.ports.nth(1));
    let shown = ca.of_curl(name);
    let mut arguments: Vec<&str> = shown.iter().map(String::as_str).collect();
    arguments.extend(["--tls-max", "1.2", &url]);
    let output = curl(hermetic, &arguments);
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn a_revoked_certificate_is_refused_as_soon_as_the_file_says_so() {
    let origin = Origin::answering(OK);
    let (hermetic, ca) = guarded(origin.port, 1, 1);
    ca.issue("good");
    ca.issue("bad");
    assert_eq!((asks(&hermetic, &ca, "good").as_str(), asks(&hermetic, &ca, "bad").as_str()), ("ok", "ok"));
    ca.revoke("bad");
    ca.publish(7);
    // One that was verified just before the CRL came, and entered after, is cut without an alert.
    eventually("the refusal", || asks(&hermetic, &ca, "bad").contains("revoked").then_some(()));
    assert_eq!(asks(&hermetic, &ca, "good"), "ok");
    let counts = &hermetic.hop("client", "edge")["counts"];
    assert!(counts["refused_certificates"]["revoked"].as_u64() >= Some(1), "{counts}");
}

#[test]
fn a_stale_crl_refuses_everybody_until_there_is_another() {
    let origin = Origin::answering(OK);
    let (hermetic, ca) = guarded(origin.port, 1, 1);
    ca.issue("good");
    ca.publish_stale();
    eventually("the refusal", || (asks(&hermetic, &ca, "good") != "ok").then_some(()));
    let counts = hermetic.hop("client", "edge")["counts"].clone();
    let reason = counts["failures"].as_object().unwrap().keys().next().unwrap().clone();
    assert!(reason.contains("clients/crl.pem is stale since 2026-02-01T00:00:00Z"), "{reason}");
    assert!(counts["refused_certificates"]["stale_crl"].as_u64() >= Some(1), "{counts}");
    ca.publish(7);
    eventually("the return", || (asks(&hermetic, &ca, "good") == "ok").then_some(()));
}

#[test]
fn a_crl_that_can_not_be_used_leaves_the_one_before_in_place() {
    let origin = Origin::answering(OK);
    let (hermetic, ca) = guarded(origin.port, 1, 1);
    ca.issue("good");
    ca.issue("bad");
    ca.revoke("bad");
    ca.publish(7);
    eventually("the refusal", || (asks(&hermetic, &ca, "bad") != "ok").then_some(()));
    std::fs::write(ca.path("crl.pem"), "not a CRL").unwrap();
    eventually("the complaint", || hermetic.log().contains("the ones before stay").then_some(()));
    assert_eq!(asks(&hermetic, &ca, "good"), "ok");
    assert!(asks(&hermetic, &ca, "bad").contains("revoked"));
}

#[test]
fn a_revocation_ends_the_connections_of_that_certificate_in_every_protocol_within_a_second_and_no_other() {
    let origin = Origin::answering(OK);
    let free = Ports::reserve();
    let _socket = socket_server(free.nth(1));
    let (hermetic, ca) = guarded(origin.port, free.nth(1), echo());
    ca.issue("good");
    ca.issue("bad");
    let connections = Connections::open(&hermetic, &ca.path(""), &["good", "bad"]);
    ca.revoke("bad");
    ca.publish(7);
    let took = connections.end(KINDS.map(|kind| format!("bad {kind}")).to_vec());
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(connections.talk(KINDS.len()), KINDS.map(|kind| format!("answers good {kind}")));
    let ended = |listener: &str| hermetic.hop("client", listener)["counts"]["ended"]["revoked"].clone();
    assert_eq!((ended("edge"), ended("raw")), (3.into(), 1.into()));
}

#[test]
fn a_revocation_ends_connections_of_listeners_that_were_renamed_or_moved_meanwhile() {
    let origin = Origin::answering(OK);
    let free = Ports::reserve();
    let _socket = socket_server(free.nth(1));
    let (hermetic, ca) = guarded(origin.port, free.nth(1), echo());
    ca.issue("good");
    ca.issue("bad");
    let connections = Connections::open(&hermetic, &ca.path(""), &["good", "bad"]);
    let file = hermetic.folder.path().join("hermetic.toml");
    let (raw, elsewhere) = (hermetic.ports.nth(2).to_string(), hermetic.ports.nth(3).to_string());
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"edge\"", "\"door\"").replace(&raw, &elsewhere)).unwrap();
    let reloaded = hermetic.hermetic(&["reload"]);
    assert!(reloaded.status.success(), "{reloaded:?}");
    // HTTP/2 is asked to come back; the others may last.
    connections.end(["good http2", "bad http2"].map(str::to_owned).to_vec());
    ca.revoke("bad");
    ca.publish(7);
    let kinds = ["http1", "raw_bytes", "websocket"];
    let took = connections.end(kinds.map(|kind| format!("bad {kind}")).to_vec());
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(connections.talk(kinds.len()), kinds.map(|kind| format!("answers good {kind}")));
}
