//! SSL 2.0, which tells all in one answer.

use bytes::Bytes;
use hermetic_tls::Ssl2Cipher;
use hermetic_tls::answer::{AnswerError, Ssl2Answer, read_ssl2};
use hermetic_tls::offer::ssl2_hello;

use super::dial::Dialer;
use super::{Reply, Support};

/// What is enough for the longest certificate that a header of two bytes can tell of.
const LIMIT: usize = 2 + 0x7FFF;

/// What was seen of it.
pub(super) struct Seen {
    pub(super) support: Support,
    pub(super) ciphers: Vec<Ssl2Cipher>,
    /// The certificate that it shows, in DER.
    pub(super) certificate: Option<Bytes>,
}

/// Whether SSL 2.0 is spoken, and with which ciphers.
pub(super) async fn ask(dialer: &Dialer<'_>) -> Seen {
    let ciphers: Vec<_> = Ssl2Cipher::all().collect();
    let hello = ssl2_hello(&ciphers, [0x5A; 16]);
    let once = || async {
        let mut heard = Vec::new();
        let read = |bytes: &[u8]| {
            heard.extend_from_slice(bytes);
            match read_ssl2(&heard).transpose() {
                None if heard.len() >= LIMIT => Some(Err(AnswerError::TooLong)),
                answer => answer,
            }
        };
        dialer.exchange(&hello, read).await
    };
    let support = match Box::pin(dialer.beside_control(once)).await {
        Ok(Ok(Ssl2Answer::Spoken { ciphers, certificate })) => {
            let certificate = (!certificate.is_empty()).then_some(certificate);
            return Seen { support: Support::Yes, ciphers, certificate };
        }
        Ok(Ok(Ssl2Answer::Refused)) => Support::No("it knows none of the ciphers".to_owned()),
        // Whoever has forgotten SSL 2.0 sends an alert of a later version, or hangs up.
        Ok(Err(_)) => Support::No("it answers in another protocol".to_owned()),
        Err(Reply::Nothing(silence)) => Support::No(silence.to_string()),
        Err(reply) => Support::Unknown(reply.to_string()),
    };
    Seen { support, ciphers: Vec::new(), certificate: None }
}
