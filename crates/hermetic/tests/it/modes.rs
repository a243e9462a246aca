//! Modes: what passes in cleartext by an exception, what never does, and how it is told.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::harness::{Hermetic, Origin, Tap, curl, eventually, openssl};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// What no capture of a sealed leg may hold.
const MARKER: &str = "marker-5d1f0c";

fn exception() -> String {
    "cleartext = { reason = \"old tills\", owner = \"shop\", until = 2090-01-01 }\n".to_owned()
}

/// A listener of this name at a port, with these lines, and a route from it to `app`.
fn listener(name: &str, port: u16, lines: &str) -> String {
    format!(
        "[[listener]]\nname = \"{name}\"\nbind = \"127.0.0.1:{port}\"\n{lines}\
         [[route]]\nlistener = \"{name}\"\nto = \"app\"\n"
    )
}

fn app(endpoint: u16, lines: &str) -> String {
    format!("[[upstream]]\nname = \"app\"\nendpoints = [\"localhost:{endpoint}\"]\n{lines}")
}

/// An edge in this mode before an application, with an access log.
fn edge(mode: &str, lines: &str, origin: &Origin) -> Hermetic {
    Hermetic::configured(|ports, _| {
        let lines = format!("names = [\"localhost\"]\nmode = \"{mode}\"\n{lines}{}", exception());
        "access_log = \"access.jsonl\"\n".to_owned()
            + &listener("edge", ports.nth(1), &lines)
            + &app(origin.port, "")
    })
}

fn at(hermetic: &Hermetic, scheme: &str) -> String {
    format!("{scheme}://localhost:{}/", hermetic.ports.nth(1))
}

fn reason(hop: &Value) -> &str {
    hop["reason"].as_str().unwrap()
}

/// The lines of the access log of this kind.
fn records(hermetic: &Hermetic, kind: &str) -> Vec<Value> {
    let log = std::fs::read_to_string(hermetic.folder.path().join("access.jsonl")).unwrap_or_default();
    let records = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.filter(|record| record["kind"] == kind).collect()
}

#[test]
fn a_port_in_prefer_takes_tls_and_cleartext_and_tells_them_apart() {
    let origin = Origin::answering(OK);
    let hermetic = edge("prefer", "hsts = \"1y\"\n", &origin);
    let (sealed, plain) = (at(&hermetic, "https"), at(&hermetic, "http"));
    let sealed = curl(&hermetic, &["--include", &sealed]);
    let plain = curl(&hermetic, &["--include", &plain]);
    let [sealed, plain] = [sealed, plain].map(|answer| String::from_utf8(answer.stdout).unwrap());
    assert!(sealed.ends_with("ok") && plain.ends_with("ok"), "{sealed} {plain}");
    assert!(sealed.contains("strict-transport-security"), "{sealed}");
    assert!(!plain.contains("strict-transport-security"), "{plain}");
    let heads = origin.requests();
    assert!(
        heads[0].contains("x-forwarded-proto: https") && heads[1].contains("x-forwarded-proto: http\r\n")
    );
    assert!(heads[1].contains("proto=http\r\n"), "{}", heads[1]);

    let hop = hermetic.hop("client", "edge");
    assert_eq!((&hop["mode"], &hop["exception"]["owner"]), (&"prefer".into(), &"shop".into()));
    assert_eq!((&hop["counts"]["connections"], &hop["counts"]["cleartext"]), (&2.into(), &1.into()));
    assert!(reason(&hop).contains("1 of 2 connections in cleartext"), "{hop}");
    assert!(
        reason(&hop).contains("cleartext passes until 2090-01-01, shop answers for it: old tills"),
        "{hop}"
    );
    let record = eventually("the record", || records(&hermetic, "cleartext").pop());
    assert_eq!((&record["to"], &record["exception"]["reason"]), (&"edge".into(), &"old tills".into()));
    assert!(hermetic.banner.iter().any(|line| line.contains("prefer: cleartext passes until 2090-01-01")));
}

#[test]
fn in_prefer_who_says_nothing_gives_way_to_who_does() {
    let origin = Origin::answering(OK);
    let hermetic = edge("prefer", "handshake_timeout = \"1m\"\nlimits = { connections = 20 }\n", &origin);
    let silent = || TcpStream::connect(("127.0.0.1", hermetic.ports.nth(1))).unwrap();
    let _silent: Vec<TcpStream> = (0..20).map(|_| silent()).collect();
    for scheme in ["https", "http"] {
        let url = at(&hermetic, scheme);
        eventually("a place", || Some(curl(&hermetic, &[&url])).filter(|answer| answer.stdout == b"ok"));
    }
}

