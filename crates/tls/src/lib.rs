//! TLS for the house: versions, suites, groups and named security policies; a reader of
//! ClientHellos; certificates and identities; and the one place where a policy becomes a handshake.
//!
//! This is the only crate that names `rustls` types, and none of them is public, so that a new
//! rustls is one crate's work.

mod alert;
mod certificate;
mod client;
mod clock;
mod error;
mod handshake;
pub mod hello;
mod identity;
mod parameters;
pub mod policy;
mod random;
mod server;
mod stream;
mod ticket;
mod trust;

pub use alert::Alert;
pub use certificate::{Certificate, Chain, Credential, CredentialHandle, Fingerprint, PrivateKey, Serial};
pub use client::{ClientHandshake, ClientSettings, Expected};
pub use clock::{Clock, SystemClock};
pub use error::{CertificateError, HandshakeError, IdentityError, PeerCertificateProblem, SettingsError};
pub use handshake::Negotiated;
pub use hello::{ClientHello, HelloReader};
pub use identity::{DnsName, Identity, SpiffeId, TrustDomain};
pub use parameters::{Authentication, CipherSuite, KeyExchange, NamedGroup, ParameterError, ProtocolVersion};
pub use policy::SecurityPolicy;
pub use random::{Randomness, RandomnessFailed, SystemRandomness};
pub use server::{ClientCertificates, Refusal, ServerHandshake, ServerSettings, UnknownSni};
pub use stream::TlsStream;
pub use ticket::TicketKeys;
pub use trust::TrustAnchors;
