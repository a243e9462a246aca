//! Certificates of the authority's own that are revoked: what is published of them, held against OpenSSL and
//! curl, and what becomes of their connections.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use hermetic_store::{RevocationReason, Store};
use serde_json::Value;

use crate::harness::{
    Connections, Hermetic, KINDS, Origin, Page, Ports, curl, echo, eventually, hermetic, openssl, python,
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
        let url = list_address(folder, &leaf);
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
fn curl_refuses_what_the_lists_in_a_file_revoke() {
    let hermetic = publishing();
    let folder = hermetic.folder.path();
    let names = ["good.internal", "bad.internal"];
    let serials = names.map(|name| {
        let serial = issue(folder, name);
        split(folder, name);
        serial
    });
    revoke(&hermetic, &serials[1], "keyCompromise");
    let lists = eventually("all lists", || {
        let output = hermetic.hermetic(&["ca", "crl", "--format", "pem"]);
        let lists = String::from_utf8(output.stdout).unwrap();
        // Sixteen of the intermediate's, and one of the root's.
        (lists.matches("BEGIN X509 CRL").count() == 17).then_some(lists)
    });
    let file = folder.join("crl.pem");
    std::fs::write(&file, lists).unwrap();
    for (port, (name, expected)) in (4..).zip(names.into_iter().zip([true, false])) {
        let port = hermetic.ports.nth(port);
        let _server = Server::start(folder, name, port);
        let (url, at) = (format!("https://{name}:{port}/"), format!("{name}:{port}:127.0.0.1"));
        let output = curl(&hermetic, &["--resolve", &at, "--crlfile", file.to_str().unwrap(), &url]);
        assert_eq!(output.status.success(), expected, "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(expected || told.contains("revoked"), "{told}");
    }
}

#[test]
fn gnutls_and_pkilint_find_nothing_wrong_with_what_is_fetched() {
    let hermetic = publishing();
    let folder = hermetic.folder.path();
    let serial = issue(folder, "db.internal");
    split(folder, "db.internal");
    revoke(&hermetic, &serial, "superseded");
    let leaf = "db.internal-leaf.pem";
    let list = list_address(folder, leaf);
    done(&curl(&hermetic, &["--fail", "-o", folder.join("list.crl").to_str().unwrap(), &list]));
    run(&hermetic, "openssl", &["crl", "-inform", "DER", "-in", "list.crl", "-out", "list.pem"]);
    let checks = ["--verify-crl", "--load-ca-certificate", "db.internal-issuer.pem", "--infile", "list.pem"];
    let (is_good, told) = run(&hermetic, "certtool", &checks);
    assert!(is_good && told.contains("Verified"), "{told}");

    let url = address(folder, leaf, "OCSP - URI:");
    let ask = ["--load-cert", leaf, "--load-issuer", "db.internal-issuer.pem", &format!("--ask={url}")];
    let (_, told) =
        run(&hermetic, "ocsptool", &[&ask[..], &["--load-signer", "db.internal-issuer.pem"]].concat());
    assert!(
        told.contains("Certificate Status: revoked") && told.contains("Verifying OCSP Response: Success"),
        "{told}"
    );

    let request = ["ocsp", "-issuer", "db.internal-issuer.pem", "-cert", leaf, "-no_nonce"];
    run(
        &hermetic,
        "openssl",
        &[&request[..], &["-url", &url, "-noverify", "-respout", "answer.der"]].concat(),
    );
    let lints = python().get_program().to_os_string();
    let lint = |program: &str| Path::new(&lints).with_file_name(program).display().to_string();
    for (program, arguments) in [
        ("lint_crl", &["lint", "-s", "ERROR", "-t", "CRL", "-p", "PKIX", "list.crl"][..]),
        ("lint_ocsp_response", &["lint", "-s", "ERROR", "answer.der"]),
    ] {
        let (is_good, told) = run(&hermetic, &lint(program), arguments);
        assert!(is_good, "{program}: {told}");
    }
}

#[test]
fn what_a_crash_left_off_its_list_is_on_it_after_the_next_start() {
    let mut hermetic = publishing();
    issue(hermetic.folder.path(), "db.internal");
    split(hermetic.folder.path(), "db.internal");
    let list = list_address(hermetic.folder.path(), "db.internal-leaf.pem");
    eventually("the first list", || curl(&hermetic, &["--fail", &list]).status.success().then_some(()));
    hermetic.kill();
    // On record, and the process is gone before it signs the list.
    crate::store::revoke(hermetic.folder.path(), "db.internal");
    let hermetic = Hermetic::up_again(hermetic, &[]);
    let file = hermetic.folder.path().join("list.crl");
    eventually("the list with it", || {
        curl(&hermetic, &["--fail", "-o", file.to_str().unwrap(), &list]);
        let (_, text) =
            run(&hermetic, "openssl", &["crl", "-inform", "DER", "-in", "list.crl", "-noout", "-text"]);
        text.contains("Key Compromise").then_some(())
    });
}

#[test]
fn another_port_is_taken_by_a_reload_and_one_that_is_busy_leaves_the_old() {
    let hermetic = publishing();
    let file = hermetic.folder.path().join("hermetic.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let [old, new] = [3, 4].map(|nth| hermetic.ports.nth(nth));
    let serves = |port: u16| {
        let url = format!("http://127.0.0.1:{port}/ca/intermediate/1.crt");
        curl(&hermetic, &["--fail", "-o", "/dev/null", &url]).status.success()
    };
    let reload = || hermetic.hermetic(&["reload"]);
    assert!(serves(old));
    let busy = TcpListener::bind(("127.0.0.1", new)).unwrap();
    std::fs::write(&file, text.replace(&format!(":{old}\""), &format!(":{new}\""))).unwrap();
    let refused = reload();
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains(&new.to_string()) && told.contains("`publish`"), "{told}");
    assert!(serves(old), "the old one is still there");
    drop(busy);
    done(&reload());
    assert!(serves(new) && !serves(old));
    issue(hermetic.folder.path(), "late.internal");
    split(hermetic.folder.path(), "late.internal");
    let list = list_address(hermetic.folder.path(), "late.internal-leaf.pem");
    assert!(list.starts_with(&format!("http://127.0.0.1:{new}/crl/intermediate/1/")), "{list}");
    std::fs::write(&file, text.replace(&format!("publish = \"127.0.0.1:{old}\"\n"), "")).unwrap();
    done(&reload());
    assert!(!serves(new), "nothing is published any more");
}

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
fn metrics_tell_how_old_lists_are_and_what_was_asked_for() {
    let hermetic = publishing();
    let folder = hermetic.folder.path();
    let serial = issue(folder, "db.internal");
    split(folder, "db.internal");
    ocsp(&hermetic, "db.internal", &["-no_nonce"]);
    let list = list_address(folder, "db.internal-leaf.pem");
    eventually("the list", || {
        curl(&hermetic, &["--fail", "-o", "/dev/null", &list]).status.success().then_some(())
    });
    revoke(&hermetic, &serial, "superseded");
    let socket = folder.join(".hermetic/admin.sock");
    let metrics = || {
        let output = curl(&hermetic, &["--unix-socket", socket.to_str().unwrap(), "http://hermetic/metrics"]);
        String::from_utf8(output.stdout).unwrap()
    };
    let text = eventually("the revocation", || {
        Some(metrics()).filter(|text| text.contains("hermetic_certificates_revoked 1\n"))
    });
    for line in [
        "hermetic_publishing_requests_total{what=\"ocsp\",result=\"ahead\"} 1\n",
        "hermetic_publishing_requests_total{what=\"crl\",result=\"ahead\"} 1\n",
        "hermetic_crl_age_seconds{authority=\"root\",generation=\"1\",shard=\"0\"} ",
        "hermetic_crl_next_update_seconds{authority=\"intermediate\",generation=\"1\",shard=\"15\"} ",
        "hermetic_revocations_known_seconds ",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[test]
fn the_page_on_revocation_publishes_revokes_and_shows_that_others_know() {
    let origin = Origin::answering(OK);
    let page = Page::how_to("revoke-a-certificate");
    let hermetic = Hermetic::configured(|ports, _| {
        let site = format!("127.0.0.1:{}", ports.nth(3));
        let here = [("0.0.0.0:8089", &*site), ("pki.example.com:8089", &*site)];
        page.configuration("publish", &here) + &edge(ports, origin.port)
    });
    eventually("all lists", || {
        let output = hermetic.hermetic(&["ca", "crl", "--format", "pem"]);
        (String::from_utf8_lossy(&output.stdout).matches("BEGIN X509 CRL").count() == 17).then_some(())
    });
    let outputs = page.run(hermetic.folder.path());
    let said = outputs.iter().map(|output| {
        let said = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{said}");
        said
    });
    let said: Vec<String> = said.collect();
    assert!(
        said[1].contains("/crl/intermediate/1/") && said[1].contains("/ocsp/intermediate/1"),
        "{}",
        said[1]
    );
    assert!(said[2].contains("keyCompromise"), "{}", said[2]);
    assert!(said[3].contains("intermediate"), "{}", said[3]);
    assert!(said[6].contains("certificate revoked"), "{}", said[6]);
    assert!(said[7].contains("part-00: revoked") && said[7].contains("keyCompromise"), "{}", said[7]);
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
