//! Ways around a Deny: requests that mean to the store what they do not seem to mean. None of them gets there.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use super::first_hop::{CLEARTEXT, OK, edge, status};
use crate::harness::{Hermetic, Origin, folder, read_head};

/// A listener in cleartext, at which the document of the upstream denies all that is about the bucket `shop`.
fn in_clear(route: &str, origin: &Origin) -> Hermetic {
    edge(folder(), &format!("protocol = \"http\"\n{CLEARTEXT}"), route, origin)
}

/// The status of a request that curl makes with these arguments, and this path.
fn of(edge: &Hermetic, arguments: &[&str], path: &str) -> String {
    let url = format!("http://127.0.0.1:{}{path}", edge.ports.edge());
    status(edge, &[&["--path-as-is"], arguments, &[&url]].concat())
}

#[test]
fn no_other_spelling_of_a_request_for_a_bucket_is_let_pass() {
    let origin = Origin::answering(OK);
    let edge = in_clear("host = \"127.0.0.1\"", &origin);
    let copy = ["--request", "PUT", "--header", "x-amz-copy-source: shop/k"];
    for (arguments, path) in [
        (&[][..], "//shop/k"),
        (&[], "/other//shop/k"),
        (&[], "/shop%2Fk"),
        (&[], "/other/k?x-amz-copy-source=shop%2Fk"),
        (&[], "/other/k?prefix=a;policy"),
        (&[], "/other/k?versionId="),
        (&[], "/other/k?uploadId="),
        (&copy, "/other/k?retention"),
        (&["--request", "PUT", "--header", "x-amz-copy-source: shop/k#l"], "/other/k"),
        (&["--request", "PUT", "--header", "x_amz_copy_source: shop/k"], "/other/k"),
        (&["--request", "PUT", "--header", "x-amz-rename-source: shop/k"], "/other/k"),
        (&["--request", "PUT", "--header", "x-amz-meta-snowball-auto-extract: true"], "/other/k.tar"),
        (&["--header", "x-minio-extract: true"], "/other/k.zip/l"),
        (&["--header", "x-http-method-override: DELETE"], "/other/k"),
        (&["--form", "key=k", "--form", "file=x"], "/other"),
    ] {
        assert_eq!(of(&edge, arguments, path), "403", "{arguments:?} {path}");
    }
    assert_eq!(origin.requests(), Vec::<String>::new());
    assert_eq!(of(&edge, &[], "/other/k?versionId=7"), "200");
}

#[test]
fn what_does_not_go_on_is_not_judged() {
    let (folder, origin) = (folder(), Origin::answering(OK));
    let unencrypted = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::other/*", "Condition": {"Null": {"s3:x-amz-server-side-encryption": "true"}}}}"#;
    std::fs::write(folder.path().join("unencrypted.json"), unencrypted).unwrap();
    let lines = format!("protocol = \"http\"\npolicy_document = \"unencrypted.json\"\n{CLEARTEXT}");
    let edge = edge(folder, &lines, "host = \"127.0.0.1\"", &origin);
    let put = ["--request", "PUT", "--header", "x-amz-server-side-encryption: AES256"];
    assert_eq!(of(&edge, &put, "/other/k"), "200");
    let listed = [&put[..], &["--header", "connection: x-amz-server-side-encryption"]].concat();
    assert_eq!(of(&edge, &listed, "/other/k"), "403");
    assert_eq!(origin.requests().len(), 1);
}

#[test]
fn what_comes_behind_a_body_that_was_judged_does_not_go_on() {
    let came = Arc::new(Mutex::new(String::new()));
    let body = came.clone();
    let origin = Origin::acting(move |stream, _| {
        *body.lock().unwrap() = read_head(stream);
        let _ = stream.write_all(OK);
    });
    let edge = in_clear("host = \"127.0.0.1\"", &origin);
    let mut stream = TcpStream::connect(("127.0.0.1", edge.ports.edge())).unwrap();
    let request = "PUT /other/k HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ntrailer: x-amz-copy-source\r\n\
                   transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nx-amz-copy-source: shop/k\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(*came.lock().unwrap(), "1\r\nx\r\n0\r\n\r\n");
}

#[test]
fn a_remote_client_that_a_proxy_on_this_host_ended_the_tls_of_did_not_come_in_cleartext() {
    let origin = Origin::answering(OK);
    let listener = format!("protocol = \"http\"\n{CLEARTEXT}proxy_protocol = {{ from = [\"127.0.0.1\"] }}");
    let edge = edge(folder(), &listener, "host = \"127.0.0.1\"", &origin);
    let by = |version: &[u8]| {
        let mut stream = TcpStream::connect(("127.0.0.1", edge.ports.edge())).unwrap();
        stream.write_all(&told(version)).unwrap();
        stream.write_all(b"GET /shop/k HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.get(9..12).unwrap_or_default().to_owned()
    };
    assert_eq!(by(b"TLSv1.3"), "200");
    assert_eq!(by(b"TLSv1.2"), "403");
}

/// The header of a proxy, version 2, that tells of a client at 192.0.2.7 under this version of TLS.
fn told(version: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
    let mut addresses = vec![192, 0, 2, 7, 127, 0, 0, 1, 0xc3, 0x50, 0x01, 0xbb];
    // PP2_CLIENT_SSL, nothing verified, and PP2_SUBTYPE_SSL_VERSION.
    let tls = [&[1, 0, 0, 0, 1, 0x21][..], &length(version), version].concat();
    addresses.extend([&[0x20][..], &length(&tls), &tls].concat());
    [b"\r\n\r\n\0\r\nQUIT\n\x21\x11", &length(&addresses)[..], &addresses].concat()
}
