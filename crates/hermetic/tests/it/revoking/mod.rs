//! Certificates of the authority's own that are revoked.

mod published;
mod refused;

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::harness::{Hermetic, Origin, Ports, eventually, hermetic, openssl};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// `[authority]` that publishes at this port.
fn authority(port: u16) -> String {
    format!("[authority]\npublish = \"127.0.0.1:{port}\"\n")
}

/// An instance that does nothing but publish, at the port of [`published_at`].
fn publishing() -> Hermetic {
    let origin = Origin::answering(OK);
    Hermetic::configured(|ports, _| authority(ports.nth(3)) + &edge(ports, origin.port))
}

/// A listener at the first port, before this origin.
fn edge(ports: &Ports, origin: u16) -> String {
    format!(
        "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
         [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
         [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{origin}\"]\n",
        ports.nth(1)
    )
}

fn published_at(hermetic: &Hermetic) -> String {
    format!("http://127.0.0.1:{}", hermetic.ports.nth(3))
}

/// Issues a certificate for this name into the folder of the instance; gives its serial number.
pub fn issue(folder: &Path, name: &str) -> String {
    let kind = if name.contains('.') { "--name" } else { "--identity" };
    let out = folder.to_str().unwrap();
    let issued = done(&hermetic(folder, &["cert", "issue", kind, name, "--out", out]));
    std::fs::copy(folder.join(format!("{name}-key.pem")), folder.join(format!("{name}.key"))).unwrap();
    let serial =
        issued.lines().find_map(|line| line.strip_prefix("serial ")).unwrap_or_else(|| panic!("{issued}"));
    serial.trim().to_owned()
}

/// Revokes it; gives the report.
pub fn revoke(hermetic: &Hermetic, serial: &str, reason: &str) -> Value {
    let told = hermetic.hermetic(&["cert", "revoke", serial, "--reason", reason, "--format", "json"]);
    serde_json::from_str(&done(&told)).unwrap()
}

fn done(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Runs a program in the folder of an instance; what it said, and whether it was content.
fn run(hermetic: &Hermetic, program: &str, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(program).current_dir(hermetic.folder.path()).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask test` installs it"));
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// The address in a certificate whose line in OpenSSL's text begins like this.
fn address(folder: &Path, certificate: &str, label: &str) -> String {
    let path = folder.join(certificate);
    let text = done(&openssl(&["x509", "-in", path.to_str().unwrap(), "-noout", "-text"], b""));
    let line = text.lines().find_map(|line| line.trim().strip_prefix(label));
    line.unwrap_or_else(|| panic!("{text}")).to_owned()
}

/// Where it says that its CRL is.
fn list_address(folder: &Path, certificate: &str) -> String {
    let path = folder.join(certificate);
    let text = done(&openssl(
        &["x509", "-in", path.to_str().unwrap(), "-noout", "-ext", "crlDistributionPoints"],
        b"",
    ));
    let line = text.lines().find_map(|line| line.trim().strip_prefix("URI:"));
    line.unwrap_or_else(|| panic!("{text}")).to_owned()
}

/// Splits a chain in `<name>.pem` into `<name>-leaf.pem` and `<name>-issuer.pem`.
fn split(folder: &Path, name: &str) {
    let chain = std::fs::read_to_string(folder.join(format!("{name}.pem"))).unwrap();
    let mut certificates = chain.split_inclusive("-----END CERTIFICATE-----\n");
    for part in ["leaf", "issuer"] {
        std::fs::write(folder.join(format!("{name}-{part}.pem")), certificates.next().unwrap()).unwrap();
    }
}

/// A server of OpenSSL's with a certificate; killed when dropped.
struct Server(Child);

impl Server {
    fn start(folder: &Path, name: &str, port: u16) -> Self {
        let (leaf, key) = (format!("{name}-leaf.pem"), format!("{name}.key"));
        let chain = format!("{name}-issuer.pem");
        let (accept, serve) = (port.to_string(), ["s_server", "-www", "-quiet", "-accept"]);
        let shows = ["-cert", &leaf, "-key", &key, "-cert_chain", &chain];
        let mut command = Command::new("openssl");
        command.current_dir(folder).args(serve).arg(accept).args(shows);
        let server = Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        eventually("openssl's server", || TcpStream::connect(("127.0.0.1", port)).ok());
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_second_revocation_an_unknown_serial_and_an_unknown_reason_are_wrong_input() {
    let hermetic = publishing();
    let serial = issue(hermetic.folder.path(), "db.internal");
    revoke(&hermetic, &serial, "superseded");
    for arguments in [
        &["cert", "revoke", &serial][..],
        &["cert", "revoke", "00ff00ff"],
        &["cert", "revoke", &serial, "--reason", "certificateHold"],
    ] {
        let output = hermetic.hermetic(arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
    let again = hermetic.hermetic(&["cert", "revoke", &serial]);
    let told = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(told.contains("already") && told.contains("superseded"), "{told}");
}