#[test]
fn in_prefer_a_browser_is_led_to_https_and_caches_are_told_that_others_are_not() {
    let origin = Origin::answering(OK);
    let hermetic = edge("prefer", "", &origin);
    let url = at(&hermetic, "http");
    let asks = curl(&hermetic, &["--include", "--header", "Upgrade-Insecure-Requests: 1", &url]);
    let asks = String::from_utf8(asks.stdout).unwrap();
    assert!(asks.starts_with("HTTP/1.1 307") && asks.contains("vary: upgrade-insecure-requests"), "{asks}");
    assert!(asks.contains(&format!("location: {}", at(&hermetic, "https"))), "{asks}");
    let others = String::from_utf8(curl(&hermetic, &["--include", &url]).stdout).unwrap();
    assert!(
        others.starts_with("HTTP/1.1 200") && others.contains("vary: upgrade-insecure-requests"),
        "{others}"
    );
    assert_eq!(origin.requests().len(), 1);
}

#[test]
fn in_observe_nobody_is_led_anywhere_and_a_secret_in_cleartext_is_counted() {
    let origin = Origin::answering(OK);
    let hermetic = edge("observe", "", &origin);
    let url = at(&hermetic, "http");
    let headers = ["--header", "Upgrade-Insecure-Requests: 1", "--header", "Cookie: session=7"];
    assert_eq!(curl(&hermetic, &[&headers[..], &[&url]].concat()).stdout, b"ok");
    let exposed = eventually("the record", || records(&hermetic, "credential_exposed").pop());
    assert_eq!(exposed["secret"], "cookie");
    assert_eq!(hermetic.hop("client", "edge")["counts"]["credential_exposed"], 1);
}

#[test]
fn http2_in_cleartext_is_served_too() {
    let origin = Origin::answering(OK);
    let hermetic = edge("observe", "", &origin);
    let url = at(&hermetic, "http");
    let answer = curl(&hermetic, &["--http2-prior-knowledge", "--include", &url]);
    let answer = String::from_utf8(answer.stdout).unwrap();
    assert!(answer.starts_with("HTTP/2 200") && answer.ends_with("ok"), "{answer}");
}

#[test]
fn an_http_listener_in_these_modes_serves_its_routes() {
    let origin = Origin::answering(OK);
    let hermetic = Hermetic::configured(|ports, _| {
        let prefer =
            "protocol = \"http\"\nmode = \"prefer\"\nredirect = \"edge\"\n".to_owned() + &exception();
        let observe = "protocol = \"http\"\nmode = \"observe\"\n".to_owned() + &exception();
        listener("edge", ports.nth(1), "names = [\"localhost\"]\n")
            + &listener("prefers", ports.nth(2), &prefer)
            + &listener("observes", ports.nth(3), &observe)
            + &app(origin.port, "")
    });
    for n in [2, 3] {
        let url = format!("http://localhost:{}/", hermetic.ports.nth(n));
        assert_eq!(curl(&hermetic, &[&url]).stdout, b"ok");
    }
    let asks = ["--include", "--header", "Upgrade-Insecure-Requests: 1"];
    let url = format!("http://localhost:{}/a?b", hermetic.ports.nth(2));
    let redirect = String::from_utf8(curl(&hermetic, &[&asks[..], &[&url]].concat()).stdout).unwrap();
    let there = format!("location: https://localhost:{}/a?b", hermetic.ports.nth(1));
    assert!(redirect.starts_with("HTTP/1.1 307") && redirect.contains(&there), "{redirect}");
    // Who connects to it is on this host, so nothing left it.
    assert_eq!(hermetic.hop("client", "observes")["verdict"], "local");
}

#[test]
fn the_guards_rules_hold_in_cleartext_as_well() {
    let origin = Origin::answering(OK);
    let hermetic = edge("observe", "", &origin);
    let url = at(&hermetic, "http");
    let trace =
        curl(&hermetic, &["--request", "TRACE", "--write-out", "%{http_code}", "--output", "-", &url]);
    assert!(String::from_utf8_lossy(&trace.stdout).contains("405"), "{trace:?}");
    let headers = ["--header", "X-Forwarded-Proto: https", "--header", "X-Forwarded-For: 6.6.6.6"];
    assert_eq!(curl(&hermetic, &[&headers[..], &[&url]].concat()).stdout, b"ok");
    let head = origin.requests().pop().unwrap();
    assert!(head.contains("x-forwarded-proto: http\r\n") && !head.contains("6.6.6.6"), "{head}");
}

