//! Versions, suites and groups: numbers on the wire with the names that people use.

mod cipher;
mod group;
mod prime;
mod scheme;
mod ssl2;
mod suite;
mod suite_table;
mod text;
mod version;

pub use cipher::Cipher;
pub use group::NamedGroup;
pub use prime::common_prime;
pub use scheme::SignatureScheme;
pub use ssl2::Ssl2Cipher;
pub use suite::{Authentication, CipherSuite, KeyExchange};
pub use version::ProtocolVersion;

/// Text that names no TLS parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// Not a protocol version.
    #[error("`{0}` is not a protocol version; write `TLSv1.3`, `1.3` or the number on the wire, `0x0304`")]
    Version(String),
    /// Not a cipher suite.
    #[error(
        "`{0}` is not a cipher suite; write the IANA name (`TLS_AES_128_GCM_SHA256`), the OpenSSL name \
         (`ECDHE-RSA-AES128-GCM-SHA256`) or the number on the wire (`0x1301`)"
    )]
    Suite(String),
    /// Not a key-exchange group.
    #[error(
        "`{0}` is not a key-exchange group; write its name (`X25519MLKEM768`, `X25519`, `secp256r1`, `P-256`) \
         or the number on the wire (`0x001D`)"
    )]
    Group(String),
    /// Not a signature scheme.
    #[error(
        "`{0}` is not a signature scheme; write its name (`ecdsa_secp256r1_sha256`) or the number on the wire \
         (`0x0403`)"
    )]
    Scheme(String),
}

/// The sixteen numbers that clients mix in so that servers keep ignoring what they don't know (RFC 8701).
const fn is_grease(number: u16) -> bool {
    number & 0x0F0F == 0x0A0A && number >> 8 == number & 0x00FF
}
