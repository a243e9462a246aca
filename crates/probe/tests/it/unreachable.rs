//! Far ends that are not there, or say nothing, or nothing of their protocol.

use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use crate::certificates::Authority;
use crate::look::{look, look_within, unseen};
use crate::servers::free_port;

fn reason(endpoint: &str) -> String {
    unseen(look(endpoint, Authority::new().trust(), "far.test"))
}

/// What is said of a far end that says this to everybody and then waits.
fn reason_of(scheme: &str, greeting: &'static [u8], deadline: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("{scheme}://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for mut stream in listener.incoming().map_while(Result::ok) {
            stream.write_all(greeting).unwrap();
            held.push(stream);
        }
    });
    unseen(look_within(&endpoint, Authority::new().trust(), "far.test", deadline))
}

#[test]
fn a_name_that_vanished_is_unreachable() {
    let reason = reason("https://vanished.invalid");
    assert!(reason.starts_with("the name vanished.invalid can't be resolved"), "{reason}");
}

#[test]
fn a_port_that_nobody_serves_is_unreachable() {
    let reason = reason(&format!("postgres://127.0.0.1:{}", free_port()));
    assert!(reason.contains("Connection refused"), "{reason}");
}

#[test]
fn a_far_end_that_hangs_before_or_in_the_handshake_is_given_up_at_the_deadline() {
    for scheme in ["https", "tls", "postgres", "mysql", "redis", "rediss", "smtp"] {
        let reason = reason_of(scheme, b"", Duration::from_millis(1200));
        assert_eq!(reason, "no answer within 1.2 s", "{scheme}");
    }
}

#[test]
fn a_far_end_that_turns_us_away_is_quoted() {
    let blocked = b"\x1a\x00\x00\x00\xff\x69\x04Host 'x' is blocked at all";
    let reasons = [
        ("mysql", &blocked[..], "the server turns us away: Host 'x' is blocked"),
        ("smtp", b"554 no service here\r\n", "the connection is answered 554 no service here"),
        ("postgres", b"E\0\0\0\x0fMtoo many\0\0", "it refuses SSLRequest: too many"),
    ];
    for (scheme, greeting, expected) in reasons {
        let reason = reason_of(scheme, greeting, Duration::from_secs(15));
        assert!(reason.starts_with(expected), "{reason}");
    }
}

#[test]
fn a_far_end_of_another_protocol_is_told() {
    for scheme in ["postgres", "mysql", "smtp"] {
        let reason = reason_of(scheme, b"SSH-2.0-OpenSSH_9.2\r\n", Duration::from_secs(15));
        assert!(reason.contains("it does not") || reason.contains("behind the answer"), "{reason}");
    }
}
