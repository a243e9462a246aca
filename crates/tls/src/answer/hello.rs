//! The ServerHello, and the HelloRetryRequest that looks like one.

use bytes::Bytes;

use super::AnswerError;
use crate::cursor::Cursor;
use crate::flight::RETRY;
use crate::{CipherSuite, NamedGroup, ProtocolVersion};

const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// How the random of a server ends that speaks newer versions, but was not offered them (RFC 8446
/// section 4.1.3).
const SENTINEL: &[u8] = b"DOWNGRD";

/// The most extensions that are read, about twice as many as are registered: each is held against all before it, and
/// a hello has room for sixteen thousand.
const MOST_EXTENSIONS: usize = 128;

/// What a server chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The protocol version.
    pub version: ProtocolVersion,
    /// Whether it is a HelloRetryRequest: the server wants another hello.
    pub is_retry: bool,
    /// The 32 random bytes.
    pub random: [u8; 32],
    /// The id of the session.
    pub session_id: Bytes,
    /// The suite.
    pub suite: CipherSuite,
    /// The compression method; 0 is none.
    pub compression: u8,
    /// The group of the key share, or the one that a HelloRetryRequest wants.
    pub group: Option<NamedGroup>,
    /// The application protocol; under TLS 1.3 it is hidden.
    pub application_protocol: Option<Bytes>,
    /// The extensions in order: number and content.
    pub extensions: Vec<(u16, Bytes)>,
}

/// A version above the one chosen that the server speaks, by its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Downgrade {
    /// It would speak TLS 1.3.
    Below1_3,
    /// It would speak TLS 1.2 or newer.
    Below1_2,
}

impl ServerHello {
    /// Reads the message, without its header.
    pub(crate) fn read(body: Bytes) -> Result<Self, AnswerError> {
        let mut body = Cursor::new(body, "ServerHello");
        let mut hello = Self {
            version: ProtocolVersion(body.number()?),
            is_retry: false,
            random: body.array()?,
            session_id: body.vector8("session_id")?.into_bytes(),
            suite: CipherSuite(body.number()?),
            compression: body.byte()?,
            group: None,
            application_protocol: None,
            extensions: Vec::new(),
        };
        hello.is_retry = hello.random == RETRY;
        if hello.session_id.len() > 32 {
            return Err(AnswerError::Malformed("session_id"));
        }
        if !body.is_empty() {
            let mut block = body.vector16("extensions")?;
            while !block.is_empty() {
                let number = block.number()?;
                let content = block.vector16("an extension is longer than its block")?.into_bytes();
                hello.take(number, content)?;
            }
        }
        body.end()?;
        Ok(hello)
    }

    /// Whether it has the extension of this number.
    pub fn has(&self, extension: u16) -> bool {
        self.extensions.iter().any(|(number, _)| *number == extension)
    }

    /// Whether the server says that it speaks a newer version than this one.
    pub fn downgrade(&self) -> Option<Downgrade> {
        match self.random.last_chunk::<8>()?.split_last()? {
            (1, SENTINEL) => Some(Downgrade::Below1_3),
            (0, SENTINEL) => Some(Downgrade::Below1_2),
            _ => None,
        }
    }

    fn take(&mut self, number: u16, content: Bytes) -> Result<(), AnswerError> {
        if self.has(number) {
            return Err(AnswerError::Malformed("an extension comes twice"));
        }
        if self.extensions.len() >= MOST_EXTENSIONS {
            return Err(AnswerError::Malformed("more extensions than there are"));
        }
        match number {
            SUPPORTED_VERSIONS => {
                let mut body = Cursor::new(content.clone(), "supported_versions");
                self.version = ProtocolVersion(body.number()?);
                body.end()?;
            }
            KEY_SHARE => {
                let mut body = Cursor::new(content.clone(), "key_share");
                self.group = Some(NamedGroup(body.number()?));
                if !self.is_retry {
                    body.vector16("key_share")?;
                }
                body.end()?;
            }
            ALPN => {
                let mut body = Cursor::new(content.clone(), "application_layer_protocol_negotiation");
                let mut list = body.vector16("application_layer_protocol_negotiation")?;
                self.application_protocol = Some(list.vector8("a protocol name")?.into_bytes());
                list.end()?;
                body.end()?;
            }
            _ => {}
        }
        self.extensions.push((number, content));
        Ok(())
    }
}
