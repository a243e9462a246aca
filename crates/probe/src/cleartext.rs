//! Asking a far end that did not answer our ClientHello whether it speaks its protocol in cleartext.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_hop::{ExternalEndpoint, Scheme};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::prelude::ldap::START_TLS;

/// A question in cleartext that gives nothing away, and how its answer is told.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    ask: Vec<u8>,
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
            Some(Question { ask: ask.into_bytes(), is_answer: is_http })
        }
        Scheme::Redis | Scheme::Rediss => {
            Some(Question { ask: b"*1\r\n$4\r\nPING\r\n".to_vec(), is_answer: is_redis })
        }
        Scheme::Mqtt | Scheme::Mqtts => Some(Question { ask: CONNECT.to_vec(), is_answer: is_mqtt }),
        Scheme::Amqps => Some(Question { ask: b"AMQP\0\0\x09\x01".to_vec(), is_answer: is_amqp }),
        Scheme::Ldaps => Some(Question { ask: START_TLS.to_vec(), is_answer: is_ldap }),
        Scheme::Tls | Scheme::Postgres | Scheme::Mysql | Scheme::Ldap | Scheme::Amqp => None,
        // Their servers greet, and so speak for themselves.
        Scheme::Smtp | Scheme::Smtps | Scheme::Lmtp | Scheme::Nats => None,
        Scheme::Imap | Scheme::Imaps | Scheme::Pop3 | Scheme::Pop3s | Scheme::Ftp | Scheme::Ftps => None,
    }
}

impl Question {
    /// Whether the far end answers it as its protocol does. A broken connection is no answer.
    pub(crate) async fn ask(&self, mut io: impl AsyncRead + AsyncWrite + Unpin) -> bool {
        if io.write_all(&self.ask).await.is_err() || io.flush().await.is_err() {
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

/// MQTT 3.1.1 with a clean session, no keep-alive and a client without a name: who is let in leaves nothing
/// behind (section 3.1).
const CONNECT: &[u8] = b"\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0";

/// CONNACK, whether it lets us in or not.
fn is_mqtt(heard: &[u8]) -> Option<bool> {
    match heard {
        [0x20, 2..=0x7F, ..] => Some(true),
        [] | [0x20] => None,
        _ => Some(false),
    }
}

/// `connection.start` of AMQP 0-9-1 (class 10, method 10, on channel 0), or the header that it would have.
fn is_amqp(heard: &[u8]) -> Option<bool> {
    const NAME: &[u8] = b"AMQP";
    // Method frame, channel 0, any length, connection, start.
    const START: [Option<u8>; 11] =
        [Some(1), Some(0), Some(0), None, None, None, None, Some(0), Some(10), Some(0), Some(10)];
    let starts = heard.iter().zip(START).all(|(byte, expected)| expected.is_none_or(|it| it == *byte));
    match starts || heard.starts_with(NAME) || NAME.starts_with(heard) {
        false => Some(false),
        true => (heard.starts_with(NAME) || heard.len() >= START.len()).then_some(true),
    }
}

/// Any message: a sequence that begins with its number.
fn is_ldap(heard: &[u8]) -> Option<bool> {
    match heard {
        [0x30, 0..=0x7F, 2, ..] | [0x30, 0x84, _, _, _, _, 2, ..] => Some(true),
        [] | [0x30] | [0x30, 0..=0x7F] | [0x30, 0x84, ..] if heard.len() < 7 => None,
        _ => Some(false),
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
        assert!(answered("mqtt://broker", b"\x20\x02\0\x05").await);
        assert!(answered("amqps://broker", b"\x01\0\0\0\0\x01\xf0\0\x0a\0\x0a\0\x09").await);
        assert!(answered("amqps://broker", b"AMQP\0\0\x09\x01").await);
        assert!(answered("ldaps://directory", b"\x30\x0c\x02\x01\x01").await);
    }

    #[tokio::test]
    async fn a_tls_port_that_complains_in_cleartext_is_no_answer() {
        assert!(!answered("https://shop", b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n").await);
    }

    #[tokio::test]
    async fn an_alert_and_silence_are_no_answer() {
        for endpoint in ["redis://cache", "https://shop", "mqtts://b", "amqps://b", "ldaps://d"] {
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
