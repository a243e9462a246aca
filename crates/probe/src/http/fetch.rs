//! Small things fetched without TLS: lists of what is revoked, answers of responders, certificates of issuers.
//! What is fetched so is signed, and RFC 5280 section 8 advises against HTTPS for it.

use std::time::Duration;

use hermetic_hop::ExternalEndpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::{Head, USER_AGENT, host_header};
use crate::reach;
use crate::way::Way;

/// What is fetched, and how much of it at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fetch<'a> {
    /// Where: `http://host:port/path`.
    pub(crate) url: &'a str,
    /// What is sent with it, and of which type; nothing for a plain look.
    pub(crate) body: Option<(&'a [u8], &'static str)>,
    /// The most bytes of an answer.
    pub(crate) limit: usize,
    /// How long all of it may take.
    pub(crate) within: Duration,
}

/// Fetches it. HTTP/1.0, whose answers end with the connection and come in one piece.
pub(crate) async fn fetch(way: &Way, fetch: Fetch<'_>) -> Result<Vec<u8>, String> {
    let until = Instant::now() + fetch.within;
    let url = fetch.url;
    timeout_at(until, fetched(way, fetch))
        .await
        .unwrap_or_else(|_| Err("no answer in time".to_owned()))
        .map_err(|reason| format!("{url}: {reason}"))
}

async fn fetched(way: &Way, fetch: Fetch<'_>) -> Result<Vec<u8>, String> {
    let (endpoint, path) = place(fetch.url).ok_or("only http:// addresses are fetched")?;
    let addresses = reach::resolve(way, &endpoint.host, endpoint.port).await?;
    let (_, mut io) = reach::first(way, &addresses, fetch.within).await?;
    let told = |error: std::io::Error| format!("the connection broke: {error}");
    io.write_all(&request(&endpoint, path, fetch.body)).await.map_err(told)?;
    let mut answer = Vec::new();
    let limit = fetch.limit.saturating_add(super::LONGEST_HEAD);
    let mut limited = io.take(limit as u64 + 1);
    // Some keep the connection, and say where the answer ends instead.
    while !is_whole(&answer) && limited.read_buf(&mut answer).await.map_err(told)? > 0 {}
    match read(answer, fetch.limit)? {
        (Head { status: 200, .. }, body) => Ok(body),
        (Head { status, .. }, _) => Err(format!("status {status}")),
    }
}

/// Head and body of an answer that was heard to its end; no more than `limit` bytes of body.
pub(crate) fn read(mut answer: Vec<u8>, limit: usize) -> Result<(Head, Vec<u8>), String> {
    let (head, start) = Head::read(&answer).map_err(|error| error.to_string())?;
    let mut body = answer.split_off(start.min(answer.len()));
    if body.len() > limit {
        return Err(format!("more than {limit} bytes"));
    }
    match length(&head) {
        Some(length) if length > body.len() => return Err("the answer breaks off".to_owned()),
        Some(length) => body.truncate(length),
        None => {}
    }
    Ok((head, body))
}

/// Whether an answer has come to the end that it names itself.
pub(crate) fn is_whole(answer: &[u8]) -> bool {
    // The head is at the start: what is far behind it can't be without one.
    let read = answer.get(..answer.len().min(super::LONGEST_HEAD)).map(Head::read);
    let Some(Ok((head, start))) = read else { return false };
    length(&head).is_some_and(|length| answer.len().saturating_sub(start) >= length)
}

fn length(head: &Head) -> Option<usize> {
    head.first("content-length")?.trim().parse().ok()
}

fn request(endpoint: &ExternalEndpoint, path: &str, body: Option<(&[u8], &str)>) -> Vec<u8> {
    let host = host_header(&endpoint.host, endpoint.port, 80);
    let method = if body.is_some() { "POST" } else { "GET" };
    let mut request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nConnection: close\r\n"
    );
    if let Some((body, kind)) = body {
        request += &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
    }
    [request.as_bytes(), b"\r\n", body.map_or(&[][..], |(body, _)| body)].concat()
}

/// Host, port and path of an `http://` address. Its path goes out as it stands, so it may hold nothing that
/// would end the line.
fn place(url: &str) -> Option<(ExternalEndpoint, &str)> {
    let rest = url.strip_prefix("http://")?;
    if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let authority = if has_port { authority.to_owned() } else { format!("{authority}:80") };
    let endpoint = format!("tls://{authority}").parse().ok()?;
    Some((endpoint, if path.is_empty() { "/" } else { path }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_a_port_and_a_path() {
        for (url, host, port, path) in [
            ("http://crl.test/r1.crl", "crl.test", 80, "/r1.crl"),
            ("http://ocsp.test", "ocsp.test", 80, "/"),
            ("http://127.0.0.1:8080/a?b", "127.0.0.1", 8080, "/a?b"),
            ("http://[::1]:81/", "::1", 81, "/"),
        ] {
            let (endpoint, found) = place(url).unwrap();
            assert_eq!((endpoint.host.as_str(), endpoint.port, found), (host, port, path), "{url}");
        }
    }

    #[test]
    fn what_would_end_the_line_is_no_address() {
        for url in ["https://a/", "ldap://a/", "http://a/b c", "http://a/\r\nX: y", "http:///a"] {
            assert!(place(url).is_none(), "{url}");
        }
    }
}
