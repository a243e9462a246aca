//! Certificates of the authority's own that are revoked: what is published of them, held against OpenSSL and
//! curl, and what becomes of their connections.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{
    Connections, Hermetic, KINDS, Origin, Ports, curl, echo, eventually, folder, hermetic, openssl,
    socket_server,
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// `[authority]` that publishes at this port.
fn authority(port: u16) -> String {
    format!("[authority]\npublish = \"127.0.0.1:{port}\"\n")
}

/// An instance that does nothing but publish, at the port of [`published_at`].
fn publishing() -> Hermetic {
    let origin = Origin::answering(OK);
    Hermetic::configured(|ports, _| {
        authority(ports.nth(3))
            + &format!(
                "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
                 [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
                 [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n",
                ports.nth(1),
                origin.port
            )
    })
}

fn published_at(hermetic: &Hermetic) -> String {
    format!("http://127.0.0.1:{}", hermetic.ports.nth(3))
}

/// Issues a certificate for this name into the folder of the instance; gives its serial number.
fn issue(folder: &Path, name: &str) -> String {
    let kind = if name.contains('.') { "--name" } else { "--identity" };
    let out = folder.to_str().unwrap();
    let issued = done(&hermetic(folder, &["cert", "issue", kind, name, "--out", out]));
    std::fs::copy(folder.join(format!("{name}-key.pem")), folder.join(format!("{name}.key"))).unwrap();
    let serial =
        issued.lines().find_map(|line| line.strip_prefix("serial ")).unwrap_or_else(|| panic!("{issued}"));
    serial.trim().to_owned()
}

fn revoke(hermetic: &Hermetic, serial: &str, reason: &str) -> Value {
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

/// Splits a chain in `<name>.pem` into `<name>-leaf.pem` and `<name>-issuer.pem`.
fn split(folder: &Path, name: &str) {
    let chain = std::fs::read_to_string(folder.join(format!("{name}.pem"))).unwrap();
    let mut certificates = chain.split_inclusive("-----END CERTIFICATE-----\n");
    for part in ["leaf", "issuer"] {
        std::fs::write(folder.join(format!("{name}-{part}.pem")), certificates.next().unwrap()).unwrap();
    }
}

/// What OpenSSL hears of a certificate over HTTP from the responder that it names.
fn ocsp(hermetic: &Hermetic, name: &str, more: &[&str]) -> String {
    let (leaf, issuer) = (format!("{name}-leaf.pem"), format!("{name}-issuer.pem"));
    let url = address(hermetic.folder.path(), &leaf, "OCSP - URI:");
    let asked = ["ocsp", "-url", &url, "-issuer", &issuer, "-cert", &leaf, "-CAfile", ".hermetic/ca.pem"];
    let (is_content, told) = run(hermetic, "openssl", &[&asked, more].concat());
    assert!(is_content && told.contains("Response verify OK"), "{told}");
    told
}

#[test]
fn openssl_asks_the_responder_and_fetches_the_list_that_a_certificate_names() {
    let hermetic = publishing();
    let folder = hermetic.folder.path();
    let serials = ["good.internal", "bad.internal"].map(|name| {
        let serial = issue(folder, name);
        split(folder, name);
        serial
    });
    assert!(ocsp(&hermetic, "good.internal", &[]).contains("good.internal-leaf.pem: good"));
    assert!(ocsp(&hermetic, "bad.internal", &["-no_nonce"]).contains("bad.internal-leaf.pem: good"));
    let report = revoke(&hermetic, &serials[1], "keyCompromise");
    assert_eq!(
        (&report["serial"], &report["subject"]),
        (&serials[1].as_str().into(), &"bad.internal".into())
    );
    let told = ocsp(&hermetic, "bad.internal", &["-no_nonce"]);
    assert!(told.contains("bad.internal-leaf.pem: revoked") && told.contains("keyCompromise"), "{told}");
    assert!(ocsp(&hermetic, "good.internal", &["-no_nonce"]).contains(": good"));

    for (name, expected) in [("good.internal", true), ("bad.internal", false)] {
        let leaf = format!("{name}-leaf.pem");
        let url = address(folder, &leaf, "URI:http://127.0.0.1:").replace("URI:", "");
        let url = format!("http://127.0.0.1:{url}");
        let (list, pem) = (format!("{name}.crl"), format!("{name}.crl.pem"));
        done(&curl(&hermetic, &["--fail", "-o", folder.join(&list).to_str().unwrap(), &url]));
        let (is_signed, told) =
            run(&hermetic, "openssl", &["crl", "-inform", "DER", "-in", &list, "-out", &pem]);
        assert!(is_signed, "{told}");
        let chain = ["-CAfile", ".hermetic/ca.pem", "-untrusted", &format!("{name}-issuer.pem")];
        let asked =
            [&["verify", "-x509_strict", "-crl_check", "-CRLfile", &pem], &chain[..], &[&leaf]].concat();
        let (is_good, told) = run(&hermetic, "openssl", &asked);
        assert_eq!(is_good, expected, "{told}");
        assert!(expected || told.contains("certificate revoked"), "{told}");
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

/// A listener for HTTP and one for bytes that demand certificates of the authority's, at the first two ports.
fn guarded(origin: u16, socket: u16, echo: u16, more: impl FnOnce(&Ports) -> String) -> Hermetic {
    let listener = |name: &str, protocol: &str, port: u16| {
        format!(
            "[[listener]]\nname = \"{name}\"\nbind = \"127.0.0.1:{port}\"\nprotocol = \"{protocol}\"\n\
             names = [\"localhost\"]\nclients = \"required\"\n"
        )
    };
    let upstream = |name: &str, port: u16| {
        format!("[[upstream]]\nname = \"{name}\"\nendpoints = [\"127.0.0.1:{port}\"]\n")
    };
    Hermetic::configured_in(folder(), |ports, _| {
        more(ports)
            + &listener("edge", "https", ports.nth(1))
            + "[[route]]\nlistener = \"edge\"\npath = \"/socket\"\nto = \"socket\"\n"
            + "[[route]]\nlistener = \"edge\"\nto = \"app\"\n"
            + &listener("raw", "tls", ports.nth(2))
            + "[[route]]\nlistener = \"raw\"\nto = \"echo\"\n"
            + &upstream("app", origin)
            + &upstream("socket", socket)
            + &upstream("echo", echo)
    })
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
    let hermetic = guarded(origin.port, free.nth(1), echo(), |ports| authority(ports.nth(3)));
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
    let mut hermetic = guarded(origin.port, 1, 1, |ports| authority(ports.nth(3)));
    let serial = issue(hermetic.folder.path(), "bad");
    assert_eq!(asks(&hermetic, "bad"), "ok");
    hermetic.kill();
    // Without an instance, the command opens the store itself.
    revoke(&hermetic, &serial, "unspecified");
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

#[test]
fn strangers_who_ask_for_nonsense_or_send_too_much_are_answered_and_forgotten() {
    let hermetic = publishing();
    let site = published_at(&hermetic);
    let asks = |arguments: &[&str]| {
        let output = curl(
            &hermetic,
            &[&["-o", "/dev/null", "-w", "%{http_code} %{content_type}"], arguments].concat(),
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let responder = format!("{site}/ocsp/intermediate/1");
    assert_eq!(asks(&[&format!("{site}/")]), "404 text/plain; charset=utf-8");
    assert_eq!(asks(&[&format!("{site}/crl/nobody/1/0.crl")]), "404 text/plain; charset=utf-8");
    assert_eq!(asks(&["-X", "DELETE", &responder]), "405 text/plain; charset=utf-8");
    assert_eq!(asks(&["--data-binary", "nonsense", &responder]), "200 application/ocsp-response");
    let big = hermetic.folder.path().join("big");
    std::fs::write(&big, vec![b'x'; 1 << 20]).unwrap();
    let big = format!("@{}", big.display());
    assert!(
        asks(&["--data-binary", &big, &responder]).starts_with("413 "),
        "{}",
        asks(&["--data-binary", &big, &responder])
    );
    assert_eq!(asks(&[&format!("{site}/ca/intermediate/1.crt")]), "200 application/pkix-cert");
}
