//! Keys that change while bytes flow, with OpenSSL at the far end.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::testing::*;
use crate::{ClientHandshake, SystemClock, TrustAnchors};

const BOUND: u64 = 64 * 1024;

/// Bytes that are read or written at once.
const PIECE: usize = 16 * 1024;

/// An end of a chain, though it signs itself.
const LEAF: &str = "basicConstraints=critical,CA:FALSE";

/// What goes over: forty bounds, where peers that count key updates stop at 32.
fn bytes() -> Vec<u8> {
    (0..40 * BOUND).map(|number| (number % 251) as u8).collect()
}

/// After one bound, two, four, eight and sixteen: nothing comes the other way.
const IN_FORTY_BOUNDS: u64 = 5;

fn openssl(arguments: &[&str]) -> Child {
    let mut command = Command::new("openssl");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("openssl is needed; `cargo xtask test` installs it")
}

/// Our server with `openssl s_client` at its far end.
async fn with_client(version: &str) -> (TlsStream<TcpStream>, Child) {
    let server = server(server_settings(Authority::new("ca").issue(&["shop.test"])));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let peer = openssl(&["s_client", "-quiet", version, "-servername", "shop.test", "-connect", &address]);
    let (stream, _) = listener.accept().await.unwrap();
    (answer(&server, stream).await.unwrap(), peer)
}

/// Has the far end say all of it, and close.
fn says(peer: &mut Child, bytes: Vec<u8>) -> std::thread::JoinHandle<()> {
    let mut stdin = peer.stdin.take().unwrap();
    std::thread::spawn(move || stdin.write_all(&bytes).unwrap())
}

/// Says all of it, as a relay would, and closes.
async fn send(stream: &mut TlsStream<TcpStream>) {
    for piece in bytes().chunks(PIECE) {
        stream.write_all(piece).await.unwrap();
    }
    stream.shutdown().await.unwrap();
}

/// What the far end hears until the end.
fn hears(peer: &mut Child) -> std::thread::JoinHandle<Vec<u8>> {
    let mut stdout = peer.stdout.take().unwrap();
    std::thread::spawn(move || {
        let mut heard = Vec::new();
        stdout.read_to_end(&mut heard).unwrap();
        heard
    })
}

#[tokio::test]
async fn keys_change_again_and_again_while_we_send_and_no_byte_is_lost() {
    let (mut stream, mut peer) = with_client("-tls1_3").await;
    let counted = KeyUpdates::default();
    stream.update_keys_after(BOUND, counted.clone());
    let heard = hears(&mut peer);
    send(&mut stream).await;
    assert!(heard.join().unwrap() == bytes());
    assert_eq!(counted.begun(), IN_FORTY_BOUNDS);
}

#[tokio::test]
async fn keys_change_while_we_only_receive() {
    let (mut stream, mut peer) = with_client("-tls1_3").await;
    let counted = KeyUpdates::default();
    stream.update_keys_after(BOUND, counted.clone());
    // A peer that only writes answers when it comes to read, all at once, and rustls takes 32 in a row.
    let whole = bytes()[..bytes().len() / 2].to_vec();
    let said = says(&mut peer, whole.clone());
    let mut heard = vec![0; whole.len()];
    for piece in heard.chunks_mut(PIECE) {
        stream.read_exact(piece).await.unwrap();
    }
    said.join().unwrap();
    assert!(heard == whole);
    assert_eq!(counted.begun(), IN_FORTY_BOUNDS - 1);
    assert!(!stream.owed, "all were sent, though nothing else was");
}

#[tokio::test]
async fn a_client_of_ours_changes_keys_with_a_server_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = |file: &str| folder.path().join(file).to_str().unwrap().to_owned();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let subject = ["-subj", "/CN=shop", "-addext", "subjectAltName=DNS:shop.test", "-addext", LEAF];
    let made =
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", &key, "-out", &cert];
    assert!(openssl(&[&["req", "-x509"][..], &subject, &made].concat()).wait().unwrap().success());
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let files = ["-cert", &cert, "-key", &key];
    let mut peer =
        openssl(&[&["s_server", "-quiet", "-naccept", "1", "-accept", &free][..], &files].concat());
    let tcp = loop {
        if let Ok(tcp) = TcpStream::connect(&free).await {
            break tcp;
        }
        tokio::task::yield_now().await;
    };
    let trust = TrustAnchors::from_pem(&std::fs::read_to_string(&cert).unwrap()).unwrap();
    let settings = client_settings(trust, "shop.test");
    let client = ClientHandshake::new(settings, std::sync::Arc::new(SystemClock)).unwrap();
    let mut stream = client.connect(tcp).await.unwrap();
    let counted = KeyUpdates::default();
    stream.update_keys_after(BOUND, counted.clone());
    let heard = hears(&mut peer);
    send(&mut stream).await;
    assert!(heard.join().unwrap() == bytes());
    assert_eq!(counted.begun(), IN_FORTY_BOUNDS);
}

#[tokio::test]
async fn tls_1_2_has_no_key_update() {
    let (mut stream, mut peer) = with_client("-tls1_2").await;
    let counted = KeyUpdates::default();
    stream.update_keys_after(BOUND, counted.clone());
    let heard = hears(&mut peer);
    send(&mut stream).await;
    assert!(heard.join().unwrap() == bytes());
    assert_eq!(counted.begun(), 0);
}
