//! Bytes of any protocol: cleartext on this host becomes TLS on its way out, and ends as it began.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use crate::harness::{Hermetic, openssl};

/// A service that gives back what it got, once it has all of it.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut all = Vec::new();
                stream.read_to_end(&mut all).and_then(|_| stream.write_all(&all))
            });
        }
    });
    port
}

/// `client → near → far → service`: cleartext, mutual TLS, cleartext.
fn tunnel() -> Hermetic {
    let service = echo();
    Hermetic::configured(|ports, _| {
        let (near, far) = (ports.nth(1), ports.nth(2));
        format!(
            r#"
[[listener]]
name = "near"
bind = "127.0.0.1:{near}"
protocol = "tcp"

[[route]]
listener = "near"
to = "far"

[[upstream]]
name = "far"
endpoints = ["localhost:{far}"]
tls = {{ trust = "authority", name = "localhost", identity = "near" }}

[[listener]]
name = "far"
bind = "127.0.0.1:{far}"
protocol = "tls"
names = ["localhost"]
clients = "required"
allow = ["near"]

[[route]]
listener = "far"
host = "localhost"
to = "service"

[[upstream]]
name = "service"
endpoints = ["127.0.0.1:{service}"]

[[flow]]
name = "tunnel"
path = ["client", "near", "far", "service"]
"#
        )
    })
}

#[test]
fn bytes_arrive_whole_and_an_end_is_passed_on_while_the_answer_still_comes() {
    let hermetic = tunnel();
    let sent: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let mut stream = TcpStream::connect(("127.0.0.1", hermetic.ports.nth(1))).unwrap();
    let mut writer = stream.try_clone().unwrap();
    let writing = std::thread::spawn({
        let sent = sent.clone();
        move || writer.write_all(&sent).and_then(|()| writer.shutdown(Shutdown::Write))
    });
    let mut received = Vec::new();
    stream.read_to_end(&mut received).unwrap();
    writing.join().unwrap().unwrap();
    assert!(received == sent, "{} of {} bytes came back", received.len(), sent.len());
    let verdict = |from, to| hermetic.hop(from, to)["verdict"].as_str().unwrap().to_owned();
    assert_eq!(verdict("client", "near"), "local");
    assert_eq!(verdict("near", "far"), "sealed");
    assert_eq!(verdict("far", "service"), "local");
    let counts = hermetic.hop("near", "far")["counts"].clone();
    assert_eq!(counts["bytes_received"], 3_000_000, "{counts}");
}

#[test]
fn a_stranger_gets_nothing_from_a_stream_that_lets_in_one_party() {
    let hermetic = tunnel();
    let (ca, address) = (hermetic.ca(), format!("localhost:{}", hermetic.ports.nth(2)));
    let output = openssl(
        &[
            "s_client",
            "-ign_eof",
            "-connect",
            &address,
            "-servername",
            "localhost",
            "-CAfile",
            ca.to_str().unwrap(),
        ],
        b"hello",
    );
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("certificate required"), "{said}");
    assert_eq!(hermetic.hop("far", "service")["counts"]["connections"], 0);
}
