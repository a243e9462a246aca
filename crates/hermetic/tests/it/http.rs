//! HTTP through an edge, with real clients and origins.

use std::io::{Read, Write};

use crate::harness::{Hermetic, Nginx, Origin, Ports, curl, folder, python};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn code(output: &std::process::Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn http_1_1_and_http_2_reach_the_same_origin() {
    let origin = Origin::answering(OK);
    let edge = Hermetic::to(&origin.url());
    let url = format!("https://localhost:{}/", edge.ports.edge());
    assert_eq!(code(&curl(&edge, &["--http1.1", "-w", " %{http_version}", &url])), "ok 1.1");
    assert_eq!(code(&curl(&edge, &["--http2", "-w", " %{http_version}", &url])), "ok 2");
}

#[test]
fn forged_identity_headers_are_replaced_by_facts() {
    let origin = Origin::answering(OK);
    let edge = Hermetic::to(&origin.url());
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let forged = [
        "X-Forwarded-For: 6.6.6.6",
        "X-Forwarded-Proto: http",
        "x_forwarded_host: evil",
        "Forwarded: for=6.6.6.6",
        "X-Forwarded-Client-Cert: URI=spiffe://evil/admin",
        "x-amzn-mtls-clientcert-subject: CN=admin",
        // A list that would take out what the edge sets.
        "Connection: x-forwarded-for, x-forwarded-proto, forwarded",
    ];
    let mut arguments: Vec<&str> = forged.iter().flat_map(|header| ["-H", header]).collect();
    arguments.extend(["--http1.1", &url]);
    assert_eq!(code(&curl(&edge, &arguments)), "ok");
    let head = origin.requests().pop().unwrap().to_lowercase();
    assert!(!head.contains("6.6.6.6") && !head.contains("evil") && !head.contains("admin"), "{head}");
    assert!(
        head.contains("x-forwarded-for: 127.0.0.1") && head.contains("x-forwarded-proto: https"),
        "{head}"
    );
    let forwarded = format!("forwarded: for=127.0.0.1;host=\"localhost:{}\";proto=https", edge.ports.edge());
    assert!(head.contains(&forwarded), "{head}");
}

#[test]
fn a_head_request_has_no_body_and_keeps_its_length() {
    let origin = Origin::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n");
    let edge = Hermetic::to(&origin.url());
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let head = code(&curl(&edge, &["--http1.1", "-I", &url]));
    assert!(head.to_lowercase().contains("content-length: 1234"), "{head}");
}

#[test]
fn an_upstream_that_dies_in_mid_body_cuts_the_response_and_nothing_else() {
    let origin = Origin::acting(|stream, head| {
        let answer: &[u8] = if head.starts_with("GET /dies") {
            b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"
        } else {
            OK
        };
        let _ = stream.write_all(answer);
    });
    let edge = Hermetic::to(&origin.url());
    let url = |path: &str| format!("https://localhost:{}{path}", edge.ports.edge());
    for version in ["--http1.1", "--http2"] {
        let cut = curl(&edge, &[version, &url("/dies")]);
        assert!(!cut.status.success(), "a truncated response must not look whole: {cut:?}");
        assert_eq!(code(&curl(&edge, &[version, &url("/")])), "ok");
    }
}

#[test]
fn a_request_for_a_host_that_no_certificate_covers_is_misdirected() {
    let origin = Origin::answering(OK);
    let edge = Hermetic::to(&origin.url());
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let status = curl(&edge, &["-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: other.example", &url]);
    assert_eq!(code(&status), "421");
}

#[test]
fn expect_100_continue_asks_the_upstream_before_the_body_is_sent() {
    let origin = Origin::acting(|stream, head| {
        if head.contains("/refuses") {
            let _ = stream.write_all(b"HTTP/1.1 417 Expectation Failed\r\ncontent-length: 0\r\n\r\n");
            return;
        }
        let _ = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
        let mut body = [0; 5];
        stream.read_exact(&mut body).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
        let _ = stream.write_all(&body);
    });
    let edge = Hermetic::to(&origin.url());
    let url = |path: &str| format!("https://localhost:{}{path}", edge.ports.edge());
    let send = |path: &str| {
        curl(
            &edge,
            &[
                "--http1.1",
                "-H",
                "Expect: 100-continue",
                "--expect100-timeout",
                "10",
                "-d",
                "hello",
                "-w",
                "%{http_code}",
                &url(path),
            ],
        )
    };
    assert_eq!(code(&send("/takes")), "hello200");
    assert_eq!(code(&send("/refuses")), "417");
}

#[test]
fn a_large_body_streams_both_ways_through_nginx_unchanged() {
    let folder = folder();
    let ports = Ports::reserve();
    let port = ports.nth(1);
    std::fs::create_dir(folder.path().join("www")).unwrap();
    let large: Vec<u8> = (0..8_000_000_u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(folder.path().join("www/large"), &large).unwrap();
    let root = folder.path().join("www");
    let http = format!(
        "server {{ listen 127.0.0.1:{port}; root {}; client_max_body_size 64m; \
         location /up {{ dav_methods PUT; create_full_put_path on; }} }}",
        root.display()
    );
    let _nginx = Nginx::start(folder.path(), &http, port);
    let edge = Hermetic::to(&format!("http://127.0.0.1:{port}"));
    let url = |path: &str| format!("https://localhost:{}{path}", edge.ports.edge());
    for version in ["--http1.1", "--http2"] {
        let down = curl(&edge, &[version, &url("/large")]);
        assert!(down.stdout == large, "{} bytes, {:?}", down.stdout.len(), down.status);
        let file = root.join("large");
        let up =
            curl(&edge, &[version, "-T", file.to_str().unwrap(), "-w", "%{http_code}", &url("/up/copy")]);
        assert!(["201", "204"].contains(&code(&up).as_str()), "{up:?}");
        assert!(std::fs::read(root.join("up/copy")).unwrap() == large);
    }
}

#[test]
fn a_websocket_passes_through() {
    let ports = Ports::reserve();
    let script = format!(
        r#"
import asyncio, sys, websockets
async def echo(ws):
    async for message in ws:
        await ws.send("echo " + message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", {}):
        print("ready", flush=True)
        await asyncio.Future()
asyncio.run(main())
"#,
        ports.nth(1)
    );
    let _server = crate::harness::PythonServer::start(&script);
    let edge = Hermetic::to(&format!("http://127.0.0.1:{}", ports.nth(1)));
    let client = format!(
        r#"
import asyncio, ssl, websockets
async def main():
    context = ssl.create_default_context(cafile="{}")
    async with websockets.connect("wss://localhost:{}/socket", ssl=context) as ws:
        for n in range(100):
            await ws.send(str(n) * n)
            assert await ws.recv() == "echo " + str(n) * n
    print("done")
asyncio.run(main())
"#,
        edge.ca().display(),
        edge.ports.edge()
    );
    let output = python().args(["-c", &client]).output().unwrap();
    assert_eq!(code(&output).trim(), "done");
}

#[test]
fn grpc_with_trailers_and_streams_passes_through() {
    let ports = Ports::reserve();
    let script = format!(
        r#"
import grpc
from concurrent import futures
class Handler(grpc.GenericRpcHandler):
    def service(self, call):
        if call.method == "/t.T/Echo":
            return grpc.unary_unary_rpc_method_handler(lambda request, context: b"echo " + request)
        if call.method == "/t.T/Count":
            def count(requests, context):
                for request in requests:
                    yield b"got " + request
                context.set_trailing_metadata((("seen", "yes"),))
            return grpc.stream_stream_rpc_method_handler(count)
        def refuse(request, context):
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")
        return grpc.unary_unary_rpc_method_handler(refuse)
server = grpc.server(futures.ThreadPoolExecutor(4))
server.add_generic_rpc_handlers((Handler(),))
server.add_insecure_port("127.0.0.1:{}")
server.start()
print("ready", flush=True)
server.wait_for_termination()
"#,
        ports.nth(1)
    );
    let _server = crate::harness::PythonServer::start(&script);
    let edge = Hermetic::configured(|own, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"https\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\nhttp2 = true\n",
            own.edge(),
            ports.nth(1)
        )
    });
    let client = format!(
        r#"
import grpc
credentials = grpc.ssl_channel_credentials(open("{}", "rb").read())
with grpc.secure_channel("localhost:{}", credentials) as channel:
    assert channel.unary_unary("/t.T/Echo")(b"hi", timeout=10) == b"echo hi"
    stream = channel.stream_stream("/t.T/Count")(iter([b"1", b"2", b"3"]), timeout=10)
    assert list(stream) == [b"got 1", b"got 2", b"got 3"]
    assert ("seen", "yes") in [tuple(pair) for pair in stream.trailing_metadata()]
    try:
        channel.unary_unary("/t.T/Refuse")(b"", timeout=10)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.FAILED_PRECONDITION and error.details() == "not now"
    print("done")
"#,
        edge.ca().display(),
        edge.ports.edge()
    );
    let output = python().args(["-c", &client]).output().unwrap();
    assert_eq!(code(&output).trim(), "done");
}

#[test]
fn sigterm_lets_a_response_in_flight_finish() {
    static EDGE: std::sync::OnceLock<u16> = std::sync::OnceLock::new();
    let origin = Origin::acting(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst");
        let edge = ("127.0.0.1", *EDGE.get().unwrap());
        crate::harness::eventually("the end of accepting", || std::net::TcpStream::connect(edge).err());
        let _ = stream.write_all(b"later");
    });
    let mut edge = Hermetic::to(&origin.url());
    EDGE.set(edge.ports.edge()).unwrap();
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let ca = edge.ca();
    let request = std::thread::spawn(move || {
        std::process::Command::new("curl").args(["-sS", "--cacert"]).arg(ca).arg(url).output().unwrap()
    });
    crate::harness::eventually("the request at the origin", || (!origin.requests().is_empty()).then_some(()));
    edge.signal("TERM");
    assert_eq!(code(&request.join().unwrap()), "firstlater");
    assert!(edge.ended());
}

