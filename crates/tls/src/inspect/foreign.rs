//! Asking a server for what the TLS library can't speak: versions below TLS 1.2, suites with CBC, RC4, static RSA,
//! finite-field Diffie-Hellman or CCM, and groups such as secp521r1. One hello goes out, and of the answer is read
//! what tells the choice.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::answer::{AlertNumber, Answer, AnswerError, AnswerReader, Heard, KeyExchangeParameters};
use crate::engine::Engine;
use crate::offer::{Extension, Offer};
use crate::{
    CipherSuite, DnsName, NamedGroup, ProtocolVersion, Randomness, RandomnessFailed, SignatureScheme,
};

/// What is offered of all that the TLS library can't speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// TLS 1.3 with everything; a choice that could have been had of the library tells nothing.
    Newest,
    /// This version, TLS 1.2 or older, and all below it, with old suites alone.
    Suites(ProtocolVersion),
    /// TLS 1.2 with everything that is agreed on over a curve, foreign curves first; as with the newest.
    Curves,
}

impl Foreign {
    /// All of them, best first. A server that refuses a hello because of its version takes the one that it knows.
    pub const ALL: [Self; 4] = [
        Self::Newest,
        Self::Suites(ProtocolVersion::TLS1_2),
        Self::Suites(ProtocolVersion::TLS1_0),
        Self::Curves,
    ];

    fn highest(self) -> ProtocolVersion {
        match self {
            Self::Newest => ProtocolVersion::TLS1_3,
            Self::Suites(highest) => highest,
            Self::Curves => ProtocolVersion::TLS1_2,
        }
    }
}

/// What a server chose of the foreign that it was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignServer {
    /// The version.
    pub version: ProtocolVersion,
    /// The suite.
    pub suite: CipherSuite,
    /// The group, where that was to be seen. The TLS library does not speak it, or not the suite, or not the version.
    pub group: Option<NamedGroup>,
}

