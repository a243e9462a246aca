//! Asking a far end that did not answer our ClientHello whether it speaks its protocol in cleartext.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_hop::{ExternalEndpoint, Scheme};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A question in cleartext that gives nothing away, and how its answer is told.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    ask: String,
    /// Whether what was heard is an answer; `None` while it may still become one.
    is_answer: fn(&[u8]) -> Option<bool>,
}

/// The question for this far end; `None` where the prelude settles it, or we don't know its protocol.
pub(crate) fn question(endpoint: &ExternalEndpoint) -> Option<Question> {
    let ExternalEndpoint { scheme, host, port } = endpoint;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    match scheme {
        Scheme::Https => {
            let ask = format!("HEAD / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
            Some(Question { ask, is_answer: is_http })
        }
        Scheme::Redis | Scheme::Rediss => {
            Some(Question { ask: "*1\r\n$4\r\nPING\r\n".to_owned(), is_answer: is_redis })
        }
        Scheme::Tls | Scheme::Postgres | Scheme::Mysql | Scheme::Smtp => None,
    }
}

impl Question {
    /// Whether the far end answers it as its protocol does. A broken connection is no answer.
    pub(crate) async fn ask(&self, mut io: impl AsyncRead + AsyncWrite + Unpin) -> bool {
        if io.write_all(self.ask.as_bytes()).await.is_err() || io.flush().await.is_err() {
            return false;
        }
        let mut heard = Vec::new();
        // A byte at a time: answers are told apart by twelve at most.
        while let Ok(byte) = io.read_u8().await {
            heard.push(byte);
            if let Some(decision) = (self.is_answer)(&heard) {
                return decision;
            }
        }
        false
    }
}

/// A status line of any status but 400: with that, nginx, Apache and Go's server say in cleartext that
/// theirs is a TLS port.
fn is_http(heard: &[u8]) -> Option<bool> {
    const PROTOCOL: &[u8] = b"HTTP/1.";
    let Some(rest) = heard.strip_prefix(PROTOCOL) else {
        return (!PROTOCOL.starts_with(heard)).then_some(false);
    };
    let status = rest.get(2..5)?;
    Some(status.iter().all(u8::is_ascii_digit) && status != b"400")
}

/// `+PONG`, or an error: `-NOAUTH`, `-ERR`, `-DENIED` (protected mode). All are Redis in cleartext.
fn is_redis(heard: &[u8]) -> Option<bool> {
    const PONG: &[u8] = b"+PONG";
    match heard {
        [b'-', ..] | [b'+', b'P', b'O', b'N', b'G', ..] => Some(true),
        _ => (!PONG.starts_with(heard)).then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn answered(endpoint: &str, answer: &[u8]) -> bool {
        let (near, mut far) = tokio::io::duplex(1 << 16);
        far.write_all(answer).await.unwrap();
        far.shutdown().await.unwrap();
        question(&endpoint.parse().unwrap()).unwrap().ask(near).await
    }

    #[tokio::test]
    async fn a_far_end_that_speaks_its_protocol_answers() {
        assert!(answered("redis://cache", b"+PONG\r\n").await);
        assert!(answered("rediss://cache", b"-NOAUTH Authentication required.\r\n").await);
        assert!(answered("https://shop", b"HTTP/1.0 405 Method Not Allowed\r\n").await);
    }

    #[tokio::test]
    async fn a_tls_port_that_complains_in_cleartext_is_no_answer() {
        assert!(!answered("https://shop", b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n").await);
    }

    #[tokio::test]
    async fn an_alert_and_silence_are_no_answer() {
        for endpoint in ["redis://cache", "https://shop"] {
            assert!(!answered(endpoint, &[21, 3, 1, 0, 2, 2, 70]).await);
            assert!(!answered(endpoint, b"").await);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_get_a_decision(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let expected = bytes.starts_with(b"+PONG") || bytes.starts_with(b"-");
            prop_assert_eq!(runtime.block_on(answered("redis://cache", &bytes)), expected);
        }
    }
}