/// An edge whose upstream has these endpoints.
fn balancing(ports: &[u16]) -> Hermetic {
    let endpoints: Vec<String> = ports.iter().map(|port| format!("\"127.0.0.1:{port}\"")).collect();
    Hermetic::configured(|own, _| {
        format!(
            "workers = 1\n[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [{}]\n",
            own.edge(),
            endpoints.join(", ")
        )
    })
}

#[test]
fn requests_go_to_the_endpoints_in_turn() {
    let (first, second) = (Origin::answering(OK), Origin::answering(OK));
    let edge = balancing(&[first.port, second.port]);
    let url = format!("https://localhost:{}/", edge.ports.edge());
    for _ in 0..6 {
        assert_eq!(code(&curl(&edge, &[&url])), "ok");
    }
    assert_eq!((first.requests().len(), second.requests().len()), (3, 3));
}

#[test]
fn an_endpoint_that_is_gone_gives_its_turn_to_the_next() {
    let there = Origin::answering(OK);
    let edge = balancing(&[9, there.port]);
    let url = format!("https://localhost:{}/", edge.ports.edge());
    for _ in 0..4 {
        assert_eq!(code(&curl(&edge, &[&url])), "ok");
    }
    assert_eq!(there.requests().len(), 4);
    let hop = edge.hop("edge", "app");
    assert_eq!(hop["verdict"], "local", "what goes over the hop goes well: {hop}");
    assert!(hop["counts"]["failed"].as_u64().unwrap() >= 1, "{hop}");
}

