//! The ciphers of SSL 2.0, which have numbers of their own.

use std::fmt;

/// A cipher of SSL 2.0 by its three bytes on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ssl2Cipher(pub [u8; 3]);

impl Ssl2Cipher {
    /// The name of the draft, such as `SSL_CK_RC4_128_WITH_MD5`; `None` for a number that was never given.
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|(_, name, _)| *name)
    }

    /// The bits of its key that are secret; `None` for an unknown one.
    pub fn bits(self) -> Option<u16> {
        self.row().map(|(.., bits)| *bits)
    }

    /// All that are known.
    pub fn all() -> impl Iterator<Item = Self> {
        CIPHERS.iter().map(|(cipher, ..)| *cipher)
    }

    fn row(self) -> Option<&'static (Self, &'static str, u16)> {
        CIPHERS.iter().find(|(cipher, ..)| *cipher == self)
    }
}

impl fmt::Display for Ssl2Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([first, second, third]) = self;
        match self.name() {
            Some(name) => f.pad(name),
            None => f.pad(&format!("0x{first:02X}{second:02X}{third:02X}")),
        }
    }
}

impl fmt::Debug for Ssl2Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Ssl2Cipher {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Cipher, name, secret bits.
static CIPHERS: [(Ssl2Cipher, &str, u16); 12] = [
    (Ssl2Cipher([0x01, 0x00, 0x80]), "SSL_CK_RC4_128_WITH_MD5", 128),
    (Ssl2Cipher([0x02, 0x00, 0x80]), "SSL_CK_RC4_128_EXPORT40_WITH_MD5", 40),
    (Ssl2Cipher([0x03, 0x00, 0x80]), "SSL_CK_RC2_128_CBC_WITH_MD5", 128),
    (Ssl2Cipher([0x04, 0x00, 0x80]), "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5", 40),
    (Ssl2Cipher([0x05, 0x00, 0x80]), "SSL_CK_IDEA_128_CBC_WITH_MD5", 128),
    (Ssl2Cipher([0x06, 0x00, 0x40]), "SSL_CK_DES_64_CBC_WITH_MD5", 56),
    (Ssl2Cipher([0x06, 0x01, 0x40]), "SSL_CK_DES_64_CBC_WITH_SHA", 56),
    (Ssl2Cipher([0x07, 0x00, 0xC0]), "SSL_CK_DES_192_EDE3_CBC_WITH_MD5", 112),
    (Ssl2Cipher([0x07, 0x01, 0xC0]), "SSL_CK_DES_192_EDE3_CBC_WITH_SHA", 112),
    (Ssl2Cipher([0x08, 0x00, 0x80]), "SSL_CK_RC4_64_WITH_MD5", 64),
    (Ssl2Cipher([0xFF, 0x80, 0x00]), "SSL_CK_DES_64_CFB64_WITH_MD5_1", 56),
    (Ssl2Cipher([0xFF, 0x80, 0x10]), "SSL_CK_NULL", 0),
];
