use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream as Connection};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hermetic_hop::Observation;
use hermetic_tls::{RevokedCertificates, SystemRandomness, TicketKeys, TrustAnchors};
use jiff::Timestamp;
use tokio::time::timeout;

use super::*;
use crate::snapshot::{Credentials, MockSecret};
use crate::{AccessLog, Gateway, Snapshot, Sockets};

#[test]
fn a_client_is_known_by_its_first_bytes() {
    assert_eq!(http(&[22, 3, 1]), Some(First::Tls));
    assert_eq!(http(b"G"), Some(First::Http1));
    assert_eq!(http(b"get"), Some(First::Http1));
    assert_eq!(http(b"\x80\x2e\x01"), Some(First::Tls), "an SSL 2.0 hello has its own refusal");
    assert_eq!(bytes(b"*1\r\n"), Some(First::Bytes));
    assert_eq!(bytes(&[22]), Some(First::Tls));
}

#[test]
fn the_preface_of_http2_is_told_from_methods_that_begin_like_it() {
    assert_eq!(http(b"PR"), None);
    assert_eq!(http(b"PRI"), Some(First::Http2));
    assert_eq!(http(b"PROPFIND"), Some(First::Http1));
    assert_eq!(http(b"PO"), Some(First::Http1));
}

/// A clock that is set by hand.
#[derive(Debug)]
struct Hands(Mutex<Timestamp>);

impl Hands {
    fn at(instant: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(instant.parse().unwrap())))
    }

    fn set(&self, instant: &str) {
        *self.0.lock().unwrap() = instant.parse().unwrap();
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

const LAST: &str = "2027-03-31T23:59:59Z";
const OVER: &str = "2027-04-01T00:00:00Z";

#[tokio::test(start_paused = true)]
async fn a_live_connection_ends_soon_after_its_exception() {
    let (reason, owner) = ("old tills".to_owned(), "shop".to_owned());
    let demand = Demand::Observe(Exception { reason, owner, until: "2027-03-31".parse().unwrap() });
    let clock = Hands::at(LAST);
    assert!(timeout(LOOK_AGAIN * 10, ended(&*clock, &demand)).await.is_err(), "it holds");
    clock.set(OVER);
    let refused = timeout(LOOK_AGAIN, ended(&*clock, &demand)).await.unwrap();
    assert!(refused.to_string().contains("ended with 2027-03-31"), "{refused}");
}

/// Gives back what it gets.
fn echo() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut back = stream.try_clone().unwrap();
                let _ = std::io::copy(&mut stream, &mut back);
            });
        }
    });
    port
}

/// `client → door → echo`, where the door takes cleartext up to and with 2027-03-31.
fn gateway(folder: &Path, port: u16, clock: Arc<dyn Clock>) -> Gateway {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    let text = format!(
        "[[listener]]\nname = \"door\"\nbind = \"127.0.0.1:{port}\"\nprotocol = \"tls\"\nmode = \"prefer\"\n\
         cleartext = {{ reason = \"old tills\", owner = \"shop\", until = 2027-03-31 }}\n\
         certificate = {{ cert = \"cert.pem\", key = \"key.pem\" }}\n\
         [[route]]\nlistener = \"door\"\nto = \"echo\"\n\
         [[upstream]]\nname = \"echo\"\nendpoints = [\"127.0.0.1:{}\"]\n",
        echo()
    );
    let configuration = hermetic_config::parse(&text, &folder.join("hermetic.toml"), &*clock).unwrap();
    let randomness = Arc::new(SystemRandomness::default());
    let credentials = Credentials {
        anchors: TrustAnchors::from_pem(include_str!("../live/client.pem")).unwrap(),
        listeners: HashMap::new(),
        stored: HashMap::new(),
        identities: HashMap::new(),
        revoked: RevokedCertificates::default(),
        tickets: TicketKeys::generate(clock.clone(), randomness.clone()).unwrap(),
        mock_secret: MockSecret::random(&*randomness).unwrap(),
        randomness,
    };
    let snapshot = Snapshot::build(&configuration, &credentials, &clock).unwrap();
    let sockets = Sockets::bind(&configuration.listeners, 1).unwrap();
    Gateway::start(snapshot, sockets, 1, AccessLog::default(), clock).unwrap()
}

/// Says something in cleartext; gives what comes back.
fn said(port: u16) -> Vec<u8> {
    let mut stream = Connection::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.write_all(b"ping").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut heard = Vec::new();
    // A reset is an answer too.
    let _ = stream.read_to_end(&mut heard);
    heard
}

/// What the door has seen, once that is so.
fn seen(gateway: &Gateway, so: impl Fn(&Observation) -> bool) -> Observation {
    let start = Instant::now();
    loop {
        let all = gateway.observations();
        if let Some(seen) = all.into_iter().find(|seen| seen.hop.to.as_str() == "door" && so(seen)) {
            return seen;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", gateway.observations());
        std::thread::yield_now();
    }
}

#[test]
fn a_running_gateway_refuses_cleartext_from_the_day_after_its_exception_and_counts_it() {
    let folder = tempfile::tempdir().unwrap();
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    drop(held);
    let clock = Hands::at(LAST);
    let gateway = gateway(folder.path(), port, clock.clone());
    assert_eq!(said(port), b"ping");
    assert_eq!(seen(&gateway, |_| true).counts.cleartext, 1);
    clock.set(OVER);
    assert_eq!(said(port), b"");
    let after = seen(&gateway, |seen| seen.counts.failed == 1);
    assert_eq!(after.counts.cleartext, 1);
    let reason = after.counts.failures.keys().next().unwrap();
    assert_eq!(reason, "cleartext, and the exception for it ended with 2027-03-31 (shop answers for it)");
}
