//! Whether a client may begin a handshake within a session of TLS 1.2: work for the server at any client's wish
//! (CVE-2011-1473).
//!
//! The TLS library never renegotiates, so that this is a client of its own, for one question and a handful of
//! suites. Nobody is verified and no data is sent; it must not be used for anything else.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod keys;
mod session;

use std::time::Duration;

use aws_lc_rs::agreement::{
    Algorithm, ECDH_P256, ECDH_P384, EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral,
};
use aws_lc_rs::rand::SystemRandom;
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::answer::{AlertNumber, Answer, AnswerError, AnswerReader, Heard, KeyExchangeParameters};
use crate::offer::{Extension, Offer};
use crate::records::{Piece, Records};
use crate::{DnsName, NamedGroup, ProtocolVersion, Randomness, RandomnessFailed, SignatureScheme};
use keys::Algorithms;
use session::{Said, Session};

/// What a server does when a client begins a handshake anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renegotiation {
    /// It goes along.
    Accepted,
    /// It says no by this alert.
    Refused(AlertNumber),
    /// It ends the connection.
    Ended,
}

/// Why it was not to be seen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotRenegotiated {
    /// The first handshake was ended by this alert.
    #[error("the peer ended the first handshake: alert {0}")]
    Alert(AlertNumber),
    /// It answered something else than TLS, or broke its rules.
    #[error(transparent)]
    Malformed(#[from] AnswerError),
    /// It chose what this client does not speak.
    #[error("the peer chose a suite or a group that this client does not speak")]
    NotSpoken,
    /// What came was not sealed by the keys that were agreed on.
    #[error("the peer's records can't be opened")]
    NotOpened,
    /// The connection broke before the session stood.
    #[error("the connection broke: {0}")]
    Io(#[from] std::io::Error),
    /// No random bytes.
    #[error(transparent)]
    Randomness(#[from] RandomnessFailed),
}

/// Completes a handshake of TLS 1.2, begins another within it, and tells what the server makes of that. The transport
/// is dropped then. There is no deadline in here.
pub async fn renegotiate<IO>(
    mut io: IO,
    server_name: Option<&DnsName>,
    randomness: &dyn Randomness,
) -> Result<Renegotiation, NotRenegotiated>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let mut session = begun(&mut io, server_name, randomness).await?;
    let mut random = [0; 32];
    randomness.fill(&mut random)?;
    let again = offer(server_name, session.finished()).records(random);
    // Its record takes the place of the plain one.
    let again = session.sealed(HANDSHAKE, again.get(5..).unwrap_or_default())?;
    if io.write_all(&again).await.is_err() || io.flush().await.is_err() {
        return Ok(Renegotiation::Ended);
    }
    loop {
        match session.said(&mut io).await {
            Ok(Said::ServerHello) => return Ok(Renegotiation::Accepted),
            // A goodbye is said by whoever ends the connection for any reason.
            Ok(Said::Alert(CLOSE_NOTIFY)) => return Ok(Renegotiation::Ended),
            Ok(Said::Alert(number)) => return Ok(Renegotiation::Refused(AlertNumber(number))),
            Ok(Said::Finished | Said::Other) => {}
            Err(NotRenegotiated::Io(_)) => return Ok(Renegotiation::Ended),
            Err(error) => return Err(error),
        }
    }
}

/// The control behind an end: the same handshake, and nothing behind it. Whether the server leaves that connection
/// open for so long. There is no deadline for the handshake in here; it needs a runtime with a timer.
pub async fn stays_open<IO>(
    mut io: IO,
    server_name: Option<&DnsName>,
    randomness: &dyn Randomness,
    so_long: Duration,
) -> Result<bool, NotRenegotiated>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let mut session = begun(&mut io, server_name, randomness).await?;
    let ended = async {
        loop {
            match session.said(&mut io).await {
                Ok(Said::Alert(_)) | Err(_) => return,
                Ok(Said::Finished | Said::ServerHello | Said::Other) => {}
            }
        }
    };
    Ok(timeout(so_long, ended).await.is_err())
}

/// The first handshake, to its end.
async fn begun<IO>(
    io: &mut IO,
    server_name: Option<&DnsName>,
    randomness: &dyn Randomness,
) -> Result<Session, NotRenegotiated>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let mut random = [0; 32];
    randomness.fill(&mut random)?;
    let hello = offer(server_name, &[]).records(random);
    io.write_all(&hello).await?;
    io.flush().await?;
    let (answer, mut transcript) = answered(io, &hello).await?;
    let (exchange, mut session) = agreed(&answer, &random, &mut transcript)?;
    io.write_all(&exchange).await?;
    io.flush().await?;
    loop {
        match session.said(io).await? {
            Said::Finished => return Ok(session),
            Said::Alert(number) => return Err(NotRenegotiated::Alert(AlertNumber(number))),
            Said::ServerHello | Said::Other => {}
        }
    }
}