#[test]
fn one_client_of_another_host_in_cleartext_makes_the_hop_clear_and_is_named() {
    let origin = Origin::answering(OK);
    // Whose connection it is a proxy tells.
    let hermetic =
        edge("prefer", "proxy_protocol = { from = [\"127.0.0.1\"], others = \"direct\" }\n", &origin);
    let from = |source: &str, request: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", hermetic.ports.nth(1))).unwrap();
        write!(stream, "PROXY TCP4 {source} 127.0.0.1 4711 443\r\n{request}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert!(from("203.0.113.7", request).ends_with("ok"));
    let hop = hermetic.hop("client", "edge");
    assert_eq!(hop["verdict"], "clear");
    assert!(
        reason(&hop).contains("the only connection in cleartext") && reason(&hop).contains("203.0.113.7 (1)")
    );
    assert_eq!(hop["cleartext"]["addresses"]["203.0.113.7"], 1);
    assert_eq!(hermetic.hermetic(&["hops"]).status.code(), Some(1));
}

#[test]
fn where_tls_is_required_cleartext_is_refused_as_ever() {
    let origin = Origin::answering(OK);
    let hermetic = Hermetic::configured(|ports, _| {
        listener("edge", ports.nth(1), "names = [\"localhost\"]\nmode = \"require\"\n")
            + &app(origin.port, "")
    });
    let url = at(&hermetic, "http");
    let answer = curl(&hermetic, &["--include", &url]);
    assert!(String::from_utf8_lossy(&answer.stdout).starts_with("HTTP/1.1 400"), "{answer:?}");
    assert_eq!(origin.requests().len(), 0);
}

/// `client → near → far → app` over taps on both legs that could be sealed; `far` and its upstream have
/// these lines, and the client comes to `near` as `clients` says.
fn tapped(near: &str, upstream: &str, far: &str) -> (Hermetic, Tap, Tap, Origin) {
    let origin = Origin::answering(OK);
    let (app, mut inner) = (origin.port, None);
    let hermetic = Hermetic::configured(|ports, _| {
        let inner = inner.insert(Tap::before(ports.nth(2)));
        format!(
            "[[listener]]\nname = \"near\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"tls\"\nnames = [\"localhost\"]\n{near}\
             [[route]]\nlistener = \"near\"\nto = \"far\"\n\
             [[upstream]]\nname = \"far\"\nendpoints = [\"localhost:{}\"]\n{upstream}\
             [[listener]]\nname = \"far\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"tls\"\nnames = [\"localhost\"]\n{far}\
             [[route]]\nlistener = \"far\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{app}\"]\n",
            ports.nth(1),
            inner.port,
            ports.nth(2)
        )
    });
    let outer = Tap::before(hermetic.ports.nth(1));
    (hermetic, outer, inner.unwrap(), origin)
}

const TLS: &str = "tls = { trust = \"authority\", name = \"localhost\" }\n";

fn marked(hermetic: &Hermetic, scheme: &str, tap: &Tap) -> String {
    let url = format!("{scheme}://localhost:{}/{MARKER}", tap.port);
    String::from_utf8(curl(hermetic, &[&url]).stdout).unwrap()
}

#[test]
fn a_marker_is_in_no_capture_of_a_sealed_tcp_hop_and_in_that_of_an_observed_one() {
    let (hermetic, outer, inner, origin) = tapped("", TLS, "");
    assert_eq!(marked(&hermetic, "https", &outer), "ok");
    for sealed in [&outer, &inner] {
        let captured = sealed.captured();
        assert!(captured.len() > 500 && captured[0] == 22, "there are records of TLS");
        assert!(!sealed.has(MARKER.as_bytes()));
    }
    assert!(origin.requests()[0].contains(MARKER));

    let observe = format!("mode = \"observe\"\n{}", exception());
    let upstream = format!("{observe}{TLS}");
    let (hermetic, outer, inner, _origin) = tapped(&observe, &upstream, &observe);
    assert_eq!(marked(&hermetic, "http", &outer), "ok");
    assert!(outer.has(MARKER.as_bytes()) && inner.has(MARKER.as_bytes()), "the control");
    // The same port takes TLS as well, and then holds nothing.
    let before = outer.len();
    assert_eq!(marked(&hermetic, "https", &outer), "ok");
    let marker = MARKER.as_bytes();
    assert!(!outer.captured()[before..].windows(marker.len()).any(|window| window == marker));
}

#[test]
fn an_upstream_in_prefer_is_met_by_tls_where_it_speaks_it() {
    let prefer = format!("mode = \"prefer\"\n{}{TLS}", exception());
    let (hermetic, outer, inner, _origin) = tapped("", &prefer, "");
    assert_eq!(marked(&hermetic, "https", &outer), "ok");
    assert!(!inner.has(MARKER.as_bytes()));
    let hop = hermetic.hop("near", "far");
    assert_eq!((&hop["verdict"], &hop["counts"]["cleartext"]), (&"sealed".into(), &0.into()));
    assert!(reason(&hop).contains("cleartext passes until 2090-01-01"), "{hop}");
}

/// An edge whose upstream is in `prefer`, with TLS to this name expected.
fn preferring(endpoint: u16, name: &str) -> Hermetic {
    Hermetic::configured(|ports, _| {
        let lines = format!(
            "mode = \"prefer\"\n{}tls = {{ trust = \"authority\", name = \"{name}\" }}\n",
            exception()
        );
        let far = "[[listener]]\nname = \"far\"\nbind = \"127.0.0.1:FAR\"\nnames = [\"localhost\"]\n\
                   unknown_sni = \"first\"\n[[route]]\nlistener = \"far\"\nshow = \"path\"\n";
        let endpoint = if endpoint == 0 { ports.nth(2) } else { endpoint };
        "access_log = \"access.jsonl\"\n".to_owned()
            + &listener("edge", ports.nth(1), "names = [\"localhost\"]\n")
            + &app(endpoint, &lines)
            + &far.replace("FAR", &ports.nth(2).to_string())
    })
}

#[test]
fn an_upstream_in_prefer_that_speaks_no_tls_is_met_in_cleartext_which_is_told() {
    for origin in [
        // It answers the hello in cleartext, or closes without a word.
        Origin::acting(|stream, head| {
            let answer: &[u8] =
                if head.starts_with("GET ") { OK } else { b"HTTP/1.1 400 Bad Request\r\n\r\n" };
            let _ = stream.write_all(answer);
        }),
        Origin::acting(|stream, head| {
            if head.starts_with("GET ") {
                let _ = stream.write_all(OK);
            }
        }),
    ] {
        let origin = Speechless::before(origin);
        let hermetic = preferring(origin.port, "localhost");
        assert_eq!(curl(&hermetic, &[&at(&hermetic, "https")]).stdout, b"ok");
        let hop = hermetic.hop("edge", "app");
        assert_eq!((&hop["counts"]["cleartext"], &hop["counts"]["failed"]), (&1.into(), &1.into()), "{hop}");
        assert!(reason(&hop).contains("shop answers for it"), "{hop}");
        let record = eventually("the record", || records(&hermetic, "cleartext").pop());
        assert!(record["error"].as_str().unwrap().starts_with("app "), "{record}");
        // What was learned holds for a while: the next connection asks nothing.
        assert_eq!(curl(&hermetic, &[&at(&hermetic, "https")]).stdout, b"ok");
        let hop = hermetic.hop("edge", "app");
        assert!(hop["counts"]["failed"].as_u64().unwrap() <= 2, "once for each worker: {hop}");
    }
}

#[test]
fn an_upstream_in_prefer_that_has_spoken_tls_gets_no_cleartext_when_it_closes_without_a_word() {
    let relay = Relay::new();
    let hermetic = preferring(relay.port, "localhost");
    relay.lead_to(hermetic.ports.nth(2));
    let url = at(&hermetic, "https");
    let through = || String::from_utf8_lossy(&curl(&hermetic, &["--include", &url]).stdout).contains(" 200");
    assert!(through());
    // Its port is open, and each connection closed at once: by whichever worker, it is refused.
    relay.cut();
    for _ in 0..4 {
        assert!(!through());
    }
    let hop = hermetic.hop("edge", "app");
    assert_eq!(hop["counts"]["cleartext"], 0, "{hop}");
    assert!(reason(&hop).contains("closes the connection when TLS begins"), "{hop}");
}

/// A relay that can be cut.
struct Relay {
    port: u16,
    /// The port that it leads to; 0 where it closes each connection.
    to: Arc<AtomicU16>,
    passing: Arc<Mutex<Vec<TcpStream>>>,
}

impl Relay {
    fn new() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let relay = Self { port, to: Arc::default(), passing: Arc::default() };
        let (to, passing) = (relay.to.clone(), relay.passing.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let to = to.load(Ordering::SeqCst);
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                passing.lock().unwrap().push(client.try_clone().unwrap());
                let ends = [(&client, &server), (&server, &client)];
                for (from, to) in ends {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(std::net::Shutdown::Both);
                    });
                }
            }
        });
        relay
    }

    fn lead_to(&self, port: u16) {
        self.to.store(port, Ordering::SeqCst);
    }

    fn cut(&self) {
        self.lead_to(0);
        for client in self.passing.lock().unwrap().drain(..) {
            client.shutdown(std::net::Shutdown::Both).unwrap();
        }
    }
}

