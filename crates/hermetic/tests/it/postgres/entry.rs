//! What a client may begin with, and what it is told where it may not.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::world::{records, stderr};
use crate::harness::{Hermetic, eventually, openssl, psql};

const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];
const GSSENC_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x30];
const CANCEL: [u8; 16] = [0, 0, 0, 16, 0x04, 0xD2, 0x16, 0x2E, 0, 0, 0, 1, 1, 2, 3, 4];

/// A gateway whose server is not there; nobody comes as far.
fn gateway() -> Hermetic {
    Hermetic::configured(|ports, _| {
        format!(
            "access_log = \"access.jsonl\"\n[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:{}\"\n\
             protocol = \"postgres\"\nnames = [\"localhost\"]\nhandshake_timeout = \"2s\"\n\
             [[route]]\nlistener = \"db\"\nto = \"postgres\"\n\
             [[upstream]]\nname = \"postgres\"\nendpoints = [\"127.0.0.1:9\"]\n",
            ports.nth(1)
        )
    })
}

/// Sends each once the one before is answered, and gives all answers.
fn answers(hermetic: &Hermetic, sent: &[&[u8]]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", hermetic.ports.nth(1))).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut answers = Vec::new();
    for (number, bytes) in sent.iter().enumerate() {
        stream.write_all(bytes).unwrap();
        if number + 1 < sent.len() {
            let mut answer = [0];
            stream.read_exact(&mut answer).unwrap();
            answers.extend(answer);
        }
    }
    stream.shutdown(Shutdown::Write).unwrap();
    stream.read_to_end(&mut answers).unwrap();
    answers
}

/// The same, where it must be an `ErrorResponse`: its SQLSTATE and its message.
fn error(hermetic: &Hermetic, sent: &[&[u8]]) -> (String, String) {
    let answers = answers(hermetic, sent);
    let error = &answers[sent.len() - 1..];
    assert_eq!(error[0], b'E', "{answers:?}");
    let length = u32::from_be_bytes(error[1..5].try_into().unwrap()) as usize;
    assert_eq!(length, error.len() - 1, "{answers:?}");
    let fields = error[5..].split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let fields: Vec<_> = fields.collect();
    let field = |letter: char| fields.iter().find_map(|field| field.strip_prefix(letter)).unwrap().to_owned();
    (field('C'), field('M'))
}

/// Why the last client of so many was turned away.
fn last(hermetic: &Hermetic, count: usize) -> String {
    let record = eventually("the record", || {
        let records = records(hermetic, "handshake_failed");
        (records.len() == count).then(|| records[count - 1].clone())
    });
    record["error"].as_str().unwrap().to_owned()
}

#[test]
fn a_login_over_cleartext_is_refused_in_words_that_say_what_to_do() {
    let hermetic = gateway();
    let place = format!("host=127.0.0.1 port={} user=shop sslmode=disable", hermetic.ports.nth(1));
    let told = stderr(&psql(&place, "SELECT 1"));
    assert!(told.contains("FATAL:  this server takes no connection without TLS"), "{told}");
    assert!(told.contains("HINT:  Connect with sslmode=verify-full"), "{told}");
    let startup = b"\0\0\0\x13\0\x03\0\0user\0shop\0\0";
    assert_eq!(error(&hermetic, &[startup]).0, "28000");
    assert_eq!(last(&hermetic, 2), "a login came over cleartext where TLS is demanded");
}

#[test]
fn a_cancel_request_over_cleartext_is_refused_without_a_word() {
    let hermetic = gateway();
    assert_eq!(answers(&hermetic, &[&CANCEL]), b"");
    assert_eq!(last(&hermetic, 1), "CancelRequest came over cleartext where TLS is demanded");
}

#[test]
fn encryption_by_kerberos_is_declined_and_each_request_comes_once() {
    let hermetic = gateway();
    assert_eq!(answers(&hermetic, &[&GSSENC_REQUEST, &SSL_REQUEST, b""])[..2], *b"NS");
    let (code, message) = error(&hermetic, &[&GSSENC_REQUEST, &GSSENC_REQUEST]);
    assert_eq!((code.as_str(), message.as_str()), ("08P01", "GSSENCRequest came a second time"));
}

#[test]
fn bytes_that_wait_behind_a_request_end_the_connection() {
    let hermetic = gateway();
    for request in [SSL_REQUEST, GSSENC_REQUEST] {
        let queued = [&request[..], b"\0\0\0\x13\0\x03\0\0user\0shop\0\0"].concat();
        let (code, message) = error(&hermetic, &[&queued]);
        assert_eq!(code, "08P01");
        assert_eq!(message, "received unencrypted data after a request for encryption");
    }
}

#[test]
fn what_is_no_start_up_packet_is_told_as_postgresql_would() {
    let hermetic = gateway();
    for (sent, code, message) in [
        (&b"\0\0\0\x07\0\x03\0\0"[..], "08P01", "invalid length of startup packet"),
        (b"\xff\xff\xff\xff\0\x03\0\0", "08P01", "invalid length of startup packet"),
        (b"GET / HTTP/1.1\r\n", "08P01", "invalid length of startup packet"),
        (b"\0\0\0\x09\0\x02\0\0\0", "0A000", "unsupported frontend protocol 2.0: the gateway passes 3.x on"),
        (b"\0\0\0\x09\0\x03\0\0\0", "28000", "no PostgreSQL user name specified in startup packet"),
        (b"\0\0\0\x08\x04\xd2\x16\x2e", "08P01", "invalid length of cancel request packet"),
    ] {
        assert_eq!(error(&hermetic, &[sent]), (code.to_owned(), message.to_owned()));
    }
}

#[test]
fn who_leaves_or_waits_in_the_middle_is_told_nothing() {
    let hermetic = gateway();
    assert_eq!(answers(&hermetic, &[b""]), b"", "a health check");
    assert_eq!(answers(&hermetic, &[b"\0\0\0\x30\0\x03\0\0user"]), b"");
    assert_eq!(last(&hermetic, 1), "closed in the middle of a start-up packet");
    let mut slow = TcpStream::connect(("127.0.0.1", hermetic.ports.nth(1))).unwrap();
    slow.write_all(b"\0\0").unwrap();
    let mut nothing = Vec::new();
    assert_eq!(slow.read_to_end(&mut nothing).unwrap(), 0);
    assert_eq!(last(&hermetic, 2), "nothing within 2 s");
}

#[test]
fn tls_may_begin_at_once_with_the_name_of_the_protocol_and_not_without() {
    let hermetic = gateway();
    let (address, ca) = (format!("localhost:{}", hermetic.ports.nth(1)), hermetic.ca());
    let common = ["s_client", "-connect", &address, "-CAfile", ca.to_str().unwrap(), "-verify_return_error"];
    let said = |more: &[&str]| {
        let output = openssl(&[&common[..], more].concat(), b"");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let direct = said(&["-alpn", "postgresql"]);
    assert!(
        direct.contains("ALPN protocol: postgresql") && direct.contains("Verify return code: 0"),
        "{direct}"
    );
    let without = said(&[]);
    assert!(without.contains("no application protocol"), "{without}");
    assert_eq!(last(&hermetic, 1), "the hello does not offer the application protocol `postgresql`");
    let asked = said(&["-starttls", "postgres"]);
    assert!(asked.contains("Verify return code: 0"), "{asked}");
}
