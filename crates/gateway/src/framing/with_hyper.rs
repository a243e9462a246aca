//! The stream under hyper's own server: what a client sees.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};
use tokio::time::timeout;

use super::{HEAD_LIMIT, Handle, StrictFraming, Violation};

/// Time stands still in these tests and is only moved on when nothing else can happen: a hang ends here.
const HANG: Duration = Duration::from_secs(60);

/// Says in the answer's body what the service saw, a line a request; agrees to switch to `echo`.
async fn service(handle: Handle, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let agrees = request.method() == Method::CONNECT
        || request.headers().get(UPGRADE).is_some_and(|protocol| protocol == "echo");
    if agrees {
        return Ok(switch(request));
    }
    let line = format!("{} {}", request.method(), request.uri());
    let (status, line) = match request.into_body().collect().await {
        Ok(body) => {
            let trailers = body.trailers().map(|trailers| format!(" {trailers:?}")).unwrap_or_default();
            let body = body.to_bytes();
            (StatusCode::OK, format!("{line} [{}]{trailers}\n", body.escape_ascii()))
        }
        Err(_) => (StatusCode::BAD_REQUEST, format!("{line}: {:?}\n", handle.violation())),
    };
    let mut response = Response::new(Full::from(line));
    *response.status_mut() = status;
    Ok(response)
}

/// Answers with a switch, after which every byte is sent back.
fn switch(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let mut response = Response::default();
    if request.method() != Method::CONNECT {
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
        response.headers_mut().insert(UPGRADE, HeaderValue::from_static("echo"));
    }
    tokio::spawn(async move {
        let upgraded = hyper::upgrade::on(request).await.unwrap();
        let (mut from, mut to) = split(TokioIo::new(upgraded));
        tokio::io::copy(&mut from, &mut to).await.unwrap();
        to.shutdown().await.unwrap();
    });
    response
}

/// A server at the other end; its handle.
fn serve(http: http1::Builder) -> (DuplexStream, Handle) {
    let (client, server) = duplex(1 << 20);
    let stream = StrictFraming::new(server);
    let handle = stream.handle();
    let seen = handle.clone();
    let service = handle.watch(service_fn(move |request| service(seen.clone(), request)));
    tokio::spawn(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    (client, handle)
}

fn without_date() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.auto_date_header(false);
    http
}

/// Everything that the server answers until it closes.
async fn to_end(client: &mut DuplexStream) -> String {
    let mut answers = Vec::new();
    timeout(HANG, client.read_to_end(&mut answers)).await.expect("the server closes").unwrap();
    String::from_utf8(answers).unwrap()
}

/// The answers to a client that sends this and waits for the server to close.
async fn answers(request: impl AsRef<[u8]>) -> (String, Option<Violation>) {
    let (mut client, handle) = serve(without_date());
    client.write_all(request.as_ref()).await.unwrap();
    (to_end(&mut client).await, handle.violation())
}

/// The server answers all of this with all of that, and would go on.
async fn is_answered(requests: impl AsRef<[u8]>, expected: &str) {
    let (mut client, handle) = serve(without_date());
    client.write_all(requests.as_ref()).await.unwrap();
    read_exactly(&mut client, expected).await;
    client.shutdown().await.unwrap();
    assert_eq!(to_end(&mut client).await, "");
    assert_eq!(handle.violation(), None);
}

async fn read_exactly(client: &mut DuplexStream, expected: &str) {
    let mut read = vec![0; expected.len()];
    timeout(HANG, client.read_exact(&mut read)).await.expect("the server answers").unwrap();
    assert!(read == expected.as_bytes(), "{:.2000}", read.escape_ascii());
}

fn ok(line: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{line}\n", line.len() + 1)
}

const REFUSED: &str = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
const GET: &str = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const SWITCHED: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";

