//! Rules that judge by the bytes and the head of a request.

use super::{OK, client, count, counts, edge_before_ok, edge_for, only_counted, record, status, status_of};
use crate::harness::{Hermetic, Origin, openssl};

/// Sends a request in these bytes over a verified connection, and gives what comes back.
fn raw(edge: &Hermetic, bytes: &str) -> String {
    let (address, ca) = (format!("127.0.0.1:{}", edge.ports.edge()), edge.ca());
    let arguments =
        ["s_client", "-connect", &address, "-CAfile", ca.to_str().unwrap(), "-verify_return_error"];
    let more = ["-quiet", "-servername", "localhost", "-alpn", "http/1.1"];
    String::from_utf8_lossy(&openssl(&[&arguments[..], &more].concat(), bytes.as_bytes()).stdout).into_owned()
}

/// What an HTTP/2 client that checks nothing itself gets for these fields: a status, or `reset`.
fn over_http2(edge: &Hermetic, fields: &str) -> String {
    let script = format!(
        r#"
import socket, ssl, h2.connection, h2.config, h2.events
context = ssl.create_default_context(cafile=CA)
context.set_alpn_protocols(["h2"])
stream = context.wrap_socket(socket.create_connection(("127.0.0.1", PORT)), server_hostname="localhost")
stream.settimeout(15)
unchecked = h2.config.H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False)
connection = h2.connection.H2Connection(unchecked)
connection.initiate_connection()
connection.send_headers(1, {fields}, end_stream=True)
stream.sendall(connection.data_to_send())
told = None
while told is None:
    data = stream.recv(65536)
    if not data:
        told = "reset"
    for event in connection.receive_data(data):
        if isinstance(event, h2.events.ResponseReceived):
            told = dict(event.headers)[b":status"].decode()
        if isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)):
            told = "reset"
print(told)
"#
    );
    client(edge, &script)
}

const HTTP2: &str = r#"(":method", "GET"), (":path", "/"), (":authority", f"localhost:{PORT}")"#;

#[test]
fn smuggled_framing_is_counted_once_for_each_connection() {
    let (edge, _origin) = edge_before_ok("");
    let bare = "GET / HTTP/1.1\nHost: localhost\n\n";
    assert!(raw(&edge, bare).starts_with("HTTP/1.1 400 "));
    let both = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert!(raw(&edge, both).starts_with("HTTP/1.1 400 "));
    counts(&edge, "framing", "deny", 2);
}

#[test]
fn what_is_nothing_in_http_2_never_becomes_something_in_http_1() {
    let (edge, origin) = edge_before_ok("");
    let sound = format!("[{HTTP2}, (\":scheme\", \"https\"), (\"te\", \"trailers\")]");
    assert_eq!(over_http2(&edge, &sound), "200");
    for odd in [
        r#"("connection", "close")"#,
        r#"("transfer-encoding", "chunked")"#,
        r#"("upgrade", "websocket")"#,
        r#"("x", "a\r\nevil: b")"#,
        r#"("x", "a\0b")"#,
        r#"("te", "gzip")"#,
        r#"("x y", "a")"#,
    ] {
        let told = over_http2(&edge, &format!("[{HTTP2}, (\":scheme\", \"https\"), {odd}]"));
        assert!(["reset", "400"].contains(&told.as_str()), "{odd}: {told}");
    }
    let space = r#"[(":method", "GET"), (":path", "/a b HTTP/1.1"), (":authority", "localhost"), (":scheme", "https")]"#;
    let told = over_http2(&edge, space);
    assert!(["reset", "400"].contains(&told.as_str()), "{told}");
    assert_eq!(origin.requests().len(), 1, "{:?}", origin.requests());
}

#[test]
fn a_host_unlike_its_authority_is_refused() {
    let (edge, _origin) = edge_before_ok("");
    let two = format!("[{HTTP2}, (\":scheme\", \"https\"), (\"host\", \"other.test\")]");
    assert_eq!(over_http2(&edge, &two), "400");
    counts(&edge, "host", "deny", 1);
}

#[test]
fn trace_and_connect_are_not_served() {
    let (edge, origin) = edge_before_ok("");
    assert_eq!(status(&edge, &["-X", "TRACE"]), "405");
    assert_eq!(status(&edge, &["-X", "TRACE", "--http1.1"]), "405");
    assert!(
        raw(&edge, "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\nConnection: close\r\n\r\n")
            .starts_with("HTTP/1.1 405 ")
    );
    counts(&edge, "method", "deny", 3);
    assert!(origin.requests().is_empty());
}

#[test]
fn a_target_that_says_http_is_refused_over_both_versions() {
    let (edge, origin) = edge_before_ok("");
    let absolute = "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert!(raw(&edge, absolute).starts_with("HTTP/1.1 400 "));
    assert_eq!(over_http2(&edge, &format!("[{HTTP2}, (\":scheme\", \"http\")]")), "400");
    counts(&edge, "absolute-http-target", "deny", 2);
    assert!(origin.requests().is_empty());
    let (counting, _origin) = edge_before_ok(&only_counted("absolute-http-target"));
    assert_eq!(over_http2(&counting, &format!("[{HTTP2}, (\":scheme\", \"http\")]")), "200");
    assert_eq!(record(&counting, "absolute-http-target")["guard"][0]["action"], "count");
}

