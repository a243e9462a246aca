//! AMQP: the protocol header that asks for TLS, answered by the same where it follows (AMQP 1.0 section 5.2).
//! Servers of AMQP 0-9-1 answer by the header that they would have, and do TLS on a port of its own alone.

use super::Step;

/// `AMQP`, protocol 2, which is TLS, and version 1.0.0.
pub(super) const TLS: [u8; 8] = *b"AMQP\x02\x01\x00\x00";

const NAME: &[u8] = b"AMQP";

pub(super) fn step(heard: &[u8]) -> Step {
    match heard.split_first_chunk() {
        None if NAME.starts_with(heard) || heard.starts_with(NAME) => Step::Read,
        Some((&TLS, [])) => Step::Tls(Vec::new()),
        Some((&TLS, _)) => Step::Refused(super::BEHIND.to_owned()),
        Some((header, _)) if header.starts_with(NAME) => Step::Cleartext(&[]),
        None | Some(_) => Step::Refused("it does not speak AMQP".to_owned()),
    }
}
