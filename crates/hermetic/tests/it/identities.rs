//! Who somebody is, pinned to one certificate; and how long that holds.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::harness::{ClientCa, Hermetic, Origin, curl, eventually, folder, openssl};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// The fingerprint of a certificate, as OpenSSL prints it.
fn fingerprint(ca: &ClientCa, name: &str) -> String {
    let file = ca.path(&format!("{name}.pem"));
    let output = openssl(&["x509", "-noout", "-fingerprint", "-sha256", "-in", file.to_str().unwrap()], b"");
    let printed = String::from_utf8(output.stdout).unwrap();
    format!("sha256:{}", printed.trim().split_once('=').unwrap().1)
}

/// A listener of this protocol that demands certificates of that authority.
fn listener(port: u16, protocol: &str, more: &str) -> String {
    format!(
        "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{port}\"\nprotocol = \"{protocol}\"\n\
         names = [\"localhost\"]\nclients = \"required\"\nclient_ca = \"ca.pem\"\n{more}\n\
         [[route]]\nlistener = \"edge\"\nto = \"app\"\n"
    )
}

fn status(hermetic: &Hermetic, shown: &[String]) -> String {
    let url = format!("https://localhost:{}/", hermetic.ports.nth(1));
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let output = curl(hermetic, &[&shown[..], &["-o", "/dev/null", "-w", "%{http_code}", &url]].concat());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_certificate_is_let_in_by_its_fingerprint_and_its_successor_is_not() {
    let origin = Origin::answering(OK);
    let folder = folder();
    let ca = ClientCa::found(folder.path());
    ca.issue("first");
    ca.issue("second");
    let allow = format!("allow = [\"{}\"]", fingerprint(&ca, "first"));
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        listener(ports.nth(1), "https", &allow)
            + &format!("[[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n", origin.port)
    });
    assert_eq!(status(&hermetic, &ca.of_curl("first")), "200");
    assert_eq!(status(&hermetic, &ca.of_curl("second")), "403");
}

#[test]
fn an_upstream_of_the_right_name_with_a_certificate_that_is_not_pinned_gets_nothing() {
    let folder = folder();
    let ca = ClientCa::found(folder.path());
    ca.issue("far");
    let server = |port: u16, name: &str| {
        let file = |end: &str| ca.path(&format!("{name}.{end}")).to_str().unwrap().to_owned();
        Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-accept", &port.to_string()])
            .args(["-cert", &file("pem"), "-key", &file("key")])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let pin = fingerprint(&ca, "far");
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"far\"\n\
             [[upstream]]\nname = \"far\"\nendpoints = [\"127.0.0.1:{}\"]\n\
             tls = {{ trust = \"ca.pem\", name = \"dns:far.test\", pin = [\"{pin}\"] }}\n",
            ports.nth(1),
            ports.nth(2)
        )
    });
    let mut far = server(hermetic.ports.nth(2), "far");
    eventually("the pinned one", || (status(&hermetic, &[]) == "200").then_some(()));
    far.kill().unwrap();
    far.wait().unwrap();
    // Of the same name, by the same authority.
    ca.issue_for("impostor", "far.test");
    let impostor = fingerprint(&ca, "impostor").replace(':', "").to_lowercase().replace("sha256", "sha256:");
    let mut far = server(hermetic.ports.nth(2), "impostor");
    let reason = eventually("the refusal", || {
        status(&hermetic, &[]);
        let failures = hermetic.hop("edge", "far")["counts"]["failures"].clone();
        failures.as_object()?.keys().find(|reason| reason.contains("not pinned")).cloned()
    });
    assert!(reason.contains(&impostor), "{reason}");
    far.kill().unwrap();
    far.wait().unwrap();
}

#[test]
fn a_connection_ends_with_the_certificate_of_its_client() {
    let folder = folder();
    let ca = ClientCa::found(folder.path());
    let echo = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = echo.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in echo.incoming().map_while(Result::ok) {
            std::thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
        }
    });
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        listener(ports.nth(1), "tls", "")
            + &format!("[[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{port}\"]\n")
    });
    // Good for a few seconds from now, by the system's clock, which the binary goes by.
    let end = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 3;
    let end = jiff::Timestamp::from_second(end.try_into().unwrap()).unwrap();
    ca.issue_until("brief", &["-enddate", &end.strftime("%Y%m%d%H%M%SZ").to_string()]);
    let file = |end: &str| ca.path(&format!("brief.{end}")).to_str().unwrap().to_owned();
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-servername", "localhost", "-cert", &file("pem"), "-key", &file("key")])
        .args(["-connect", &format!("127.0.0.1:{}", hermetic.ports.nth(1))])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut heard = BufReader::new(client.stdout.take().unwrap());
    let mut stdin = client.stdin.take().unwrap();
    stdin.write_all(b"word\n").unwrap();
    let mut line = String::new();
    heard.read_line(&mut line).unwrap();
    assert_eq!(line, "word\n");
    heard.read_to_end(&mut Vec::new()).unwrap();
    client.wait().unwrap();
    assert!(
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() >= end.as_second().unsigned_abs()
    );
    assert_eq!(hermetic.hop("client", "edge")["counts"]["ended"]["expired"], 1);
}
