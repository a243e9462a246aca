//! The messages of a server that come in clear (RFC 8446 section 4.1.3, RFC 5246 section 7.4, RFC 8422
//! section 5.4).

use bytes::Bytes;

use super::{FlightError, ServerChoice};
use crate::chain::Chain;
use crate::cursor::Cursor;
use crate::{CipherSuite, KeyExchange, NamedGroup, ProtocolVersion};

const ALPN: u16 = 16;
const PRE_SHARED_KEY: u16 = 41;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// A curve by its name, the only form that is left (RFC 8422 section 5.4).
const NAMED_CURVE: u8 = 3;

/// The random of a HelloRetryRequest: SHA-256 of its name (RFC 8446 section 4.1.3).
pub(crate) const RETRY: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2,
    0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// A ServerHello, or what looks like one.
pub(super) enum Hello {
    /// The server wants another ClientHello.
    Retry,
    /// It chose.
    Choice(ServerChoice),
}

/// Reads a ServerHello.
pub(super) fn hello(body: Bytes) -> Result<Hello, FlightError> {
    let mut body = Cursor::new(body, "ServerHello");
    let legacy_version = ProtocolVersion(body.number()?);
    let random: [u8; 32] = body.array()?;
    let session_id = body.vector8("legacy_session_id_echo")?;
    if session_id.into_bytes().len() > 32 {
        return Err(FlightError::Malformed("legacy_session_id_echo"));
    }
    let suite = CipherSuite(body.number()?);
    let _compression = body.byte()?;
    let mut choice = ServerChoice {
        version: legacy_version,
        suite,
        group: None,
        alpn: None,
        retried: false,
        resumed: false,
        chain: None,
        asks_client: None,
    };
    let retry = random == RETRY;
    if !body.is_empty() {
        let mut block = body.vector16("extensions")?;
        let mut kinds = Vec::new();
        while !block.is_empty() {
            let kind = block.number()?;
            if kinds.contains(&kind) {
                return Err(FlightError::Malformed("an extension comes twice"));
            }
            kinds.push(kind);
            understand(&mut choice, kind, block.vector16("an extension is longer than its block")?, retry)?;
        }
    }
    body.end()?;
    Ok(if retry { Hello::Retry } else { Hello::Choice(choice) })
}

fn understand(
    choice: &mut ServerChoice,
    kind: u16,
    mut body: Cursor,
    retry: bool,
) -> Result<(), FlightError> {
    match kind {
        SUPPORTED_VERSIONS => choice.version = ProtocolVersion(body.number()?),
        KEY_SHARE => {
            choice.group = Some(NamedGroup(body.number()?));
            if !retry && body.vector16("key_share")?.into_bytes().is_empty() {
                return Err(FlightError::Malformed("an empty key share"));
            }
        }
        PRE_SHARED_KEY => {
            body.number()?;
            choice.resumed = true;
        }
        ALPN => {
            let mut list = body.vector16("application_layer_protocol_negotiation")?;
            let protocol = list.vector8("a protocol name")?.into_bytes();
            list.end()?;
            choice.alpn = Some(String::from_utf8_lossy(&protocol).into_owned());
        }
        _ => return Ok(()),
    }
    Ok(body.end()?)
}

/// The certificates, where the first of them can be read.
pub(super) fn certificate(body: Bytes) -> Result<Option<Chain>, FlightError> {
    let mut body = Cursor::new(body, "Certificate");
    let mut list = body.vector24("certificate_list")?;
    body.end()?;
    let mut ders = Vec::new();
    while !list.is_empty() {
        ders.push(list.vector24("a certificate")?.into_bytes());
    }
    Ok(Chain::shown(&ders))
}

/// The group of an ephemeral exchange over elliptic curves; other exchanges name none.
pub(super) fn group(suite: CipherSuite, body: Bytes) -> Result<Option<NamedGroup>, FlightError> {
    if !matches!(suite.key_exchange(), Some(KeyExchange::Ecdhe | KeyExchange::EcdhAnon)) {
        return Ok(None);
    }
    let mut body = Cursor::new(body, "ServerKeyExchange");
    match body.byte()? {
        NAMED_CURVE => Ok(Some(NamedGroup(body.number()?))),
        _ => Ok(None),
    }
}