#[test]
fn answers_of_the_edge_itself_have_no_body_for_head() {
    let edge = Hermetic::to("http://127.0.0.1:9");
    let url = format!("https://localhost:{}/", edge.ports.edge());
    for version in ["--http1.1", "--http2"] {
        let head = code(&curl(&edge, &[version, "-I", &url]));
        assert!(head.contains(" 502") && head.to_lowercase().contains("content-length: "), "{head}");
    }
}

#[test]
fn a_listed_host_stays() {
    let origin = Origin::answering(OK);
    let edge = Hermetic::to(&origin.url());
    let url = format!("https://localhost:{}/", edge.ports.edge());
    assert_eq!(code(&curl(&edge, &["--http1.1", "-H", "Connection: host", &url])), "ok");
}

#[test]
fn a_request_that_its_origin_dies_of_is_repeated_once_at_most() {
    // Keeps connections alive for everything but `/dies`, which it answers by closing.
    let origin = Origin::acting(|stream, head| {
        let mut head = head.to_owned();
        while !head.is_empty() && !head.contains("/dies") {
            let _ = stream.write_all(OK);
            head = crate::harness::read_head(stream);
        }
        if head.contains("/dies") {
            DEATHS.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    static DEATHS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let edge = balancing(&[origin.port]);
    let url = |path: &str| format!("https://localhost:{}{path}", edge.ports.edge());
    // Several idle connections, made by requests side by side.
    let side_by_side = url("/[1-8]");
    assert!(
        curl(&edge, &["--parallel", "--parallel-immediate", "--http1.1", &side_by_side]).status.success()
    );
    assert_eq!(code(&curl(&edge, &["-o", "/dev/null", "-w", "%{http_code}", &url("/dies")])), "502");
    let deaths = DEATHS.load(std::sync::atomic::Ordering::SeqCst);
    assert!((1..=2).contains(&deaths), "{deaths}");
}

#[test]
fn routes_to_one_upstream_share_its_connections() {
    let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = connections.clone();
    let origin = Origin::acting(move |stream, head| {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let mut head = head.to_owned();
        while !head.is_empty() {
            let _ = stream.write_all(OK);
            head = crate::harness::read_head(stream);
        }
    });
    let edge = Hermetic::configured(|own, _| {
        format!(
            "workers = 1\n[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\npath = \"/a\"\nto = \"app\"\n\
             [[route]]\nlistener = \"edge\"\npath = \"/b\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n",
            own.edge(),
            origin.port
        )
    });
    for path in ["/a", "/b", "/a", "/b"] {
        let url = format!("https://localhost:{}{path}", edge.ports.edge());
        assert_eq!(code(&curl(&edge, &[&url])), "ok");
    }
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[test]
fn a_get_with_a_chunked_body_reaches_the_origin_whole() {
    let origin = Origin::acting(|stream, head| {
        assert!(head.to_lowercase().contains("transfer-encoding: chunked"), "{head}");
        let mut body = [0; 10];
        stream.read_exact(&mut body).unwrap();
        assert_eq!(&body, b"5\r\nquery\r\n");
        let _ = stream.write_all(OK);
    });
    let edge = Hermetic::to(&origin.url());
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let arguments = ["--http1.1", "-X", "GET", "-H", "Transfer-Encoding: chunked", "-d", "query", &url];
    assert_eq!(code(&curl(&edge, &arguments)), "ok");
}

#[test]
fn the_redirect_answers_the_request_behind_one_that_asks_for_an_upgrade() {
    let edge = Hermetic::to("http://127.0.0.1:9");
    let urls = [1, 2].map(|n| format!("http://localhost:{}/{n}", edge.ports.plain()));
    let output = curl(
        &edge,
        &["--http2", "-o", "/dev/null", "-o", "/dev/null", "-w", "%{http_code} ", &urls[0], &urls[1]],
    );
    assert_eq!(code(&output), "301 301 ");
}
