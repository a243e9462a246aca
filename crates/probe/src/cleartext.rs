//! Asking a far end that did not answer our ClientHello whether it speaks its protocol in cleartext.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_hop::{ExternalEndpoint, Scheme};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A question in cleartext that gives nothing away, and how every answer to it begins.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    ask: String,
    answers: &'static [&'static [u8]],
}

/// The question for this far end; `None` where the prelude settles it, or we don't know its protocol.
pub(crate) fn question(endpoint: &ExternalEndpoint) -> Option<Question> {
    let host =
        if endpoint.host.contains(':') { format!("[{}]", endpoint.host) } else { endpoint.host.clone() };
    match endpoint.scheme {
        Scheme::Https => {
            let ask =
                format!("HEAD / HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n\r\n", endpoint.port);
            Some(Question { ask, answers: &[b"HTTP/"] })
        }
        // `-NOAUTH`, `-ERR`, `-DENIED` (protected mode): all are Redis, and all in cleartext.
        Scheme::Redis | Scheme::Rediss => {
            Some(Question { ask: "*1\r\n$4\r\nPING\r\n".to_owned(), answers: &[b"+PONG", b"-"] })
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
        while !self.is_answer(&heard) {
            // A byte at a time: the answers are told apart by six at most.
            match io.read_u8().await {
                Ok(byte) => heard.push(byte),
                Err(_) => return false,
            }
            if !self.may_become_answer(&heard) {
                return false;
            }
        }
        true
    }

    fn is_answer(&self, heard: &[u8]) -> bool {
        self.answers.iter().any(|answer| heard.starts_with(answer))
    }

    fn may_become_answer(&self, heard: &[u8]) -> bool {
        self.is_answer(heard) || self.answers.iter().any(|answer| answer.starts_with(heard))
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
