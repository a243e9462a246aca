//! What reaches a limit is refused at once, in the language of whom it refuses, and the others go on.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::harness::limited::{edge_with, open, refused};
use crate::harness::{Hermetic, Origin, curl, eventually, python};
use crate::storm::first_flight;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn url(edge: &Hermetic) -> String {
    format!("https://localhost:{}/", edge.ports.edge())
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn connect(edge: &Hermetic) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", edge.ports.edge())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    stream
}

/// Whether a connection was closed by a reset, without a byte.
fn was_reset(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0]), Err(error) if error.kind() == ErrorKind::ConnectionReset)
}

/// An origin that sends a head and one byte of a body of ten, and nothing more for as long as its connection
/// lasts.
fn origin_that_stalls() -> Origin {
    Origin::acting(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n1");
        let _ = stream.read_to_end(&mut Vec::new());
    })
}

#[test]
fn connections_over_the_limit_are_reset_over_all_workers_and_closing_one_makes_room() {
    let origin = Origin::answering(OK);
    let edge = edge_with("{ connections = 5 }", origin.port);
    // Whoever has sent a ClientHello gives way to nobody.
    let hello = first_flight();
    let mut standing: Vec<TcpStream> = (0..5).map(|_| connect(&edge)).collect();
    standing.iter_mut().for_each(|stream| stream.write_all(&hello).unwrap());
    for stream in &mut standing {
        stream.read_exact(&mut [0]).unwrap();
    }
    assert_eq!(open(&edge), 5);
    for _ in 0..10 {
        assert!(was_reset(&mut connect(&edge)));
    }
    assert_eq!(refused(&edge, "connections"), 10);
    standing.pop();
    let output = eventually("room", || Some(curl(&edge, &[&url(&edge)])).filter(|out| out.status.success()));
    assert_eq!(text(&output), "ok");
    assert!(standing.iter_mut().all(|stream| stream.read(&mut [0]).is_ok()), "who stands goes on");
    let log = edge.log();
    assert!(log.contains("a limit is reached") && log.contains("limit=\"connections\""), "{log}");
    assert!(log.matches("a limit is reached").count() < 10, "one line a second, not one a refusal: {log}");
}

#[test]
fn connections_that_say_nothing_do_not_lock_out_who_comes() {
    let origin = Origin::answering(OK);
    let edge = edge_with("{ connections = 50 }", origin.port);
    let _silent: Vec<TcpStream> = (0..50).map(|_| connect(&edge)).collect();
    eventually("all of them", || (open(&edge) == 50).then_some(()));
    // From an address that has fewer than they have, which need not wait for a second.
    let start = Instant::now();
    assert_eq!(text(&curl(&edge, &["--interface", "127.0.0.2", &url(&edge)])), "ok");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(refused(&edge, "connections"), 1, "the oldest of them");
}

#[test]
fn a_client_at_its_own_limit_leaves_room_for_others() {
    let origin = Origin::answering(OK);
    let edge = edge_with("{ connections_per_client = 3 }", origin.port);
    let silent: Vec<TcpStream> = (0..3).map(|_| connect(&edge)).collect();
    eventually("all three", || (open(&edge) == 3).then_some(()));
    assert!(was_reset(&mut connect(&edge)));
    assert_eq!(text(&curl(&edge, &["--interface", "127.0.0.2", &url(&edge)])), "ok");
    drop(silent);
    eventually("room", || curl(&edge, &[&url(&edge)]).status.success().then_some(()));
    assert!(refused(&edge, "connections_per_client") >= 1);
}

#[test]
fn behind_a_proxy_the_client_that_it_tells_is_the_one_that_is_limited() {
    let origin = Origin::answering(OK);
    let keys = "{ connections_per_client = 2 }\nproxy_protocol = { from = [\"127.0.0.1\"] }";
    let edge = edge_with(keys, origin.port);
    let hello = first_flight();
    let from = |client: &str| {
        let mut stream = connect(&edge);
        let header = format!("PROXY TCP4 {client} 127.0.0.1 1234 443\r\n");
        let _ = stream.write_all(&[header.as_bytes(), &hello].concat());
        stream
    };
    let answered = |stream: &mut TcpStream| stream.read(&mut [0]).is_ok_and(|read| read == 1);
    let mut first = [from("198.51.100.1"), from("198.51.100.1")];
    assert!(first.iter_mut().all(answered));
    assert!(!answered(&mut from("198.51.100.1")), "a third of the same client");
    assert!(answered(&mut from("198.51.100.2")), "the same proxy, another client");
    assert_eq!(refused(&edge, "connections_per_client"), 1);
}