/// Why a server chose nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignServerError {
    /// It ended the handshake with this alert.
    #[error("the peer ended the handshake: alert {0}")]
    Alert(AlertNumber),
    /// It answered something else than TLS, or broke its rules.
    #[error(transparent)]
    Malformed(#[from] AnswerError),
    /// It chose what was not offered.
    #[error("the peer chose {0}, which it was not offered")]
    NotOffered(ProtocolVersion),
    /// It chose what the TLS library speaks, so that something else keeps the two apart.
    #[error("the peer chose {0}, which is nothing foreign")]
    NotForeign(CipherSuite),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(#[from] std::io::Error),
    /// No random bytes for the hello.
    #[error(transparent)]
    Randomness(#[from] RandomnessFailed),
}

/// How long the key exchange of a choice is waited for: before TLS 1.3 it alone names the curve.
const KEY_EXCHANGE: Duration = Duration::from_secs(1);

/// Offers this, and reads what the server chooses. The handshake goes no further: the transport is dropped. There is
/// no deadline for the choice in here; it needs a runtime with a timer.
pub async fn ask_foreign<IO>(
    mut io: IO,
    what: Foreign,
    server_name: Option<&DnsName>,
    randomness: &dyn Randomness,
) -> Result<ForeignServer, ForeignServerError>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let mut random = [0; 32];
    randomness.fill(&mut random)?;
    io.write_all(&offer(what, server_name).records(random)).await?;
    io.flush().await?;
    let mut heard = Hearing { io, reader: AnswerReader::new() };
    let answer = heard.choice().await?;
    let Some(hello) = heard.reader.hello().cloned() else { return Err(ended().into()) };
    if hello.version > what.highest() {
        return Err(ForeignServerError::NotOffered(hello.version));
    }
    let answer = match answer {
        Some(answer) => Some(answer),
        // What is foreign by its suite stays a choice, even if the server never comes to the key exchange.
        None => timeout(KEY_EXCHANGE, heard.rest()).await.ok().and_then(Result::ok),
    };
    let group = answer.as_deref().map_or(hello.group, group);
    let engine = Engine::unrestricted();
    match !engine.speaks_suite(hello.suite) || group.is_some_and(|it| !engine.speaks_group(it)) {
        true => Ok(ForeignServer { version: hello.version, suite: hello.suite, group }),
        false => Err(ForeignServerError::NotForeign(hello.suite)),
    }
}

/// An answer that is being heard.
struct Hearing<IO> {
    io: IO,
    reader: AnswerReader,
}

impl<IO: AsyncRead + Unpin> Hearing<IO> {
    /// Hears until the server has chosen; all of its answer, where that came with it.
    async fn choice(&mut self) -> Result<Option<Box<Answer>>, ForeignServerError> {
        loop {
            let answer = self.next().await?;
            if answer.is_some() || self.reader.hello().is_some() {
                return Ok(answer);
            }
        }
    }

    /// Hears the rest.
    async fn rest(&mut self) -> Result<Box<Answer>, ForeignServerError> {
        loop {
            if let Some(answer) = self.next().await? {
                return Ok(answer);
            }
        }
    }

    async fn next(&mut self) -> Result<Option<Box<Answer>>, ForeignServerError> {
        let mut buffer = bytes::BytesMut::with_capacity(4096);
        if self.io.read_buf(&mut buffer).await? == 0 {
            return Err(ended().into());
        }
        match self.reader.push(&buffer)? {
            Heard::Part => Ok(None),
            Heard::Whole(answer) => Ok(Some(answer)),
            Heard::Alert(alert) => Err(ForeignServerError::Alert(alert)),
        }
    }
}

fn ended() -> std::io::Error {
    std::io::ErrorKind::UnexpectedEof.into()
}

fn group(answer: &Answer) -> Option<NamedGroup> {
    match &answer.key_exchange {
        Some(KeyExchangeParameters::Curve { group, .. }) => Some(*group),
        _ => answer.hello.group,
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

pub(super) fn offer(what: Foreign, server_name: Option<&DnsName>) -> Offer {
    match what {
        Foreign::Newest => newest(server_name),
        Foreign::Suites(highest) => older(highest, &SUITES.map(CipherSuite), &GROUPS, server_name),
        Foreign::Curves => curves(server_name),
    }
}

fn newest(server_name: Option<&DnsName>) -> Offer {
    let newest = ProtocolVersion::TLS1_3;
    let suites = CipherSuite::all().filter(|suite| suite.lowest_version() == Some(newest)).collect();
    let groups = NamedGroup::all().filter(|group| group.is_of_tls13()).collect();
    let mut offer = Offer::new(ProtocolVersion::TLS1_2, suites);
    offer.extensions.extend(server_name.cloned().map(Extension::ServerName));
    offer.extensions.extend([
        Extension::Groups(groups),
        Extension::SignatureSchemes(SignatureScheme::all().collect()),
        Extension::Versions(vec![newest]),
        // None: whoever has a group in common names it, and has computed nothing (RFC 8446 section 4.2.8).
        Extension::KeyShares(Vec::new()),
    ]);
    offer
}

/// A server with a certificate on a curve refuses who does not offer that curve (RFC 8422 section 5.1.1), so that
/// those of the library stand behind the foreign ones.
fn curves(server_name: Option<&DnsName>) -> Offer {
    let engine = Engine::unrestricted();
    let suites: Vec<_> = CipherSuite::all()
        .filter(|suite| {
            engine.speaks_suite(*suite) && suite.lowest_version() != Some(ProtocolVersion::TLS1_3)
        })
        .collect();
    let is_curve = |group: &NamedGroup| !group.is_post_quantum() && group.0 < 0x100;
    let mut groups: Vec<_> = NamedGroup::all().filter(is_curve).collect();
    groups.sort_by_key(|group| engine.speaks_group(*group));
    older(ProtocolVersion::TLS1_2, &suites, &groups, server_name)
}

/// A ClientHello without `supported_versions`, as clients wrote it before TLS 1.3.
fn older(
    highest: ProtocolVersion,
    suites: &[CipherSuite],
    groups: &[NamedGroup],
    server_name: Option<&DnsName>,
) -> Offer {
    // Some servers refuse those who don't say that they renegotiate securely (RFC 5746 section 3.3).
    let signal = CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV;
    let mut offer = Offer::new(highest, [suites, &[signal]].concat());
    offer.extensions.extend(server_name.cloned().map(Extension::ServerName));
    offer.extensions.extend([Extension::Groups(groups.to_vec()), Extension::PointFormats]);
    if highest >= ProtocolVersion::TLS1_2 {
        let schemes = SIGNATURES.map(SignatureScheme).to_vec();
        offer.extensions.push(Extension::SignatureSchemes(schemes));
    }
    offer
}
