//! Versions, suites and groups: numbers on the wire with the names that people use.
//! (skeleton: the names come from the registry table)

use std::fmt;

/// A TLS or SSL protocol version, by its number on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProtocolVersion(pub u16);

impl ProtocolVersion {
    /// SSL 2.0.
    pub const SSL2: Self = Self(0x0002);
    /// SSL 3.0.
    pub const SSL3: Self = Self(0x0300);
    /// TLS 1.0.
    pub const TLS1_0: Self = Self(0x0301);
    /// TLS 1.1.
    pub const TLS1_1: Self = Self(0x0302);
    /// TLS 1.2.
    pub const TLS1_2: Self = Self(0x0303);
    /// TLS 1.3.
    pub const TLS1_3: Self = Self(0x0304);
}

/// A cipher suite, by its number on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CipherSuite(pub u16);

/// A key-exchange group, by its number on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NamedGroup(pub u16);

impl CipherSuite {
    /// The IANA name, such as `TLS_AES_128_GCM_SHA256`; `None` where the registry has none.
    pub fn name(self) -> Option<&'static str> {
        todo!()
    }
    /// The OpenSSL name, where it has one; that of TLS 1.3 suites is the IANA name.
    pub fn openssl_name(self) -> Option<&'static str> {
        todo!()
    }
    /// The suite of an IANA or OpenSSL name.
    pub fn from_name(_name: &str) -> Option<Self> {
        todo!()
    }
}

impl NamedGroup {
    /// X25519 with ML-KEM-768, the post-quantum hybrid that browsers offer.
    pub const X25519MLKEM768: Self = Self(0x11EC);
    /// X25519.
    pub const X25519: Self = Self(0x001D);
    /// The registry's name; X25519 in capitals as people write it.
    pub fn name(self) -> Option<&'static str> {
        todo!()
    }
    /// The group of a name, aliases such as `P-256` and `prime256v1` included; case does not count.
    pub fn from_name(_name: &str) -> Option<Self> {
        todo!()
    }
    /// Whether a quantum computer could not undo the exchange later: ML-KEM alone or in a hybrid.
    pub fn is_post_quantum(self) -> bool {
        todo!()
    }
}

macro_rules! text {
    ($($type:ty),*) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{self}") }
        }
        impl fmt::Display for $type {
            fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result { todo!() }
        }
        impl std::str::FromStr for $type {
            type Err = crate::error::IdentityError;
            fn from_str(_text: &str) -> Result<Self, Self::Err> { todo!() }
        }
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(_d: D) -> Result<Self, D::Error> { todo!() }
        }
    )*};
}
text!(ProtocolVersion, CipherSuite, NamedGroup);
