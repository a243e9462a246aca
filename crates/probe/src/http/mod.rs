//! As much of HTTP as looking takes: the head of an answer, and small things fetched without TLS.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod fetch;
mod head;

pub(crate) use fetch::{Fetch, fetch, is_whole, read};
pub use head::{Head, HeadError, LONGEST_HEAD};

/// Who is asking, for those who read their logs.
pub(crate) const USER_AGENT: &str = concat!("hermetic-scan/", env!("CARGO_PKG_VERSION"));

/// A question for the head of a page, after whose answer the far end hangs up.
pub(crate) fn question(host: &str, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )
}

/// A question for a page whose answer is to be read whole: in HTTP/1.0 it comes in one piece.
pub(crate) fn whole_question(host: &str, path: &str) -> String {
    format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nConnection: close\r\n\r\n")
}

/// The host of a URL and its port where that is not the usual one.
pub(crate) fn host_header(host: &str, port: u16, usual: u16) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    if port == usual { host } else { format!("{host}:{port}") }
}