mod refusals {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_smuggling_shape_gets_400_and_the_connection_is_closed() {
        let head = |fields: &str| format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\nhello{GET}");
        let shapes = [
            head("Content-Length: 5\r\nTransfer-Encoding: chunked"),
            head("Transfer-Encoding: chunked\r\nContent-Length: 5"),
            head("Content-Length: 5\r\nContent-Length: 5"),
            head("Content-Length: 5\r\nContent-Length: 6"),
            head("Content-Length: 5, 5"),
            head("Content-Length: +5"),
            head("Content-Length : 5"),
            head("Transfer-Encoding: gzip, chunked"),
            head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            head("A: b\r\n c"),
            head("A: b\nContent-Length: 5"),
            head("Host: b"),
            GET.replace("Host: a\r\n", ""),
            GET.replace("\r\n", "\n"),
            GET.replace("GET ", "GET  "),
            CHUNKED.replace("1.1", "1.0"),
        ];
        for shape in shapes {
            let (answers, violation) = answers(&shape).await;
            assert_eq!(answers, REFUSED, "{shape}");
            assert!(violation.is_some(), "{shape}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_400_comes_behind_the_answers_that_are_due() {
        let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
        let (answers, violation) = answers(format!("{GET}{post}{CHUNKED}0\r\n\r\nGET /\r\n\r\n{GET}")).await;
        let due = [ok("GET /next []"), ok("POST / [hello]"), ok("POST / []"), REFUSED.to_owned()];
        assert_eq!(answers, due.concat());
        assert_eq!(violation, Some(Violation::RequestLine));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_too_large_gets_431() {
        let fields = format!("A: {}\r\n", "b".repeat(1000)).repeat(70);
        let (answers, violation) = answers(format!("{GET}GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n")).await;
        assert!(answers.starts_with(&format!("{}HTTP/1.1 431 ", ok("GET /next []"))), "{answers}");
        assert_eq!(violation, Some(Violation::HeadTooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_of_too_many_fields_gets_431() {
        let (answers, violation) =
            answers(format!("{GET}GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "A: b\r\n".repeat(100))).await;
        assert!(answers.starts_with(&format!("{}HTTP/1.1 431 ", ok("GET /next []"))), "{answers}");
        assert_eq!(violation, Some(Violation::TooManyFields));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_too_large_is_refused_by_a_server_that_allows_more_fields_too() {
        let mut http = without_date();
        let (mut client, _) = serve(http.max_headers(500).clone());
        client.write_all(&vec![b'a'; HEAD_LIMIT + 1]).await.unwrap();
        assert_eq!(to_end(&mut client).await, REFUSED);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_cut_short_gets_400() {
        let (mut client, handle) = serve(without_date());
        client.write_all(b"GET / HTTP/1.1\r\nHo").await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(to_end(&mut client).await, REFUSED);
        assert_eq!(handle.violation(), Some(Violation::CutShort));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_broken_by_its_framing_ends_in_an_error_that_the_service_can_name() {
        for (rest, violation) in [
            ("5\nhello\r\n0\r\n\r\n", Violation::BareLineFeed),
            ("5;a\rb\r\nhello\r\n0\r\n\r\n", Violation::ChunkExtension),
            ("5 \r\nhello\r\n0\r\n\r\n", Violation::ChunkSize),
            ("5\r\nhello0\r\n\r\n", Violation::ChunkEnd),
            ("5\r\nhello\n0\r\n\r\n", Violation::ChunkEnd),
            ("5\r\nhello\r\n0\r\nA : b\r\n\r\n", Violation::SpaceBeforeColon),
            ("5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n", Violation::Trailer),
            ("5\r\nhello\r\n0\r\n\n", Violation::BareLineFeed),
        ] {
            let (answers, seen) = answers(format!("{CHUNKED}{rest}{GET}")).await;
            assert_eq!(seen, Some(violation), "{rest}");
            assert!(answers.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{rest}: {answers}");
            assert!(answers.ends_with(&format!("POST /: Some({violation:?})\n")), "{rest}: {answers}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_cut_short_is_an_error_and_no_violation() {
        let (mut client, handle) = serve(without_date());
        client.write_all(format!("{CHUNKED}5\r\nhe").as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        assert!(to_end(&mut client).await.ends_with("POST /: None\n"));
        assert_eq!(handle.violation(), None);
    }
}

mod good_requests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_kept_alive() {
        let (mut client, _) = serve(without_date());
        for _ in 0..3 {
            client.write_all(GET.as_bytes()).await.unwrap();
            read_exactly(&mut client, &ok("GET /next []")).await;
        }
        client.shutdown().await.unwrap();
        assert_eq!(to_end(&mut client).await, "");
    }

    #[tokio::test(start_paused = true)]
    async fn pipelined_requests_are_answered_in_order() {
        let requests: String = (0..40).map(|n| GET.replace("next", &n.to_string())).collect();
        let expected: String = (0..40).map(|n| ok(&format!("GET /{n} []"))).collect();
        is_answered(requests, &expected).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_comes_byte_by_byte_is_understood() {
        let (mut client, _) = serve(without_date());
        let requests = format!("{GET}{CHUNKED}5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n{GET}");
        for byte in requests.as_bytes() {
            client.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        let expected = [ok("GET /next []"), ok("POST / [hello] {\"a\": \"b\"}"), ok("GET /next []")];
        read_exactly(&mut client, &expected.concat()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_passes() {
        let body = "b".repeat(300_000);
        let post = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n{body}");
        let expected = [ok(&format!("POST / [{body}]")), ok("GET /next []")];
        is_answered(format!("{post}{GET}"), &expected.concat()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_expects_100_sends_its_body_behind_it() {
        let (mut client, _) = serve(without_date());
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
        client.write_all(head.as_bytes()).await.unwrap();
        read_exactly(&mut client, "HTTP/1.1 100 Continue\r\n\r\n").await;
        client.write_all(format!("hello{GET}").as_bytes()).await.unwrap();
        read_exactly(&mut client, &[ok("POST / [hello]"), ok("GET /next []")].concat()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn http_1_0_is_answered() {
        let answer = "HTTP/1.0 200 OK\r\ncontent-length: 9\r\n\r\nGET / []\n";
        assert_eq!(answers("GET / HTTP/1.0\r\n\r\n").await, (answer.to_owned(), None));
    }
}

mod switching {
    use super::*;

    /// Frames as an eager client sends them, with bytes that no HTTP reader would let pass.
    const FRAMES: &str = "\u{1}\n\0 \r\r GET / HTTP/9\n\n";

    fn asking(protocol: &str) -> String {
        format!("GET /{protocol} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n")
    }

    /// After the switch, whatever is sent comes back, and the end too.
    async fn echoes(client: &mut DuplexStream, handle: &Handle) {
        client.write_all(format!("{FRAMES}{FRAMES}").as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(to_end(client).await, [FRAMES, FRAMES].concat());
        assert_eq!(handle.violation(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn eager_bytes_reach_the_new_protocol_untouched() {
        let (mut client, handle) = serve(without_date());
        client.write_all(format!("{}{FRAMES}", asking("echo")).as_bytes()).await.unwrap();
        read_exactly(&mut client, &format!("{SWITCHED}{FRAMES}")).await;
        echoes(&mut client, &handle).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_patient_client_is_served_too() {
        let (mut client, handle) = serve(without_date());
        client.write_all(asking("echo").as_bytes()).await.unwrap();
        read_exactly(&mut client, SWITCHED).await;
        echoes(&mut client, &handle).await;
    }

    #[tokio::test(start_paused = true)]
    async fn pipelined_requests_before_it_are_answered_first() {
        let (mut client, handle) = serve(without_date());
        client.write_all(format!("{GET}{GET}{}{FRAMES}", asking("echo")).as_bytes()).await.unwrap();
        let due = ok("GET /next []").repeat(2);
        read_exactly(&mut client, &format!("{due}{SWITCHED}{FRAMES}")).await;
        echoes(&mut client, &handle).await;
    }

    #[tokio::test(start_paused = true)]
    async fn connect_switches_with_its_success() {
        let (mut client, handle) = serve(without_date());
        client
            .write_all(format!("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n{FRAMES}").as_bytes())
            .await
            .unwrap();
        read_exactly(&mut client, &format!("HTTP/1.1 200 OK\r\n\r\n{FRAMES}")).await;
        echoes(&mut client, &handle).await;
    }

    #[tokio::test(start_paused = true)]
    async fn behind_a_declined_request_the_next_are_read_strictly() {
        let requests = format!("{}{GET}{}{GET}GET / HTTP/1.1\r\n\r\n", asking("h2c"), asking("other"));
        let (answers, violation) = answers(requests).await;
        let due = [
            ok("GET /h2c []"),
            ok("GET /next []"),
            ok("GET /other []"),
            ok("GET /next []"),
            REFUSED.to_owned(),
        ];
        assert_eq!(answers, due.concat());
        assert_eq!(violation, Some(Violation::NoHost));
    }

    #[tokio::test(start_paused = true)]
    async fn a_declined_request_with_a_body_is_followed_by_the_next() {
        let post = "POST / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello";
        let (mut client, _) = serve(without_date());
        client.write_all(format!("{post}{GET}").as_bytes()).await.unwrap();
        read_exactly(&mut client, &[ok("POST / [hello]"), ok("GET /next []")].concat()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_smuggled_behind_a_declined_switch_is_refused() {
        let smuggled =
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
        let (answers, violation) = answers(format!("{}{smuggled}", asking("h2c"))).await;
        assert_eq!(answers, format!("{}{REFUSED}", ok("GET /h2c []")));
        assert_eq!(violation, Some(Violation::LengthAndEncoding));
    }
}

#[test]
fn the_stream_can_be_sent_where_what_is_under_it_can() {
    fn is_send<T: Send>(_: T) {}
    is_send(StrictFraming::new(duplex(1).0));
}

#[tokio::test(start_paused = true)]
async fn what_was_not_read_comes_back_with_the_stream() {
    let (mut client, server) = duplex(1024);
    client.write_all(format!("{GET}GET / H").as_bytes()).await.unwrap();
    let mut stream = StrictFraming::new(server);
    let mut read = [0; 1024];
    let length = stream.read(&mut read).await.unwrap();
    assert_eq!(&read[..length], GET.as_bytes());
    assert_eq!(stream.into_inner().1, "GET / H");
}

#[tokio::test(start_paused = true)]
async fn what_a_refused_client_went_on_sending_is_read_away_when_the_connection_closes() {
    let (mut client, server) = duplex(1024);
    let mut stream = StrictFraming::new(server);
    client.write_all(b"GET\r\n").await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), 0);
    client.write_all(&[0; 1000]).await.unwrap();
    stream.shutdown().await.unwrap();
    let (mut server, _) = stream.into_inner();
    drop(client);
    assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_behind_a_violation_and_no_end_either() {
    let (mut client, server) = duplex(1024);
    let mut stream = StrictFraming::new(server);
    client.write_all(format!("GET\r\n{GET}").as_bytes()).await.unwrap();
    drop(client);
    let mut read = [0; 1024];
    let length = stream.read(&mut read).await.unwrap();
    assert_eq!(&read[..length], Violation::RequestLine.poison(super::FIELD_LIMIT));
    timeout(HANG, stream.read(&mut read)).await.expect_err("waits");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_waits_for_a_switch_can_not_send_ahead_without_bound() {
    let (mut client, server) = duplex(1024);
    let mut stream = StrictFraming::new(server);
    let head = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    let mut read = [0; 1024];
    assert_eq!(stream.read(&mut read).await.unwrap(), head.len());
    let sends = async { timeout(HANG, client.write_all(&[0; 10_000])).await };
    let reads = async { timeout(HANG, stream.read(&mut read)).await };
    let (sent, read) = tokio::join!(sends, reads);
    read.expect_err("waits for the answer");
    sent.expect_err("waits too");
}
