//! Asking a server for what the TLS library can't speak: versions below TLS 1.2, and suites with CBC,
//! RC4, static RSA or finite-field Diffie-Hellman. One hello goes out, one ServerHello is read.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::answer::{AlertNumber, AnswerError, AnswerReader, Heard};
use crate::offer::{Extension, Offer};
use crate::{
    CipherSuite, DnsName, NamedGroup, ProtocolVersion, Randomness, RandomnessFailed, SignatureScheme,
};

/// What a server chose of the old that it was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldServer {
    /// The version: TLS 1.2 or older.
    pub version: ProtocolVersion,
    /// The suite: none that the TLS library speaks.
    pub suite: CipherSuite,
}

/// Why a server chose nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OldServerError {
    /// It ended the handshake with this alert.
    #[error("the peer ended the handshake: alert {0}")]
    Alert(AlertNumber),
    /// It answered something else than TLS, or broke its rules.
    #[error(transparent)]
    Malformed(#[from] AnswerError),
    /// It chose what was not offered.
    #[error("the peer chose {0}, which it was not offered")]
    NotOffered(ProtocolVersion),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(#[from] std::io::Error),
    /// No random bytes for the hello.
    #[error(transparent)]
    Randomness(#[from] RandomnessFailed),
}

/// Offers `highest` and all below it with old suites alone, and reads what the server chooses. The
/// handshake goes no further: the transport is dropped. There is no deadline in here.
pub async fn ask_old<IO>(
    mut io: IO,
    highest: ProtocolVersion,
    server_name: Option<&DnsName>,
    randomness: &dyn Randomness,
) -> Result<OldServer, OldServerError>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let mut random = [0; 32];
    randomness.fill(&mut random)?;
    io.write_all(&offer(highest, server_name).records(random)).await?;
    io.flush().await?;
    let mut reader = AnswerReader::new();
    let mut buffer = bytes::BytesMut::with_capacity(512);
    loop {
        buffer.clear();
        if io.read_buf(&mut buffer).await? == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        if let Heard::Alert(alert) = reader.push(&buffer)? {
            return Err(OldServerError::Alert(alert));
        }
        match reader.hello() {
            None => {}
            Some(hello) if hello.version > ProtocolVersion::TLS1_2 => {
                return Err(OldServerError::NotOffered(hello.version));
            }
            Some(hello) => return Ok(OldServer { version: hello.version, suite: hello.suite }),
        }
    }
}

/// Suites that are still met and that the TLS library does not speak, by number, best first.
const SUITES: [u16; 40] = [
    // ECDHE and DHE with AES in CBC mode, and DHE with AEAD.
    0xC024, 0xC028, 0xC023, 0xC027, 0xC00A, 0xC014, 0xC009, 0xC013, 0x009F, 0xCCAA, 0x009E, 0x006B, 0x0067,
    0x0039, 0x0033, 0x0038, 0x0032, // Static RSA.
    0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F, 0x0084, 0x0041,
    // Triple DES, RC4, DES and export.
    0xC008, 0xC012, 0x0016, 0x0013, 0x000A, 0xC007, 0xC011, 0x0005, 0x0004, 0x0015, 0x0012, 0x0009, 0x0014,
    0x0008, 0x0003,
];

/// secp256r1, secp384r1, secp521r1, x25519.
const GROUPS: [NamedGroup; 4] =
    [NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1, NamedGroup::X25519];

/// RSA, ECDSA and DSA with SHA-2 and SHA-1, for TLS 1.2.
const SIGNATURES: [u16; 12] =
    [0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0402, 0x0201, 0x0203];

/// A ClientHello without `supported_versions`, as clients wrote it before TLS 1.3.
pub(super) fn offer(highest: ProtocolVersion, server_name: Option<&DnsName>) -> Offer {
    // Some servers refuse those who don't say that they renegotiate securely (RFC 5746 section 3.3).
    let signal = CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV;
    let suites = SUITES.map(CipherSuite).into_iter().chain([signal]).collect();
    let mut offer = Offer::new(highest, suites);
    offer.extensions.extend(server_name.cloned().map(Extension::ServerName));
    offer.extensions.extend([Extension::Groups(GROUPS.to_vec()), Extension::PointFormats]);
    if highest >= ProtocolVersion::TLS1_2 {
        let schemes = SIGNATURES.map(SignatureScheme).to_vec();
        offer.extensions.push(Extension::SignatureSchemes(schemes));
    }
    offer
}
