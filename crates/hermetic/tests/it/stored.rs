//! Listeners whose certificate is in the store, wherever it was made.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Hermetic, Origin, Talking, curl, eventually, folder, hermetic, python};
use crate::importing::{certified_leaf, made_elsewhere};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = hermetic(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// An edge whose certificate this is, before an application.
fn edge(folder: tempfile::TempDir, certificate: &str, origin: &Origin) -> Hermetic {
    Hermetic::configured_in(folder, |ports, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\ncertificate = {certificate}\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n\
             [[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n",
            ports.edge(),
            origin.port
        )
    })
}

/// A serial number without the zeros that not everybody writes before it.
fn digits(serial: &Value) -> String {
    serial.as_str().unwrap().trim_start_matches('0').to_owned()
}

/// The serial number that a client of this name is shown, which trusts this file.
fn shown(edge: &Hermetic, name: &str, trust: &Path) -> String {
    let port = edge.ports.edge();
    let (url, resolve) = (format!("https://{name}:{port}/"), format!("{name}:{port}:127.0.0.1"));
    let trust = trust.display().to_string();
    let arguments = ["--cacert", &trust, "--resolve", &resolve, "-o", "/dev/null", "-w", "%{certs}", &url];
    let output = curl(edge, &arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let serial = text.lines().find_map(|line| line.strip_prefix("Serial Number:"));
    serial
        .unwrap_or_else(|| panic!("{output:?}\n{}", edge.log()))
        .trim()
        .replace(':', "")
        .to_lowercase()
        .trim_start_matches('0')
        .to_owned()
}

#[test]
fn an_imported_certificate_is_served_and_so_is_what_is_imported_in_its_place_without_a_connection_noticing() {
    let folder = made_elsewhere();
    let files = ["shop", "shop.key", "shop.pem", "middle.pem", "--format", "json"];
    let import = |folder: &Path| json(&done(folder, &[&["cert", "import"], &files[..]].concat()));
    let first = import(folder.path());
    let origin = Origin::answering(OK);
    let edge = edge(folder, "{ stored = \"shop.example.com\" }", &origin);
    let root = edge.folder.path().join("root.pem");
    let is_shown = |serial: &Value| shown(&edge, "shop.example.com", &root) == digits(serial);
    assert!(is_shown(&first["serial"]));
    let used = |serial: &Value| {
        let told = done(edge.folder.path(), &["cert", "show", serial.as_str().unwrap(), "--format", "json"]);
        json(&told)["in_use"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["subject"] == "stored dns:shop.example.com")
    };
    eventually("the store to know that it is in use", || used(&first["serial"]).then_some(()));

    let mut kept = Talking::start(
        python()
            .arg("-c")
            .arg(KEPT)
            .args([root.display().to_string(), edge.ports.edge().to_string()])
            .stderr(Stdio::inherit()),
    );
    assert_eq!(kept.hear(), "200");
    certified_leaf(edge.folder.path(), "shop");
    let second = import(edge.folder.path());
    assert_eq!(second["replaces"], first["serial"]);
    assert!(is_shown(&second["serial"]), "at once, for the instance was told");
    kept.say("again");
    assert_eq!(kept.hear(), "200", "on the connection that was there");
    eventually("the store to know of the second", || {
        (used(&second["serial"]) && !used(&first["serial"])).then_some(())
    });
}

/// Asks over one connection, once and then whenever it is told to.
const KEPT: &str = r#"
import http.client, socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
raw = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
connection = http.client.HTTPSConnection("shop.example.com", context=context)
connection.sock = context.wrap_socket(raw, server_hostname="shop.example.com")
connection.auto_open = False
while True:
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    print(answer.status, flush=True)
    if not sys.stdin.readline():
        break
"#;

#[test]
fn an_issued_certificate_that_is_served_by_name_is_renewed_and_by_number_stays() {
    let folder = folder();
    let issue =
        |name: &str| json(&done(folder.path(), &["cert", "issue", "--name", name, "--format", "json"]));
    let (by_name, by_number) = (issue("localhost"), issue("pinned.test"));
    let (first, pinned) = (digits(&by_name["serial"]), digits(&by_number["serial"]));
    let origin = Origin::answering(OK);
    let certificates = format!("[{{ stored = \"localhost\" }}, {{ stored = \"serial:{pinned}\" }}]");
    let configuration = |ports: &crate::harness::Ports, _: &Path| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\ncertificates = {certificates}\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n",
            ports.edge(),
            origin.port
        )
    };
    let edge = Hermetic::configured_in(folder, configuration);
    let serial = |name: &str| shown(&edge, name, &edge.ca());
    assert_eq!(serial("localhost"), first);
    assert_eq!(serial("pinned.test"), pinned);
    for name in ["localhost", "pinned.test"] {
        done(edge.folder.path(), &["cert", "renew", name]);
    }
    assert_ne!(serial("localhost"), first);
    assert_eq!(serial("pinned.test"), pinned);
    let configured = edge.folder.path().join("hermetic.toml");
    let text = std::fs::read_to_string(&configured).unwrap();
    std::fs::write(&configured, text.replace("\"localhost\"", "\"nobody.test\"")).unwrap();
    let refused = edge.hermetic(&["reload"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert_eq!(serial("pinned.test"), pinned, "what was served goes on");
    std::fs::write(&configured, text).unwrap();
    let reloaded = edge.hermetic(&["reload"]);
    assert!(reloaded.status.success(), "{reloaded:?}");
    assert_eq!(serial("pinned.test"), pinned);
}

#[test]
fn a_listener_whose_certificate_is_not_in_the_store_says_whose_and_what_to_do() {
    let folder = folder();
    let configuration = "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:1\"\n\
        certificate = { stored = \"shop.example.com\" }\n\
        [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
        [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:1\"]\n";
    std::fs::write(folder.path().join("hermetic.toml"), configuration).unwrap();
    let output = hermetic(folder.path(), &["up"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("edge: no valid certificate in the store is `dns:shop.example.com`"), "{told}");
    assert!(told.contains("hermetic cert import"), "{told}");
}

#[test]
fn what_was_made_for_tests_says_so_and_a_hop_that_it_is_served_on_is_weak() {
    let folder = folder();
    let told =
        json(&done(folder.path(), &["cert", "self-signed", "--name", "localhost", "--format", "json"]));
    assert_eq!(
        (&told["schema"], &told["mark"]),
        (&"hermetic.certificate-self-signed/1".into(), &"Hermetic test only".into())
    );
    let origin = Origin::answering(OK);
    let edge = edge(folder, "{ cert = \"localhost.pem\", key = \"localhost-key.pem\" }", &origin);
    let weak = "the server's certificate is self-signed, for tests only";
    let checked = edge.hermetic(&["check", "--format", "json"]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    let hop = json(&String::from_utf8(checked.stdout).unwrap())["hops"][0].clone();
    assert_eq!((&hop["verdict"], &hop["reason"]), (&"weak".into(), &weak.into()), "{hop}");

    let trust = edge.folder.path().join("localhost.pem");
    assert_eq!(shown(&edge, "localhost", &trust), digits(&told["serial"]));
    let hop = edge.hop("client", "edge");
    assert_eq!(
        (&hop["verdict"], &hop["evidence"], &hop["reason"]),
        (&"weak".into(), &"negotiated".into(), &weak.into()),
        "{hop}"
    );
    let watched = edge.hermetic(&["cert", "watch", "--format", "json"]);
    assert_eq!(watched.status.code(), Some(1), "{watched:?}");
    let found = json(&String::from_utf8(watched.stdout).unwrap())["findings"].as_array().unwrap().clone();
    let weak = found.iter().find(|finding| finding["control"] == "certificate-strength").unwrap();
    assert_eq!(weak["subject"], "localhost");
}
