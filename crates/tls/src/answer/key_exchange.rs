//! The ServerKeyExchange (RFC 5246 section 7.4.3, RFC 8422 section 5.4).

use bytes::Bytes;

use super::AnswerError;
use crate::cursor::Cursor;
use crate::{Authentication, CipherSuite, KeyExchange, NamedGroup, ProtocolVersion, SignatureScheme};

/// A curve by its name, the only form that is left (RFC 8422 section 5.4).
const NAMED_CURVE: u8 = 3;

/// How a server would agree on keys before TLS 1.3.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyExchangeParameters {
    /// Over a curve.
    Curve {
        /// Which.
        group: NamedGroup,
        /// The server's public value.
        public: Bytes,
        /// How it signed; only TLS 1.2 says so.
        scheme: Option<SignatureScheme>,
    },
    /// Over a prime field.
    FiniteField {
        /// The prime, in network order, without leading zeros.
        prime: Bytes,
        /// The generator.
        generator: Bytes,
        /// The server's public value.
        public: Bytes,
        /// How it signed; only TLS 1.2 says so.
        scheme: Option<SignatureScheme>,
    },
    /// In a way that is not looked into, such as over a curve that is written out.
    Other,
}

impl KeyExchangeParameters {
    /// Reads the message of a suite, without its header.
    pub(super) fn read(
        version: ProtocolVersion,
        suite: CipherSuite,
        body: Bytes,
    ) -> Result<Self, AnswerError> {
        let mut body = Cursor::new(body, "ServerKeyExchange");
        let (Some(exchange), Some(authentication)) = (suite.key_exchange(), suite.authentication()) else {
            return Ok(Self::Other);
        };
        if authentication == Authentication::Psk {
            body.vector16("psk_identity_hint")?;
        }
        let signed = Signed { version, authentication };
        match exchange {
            KeyExchange::Ecdhe | KeyExchange::EcdhAnon => {
                if body.byte()? != NAMED_CURVE {
                    return Ok(Self::Other);
                }
                let group = NamedGroup(body.number()?);
                let public = body.vector8("a public value")?.into_bytes();
                Ok(Self::Curve { group, public, scheme: signed.scheme(&mut body)? })
            }
            KeyExchange::Dhe | KeyExchange::DhAnon => {
                let [prime, generator, public] = [(); 3].map(|()| body.vector16("a Diffie-Hellman value"));
                let (prime, generator) = (without_zeros(prime?.into_bytes()), generator?.into_bytes());
                let public = public?.into_bytes();
                Ok(Self::FiniteField { prime, generator, public, scheme: signed.scheme(&mut body)? })
            }
            // Of export suites it carries a short RSA key.
            _ => Ok(Self::Other),
        }
    }

    /// How the server signed.
    pub fn scheme(&self) -> Option<SignatureScheme> {
        match self {
            Self::Curve { scheme, .. } | Self::FiniteField { scheme, .. } => *scheme,
            Self::Other => None,
        }
    }
}

/// Whether and how the parameters are signed.
struct Signed {
    version: ProtocolVersion,
    authentication: Authentication,
}

impl Signed {
    fn scheme(&self, body: &mut Cursor) -> Result<Option<SignatureScheme>, AnswerError> {
        if matches!(self.authentication, Authentication::Anonymous | Authentication::Psk) {
            body.end()?;
            return Ok(None);
        }
        let scheme = match self.version {
            ProtocolVersion::TLS1_2 => Some(SignatureScheme(body.number()?)),
            _ => None,
        };
        body.vector16("a signature")?;
        body.end()?;
        Ok(scheme)
    }
}

fn without_zeros(number: Bytes) -> Bytes {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.slice(zeros..)
}
