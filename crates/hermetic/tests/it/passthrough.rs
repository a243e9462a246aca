//! Passthrough: TLS between others, by the name and protocols in the client's hello. The client and the
//! server shake hands with each other; both hellos are seen, and nothing else.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use hermetic_tls::HelloReader;
use hermetic_tls::hello::Progress;

use crate::harness::{
    Fragmentation, Hermetic, Nginx, Origin, Ports, Tap, curl, eventually, folder, fragmenting, openssl,
    self_signed,
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// A gateway that passes `app.example` through to a port, and ends `ended.example` itself.
fn edge(folder: tempfile::TempDir, listener: &str, app: u16, plain: u16) -> Hermetic {
    configured(
        folder,
        &format!("names = [\"ended.example\"]\n{listener}"),
        &format!(
            "[[route]]\nlistener = \"edge\"\nhost = \"app.example\"\npassthrough = true\nto = \"app\"\n\
             [[route]]\nlistener = \"edge\"\nhost = \"ended.example\"\nto = \"plain\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{app}\"]\n\
             [[upstream]]\nname = \"plain\"\nendpoints = [\"127.0.0.1:{plain}\"]\n\
             [[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n"
        ),
    )
}

fn configured(folder: tempfile::TempDir, listener: &str, rest: &str) -> Hermetic {
    Hermetic::configured_in(folder, |ports, _| {
        format!(
            "access_log = \"access.jsonl\"\nworkers = 1\n\
             [[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"tls\"\n{listener}\n{rest}",
            ports.edge()
        )
    })
}

/// An nginx with a certificate for this name, which tells what it sees.
fn nginx(folder: &Path, name: &str, port: u16, more: &str) -> Nginx {
    self_signed(folder, name, name);
    let http = format!(
        "server {{ listen 127.0.0.1:{port} ssl http2; ssl_certificate {name}.pem; ssl_certificate_key {name}.key; \
         ssl_protocols TLSv1.2 TLSv1.3; {more} \
         location / {{ return 200 '{name} $ssl_server_name $ssl_protocol $server_protocol'; }} }}"
    );
    Nginx::start(folder, &http, port)
}

/// What curl gets for a name at a port, trusting the certificate in a file.
fn get(edge: &Hermetic, name: &str, port: u16, trust: &str, more: &[&str]) -> Output {
    let (url, resolve) = (format!("https://{name}:{port}/"), format!("{name}:{port}:127.0.0.1"));
    let trust = edge.folder.path().join(trust);
    let common = ["--cacert", trust.to_str().unwrap(), "--resolve", &resolve, &url];
    curl(edge, &[&common, more].concat())
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn s_client(port: u16, arguments: &[&str]) -> String {
    let address = format!("127.0.0.1:{port}");
    let output = openssl(&[&["s_client", "-connect", &address], arguments].concat(), b"");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn a_client_and_nginx_shake_hands_through_the_gateway_which_sees_both_hellos() {
    let (folder, ports) = (folder(), Ports::reserve());
    let _nginx = nginx(folder.path(), "app.example", ports.nth(1), "");
    let edge = edge(folder, "", ports.nth(1), 9);
    let port = edge.ports.edge();
    let reply = get(&edge, "app.example", port, "app.example.pem", &["--tlsv1.3"]);
    assert_eq!(text(&reply), "app.example app.example TLSv1.3 HTTP/2.0");
    for (from, to) in [("client", "edge"), ("edge", "app")] {
        let hop = edge.hop(from, to);
        assert_eq!((&hop["verdict"], &hop["evidence"]), (&"sealed".into(), &"negotiated".into()), "{hop}");
        assert_eq!(hop["view"], "observer", "{hop}");
        let tls = &hop["tls"];
        assert_eq!((&tls["version"], &tls["group"]), (&"TLSv1.3".into(), &"X25519".into()), "{hop}");
        assert_eq!(
            (&tls["server_name"], &tls["post_quantum_offered"]),
            (&"app.example".into(), &false.into())
        );
        for checked in ["server_checked", "client_checked"] {
            assert_eq!(tls[checked], "not_observable", "{hop}");
        }
        assert!(hop["reason"].as_str().unwrap().contains("as its hellos show"), "{hop}");
        assert!(hop["counts"]["bytes_received"].as_u64().unwrap() > 500, "{hop}");
    }
    let record = edge.record("stream");
    assert_eq!(record["server_name"], "app.example", "{record}");
    assert_eq!(record["outbound"]["transport"]["tls"]["suite"], "TLS_AES_256_GCM_SHA384", "{record}");
    assert_eq!(record["error"], serde_json::Value::Null, "{record}");
}

#[test]
fn of_tls_1_2_the_certificate_that_passes_is_seen_too() {
    let (folder, ports) = (folder(), Ports::reserve());
    let _nginx = nginx(folder.path(), "app.example", ports.nth(1), "");
    let edge = edge(folder, "", ports.nth(1), 9);
    let reply = get(&edge, "app.example", edge.ports.edge(), "app.example.pem", &["--tls-max", "1.2"]);
    assert_eq!(text(&reply), "app.example app.example TLSv1.2 HTTP/2.0");
    let tls = edge.hop("edge", "app")["tls"].clone();
    assert_eq!(tls["server"]["identities"][0], "dns:app.example", "{tls}");
    assert_eq!((&tls["client_checked"], &tls["alpn"]), (&"not_asked".into(), &"h2".into()), "{tls}");
}

#[test]
fn the_same_listener_ends_the_tls_of_other_names() {
    let (folder, ports) = (folder(), Ports::reserve());
    let _nginx = nginx(folder.path(), "app.example", ports.nth(1), "");
    let origin = Origin::answering(OK);
    let edge = edge(folder, "", ports.nth(1), origin.port);
    let port = edge.ports.edge();
    let ended = get(&edge, "ended.example", port, ".hermetic/ca.pem", &[]);
    assert_eq!(text(&ended), "ok");
    assert_eq!(edge.hop("client", "edge")["view"], "server");
    text(&get(&edge, "app.example", port, "app.example.pem", &[]));
    let hop = edge.hop("client", "edge");
    assert_eq!((&hop["verdict"], &hop["counts"]["connections"]), (&"sealed".into(), &2.into()), "{hop}");
}

#[test]
fn wildcards_and_application_protocols_choose_the_way() {
    let (folder, ports) = (folder(), Ports::reserve());
    let here = folder.path().to_owned();
    let two = here.join("two");
    std::fs::create_dir(&two).unwrap();
    let _one = nginx(&here, "one.example", ports.nth(1), "");
    let _two = nginx(&two, "two.example", ports.nth(2), "");
    let route = |keys: &str| format!("[[route]]\nlistener = \"edge\"\n{keys}\n");
    let upstream = |name: &str, port: u16| {
        format!("[[upstream]]\nname = \"{name}\"\nendpoints = [\"127.0.0.1:{port}\"]\n")
    };
    let echo = Origin::answering(OK);
    let rest = [
        route("host = \"*.wild.example\"\nalpn = [\"h2\"]\npassthrough = true\nto = \"one\""),
        route("host = \"*.wild.example\"\nalpn = [\"http/1.1\"]\npassthrough = true\nto = \"two\""),
        route("host = \"ended.example\"\nalpn = [\"postgresql\", \"http/1.1\"]\nto = \"plain\""),
        upstream("one", ports.nth(1)),
        upstream("two", ports.nth(2)),
        upstream("plain", echo.port),
    ];
    let edge = configured(folder, "names = [\"ended.example\"]", &rest.concat());
    let port = edge.ports.edge();
    let shown = |more: &[&str]| {
        let more = [&["--insecure"], more].concat();
        text(&get(&edge, "a.wild.example", port, "one.example.pem", &more))
    };
    assert!(shown(&["--http2"]).starts_with("one.example a.wild.example"));
    assert!(shown(&["--http1.1"]).starts_with("two.example a.wild.example"));
    let said = s_client(port, &["-servername", "ended.example", "-alpn", "imap,postgresql"]);
    assert!(said.contains("ALPN protocol: postgresql"), "{said}");
    let said = s_client(port, &["-servername", "b.wild.example", "-alpn", "imap"]);
    assert!(said.contains("SSL alert number 120"), "{said}");
    assert!(edge.record("handshake_failed")["error"].as_str().unwrap().contains("imap"));
    for name in ["wild.example", "a.b.wild.example.org", "other.example"] {
        let said = s_client(port, &["-servername", name, "-alpn", "h2"]);
        assert!(said.contains("SSL alert number 112"), "{name}: {said}");
    }
    let said = s_client(port, &["-noservername"]);
    assert!(said.contains("SSL alert number 112"), "{said}");
}

#[test]
fn a_listener_where_all_passes_needs_no_certificate_and_a_route_without_host_takes_all() {
    let (folder, ports) = (folder(), Ports::reserve());
    let _nginx = nginx(folder.path(), "app.example", ports.nth(1), "");
    let rest = format!(
        "[[route]]\nlistener = \"edge\"\npassthrough = true\nto = \"app\"\n\
         [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n\
         [[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n",
        ports.nth(1)
    );
    let edge = configured(folder, "", &rest);
    let said = s_client(edge.ports.edge(), &["-noservername"]);
    assert!(said.contains("CN = app.example"), "{said}");
    assert_eq!(edge.hop("edge", "app")["tls"]["server_name"], serde_json::Value::Null);
}

#[test]
fn a_client_in_cleartext_gets_an_error_and_no_relay() {
    let origin = Origin::answering(OK);
    let edge = edge(folder(), "", origin.port, 9);
    let answer = exchange(edge.ports.edge(), b"GET / HTTP/1.1\r\nHost: app.example\r\n\r\n");
    assert!(answer.starts_with(b"HTTP/1.1 400 "), "{answer:?}");
    assert_eq!(exchange(edge.ports.edge(), b"\0\0\0\x08\x04\xd2\x16\x2f"), b"");
    assert_eq!(edge.hop("client", "edge")["counts"]["failed"], 2);
    assert!(origin.requests().is_empty());
}

/// Sends these bytes, and gives all that comes back.
fn exchange(port: u16, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[test]
fn a_hello_in_any_pieces_is_routed_and_reaches_nginx_as_it_came() {
    let (folder, ports) = (folder(), Ports::reserve());
    let _nginx = nginx(folder.path(), "app.example", ports.nth(1), "");
    let origin = Origin::answering(OK);
    let edge = edge(folder, "", ports.nth(1), origin.port);
    for how in [Fragmentation::Packets, Fragmentation::Records, Fragmentation::Halves] {
        let port = fragmenting(edge.ports.edge(), b"", how);
        let passed = get(&edge, "app.example", port, "app.example.pem", &[]);
        assert!(text(&passed).starts_with("app.example app.example"), "{how:?}");
        let ended = get(&edge, "ended.example", port, ".hermetic/ca.pem", &[]);
        assert_eq!(text(&ended), "ok", "{how:?}");
    }
}

/// Hellos that browsers sent, with post-quantum shares and what stands in for an encrypted name.
const HELLOS: [&[u8]; 2] = [
    include_bytes!("../../../tls/src/hello/testdata/chrome.bin"),
    include_bytes!("../../../tls/src/hello/testdata/firefox.bin"),
];

#[test]
fn post_quantum_hellos_of_browsers_arrive_to_the_byte_however_they_are_cut() {
    for hello in HELLOS {
        let Ok(Progress::Complete(read)) = HelloReader::new().push(hello) else { panic!("no hello") };
        let name = read.server_name.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let rest = format!(
            "[[route]]\nlistener = \"edge\"\nhost = \"{name}\"\npassthrough = true\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n\
             [[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n",
            listener.local_addr().unwrap().port()
        );
        let edge = configured(folder(), "", &rest);
        for size in [1, 7, hello.len() / 2, hello.len()] {
            let mut client = TcpStream::connect(("127.0.0.1", edge.ports.edge())).unwrap();
            client.set_nodelay(true).unwrap();
            for piece in hello.chunks(size) {
                client.write_all(piece).unwrap();
            }
            let (mut server, _) = listener.accept().unwrap();
            let mut received = vec![0; hello.len()];
            server.read_exact(&mut received).unwrap();
            assert!(received == hello, "{size}");
        }
    }
}

#[test]
fn a_post_quantum_handshake_behind_a_proxy_passes_in_single_bytes() {
    let origin = Origin::answering(OK);
    let ports = Ports::reserve();
    let header = b"PROXY TCP4 192.0.2.1 192.0.2.2 7 443\r\n";
    let through = fragmenting(ports.nth(1), header, Fragmentation::Packets);
    let gateway = Hermetic::configured(|_, _| {
        let (edge, near, far) = (ports.nth(1), ports.nth(2), ports.nth(3));
        let app = origin.port;
        format!(
            r#"
access_log = "access.jsonl"

[[listener]]
name = "near"
bind = "127.0.0.1:{near}"
protocol = "tcp"

[[route]]
listener = "near"
to = "edge"

[[upstream]]
name = "edge"
endpoints = ["localhost:{through}"]
tls = {{ trust = "authority", name = "far.example" }}

[[listener]]
name = "edge"
bind = "127.0.0.1:{edge}"
protocol = "tls"
proxy_protocol = {{ from = ["127.0.0.1"] }}

[[route]]
listener = "edge"
host = "far.example"
passthrough = true
to = "far"

[[upstream]]
name = "far"
endpoints = ["127.0.0.1:{far}"]

[[listener]]
name = "far"
bind = "127.0.0.1:{far}"
protocol = "tls"
names = ["far.example"]

[[route]]
listener = "far"
to = "app"

[[upstream]]
name = "app"
endpoints = ["127.0.0.1:{app}"]

[[flow]]
name = "whole"
path = ["client", "near", "edge", "far", "app"]
"#
        )
    });
    let answer = exchange(ports.nth(2), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(answer.ends_with(b"ok"), "{answer:?}");
    for (from, to) in [("near", "edge"), ("edge", "far")] {
        let hop = gateway.hop(from, to);
        assert_eq!(
            (&hop["verdict"], &hop["tls"]["group"]),
            (&"sealed".into(), &"X25519MLKEM768".into()),
            "{hop}"
        );
    }
    let records = eventually("both streams", || Some(gateway.records("stream")).filter(|all| all.len() == 3));
    let passed = records.iter().find(|record| record["listener"] == "edge").unwrap();
    assert_eq!(passed["client"], "192.0.2.1:7", "{passed}");
}

/// An `openssl s_server` with a certificate for `app.example`; killed when dropped.
struct Server(Child);

impl Server {
    fn start(folder: &Path, port: u16, more: &[&str]) -> Self {
        self_signed(folder, "app.example", "app.example");
        let child = Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-accept", &port.to_string(), "-cert", "app.example.pem"])
            .args(["-key", "app.example.key"])
            .args(more)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is needed; `cargo xtask test` installs it");
        eventually("openssl s_server", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_server_that_wants_another_hello_is_seen_with_what_it_chose_in_the_end() {
    let (folder, ports) = (folder(), Ports::reserve());
    let _server = Server::start(folder.path(), ports.nth(1), &["-groups", "P-384"]);
    let edge = edge(folder, "", ports.nth(1), 9);
    text(&get(&edge, "app.example", edge.ports.edge(), "app.example.pem", &["--curves", "X25519:P-384"]));
    assert_eq!(edge.hop("edge", "app")["tls"]["group"], "secp384r1");
}

#[test]
fn an_upstreams_own_alert_reaches_the_client_and_the_log() {
    let (folder, ports) = (folder(), Ports::reserve());
    let _server = Server::start(folder.path(), ports.nth(1), &["-tls1_2"]);
    let edge = edge(folder, "", ports.nth(1), 9);
    let said = s_client(edge.ports.edge(), &["-servername", "app.example", "-tls1_3"]);
    assert!(said.contains("SSL alert number 70"), "{said}");
    let error = edge.record("handshake_failed")["error"].to_string();
    assert!(error.contains("the upstream ended the handshake: alert protocol_version"), "{error}");
    assert_eq!(edge.hop("edge", "app")["verdict"], "unknown", "a stranger's failure is no verdict");
}

#[test]
fn what_is_outside_of_the_policy_does_not_pass() {
    let (folder, ports) = (folder(), Ports::reserve());
    let _server = Server::start(folder.path(), ports.nth(1), &["-tls1_2"]);
    let edge = edge(folder, "policy = \"mozilla/modern\"", ports.nth(1), 9);
    let said = s_client(edge.ports.edge(), &["-servername", "app.example", "-tls1_2"]);
    assert!(said.contains("SSL alert number 70"), "{said}");
    let reason = edge.record("handshake_failed")["error"].to_string();
    assert!(reason.contains("the client offers no version of mozilla"), "{reason}");
    let said = s_client(edge.ports.edge(), &["-servername", "app.example"]);
    assert!(said.contains("SSL alert number 40") && !said.contains("CN = app.example"), "{said}");
    eventually("the reason", || {
        let reason = edge.record("handshake_failed")["error"].to_string();
        reason.contains("TLSv1.2 is not among the versions of mozilla").then_some(())
    });
}

/// An upstream that does this with each connection once the hello is there.
fn acting(act: impl Fn(&mut TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            act(&mut stream);
        }
    });
    port
}

#[test]
fn an_upstream_that_speaks_something_else_or_dies_at_any_step_is_told_as_what_it_did() {
    let internal_error = "SSL alert number 80";
    let free = Ports::reserve();
    let cases: [(u16, &str, &str); 5] = [
        (
            acting(|stream| stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap()),
            internal_error,
            "speaks cleartext HTTP",
        ),
        (
            acting(|stream| stream.write_all(b"220 mail ESMTP\r\n").unwrap()),
            internal_error,
            "does not speak TLS",
        ),
        (acting(|_| {}), internal_error, "closed before its ServerHello"),
        (
            acting(|stream| stream.write_all(&[22, 3, 3, 0, 90, 2, 0, 0, 86, 3]).unwrap()),
            "",
            "closed before its ServerHello",
        ),
        (free.nth(9), internal_error, "can't connect"),
    ];
    for (port, said, reason) in cases {
        let edge = edge(folder(), "", port, 9);
        let heard = s_client(edge.ports.edge(), &["-servername", "app.example"]);
        assert!(heard.contains(said), "{reason}: {heard}");
        let record = edge.record("handshake_failed");
        assert!(record["error"].as_str().unwrap().contains(reason), "{record}");
        assert_eq!(edge.hop("client", "edge")["counts"]["failed"], 1, "{reason}");
        assert_ne!(edge.hop("edge", "app")["verdict"], "sealed", "{reason}");
    }
}

#[test]
fn an_upstream_that_says_nothing_is_given_the_time_of_a_handshake() {
    let port = acting(|_| std::thread::sleep(Duration::from_secs(60)));
    let edge = edge(folder(), "handshake_timeout = \"1s\"", port, 9);
    let heard = s_client(edge.ports.edge(), &["-servername", "app.example"]);
    assert!(heard.contains("SSL alert number 80"), "{heard}");
    assert!(edge.record("handshake_failed")["error"].as_str().unwrap().contains("no ServerHello within 1 s"));
}

#[test]
fn nginx_behind_is_told_of_the_client_before_its_hello() {
    let (folder, ports) = (folder(), Ports::reserve());
    self_signed(folder.path(), "app.example", "app.example");
    let port = ports.nth(1);
    let http = format!(
        "server {{ listen 127.0.0.1:{port} ssl proxy_protocol; ssl_certificate app.example.pem; \
         ssl_certificate_key app.example.key; location / {{ return 200 '$proxy_protocol_addr $ssl_server_name'; }} }}"
    );
    let _nginx = Nginx::start(folder.path(), &http, port);
    for version in ["v1", "v2"] {
        let inner = crate::harness::folder();
        for file in ["app.example.pem", "app.example.key"] {
            std::fs::copy(folder.path().join(file), inner.path().join(file)).unwrap();
        }
        let rest = format!(
            "[[route]]\nlistener = \"edge\"\nhost = \"app.example\"\npassthrough = true\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{port}\"]\nproxy_protocol = \"{version}\"\n\
             [[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n"
        );
        let edge = configured(inner, "", &rest);
        let more = ["--interface", "127.0.0.8"];
        let shown = text(&get(&edge, "app.example", edge.ports.edge(), "app.example.pem", &more));
        assert_eq!(shown, "127.0.0.8 app.example", "{version}");
    }
}

#[test]
fn a_marker_is_in_no_capture_of_a_sealed_leg() {
    const MARKER: &[u8] = b"marker-7f3a91c2-of-this-test";
    let (folder, ports) = (folder(), Ports::reserve());
    let origin = Origin::answering(OK);
    let control = Tap::before(origin.port);
    let far = ports.nth(3);
    let (beyond, between) = (Tap::before(far), Tap::before(ports.nth(2)));
    let (clear, passed, sealed) = (control.port, beyond.port, between.port);
    let _gateway = Hermetic::configured_in(folder, |_, _| {
        let (near, edge) = (ports.nth(1), ports.nth(2));
        format!(
            r#"
[[listener]]
name = "near"
bind = "127.0.0.1:{near}"
protocol = "tcp"

[[route]]
listener = "near"
to = "edge"

[[upstream]]
name = "edge"
endpoints = ["127.0.0.1:{sealed}"]
tls = {{ trust = "authority", name = "far.example" }}

[[listener]]
name = "edge"
bind = "127.0.0.1:{edge}"
protocol = "tls"

[[route]]
listener = "edge"
passthrough = true
to = "far"

[[upstream]]
name = "far"
endpoints = ["127.0.0.1:{passed}"]

[[listener]]
name = "far"
bind = "127.0.0.1:{far}"
protocol = "tls"
names = ["far.example"]

[[route]]
listener = "far"
to = "app"

[[upstream]]
name = "app"
endpoints = ["127.0.0.1:{clear}"]

[[flow]]
name = "whole"
path = ["client", "near", "edge", "far", "app"]
"#
        )
    });
    let request = [&b"GET / HTTP/1.1\r\nCookie: "[..], MARKER, b"\r\n\r\n"].concat();
    assert!(exchange(ports.nth(1), &request).ends_with(b"ok"));
    assert!(control.has(MARKER), "the control must have it, or the captures prove nothing");
    for leg in [&between, &beyond] {
        assert!(!leg.has(MARKER) && leg.len() > request.len());
        assert!(leg.has(b"far.example"), "the hello, which passes in clear");
    }
    // The last of it, a goodbye, may be on its way still.
    eventually("what passed is what came", || (between.len() == beyond.len()).then_some(()));
}