#[test]
fn a_connection_may_be_shared_by_names_unless_clients_are_asked_for_certificates() {
    let origin = Origin::answering(OK);
    let request = |edge: &Hermetic| {
        let (port, to) = (edge.ports.edge(), format!("a.test:443:127.0.0.1:{}", edge.ports.edge()));
        assert!(port > 0);
        status_of(edge, &["--connect-to", &to, "-H", "Host: b.test", "https://a.test/"])
    };
    let public = edge_for(&["a.test", "b.test"], origin.port, "");
    assert_eq!(request(&public), "200");
    let private = edge_for(&["a.test", "b.test"], origin.port, "clients = \"optional\"");
    assert_eq!(request(&private), "421");
    counts(&private, "misdirected", "deny", 1);
}

#[test]
fn a_strangers_claims_are_taken_out_or_refused() {
    let (fixing, origin) = edge_before_ok("");
    assert_eq!(status(&fixing, &["-H", "X-Forwarded-Proto: http"]), "200");
    assert!(origin.requests()[0].to_lowercase().contains("x-forwarded-proto: https"));
    counts(&fixing, "forwarded-claims", "fix", 1);
    let (denying, origin) = edge_before_ok("guard = { forwarded-claims = \"deny\" }");
    assert_eq!(status(&denying, &["-H", "Forwarded: proto=http"]), "400");
    assert_eq!(status(&denying, &[]), "200");
    assert_eq!(origin.requests().len(), 1);
}

#[test]
fn early_data_that_changes_something_is_sent_back() {
    let (edge, origin) = edge_before_ok("");
    assert_eq!(status(&edge, &["-H", "Early-Data: 1", "-d", "x"]), "425");
    assert_eq!(status(&edge, &["-H", "Early-Data: 1"]), "200");
    assert!(origin.requests()[0].to_lowercase().contains("early-data: 1"), "{:?}", origin.requests());
    counts(&edge, "early-data", "deny", 1);
}

#[test]
fn a_client_that_is_refused_in_mid_upload_reads_why() {
    let (edge, _origin) = edge_before_ok("");
    let upload = edge.folder.path().join("upload");
    std::fs::write(&upload, vec![b'a'; 400_000]).unwrap();
    let upload = upload.to_str().unwrap();
    for version in ["--http1.1", "--http2"] {
        for _ in 0..5 {
            let told = status(&edge, &[version, "-H", "Early-Data: 1", "-H", "Expect:", "-T", upload]);
            assert_eq!(told, "425", "{version}");
        }
    }
}

#[test]
fn an_upgrade_to_cleartext_http_2_goes_no_further() {
    let upgrade = [
        "--http1.1",
        "-H",
        "Connection: Upgrade, HTTP2-Settings",
        "-H",
        "Upgrade: h2c",
        "-H",
        "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    ];
    let (fixing, origin) = edge_before_ok("");
    assert_eq!(status(&fixing, &upgrade), "200");
    let head = origin.requests()[0].to_lowercase();
    assert!(!head.contains("h2c") && !head.contains("http2-settings"), "{head}");
    counts(&fixing, "upgrade-h2c", "fix", 1);
    let (denying, _origin) = edge_before_ok("guard = { upgrade-h2c = \"deny\" }");
    assert_eq!(status(&denying, &upgrade), "400");
}

#[test]
fn a_page_that_was_loaded_in_cleartext_is_counted_and_then_refused() {
    let (counting, _origin) = edge_before_ok("");
    assert_eq!(status(&counting, &["-H", "Origin: http://shop.test"]), "200");
    assert_eq!(record(&counting, "insecure-origin")["guard"][0]["action"], "count");
    let (denying, _origin) = edge_before_ok("guard = { insecure-origin = \"deny\" }");
    assert_eq!(status(&denying, &["-H", "Origin: http://shop.test"]), "403");
    assert_eq!(status(&denying, &["-H", "Origin: https://shop.test"]), "200");
    assert_eq!(status(&denying, &["-H", "Origin: http://localhost:3000"]), "200");
}

#[test]
fn a_websocket_of_such_a_page_is_refused() {
    let (edge, origin) = edge_before_ok("guard = { insecure-origin = \"deny\" }");
    let script = r#"
import asyncio, ssl, websockets
async def main():
    context = ssl.create_default_context(cafile=CA)
    try:
        async with websockets.connect(f"wss://localhost:{PORT}/", ssl=context, origin="http://shop.test"):
            print("open")
    except websockets.exceptions.InvalidStatus as error:
        print(error.response.status_code)
asyncio.run(main())
"#;
    assert_eq!(client(&edge, script), "403");
    assert!(origin.requests().is_empty());
}

#[test]
fn a_way_back_that_leads_to_cleartext_is_counted_and_then_refused() {
    let url = |edge: &Hermetic, target: &str| {
        status_of(edge, &[&format!("https://localhost:{}/login?redirect_uri={target}", edge.ports.edge())])
    };
    let (counting, _origin) = edge_before_ok("");
    assert_eq!(url(&counting, "http%3A%2F%2Fshop.test%2Fback"), "200");
    counts(&counting, "insecure-redirect-uri", "count", 1);
    let (denying, _origin) = edge_before_ok("guard = { insecure-redirect-uri = \"deny\" }");
    assert_eq!(url(&denying, "http%3A%2F%2Fshop.test%2Fback"), "400");
    assert_eq!(url(&denying, "http://127.0.0.1:51004/back"), "200");
    assert_eq!(count(&denying, "insecure-redirect-uri", "deny"), 1);
}

#[test]
fn a_request_on_which_no_rule_fires_has_no_word_of_them_in_its_record() {
    let (edge, _origin) = edge_before_ok("");
    assert_eq!(status(&edge, &[]), "200");
    let log = crate::harness::eventually("the record", || {
        let log = std::fs::read_to_string(edge.folder.path().join("access.jsonl")).unwrap();
        (!log.is_empty()).then_some(log)
    });
    assert!(log.contains("\"ja4\":\"t13d") && !log.contains("\"guard\""), "{log}");
}
