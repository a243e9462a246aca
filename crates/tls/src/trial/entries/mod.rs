//! What stands beside the certificates of TLS 1.3: timestamps of logs and OCSP responses (RFC 8446 section
//! 4.4.2), which are encrypted, and of which the TLS library hands out the responses alone.
//!
//! So this is a client of its own that agrees on keys, opens the server's first flight up to its certificates, and
//! is gone. Nobody is verified and no data is sent; it must not be used for anything else.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod entry;
mod flight;
mod keys;
#[cfg(test)]
mod tests;

use aws_lc_rs::agreement::{Algorithm, ECDH_P256, ECDH_P384, EphemeralPrivateKey, X25519};
use aws_lc_rs::rand::SystemRandom;
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::answer::{AlertNumber, AnswerError};
use crate::offer::{Extension, Offer};
use crate::{
    CipherSuite, DnsName, NamedGroup, ProtocolVersion, Randomness, RandomnessFailed, SignatureScheme,
};

pub use entry::Entry;
use flight::Flight;

/// Why certificates were not shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotShown {
    /// The server ended the handshake by this alert.
    #[error("the peer ended the handshake: alert {0}")]
    Alert(AlertNumber),
    /// It answered something else than TLS, or broke its rules.
    #[error(transparent)]
    Malformed(#[from] AnswerError),
    /// It chose what this client does not speak.
    #[error("the peer chose a version, a suite or a group that this client does not speak")]
    NotSpoken,
    /// What came was not sealed by the keys that were agreed on.
    #[error("the peer's records can't be opened")]
    NotOpened,
    /// The connection broke before the certificates came.
    #[error("the connection broke: {0}")]
    Io(#[from] std::io::Error),
    /// No random bytes.
    #[error(transparent)]
    Randomness(#[from] RandomnessFailed),
}

/// The suites of TLS 1.3 that this client speaks.
const SUITES: [CipherSuite; 3] = [CipherSuite(0x1301), CipherSuite(0x1302), CipherSuite(0x1303)];

/// The groups for which it has a key share.
const GROUPS: [(NamedGroup, &Algorithm); 3] =
    [(NamedGroup::X25519, &X25519), (NamedGroup::SECP256R1, &ECDH_P256), (NamedGroup::SECP384R1, &ECDH_P384)];

/// Begins a handshake of TLS 1.3 with these signature schemes, by which a server chooses among its chains, and gives
/// the certificates with what stands beside each. The transport is dropped then. There is no deadline in here.
pub async fn certificate_entries<IO>(
    mut io: IO,
    server_name: Option<&DnsName>,
    schemes: Vec<SignatureScheme>,
    randomness: &dyn Randomness,
) -> Result<Vec<Entry>, NotShown>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let mut random = [0; 32];
    randomness.fill(&mut random)?;
    let keys = shares()?;
    let hello = offer(server_name, schemes, &keys).records(random);
    io.write_all(&hello).await?;
    io.flush().await?;
    let keys = keys.into_iter().map(|(group, key, _)| (group, key)).collect();
    let mut flight = Flight::new(&hello, keys);
    let mut buffer = BytesMut::with_capacity(8192);
    loop {
        buffer.clear();
        if io.read_buf(&mut buffer).await? == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        if let Some(entries) = flight.push(&buffer)? {
            return Ok(entries);
        }
    }
}

/// A key for each group, with its public part.
type Share = (NamedGroup, EphemeralPrivateKey, Bytes);

fn shares() -> Result<Vec<Share>, RandomnessFailed> {
    let share = |(group, algorithm): (NamedGroup, &'static Algorithm)| {
        let key = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new()).ok()?;
        let public = Bytes::copy_from_slice(key.compute_public_key().ok()?.as_ref());
        Some((group, key, public))
    };
    GROUPS.into_iter().map(share).collect::<Option<_>>().ok_or(RandomnessFailed)
}

fn offer(server_name: Option<&DnsName>, schemes: Vec<SignatureScheme>, shares: &[Share]) -> Offer {
    let keys = shares.iter().map(|(group, _, public)| (*group, public.clone())).collect();
    let mut offer = Offer::new(ProtocolVersion::TLS1_2, SUITES.to_vec());
    offer.extensions.extend(server_name.cloned().map(Extension::ServerName));
    offer.extensions.extend([
        Extension::Groups(GROUPS.map(|(group, _)| group).to_vec()),
        Extension::SignatureSchemes(schemes),
        Extension::StatusRequest,
        Extension::CertificateTimestamps,
        Extension::Versions(vec![ProtocolVersion::TLS1_3]),
        Extension::PskModes,
        Extension::KeyShares(keys),
    ]);
    offer
}
