//! PROXY protocol: the true client behind a proxy, and the upstream that is told of it. Clients come from
//! 127.0.0.2 and the like, which the proxies between do not have.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use hermetic_gateway::proxy_protocol::{self, Details, Header, Origin as Told, Progress, TlsDetails};

use crate::harness::{
    Fragmentation, Haproxy, Hermetic, Nginx, Origin, Ports, curl, eventually, folder, fragmenting,
    self_signed,
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// An edge whose listener has these keys, before an upstream with those.
fn edge(listener: &str, upstream: &str, port: u16) -> Hermetic {
    edge_in(folder(), listener, upstream, port)
}

fn edge_in(folder: tempfile::TempDir, listener: &str, upstream: &str, port: u16) -> Hermetic {
    Hermetic::configured_in(folder, |ports, _| {
        format!(
            "access_log = \"access.jsonl\"\nworkers = 1\n\
             [[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n{listener}\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{port}\"]\n{upstream}\n\
             [[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n",
            ports.edge()
        )
    })
}

const FROM_HERE: &str = "proxy_protocol = { from = [\"127.0.0.1\"] }";

/// What a client of this address gets from that port.
fn get(edge: &Hermetic, client: &str, port: u16, more: &[&str]) -> String {
    let url = format!("https://localhost:{port}/");
    let output = curl(edge, &[&["--ipv4", "--interface", client, &url], more].concat());
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn client_of(record: &serde_json::Value) -> &str {
    record["client"].as_str().unwrap().split(':').next().unwrap()
}

#[test]
fn behind_haproxy_the_client_is_the_one_that_connected_to_it_in_either_version() {
    for (send, client) in
        [("send-proxy", "127.0.0.2"), ("send-proxy-v2 proxy-v2-options crc32c", "127.0.0.3")]
    {
        let origin = Origin::answering(OK);
        let edge = edge(FROM_HERE, "", origin.port);
        let port = edge.ports.nth(1);
        let proxy = format!(
            "listen l4\n mode tcp\n bind 127.0.0.1:{port}\n server edge 127.0.0.1:{} {send}",
            edge.ports.edge()
        );
        let _haproxy = Haproxy::start(edge.folder.path(), &proxy, port);
        assert_eq!(get(&edge, client, port, &[]), "ok", "{send}");
        let request = origin.requests().pop().unwrap().to_lowercase();
        assert!(request.contains(&format!("x-forwarded-for: {client}\r\n")), "{request}");
        assert!(request.contains(&format!("for={client};")), "{request}");
        let record = edge.record("request");
        assert_eq!(client_of(&record), client, "{record}");
        assert!(record["told"]["by"].as_str().unwrap().starts_with("127.0.0.1:"), "{record}");
        assert_eq!(edge.hop("client", "edge")["verdict"], "sealed");
    }
}

#[test]
fn what_haproxy_tells_of_tls_is_its_word_and_makes_no_hop_sealed() {
    let folder = folder();
    self_signed(folder.path(), "server", "localhost");
    self_signed(folder.path(), "client", "alice");
    let origin = Origin::answering(OK);
    let near = Hermetic::configured_in(folder, |ports, _| {
        format!(
            "access_log = \"access.jsonl\"\n\
             [[listener]]\nname = \"near\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"tcp\"\n{FROM_HERE}\n\
             [[route]]\nlistener = \"near\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n\
             [[flow]]\nname = \"shop\"\npath = [\"client\", \"near\", \"app\"]\n",
            ports.nth(1),
            origin.port
        )
    });
    let (port, here) = (near.ports.nth(2), near.folder.path());
    let proxy = format!(
        "listen tls\n mode tcp\n bind 127.0.0.1:{port} ssl crt server.both ca-file client.pem verify required\n \
         server near 127.0.0.1:{} send-proxy-v2-ssl-cn proxy-v2-options authority",
        near.ports.nth(1)
    );
    let _haproxy = Haproxy::start(here, &proxy, port);
    let certificate = here.join("client.both");
    let more = ["--insecure", "--tlsv1.3", "--cert", certificate.to_str().unwrap()];
    assert_eq!(get(&near, "127.0.0.2", port, &more), "ok");
    let record = near.record("stream");
    assert_eq!(client_of(&record), "127.0.0.2", "{record}");
    let told = &record["told"];
    assert_eq!(told["server_name"], "localhost", "{record}");
    let tls = &told["tls"];
    assert_eq!((&tls["version"], &tls["common_name"]), (&"TLSv1.3".into(), &"alice".into()), "{record}");
    assert_eq!(tls["client_checked"], "verified", "{record}");
    assert_eq!(near.hop("client", "near")["verdict"], "local");
}

#[test]
fn a_stranger_is_refused_with_an_alert_and_the_reason_is_on_record() {
    let origin = Origin::answering(OK);
    let edge = edge("proxy_protocol = { from = [\"10.0.0.0/8\"] }", "", origin.port);
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let said = String::from_utf8(curl(&edge, &[&url]).stderr).unwrap();
    assert!(said.contains("access denied"), "{said}");
    let record = edge.record("prelude_failed");
    let error = record["error"].as_str().unwrap();
    assert!(error.contains("127.0.0.1") && error.contains("`proxy_protocol`"), "{record}");
    assert_eq!(edge.hop("client", "edge")["counts"]["failed"], 1);
}

#[test]
fn a_proxy_that_sends_no_header_is_refused_and_told_why_in_the_log() {
    let origin = Origin::answering(OK);
    let edge = edge(FROM_HERE, "", origin.port);
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let said = String::from_utf8(curl(&edge, &[&url]).stderr).unwrap();
    assert!(said.contains("unexpected message"), "{said}");
    let error = edge.record("prelude_failed")["error"].to_string();
    assert!(error.contains("TLS came first"), "{error}");
}

#[test]
fn a_direct_client_is_itself_whatever_header_it_sends() {
    let origin = Origin::answering(OK);
    let listener = "proxy_protocol = { from = [\"10.0.0.0/8\"], others = \"direct\" }";
    let edge = edge(listener, "", origin.port);
    assert_eq!(get(&edge, "127.0.0.2", edge.ports.edge(), &[]), "ok");
    assert_eq!(client_of(&edge.record("request")), "127.0.0.2");
    let liar = fragmenting(edge.ports.edge(), b"PROXY TCP4 10.1.1.1 10.1.1.2 1 443\r\n", Fragmentation::None);
    assert!(!curl(&edge, &[&format!("https://localhost:{liar}/")]).status.success());
    assert_eq!(edge.record("handshake_failed")["error"], "not TLS");
}

#[test]
fn a_listener_without_the_key_never_reads_a_header() {
    let origin = Origin::answering(OK);
    let edge = edge("", "", origin.port);
    let header = Header::new(
        proxy_protocol::Addresses::new("10.1.1.1:1".parse().unwrap(), "10.1.1.2:443".parse().unwrap()),
        Details::default(),
    );
    for header in [header.version1(), header.version2().unwrap()] {
        let port = fragmenting(edge.ports.edge(), &header, Fragmentation::None);
        assert!(!curl(&edge, &[&format!("https://localhost:{port}/")]).status.success());
    }
    assert_eq!(edge.hop("client", "edge")["counts"]["failed"], 2);
    assert!(origin.requests().is_empty());
}

#[test]
fn a_header_and_the_hello_behind_it_may_come_in_any_pieces() {
    let origin = Origin::answering(OK);
    let edge = edge(FROM_HERE, "", origin.port);
    let addresses =
        proxy_protocol::Addresses::new("192.0.2.1:7".parse().unwrap(), "192.0.2.2:443".parse().unwrap());
    let details = Details { authority: Some("shop.example".to_owned()), ..Details::default() };
    let header = Header::new(addresses, details);
    for header in [header.version1(), header.version2().unwrap()] {
        for how in
            [Fragmentation::None, Fragmentation::Packets, Fragmentation::Records, Fragmentation::Halves]
        {
            let port = fragmenting(edge.ports.edge(), &header, how);
            assert_eq!(get(&edge, "127.0.0.1", port, &[]), "ok", "{how:?}");
            assert_eq!(edge.record("request")["client"], "192.0.2.1:7", "{how:?}");
        }
    }
}

/// Sends these bytes, ends there or waits, and gives all that comes back.
fn exchange(port: u16, bytes: &[u8], end: bool) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    // It may be refused before all is sent.
    let _ = stream.write_all(bytes);
    if end {
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[test]
fn headers_that_are_wrong_cut_short_or_too_slow_are_refused_with_their_reason() {
    let origin = Origin::answering(OK);
    let edge = edge(&format!("{FROM_HERE}\nhandshake_timeout = \"1s\""), "", origin.port);
    let signature = b"\r\n\r\n\0\r\nQUIT\n";
    for (bytes, end, reason) in [
        (&b"PROXY TCP4 a b c d\r\n"[..], true, "a port is not a number"),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 1", true, "in the middle of the PROXY header"),
        (&[signature, &[0x21, 0x11, 0xFF, 0xFF][..]].concat(), true, "more than 16384 bytes"),
        (&[signature, &[0x21, 0x11, 0, 4, 1, 2, 3, 4][..]].concat(), true, "shorter than its addresses"),
        (&[signature, &[0x21][..]].concat(), false, "no whole PROXY header within 1 s"),
        (b"GET / HTTP/1.1\r\n\r\n", true, "no PROXY header came first"),
    ] {
        assert_eq!(exchange(edge.ports.edge(), bytes, end), b"");
        eventually(reason, || {
            edge.record("prelude_failed")["error"].as_str().unwrap().contains(reason).then_some(())
        });
    }
    assert_eq!(exchange(edge.ports.edge(), b"", true), b"");
    assert_eq!(edge.hop("client", "edge")["counts"]["failed"], 6, "a health check is no failure");
}

#[test]
fn haproxy_behind_is_told_each_client_over_connections_of_its_own() {
    for version in ["v1", "v2"] {
        let (folder, ports) = (folder(), Ports::reserve());
        let port = ports.nth(1);
        let shows = format!(
            "frontend app\n mode http\n bind 127.0.0.1:{port} accept-proxy\n \
             http-request return status 200 content-type text/plain lf-string \"%[src] %[dst_port]\""
        );
        let _haproxy = Haproxy::start(folder.path(), &shows, port);
        let edge = edge_in(folder, "", &format!("proxy_protocol = \"{version}\""), port);
        let to = edge.ports.edge();
        let url = format!("https://localhost:{to}/");
        for client in ["127.0.0.2", "127.0.0.3", "127.0.0.2"] {
            // The second request goes over the connection of the first.
            let shown = get(&edge, client, to, &[&url]);
            assert_eq!(shown, format!("{client} {to}{client} {to}"), "{version}");
        }
        assert_eq!(edge.hop("edge", "app")["counts"]["connections"], 3, "one for each client");
    }
}

#[test]
fn the_header_comes_before_the_tls_of_an_upstream() {
    let (folder, ports) = (folder(), Ports::reserve());
    self_signed(folder.path(), "origin", "localhost");
    let port = ports.nth(1);
    let http = format!(
        "server {{ listen 127.0.0.1:{port} ssl proxy_protocol; ssl_protocols TLSv1.3; ssl_certificate origin.pem; \
         ssl_certificate_key origin.key; location / {{ return 200 '$proxy_protocol_addr $ssl_protocol'; }} }}"
    );
    let _nginx = Nginx::start(folder.path(), &http, port);
    let upstream = "proxy_protocol = \"v2\"\ntls = { trust = \"origin.pem\", name = \"localhost\" }";
    let edge = edge_in(folder, "", upstream, port);
    assert_eq!(get(&edge, "127.0.0.2", edge.ports.edge(), &[]), "127.0.0.2 TLSv1.3");
    assert_eq!(edge.hop("edge", "app")["verdict"], "sealed");
}

/// An upstream that takes one connection, and gives its header and what is behind it.
fn listening() -> (u16, std::thread::JoinHandle<Header>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let reading = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut received, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut buffer).unwrap();
            received.extend_from_slice(&buffer[..read]);
            if let Progress::Complete { header, .. } = proxy_protocol::read(&received).unwrap() {
                let _ = stream.write_all(OK);
                return *header;
            }
        }
    });
    (port, reading)
}

