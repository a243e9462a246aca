//! TLS for the house: versions, suites, groups and named security policies; a reader of
//! ClientHellos; certificates and identities; and the one place where a policy becomes a handshake.
//!
//! This is the only crate that names `rustls` types, and none of them is public, so that a new
//! rustls is one crate's work.

mod alert;
pub mod answer;
mod certificate;
mod chain;
mod client;
mod clock;
mod credential;
mod cursor;
mod digest;
mod end_point;
mod engine;
mod error;
mod failure;
pub mod flight;
mod handshake;
pub mod hello;
mod identity;
mod inspect;
mod key;
pub mod offer;
mod parameters;
pub mod policy;
mod random;
mod records;
mod replay;
mod revocation;
mod server;
mod stream;
#[cfg(test)]
mod testing;
mod ticket;
pub mod trial;
mod trust;
mod verify;
mod wear;

pub use alert::Alert;
pub use certificate::{Certificate, Fingerprint, Serial};
pub use chain::Chain;
pub use client::{ClientHandshake, ClientSettings, Expected};
pub use clock::{Clock, SystemClock};
pub use credential::{Credential, CredentialHandle};
pub use error::{
    CertificateError, HandshakeError, IdentityError, PeerCertificateProblem, RevocationListError,
    SettingsError,
};
pub use handshake::Negotiated;
pub use hello::{ClientHello, HelloReader, Ja4, Ja4Error};
pub use identity::{DnsName, Identity, SpiffeId, TrustDomain};
pub use inspect::{
    Foreign, ForeignServer, ForeignServerError, Inspected, Inspection, Shown, Uninspected, ask_foreign,
};
pub use key::PrivateKey;
pub use parameters::{
    Authentication, Cipher, CipherSuite, KeyExchange, NamedGroup, ParameterError, ProtocolVersion,
    SignatureScheme, Ssl2Cipher, common_prime,
};
pub use policy::SecurityPolicy;
pub use random::{Randomness, RandomnessFailed, SystemRandomness};
pub use revocation::{CertificationPath, RevocationList, Revocations, RevokedCertificates};
pub use server::{ClientCertificates, Refusal, ServerHandshake, ServerSettings, UnknownSni};
pub use stream::TlsStream;
pub use ticket::{TicketKey, TicketKeys};
pub use trust::TrustAnchors;
pub use wear::{KEY_UPDATE_AFTER, KeyUpdates};
