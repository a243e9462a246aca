//! What is refused at the door, each in the language that the peer speaks, while others go on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{Hermetic, Origin, curl, openssl};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// An edge whose origin answers `ok`.
fn edge() -> (Hermetic, Origin) {
    let origin = Origin::answering(OK);
    (Hermetic::to(&origin.url()), origin)
}

/// The others go on.
fn still_serves(edge: &Hermetic) {
    let url = format!("https://localhost:{}/", edge.ports.edge());
    assert_eq!(curl(edge, &[&url]).stdout, b"ok");
}

fn s_client(edge: &Hermetic, arguments: &[&str]) -> (bool, String) {
    let address = format!("127.0.0.1:{}", edge.ports.edge());
    let ca = edge.ca();
    let common = ["s_client", "-connect", &address, "-CAfile", ca.to_str().unwrap(), "-verify_return_error"];
    let output = openssl(&[&common[..], arguments].concat(), b"");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// Sends these bytes, and gives all that comes back.
fn exchange(edge: &Hermetic, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", edge.ports.edge())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    // It may be refused before all is sent.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn reasons(edge: &Hermetic) -> String {
    edge.hop("client", "edge")["counts"]["failures"].to_string()
}

#[test]
fn openssl_gets_tls_1_2_and_1_3() {
    let (edge, _origin) = edge();
    for (flag, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let (succeeded, text) = s_client(&edge, &[flag, "-servername", "localhost"]);
        assert!(succeeded && text.contains(version), "{text}");
    }
}

#[test]
fn older_hellos_get_the_alert_protocol_version() {
    let (edge, _origin) = edge();
    for flag in ["-tls1", "-tls1_1"] {
        let (succeeded, text) =
            s_client(&edge, &[flag, "-servername", "localhost", "-cipher", "ALL:@SECLEVEL=0"]);
        assert!(!succeeded && text.contains("SSL alert number 70"), "{text}");
    }
    assert!(reasons(&edge).contains("TLSv1"), "{}", reasons(&edge));
    still_serves(&edge);
}

#[test]
fn a_needless_fallback_gets_the_alert_inappropriate_fallback() {
    let (edge, _origin) = edge();
    let (succeeded, text) = s_client(&edge, &["-tls1_2", "-fallback_scsv", "-servername", "localhost"]);
    assert!(!succeeded && text.contains("SSL alert number 86"), "{text}");
    still_serves(&edge);
}

#[test]
fn a_name_that_no_certificate_covers_gets_the_alert_unrecognized_name() {
    let (edge, _origin) = edge();
    let (succeeded, text) = s_client(&edge, &["-servername", "other.example"]);
    assert!(!succeeded && text.contains("SSL alert number 112"), "{text}");
    still_serves(&edge);
}

#[test]
fn without_a_name_the_certificate_that_covers_the_local_address_is_served() {
    let (edge, _origin) = edge();
    let (succeeded, text) = s_client(&edge, &["-noservername", "-verify_ip", "127.0.0.1"]);
    assert!(succeeded, "{text}");
}

#[test]
fn cleartext_http_on_the_tls_port_is_told_so_in_one_line() {
    let (edge, _origin) = edge();
    let answer = String::from_utf8(exchange(&edge, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(body.contains("HTTPS") && body.lines().count() == 1, "{body}");
    assert!(head.to_lowercase().contains(&format!("content-length: {}", body.len())), "{answer}");
    still_serves(&edge);
}

#[test]
fn garbage_is_closed_without_a_word() {
    let (edge, _origin) = edge();
    assert_eq!(exchange(&edge, &[0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3]), b"");
    still_serves(&edge);
}

#[test]
fn a_hello_of_more_than_64_kib_is_refused_with_an_alert() {
    let (edge, _origin) = edge();
    // A handshake message that claims 80,000 bytes, in records of 16,000.
    let mut message = vec![1, 0x01, 0x38, 0x80];
    message.resize(64 * 1024 + 1, 0x55);
    let mut records = Vec::new();
    for part in message.chunks(16_000) {
        records.extend_from_slice(&[22, 3, 1]);
        records.extend_from_slice(&u16::try_from(part.len()).unwrap().to_be_bytes());
        records.extend_from_slice(part);
    }
    let answer = exchange(&edge, &records);
    assert_eq!(answer.first(), Some(&21), "{answer:?}");
    assert_eq!(answer.len(), 7, "{answer:?}");
    still_serves(&edge);
}

#[test]
fn a_hello_split_byte_by_byte_is_served() {
    let (edge, _origin) = edge();
    // A relay that passes every byte by itself to the edge.
    let relay = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, edge_port) = (relay.local_addr().unwrap().port(), edge.ports.edge());
    std::thread::spawn(move || {
        let (mut client, _) = relay.accept().unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", edge_port)).unwrap();
        server.set_nodelay(true).unwrap();
        let (mut back_from, mut back_to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut back_from, &mut back_to));
        let mut byte = [0];
        while client.read(&mut byte).is_ok_and(|read| read == 1) {
            if server.write_all(&byte).is_err() {
                return;
            }
        }
    });
    let url = format!("https://localhost:{edge_port}/");
    let through = format!("localhost:{edge_port}:127.0.0.1:{port}");
    let output = curl(&edge, &["--connect-to", &through, &url]);
    assert_eq!(output.stdout, b"ok", "{output:?}");
}

#[test]
fn a_slow_client_is_cut_at_the_deadline_and_delays_nobody() {
    let origin = Origin::answering(OK);
    let edge = Hermetic::configured(|ports, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"https\"\nnames = [\"localhost\"]\n\
             handshake_timeout = \"1s\"\n[[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n",
            ports.edge(),
            origin.port
        )
    });
    let mut slow = TcpStream::connect(("127.0.0.1", edge.ports.edge())).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    slow.write_all(&[22, 3, 1, 0, 200, 1]).unwrap();
    still_serves(&edge);
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).unwrap();
    assert!(reasons(&edge).contains("within 1 s"), "{}", reasons(&edge));
}