/// An origin that does away with a hello as a cleartext server does: what it reads up to an empty line is
/// no request.
struct Speechless {
    port: u16,
    _origin: Origin,
}

impl Speechless {
    /// Passes what begins like a request on to `origin`; answers what does not as it would.
    fn before(origin: Origin) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, behind) = (listener.local_addr().unwrap().port(), origin.port);
        std::thread::spawn(move || {
            for mut client in listener.incoming().map_while(Result::ok) {
                let mut first = [0; 4];
                if client.read_exact(&mut first).is_err() {
                    continue;
                }
                let mut server = TcpStream::connect(("127.0.0.1", behind)).unwrap();
                server.write_all(&first).unwrap();
                if &first != b"GET " {
                    server.write_all(b"\r\n\r\n").unwrap();
                    let _ = std::io::copy(&mut server, &mut client);
                    continue;
                }
                let (mut up, mut down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut up, &mut down));
                let _ = std::io::copy(&mut server, &mut client);
                let _ = client.shutdown(std::net::Shutdown::Both);
            }
        });
        Self { port, _origin: origin }
    }
}

#[test]
fn an_upstream_in_prefer_whose_certificate_does_not_hold_gets_no_cleartext() {
    // The listener `far` of the same instance, which is not who is expected.
    let hermetic = preferring(0, "elsewhere.example");
    let answer = curl(&hermetic, &["--include", &at(&hermetic, "https")]);
    assert!(String::from_utf8_lossy(&answer.stdout).contains("502"), "{answer:?}");
    let hop = hermetic.hop("edge", "app");
    assert_eq!((&hop["verdict"], &hop["counts"]["cleartext"]), (&"weak".into(), &0.into()), "{hop}");
    assert!(reason(&hop).contains("not for") && reason(&hop).contains("requests are refused"), "{hop}");
}

