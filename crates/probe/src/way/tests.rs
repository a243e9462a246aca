//! Proxies that answer as they should, and as they should not.

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// What a proxy was asked that answers with these bytes, and what came of it.
async fn asked(proxy: &str, to: Destination, answers: &[&[u8]]) -> (io::Result<Connection>, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let way = Way::new(Some(proxy.replace('@', &format!("@{address}")).parse().unwrap()), Limits::default());
    let serve = async {
        let (mut io, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        for answer in answers {
            let mut buffer = [0; 1024];
            let count = io.read(&mut buffer).await.unwrap();
            heard.extend_from_slice(&buffer[..count]);
            io.write_all(answer).await.unwrap();
        }
        heard
    };
    tokio::join!(way.connect(&to, Duration::from_secs(10)), serve)
}

fn named() -> Destination {
    Destination::Named { name: "db.internal".to_owned(), port: 5432 }
}

#[tokio::test]
async fn socks5_is_told_who_we_are_and_where_to_go_and_the_rest_is_the_far_end_s() {
    let answers: [&[u8]; 3] = [&[5, 2], &[1, 0], b"\x05\x00\x00\x03\x02ab\x00\x00hello"];
    let (connection, heard) = asked("socks5h://me:secret@", named(), &answers).await;
    assert_eq!(heard, b"\x05\x02\x00\x02\x01\x02me\x06secret\x05\x01\x00\x03\x0bdb.internal\x15\x38");
    let mut rest = String::new();
    connection.unwrap().read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "hello");
}

#[tokio::test]
async fn what_a_socks5_proxy_refuses_is_told() {
    let to = Destination::Address("10.0.0.1:443".parse().unwrap());
    let answers: [&[u8]; 2] = [&[5, 0], &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]];
    let (refused, heard) = asked("socks5://x@", to, &answers).await;
    assert!(heard.ends_with(&[5, 1, 0, 1, 10, 0, 0, 1, 1, 187]));
    assert_eq!(refused.unwrap_err().to_string(), "the proxy: the connection is refused there");
    let (refused, _) = asked("socks5://x@", named(), &[b"HTTP"]).await;
    assert_eq!(refused.unwrap_err().to_string(), "the proxy: it does not speak SOCKS 5");
}

#[tokio::test]
async fn an_http_proxy_is_asked_to_connect() {
    let answer: [&[u8]; 1] = [b"HTTP/1.1 200 Connection established\r\nvia: x\r\n\r\nhello"];
    let (connection, heard) = asked("http://me:secret@", named(), &answer).await;
    let expected = "CONNECT db.internal:5432 HTTP/1.1\r\nHost: db.internal:5432\r\n\
                    Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n";
    assert_eq!(String::from_utf8(heard).unwrap(), expected);
    let mut rest = String::new();
    connection.unwrap().read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "hello");
    let (refused, _) = asked("http://x@", named(), &[b"HTTP/1.1 407 Denied\r\n\r\n"]).await;
    let told = refused.unwrap_err().to_string();
    assert_eq!(told, "the proxy: it wants another user and password: it answers 407");
}

proptest! {
    #[test]
    fn any_answer_of_a_proxy_gets_a_decision(bytes in proptest::collection::vec(any::<u8>(), 0..64), http: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut near, mut far) = tokio::io::duplex(1 << 12);
            far.write_all(&bytes).await.unwrap();
            far.shutdown().await.unwrap();
            let asked = match http {
                true => connect::ask(&mut near, &named(), None).await,
                false => socks5::ask(&mut near, &named(), None).await,
            };
            if asked.is_ok() {
                let begin: &[u8] = if http { b"HTTP/1." } else { &[5, 0, 5, 0] };
                assert!(bytes.starts_with(begin));
            }
        });
    }
}