#[test]
fn requests_over_their_rate_get_429_and_are_told_when_to_come_again() {
    let origin = Origin::answering(OK);
    let edge = edge_with("{ request_rate_per_client = { rate = \"1/m\", burst = 2 } }", origin.port);
    let url = url(&edge);
    for (interface, version) in [("127.0.0.1", "--http1.1"), ("127.0.0.2", "--http2")] {
        let each = ["-o", "/dev/null"].repeat(3);
        let format = ["-w", "%{http_code} %header{retry-after};", "--interface", interface, version];
        let output = curl(&edge, &[&each[..], &format, &[&url, &url, &url]].concat());
        let told = text(&output);
        let waits = ["200 ;200 ;429 60;", "200 ;200 ;429 59;", "200 ;200 ;429 58;"];
        assert!(waits.contains(&told.as_str()), "{told}");
    }
    assert_eq!((origin.requests().len(), refused(&edge, "request_rate_per_client")), (4, 2));
}

#[test]
fn requests_in_flight_over_the_total_get_503_and_one_that_ends_makes_room() {
    let (release, held) = mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let origin = Origin::acting(move |stream, head| {
        if head.contains("/slow") {
            let _ = held.lock().unwrap().recv();
        }
        let _ = stream.write_all(OK);
    });
    let edge = edge_with("{ requests = 1 }", origin.port);
    let url = url(&edge);
    let mut slow = Command::new("curl");
    slow.args(["--silent", "--cacert"]).arg(edge.ca()).arg(format!("{url}slow")).stdout(Stdio::piped());
    let slow = slow.spawn().unwrap();
    eventually("the slow request", || (!origin.requests().is_empty()).then_some(()));
    let output = curl(&edge, &["-w", "%{http_code} %header{retry-after}", &url]);
    assert_eq!(text(&output), "503 Service Unavailable\n503 1");
    release.send(()).unwrap();
    assert_eq!(text(&slow.wait_with_output().unwrap()), "ok");
    assert_eq!(text(&curl(&edge, &[&url])), "ok");
}

#[test]
fn heads_over_their_limits_get_431_over_both_versions() {
    let origin = Origin::answering(OK);
    let edge = edge_with("{ header_bytes = \"8KiB\", header_fields = 20 }", origin.port);
    let url = url(&edge);
    let long = format!("X-Long: {}", "x".repeat(9000));
    let many: Vec<String> = (0..30).map(|n| format!("X-{n}: 1")).collect();
    let many: Vec<&str> = many.iter().flat_map(|field| ["-H", field.as_str()]).collect();
    let status = ["-o", "/dev/null", "-w", "%{http_code}"];
    for version in ["--http1.1", "--http2"] {
        assert_eq!(text(&curl(&edge, &[&status[..], &[version, "-H", &long, &url]].concat())), "431");
        assert_eq!(text(&curl(&edge, &[&status[..], &many, &[version, &url]].concat())), "431");
        assert_eq!(text(&curl(&edge, &[version, &url])), "ok");
    }
    assert_eq!((refused(&edge, "header_fields"), refused(&edge, "header_bytes")), (2, 1));
    assert_eq!(origin.requests().len(), 2, "none of the others came through");
}

#[test]
fn a_body_that_tells_it_is_too_large_gets_413_and_its_origin_is_not_asked() {
    let origin = Origin::answering(OK);
    let edge = edge_with("{ body_bytes = 1000 }", origin.port);
    let url = url(&edge);
    let large = "x".repeat(2_000_000);
    std::fs::write(edge.folder.path().join("large"), &large).unwrap();
    let file = format!("@{}", edge.folder.path().join("large").display());
    for version in ["--http1.1", "--http2"] {
        let output = curl(
            &edge,
            &[
                version,
                "-H",
                "Expect:",
                "--data-binary",
                &file,
                "-w",
                "%{http_code}",
                "-o",
                "/dev/null",
                &url,
            ],
        );
        assert_eq!(text(&output), "413", "{output:?}");
    }
    assert_eq!(text(&curl(&edge, &["-d", &"x".repeat(1000), &url])), "ok");
    assert_eq!((origin.requests().len(), refused(&edge, "body_bytes")), (1, 2));
}

