//! Asking a server for what the TLS library can't speak: versions below TLS 1.2, and suites with CBC,
//! RC4, static RSA or finite-field Diffie-Hellman. One hello goes out, one ServerHello is read.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::server_hello::{Answer, Malformed, ServerHelloReader};
use crate::{CipherSuite, DnsName, ProtocolVersion, Randomness, RandomnessFailed};

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
    Alert(String),
    /// It answered something else than TLS, or broke its rules.
    #[error("{0}")]
    Malformed(#[from] Malformed),
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
    io.write_all(&hello(highest, server_name.map(DnsName::as_str), random)).await?;
    io.flush().await?;
    let mut reader = ServerHelloReader::default();
    let mut buffer = bytes::BytesMut::with_capacity(512);
    loop {
        buffer.clear();
        if io.read_buf(&mut buffer).await? == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        match reader.push(&buffer)? {
            Answer::Partial => {}
            Answer::Chosen(server) => return Ok(server),
            Answer::Alert(name) => return Err(OldServerError::Alert(name)),
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

/// "I renegotiate securely": some servers refuse those who don't say so (RFC 5746 section 3.3).
const RENEGOTIATION_SCSV: u16 = 0x00FF;

/// secp256r1, secp384r1, secp521r1, x25519.
const GROUPS: [u16; 4] = [0x0017, 0x0018, 0x0019, 0x001D];

/// RSA, ECDSA and DSA with SHA-2 and SHA-1, for TLS 1.2.
const SIGNATURES: [u16; 12] =
    [0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0402, 0x0201, 0x0203];

/// A ClientHello without `supported_versions`, as clients wrote it before TLS 1.3, in one record.
pub(super) fn hello(highest: ProtocolVersion, server_name: Option<&str>, random: [u8; 32]) -> Vec<u8> {
    let mut body = highest.0.to_be_bytes().to_vec();
    body.extend(random);
    body.extend(vector8(&[]));
    body.extend(vector16(&numbers(SUITES.iter().chain([&RENEGOTIATION_SCSV]))));
    body.extend(vector8(&[0]));
    let mut extensions = Vec::new();
    if let Some(name) = server_name {
        let entry = [&[0], vector16(name.as_bytes()).as_slice()].concat();
        extensions.extend(extension(0, &vector16(&entry)));
    }
    extensions.extend(extension(10, &vector16(&numbers(&GROUPS))));
    extensions.extend(extension(11, &vector8(&[0])));
    if highest >= ProtocolVersion::TLS1_2 {
        extensions.extend(extension(13, &vector16(&numbers(&SIGNATURES))));
    }
    body.extend(vector16(&extensions));
    // The handshake's length has three bytes; the message is far below 64 KiB.
    let message = [&[1, 0], vector16(&body).as_slice()].concat();
    // TLS 1.0 as the record's version: what old servers take for a hello (RFC 8446 section 5.1).
    [&[22, 3, 1], vector16(&message).as_slice()].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector16(body)].concat()
}

fn numbers<'a>(numbers: impl IntoIterator<Item = &'a u16>) -> Vec<u8> {
    numbers.into_iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// With a length of one byte. All that is written here is shorter than it can tell.
fn vector8(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap_or(u8::MAX)], bytes].concat()
}

/// With a length of two bytes; a DNS name, the one part that varies, has 253 at most.
fn vector16(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes(), bytes].concat()
}