#[test]
fn requests_that_smuggle_get_400_in_order_and_the_connection_closes() {
    let (edge, origin) = edge();
    let shapes: [&str; 11] = [
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\nHost: localhost\n\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\nY: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nX: no host\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ];
    for shape in shapes {
        let before = origin.requests().len();
        let pipelined = format!(
            "GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n{shape}GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
        );
        let answer = raw_https(&edge, pipelined.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 "), "{shape:?}\n{answer}");
        assert_eq!(answer.matches("HTTP/1.1 400 ").count(), 1, "{shape:?}\n{answer}");
        let seen = origin.requests();
        assert!(!seen[before..].iter().any(|head| head.contains("/smuggled")), "{shape:?}\n{seen:?}");
    }
    still_serves(&edge);
}

/// Sends bytes over a verified TLS connection by openssl, and gives what comes back until the close.
fn raw_https(edge: &Hermetic, bytes: &[u8]) -> String {
    let address = format!("127.0.0.1:{}", edge.ports.edge());
    let ca = edge.ca();
    let output = openssl(
        &[
            "s_client",
            "-connect",
            &address,
            "-CAfile",
            ca.to_str().unwrap(),
            "-verify_return_error",
            "-quiet",
            "-servername",
            "localhost",
            "-alpn",
            "http/1.1",
            "-no_ign_eof",
            "-ign_eof",
        ],
        bytes,
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_cleartext_port_refuses_secrets_and_content_and_records_them() {
    let (edge, _origin) = edge();
    let url = format!("http://localhost:{}/", edge.ports.plain());
    let status = |arguments: &[&str]| {
        let output =
            curl(&edge, &[&["-o", "/dev/null", "-w", "%{http_code}"], arguments, &[&url[..]]].concat());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(status(&[]), "301");
    assert_eq!(status(&["-I"]), "301");
    assert_eq!(status(&["-H", "Authorization: Bearer x"]), "403");
    assert_eq!(status(&["-d", "secret"]), "403");
    assert_eq!(status(&["-H", "Cookie: session=x"]), "301");
    let metrics = format!("http://127.0.0.1:{}/metrics", edge.ports.nth(464));
    let metrics = String::from_utf8(curl(&edge, &[&metrics]).stdout).unwrap();
    let exposed = "hermetic_credential_exposed_total{from=\"client\",to=\"plain\"} 3";
    assert!(metrics.contains(exposed), "{metrics}");
}