#[test]
fn a_body_that_grows_too_large_is_cut_and_its_origin_never_takes_it_for_whole() {
    let (sender, received) = mpsc::channel();
    let origin = Origin::acting(move |stream, _| {
        let mut body = Vec::new();
        let _ = stream.read_to_end(&mut body);
        sender.send(body).unwrap();
    });
    let edge = edge_with("{ body_bytes = 100000 }", origin.port);
    let url = url(&edge);
    let file = edge.folder.path().join("large");
    std::fs::write(&file, vec![b'x'; 500_000]).unwrap();
    for version in ["--http1.1", "--http2"] {
        let file = format!("@{}", file.display());
        let chunked = ["-H", "Transfer-Encoding: chunked", "-H", "Expect:", "--data-binary", &file];
        let output = curl(
            &edge,
            &[&[version, "-w", "%{http_code}", "-o", "/dev/null"], &chunked[..], &[&url]].concat(),
        );
        assert_eq!(text(&output), "413", "{output:?}");
        let body = received.recv_timeout(Duration::from_secs(15)).unwrap();
        assert!(body.len() < 200_000, "{}", body.len());
        assert!(!body.ends_with(b"0\r\n\r\n"), "cut, not ended");
    }
    assert_eq!(refused(&edge, "body_bytes"), 2);
}

#[test]
fn an_upload_that_stands_still_gets_408() {
    let (sender, received) = mpsc::channel();
    let origin = Origin::acting(move |stream, _| {
        let mut body = Vec::new();
        let _ = stream.read_to_end(&mut body);
        sender.send(body).unwrap();
    });
    let edge = edge_with("{ body_timeout = \"1s\" }", origin.port);
    let start = Instant::now();
    let answer = slow_client(&edge, "upload-that-stops");
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let body = received.recv_timeout(Duration::from_secs(15)).unwrap();
    assert_eq!(body, b"1234", "cut, not ended");
    assert_eq!(refused(&edge, "body_timeout"), 1);
}

#[test]
fn an_origin_that_stands_still_in_mid_body_is_cut_off_and_the_client_knows() {
    let origin = origin_that_stalls();
    let edge = edge_with("{ body_timeout = \"1s\" }", origin.port);
    for (version, partial) in [("--http1.1", 18), ("--http2", 92)] {
        let start = Instant::now();
        let output = curl(&edge, &[version, &url(&edge)]);
        assert_eq!(output.status.code(), Some(partial), "{output:?}");
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
    assert_eq!(refused(&edge, "body_timeout"), 2);
}

/// An origin that sends without end, and tells when it was stopped.
fn endless_origin() -> (Origin, mpsc::Receiver<()>) {
    let (sender, stopped) = mpsc::channel();
    let origin = Origin::acting(move |stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        while stream.write_all(&[b'x'; 16 * 1024]).is_ok() {}
        let _ = sender.send(());
    });
    (origin, stopped)
}

#[test]
fn a_client_that_does_not_read_is_given_up_and_its_origin_let_go() {
    let (origin, stopped) = endless_origin();
    let edge = edge_with("{ body_timeout = \"1s\" }", origin.port);
    for client in ["response-unread", "window-closed"] {
        slow_client(&edge, client);
        stopped.recv_timeout(Duration::from_secs(15)).unwrap();
    }
    eventually("the count", || (refused(&edge, "body_timeout") == 2).then_some(()));
}

#[test]
fn a_stream_that_is_silent_for_too_long_ends_and_one_that_speaks_does_not() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut back = stream.try_clone().unwrap();
                std::io::copy(&mut stream, &mut back)
            });
        }
    });
    let hermetic = Hermetic::configured(|ports, _| {
        format!(
            "[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"tcp\"\n\
             limits = {{ stream_timeout = \"1s\" }}\n[[route]]\nlistener = \"db\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{port}\"]\n",
            ports.nth(1)
        )
    });
    let mut stream = TcpStream::connect(("127.0.0.1", hermetic.ports.nth(1))).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
    let mut byte = [0];
    for _ in 0..5 {
        stream.write_all(b"x").unwrap();
        stream.read_exact(&mut byte).unwrap();
        let quiet = stream.read(&mut byte).unwrap_err();
        assert_eq!(quiet.kind(), ErrorKind::WouldBlock, "it speaks every 400 ms");
    }
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    assert_eq!(stream.read(&mut byte).unwrap(), 0, "and is silent now");
    let hop = hermetic.hop("db", "app");
    assert_eq!(hop["counts"]["bytes_received"], 5, "{hop}");
}

/// Runs one of the slow clients; what it was answered.
fn slow_client(edge: &Hermetic, name: &str) -> String {
    let script = include_str!("slow_clients.py");
    let (ca, port) = (edge.ca(), edge.ports.edge().to_string());
    let output = python().args(["-c", script]).arg(ca).args([&port, name]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    text(&output)
}