#[test]
fn version_2_tells_of_the_clients_tls_and_certificate() {
    let folder = folder();
    self_signed(folder.path(), "client", "alice");
    let (port, header) = listening();
    let listener = "clients = \"required\"\nclient_ca = \"client.pem\"";
    let edge = edge_in(folder, listener, "proxy_protocol = \"v2\"", port);
    let certificate = edge.folder.path().join("client.both");
    let more = ["--http1.1", "--tlsv1.3", "--cert", certificate.to_str().unwrap()];
    assert_eq!(get(&edge, "127.0.0.2", edge.ports.edge(), &more), "ok");
    let header = header.join().unwrap();
    let Told::Tcp(addresses) = header.origin else { panic!("{header:?}") };
    assert_eq!(addresses.source().ip().to_string(), "127.0.0.2");
    assert_eq!(addresses.destination().port(), edge.ports.edge());
    assert_eq!(header.details.authority.as_deref(), Some("localhost"));
    assert_eq!(header.details.alpn.as_deref(), Some(&b"http/1.1"[..]));
    let tls = header.details.tls.unwrap();
    let expected = TlsDetails {
        encrypted: true,
        certificate_on_connection: true,
        certificate_in_session: true,
        verify: 0,
        version: Some("TLSv1.3".to_owned()),
        common_name: Some("alice".to_owned()),
        ..tls.clone()
    };
    assert_eq!(tls, expected);
    assert!(tls.cipher.unwrap().starts_with("TLS_AES_"));
}

#[test]
fn a_redirect_behind_a_proxy_knows_whose_secret_came_in_clear() {
    let origin = Origin::answering(OK);
    let edge = Hermetic::configured(|ports, _| {
        format!(
            "access_log = \"access.jsonl\"\n\
             [[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[listener]]\nname = \"plain\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"http\"\nredirect = \"edge\"\n\
             {FROM_HERE}\nhandshake_timeout = \"1s\"\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n\
             [[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n",
            ports.edge(),
            ports.plain(),
            origin.port
        )
    });
    let request = b"PROXY TCP4 192.0.2.9 192.0.2.2 7 80\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\
                    Cookie: secret\r\nConnection: close\r\n\r\n";
    let answer = String::from_utf8(exchange(edge.ports.plain(), request, false)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 301 "), "{answer}");
    assert_eq!(edge.record("credential_exposed")["client"], "192.0.2.9:7");
}