const CLOSE_NOTIFY: u8 = 0;
const HANDSHAKE: u8 = 22;
const CERTIFICATE: u8 = 11;
const CLIENT_KEY_EXCHANGE: u8 = 16;
const FINISHED: u8 = 20;

/// A hello of this client; within a session with what it finished by (RFC 5746 section 3.5).
fn offer(server_name: Option<&DnsName>, finished: &[u8]) -> Offer {
    let length = u8::try_from(finished.len()).unwrap_or_default();
    let bound = Bytes::from([&[length], finished].concat());
    let mut offer = Offer::new(ProtocolVersion::TLS1_2, Algorithms::SUITES.to_vec());
    offer.extensions.extend(server_name.cloned().map(Extension::ServerName));
    offer.extensions.extend([
        Extension::Groups(vec![NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1]),
        Extension::PointFormats,
        Extension::SignatureSchemes(SignatureScheme::all().collect()),
        Extension::Other(0xFF01, bound),
    ]);
    offer
}

/// The server's first flight, and all messages up to its end.
async fn answered(
    io: &mut (impl AsyncRead + Unpin),
    hello: &[u8],
) -> Result<(Answer, Vec<u8>), NotRenegotiated> {
    let mut transcript = hello.get(5..).unwrap_or_default().to_vec();
    let (mut reader, mut records) = (AnswerReader::new(), Records::with_limit(crate::answer::ANSWER_LIMIT));
    let mut buffer = BytesMut::with_capacity(8192);
    loop {
        buffer.clear();
        if io.read_buf(&mut buffer).await? == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        records.push(&buffer);
        while let Some(piece) = records.next().map_err(AnswerError::from)? {
            if let Piece::Message { kind, body } = piece {
                transcript.extend(message(kind, &body));
            }
        }
        match reader.push(&buffer)? {
            Heard::Part => {}
            Heard::Whole(answer) => return Ok((*answer, transcript)),
            Heard::Alert(alert) => return Err(NotRenegotiated::Alert(alert)),
        }
    }
}

/// The client's second flight, and the session that stands with it.
fn agreed(
    answer: &Answer,
    random: &[u8; 32],
    transcript: &mut Vec<u8>,
) -> Result<(Vec<u8>, Session), NotRenegotiated> {
    let algorithms = Algorithms::of(answer.hello.suite).ok_or(NotRenegotiated::NotSpoken)?;
    let Some(KeyExchangeParameters::Curve { group, public, .. }) = &answer.key_exchange else {
        return Err(NotRenegotiated::NotSpoken);
    };
    let (ours, secret) = exchanged(*group, public).ok_or(NotRenegotiated::NotSpoken)?;
    let mut flight = Vec::new();
    if answer.asks_client {
        // Nobody.
        flight.extend(message(CERTIFICATE, &[0, 0, 0]));
    }
    let length = u8::try_from(ours.len()).unwrap_or_default();
    flight.extend(message(CLIENT_KEY_EXCHANGE, &[&[length], ours.as_slice()].concat()));
    transcript.extend(&flight);
    let seed = [random.as_slice(), &answer.hello.random].concat();
    let master = algorithms.prf(&secret, b"master secret", &seed, 48);
    let protectors = algorithms.protectors(&master, random, &answer.hello.random);
    let (client, server) = protectors.ok_or(NotRenegotiated::NotSpoken)?;
    let finished = algorithms.finished(&master, b"client finished", transcript);
    let mut session = Session::new(client, server, finished);
    let finished = message(FINISHED, session.finished());
    let length = u16::try_from(flight.len()).unwrap_or_default().to_be_bytes();
    let change_cipher_spec = [20, 3, 3, 0, 1, 1];
    let sealed = session.sealed(HANDSHAKE, &finished)?;
    Ok(([&[HANDSHAKE, 3, 3], length.as_slice(), &flight, &change_cipher_spec, &sealed].concat(), session))
}

/// Our public value, and the secret that both have.
fn exchanged(group: NamedGroup, theirs: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let algorithm: &'static Algorithm = match group {
        NamedGroup::X25519 => &X25519,
        NamedGroup::SECP256R1 => &ECDH_P256,
        NamedGroup::SECP384R1 => &ECDH_P384,
        _ => return None,
    };
    let key = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new()).ok()?;
    let ours = key.compute_public_key().ok()?.as_ref().to_vec();
    let theirs = UnparsedPublicKey::new(algorithm, theirs);
    let secret = agree_ephemeral(key, theirs, (), |secret| Ok(secret.to_vec())).ok()?;
    Some((ours, secret))
}

/// A handshake message with its header.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[kind], length.as_slice(), body].concat()
}