#[test]
fn an_observed_upstream_that_has_learned_tls_is_told_of() {
    let observe = format!("mode = \"observe\"\n{}", exception());
    let (hermetic, outer, _inner, _origin) = tapped("", &format!("{observe}{TLS}"), &observe);
    assert_eq!(marked(&hermetic, "https", &outer), "ok");
    eventually("the trial", || {
        let hop = hermetic.hop("near", "far");
        reason(&hop).contains("TLS would be possible").then_some(())
    });
    let hop = hermetic.hop("near", "far");
    assert_eq!(hop["trial"]["problem"], Value::Null, "{hop}");
}

#[test]
fn an_observed_upstream_without_tls_is_told_of_with_what_stands_against_it() {
    let origin = Origin::answering(OK);
    let hermetic = Hermetic::configured(|ports, _| {
        let lines = format!("connect_timeout = \"1s\"\nmode = \"observe\"\n{}{TLS}", exception());
        listener("edge", ports.nth(1), "names = [\"localhost\"]\n") + &app(origin.port, &lines)
    });
    assert_eq!(curl(&hermetic, &[&at(&hermetic, "https")]).stdout, b"ok");
    eventually("the trial", || {
        let hop = hermetic.hop("edge", "app");
        reason(&hop).contains("TLS is not possible yet").then_some(())
    });
}

#[test]
fn a_silent_client_is_not_taken_for_one_in_cleartext() {
    let origin = Origin::answering(OK);
    let observe = format!("handshake_timeout = \"1s\"\nmode = \"observe\"\n{}", exception());
    let hermetic = Hermetic::configured(|ports, _| {
        listener("db", ports.nth(1), &format!("protocol = \"tls\"\nnames = [\"localhost\"]\n{observe}"))
            + &app(origin.port, "")
    });
    let mut stream = TcpStream::connect(("127.0.0.1", hermetic.ports.nth(1))).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0, "closed");
    let hop = hermetic.hop("client", "db");
    assert_eq!(hop["counts"]["cleartext"], 0, "{hop}");
    assert!(
        hop["counts"]["failures"].to_string().contains("may wait for the server to speak first"),
        "{hop}"
    );
    let tls = openssl(
        &[
            "s_client",
            "-quiet",
            "-connect",
            &format!("localhost:{}", hermetic.ports.nth(1)),
            "-servername",
            "localhost",
        ],
        b"GET / HTTP/1.1\r\n\r\n",
    );
    assert!(tls.stdout.ends_with(b"ok"), "{tls:?}");
}
