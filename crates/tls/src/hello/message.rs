//! The ClientHello message and the extensions that decisions rest on (RFC 8446 section 4.1.2, RFC
//! 5246 section 7.4.1.2). Every length must fit exactly.

use bytes::Bytes;

use super::{ClientHello, HelloError};
use crate::cursor::Cursor;
use crate::{CipherSuite, NamedGroup, ProtocolVersion};

pub(super) const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
pub(super) const SIGNATURE_ALGORITHMS: u16 = 13;
pub(super) const ALPN: u16 = 16;
pub(super) const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// Reads the whole message, its handshake header included.
pub(super) fn parse(raw: Bytes, message: Bytes) -> Result<ClientHello, HelloError> {
    let mut body = Cursor::new(message.clone(), "the message is too short, or too long");
    let _type_and_length: [u8; 4] = body.array()?;
    let legacy_version = ProtocolVersion(body.number()?);
    let random = body.array()?;
    let session_id = body.vector8("session_id")?.into_bytes();
    if session_id.len() > 32 {
        return Err(HelloError::Malformed("session_id"));
    }
    let suites = body.vector16("cipher_suites")?.numbers(CipherSuite)?;
    let compression = body.vector8("compression_methods")?.into_bytes().to_vec();
    if compression.is_empty() {
        return Err(HelloError::Malformed("compression_methods"));
    }
    let extensions = extensions(&mut body)?;
    body.end()?;

    let mut hello = ClientHello {
        raw,
        message,
        legacy_version,
        random,
        session_id,
        suites,
        compression,
        extensions: Vec::new(),
        server_name: None,
        alpn: Vec::new(),
        versions: vec![legacy_version.min(ProtocolVersion::TLS1_2)],
        groups: Vec::new(),
        key_shares: Vec::new(),
        signature_schemes: Vec::new(),
    };
    for (kind, body) in &extensions {
        understand(&mut hello, *kind, body)?;
    }
    hello.extensions = extensions;
    Ok(hello)
}

/// The extensions, unread; none at all where the message ends before them, as before TLS 1.2.
fn extensions(body: &mut Cursor) -> Result<Vec<(u16, Bytes)>, HelloError> {
    let mut extensions = Vec::new();
    if body.is_empty() {
        return Ok(extensions);
    }
    let mut block = body.vector16("extensions")?;
    while !block.is_empty() {
        extensions
            .push((block.number()?, block.vector16("an extension is longer than its block")?.into_bytes()));
    }
    let mut kinds: Vec<u16> = extensions.iter().map(|(kind, _)| *kind).collect();
    kinds.sort_unstable();
    if kinds.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return Err(HelloError::Malformed("an extension comes twice"));
    }
    Ok(extensions)
}

fn understand(hello: &mut ClientHello, kind: u16, body: &Bytes) -> Result<(), HelloError> {
    match kind {
        SERVER_NAME => {
            let mut body = Cursor::new(body.clone(), "server_name");
            hello.server_name = Some(server_name(&mut body)?);
            Ok(body.end()?)
        }
        SUPPORTED_GROUPS => {
            let mut body = Cursor::new(body.clone(), "supported_groups");
            hello.groups = body.vector16("supported_groups")?.numbers(NamedGroup)?;
            Ok(body.end()?)
        }
        SIGNATURE_ALGORITHMS => {
            let mut body = Cursor::new(body.clone(), "signature_algorithms");
            hello.signature_schemes = body.vector16("signature_algorithms")?.numbers(|scheme| scheme)?;
            Ok(body.end()?)
        }
        ALPN => {
            let mut body = Cursor::new(body.clone(), "application_layer_protocol_negotiation");
            hello.alpn = protocols(&mut body)?;
            Ok(body.end()?)
        }
        SUPPORTED_VERSIONS => {
            let mut body = Cursor::new(body.clone(), "supported_versions");
            hello.versions = versions(&mut body)?;
            Ok(body.end()?)
        }
        KEY_SHARE => {
            let mut body = Cursor::new(body.clone(), "key_share");
            hello.key_shares = key_shares(&mut body)?;
            Ok(body.end()?)
        }
        _ => Ok(()),
    }
}

/// Exactly one name, of the only type that there is (RFC 6066 section 3).
fn server_name(body: &mut Cursor) -> Result<String, HelloError> {
    let mut list = body.vector16("server_name")?;
    if list.byte()? != 0 {
        return Err(HelloError::Malformed("server_name: a type other than host_name"));
    }
    let host = list.vector16("server_name")?.into_bytes();
    list.end()?;
    if host.len() > 253 || host.split(|&byte| byte == b'.').any(|label| !is_label(label)) {
        return Err(HelloError::Malformed("server_name: not a DNS name"));
    }
    // All of it is ASCII by now.
    Ok(host.iter().map(|&byte| char::from(byte.to_ascii_lowercase())).collect())
}

/// Names with underscores are no host names, but people have them and certificates cover them.
fn is_label(label: &[u8]) -> bool {
    (1..=63).contains(&label.len())
        && label.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn protocols(body: &mut Cursor) -> Result<Vec<Bytes>, HelloError> {
    let mut list = body.vector16("application_layer_protocol_negotiation")?;
    let mut protocols = Vec::new();
    while !list.is_empty() {
        protocols.push(list.vector8("a protocol name")?.into_bytes());
    }
    if protocols.is_empty() || protocols.iter().any(Bytes::is_empty) {
        return Err(HelloError::Malformed("an empty application protocol"));
    }
    Ok(protocols)
}

fn versions(body: &mut Cursor) -> Result<Vec<ProtocolVersion>, HelloError> {
    let mut versions = body.vector8("supported_versions")?.numbers(ProtocolVersion)?;
    versions.retain(|version| !is_grease(version.0));
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.dedup();
    Ok(versions)
}

/// The values that clients strew in so that servers keep ignoring what they don't know (RFC 8701).
pub(super) fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0F == 0x0A
}

fn key_shares(body: &mut Cursor) -> Result<Vec<NamedGroup>, HelloError> {
    let mut list = body.vector16("key_share")?;
    let mut groups = Vec::new();
    while !list.is_empty() {
        groups.push(NamedGroup(list.number()?));
        if list.vector16("key_share")?.is_empty() {
            return Err(HelloError::Malformed("an empty key share"));
        }
    }
    Ok(groups)
}
