//! Ciphers: what encrypts the records of a suite.

/// What encrypts the records under a suite, mode included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cipher {
    /// No encryption at all.
    Null,
    /// DES40-CBC.
    Des40Cbc,
    /// RC2-40-CBC.
    Rc2_40Cbc,
    /// RC4-40.
    Rc4_40,
    /// DES-CBC.
    DesCbc,
    /// RC2-56-CBC.
    Rc2_56Cbc,
    /// RC4-56.
    Rc4_56,
    /// FORTEZZA-CBC.
    FortezzaCbc,
    /// 3DES-EDE-CBC.
    TripleDesCbc,
    /// AEGIS-128L.
    Aegis128L,
    /// AES-128-CBC.
    Aes128Cbc,
    /// AES-128-CCM.
    Aes128Ccm,
    /// AES-128-CCM-8.
    Aes128Ccm8,
    /// AES-128-GCM.
    Aes128Gcm,
    /// ARIA-128-CBC.
    Aria128Cbc,
    /// ARIA-128-GCM.
    Aria128Gcm,
    /// CAMELLIA-128-CBC.
    Camellia128Cbc,
    /// CAMELLIA-128-GCM.
    Camellia128Gcm,
    /// IDEA-CBC.
    IdeaCbc,
    /// RC2-128-CBC.
    Rc2_128Cbc,
    /// RC4-128.
    Rc4_128,
    /// SEED-CBC.
    SeedCbc,
    /// SM4-CBC.
    Sm4Cbc,
    /// SM4-CCM.
    Sm4Ccm,
    /// SM4-GCM.
    Sm4Gcm,
    /// AEGIS-256.
    Aegis256,
    /// AES-256-CBC.
    Aes256Cbc,
    /// AES-256-CCM.
    Aes256Ccm,
    /// AES-256-CCM-8.
    Aes256Ccm8,
    /// AES-256-GCM.
    Aes256Gcm,
    /// ARIA-256-CBC.
    Aria256Cbc,
    /// ARIA-256-GCM.
    Aria256Gcm,
    /// CAMELLIA-256-CBC.
    Camellia256Cbc,
    /// CAMELLIA-256-GCM.
    Camellia256Gcm,
    /// CHACHA20-POLY1305.
    ChaCha20Poly1305,
    /// GOST28147-CNT.
    Gost28147Cnt,
    /// KUZNYECHIK-CTR-OMAC.
    KuznyechikCtrOmac,
    /// KUZNYECHIK-MGM.
    KuznyechikMgm,
    /// MAGMA-CTR-OMAC.
    MagmaCtrOmac,
    /// MAGMA-MGM.
    MagmaMgm,
    /// SALSA20.
    Salsa20,
    /// SALSA20-12.
    Salsa20_12,
}

impl Cipher {
    /// The bits of its key that an attacker has to find: 112 for triple DES, 40 for what was made weak to be
    /// exported.
    pub const fn bits(self) -> u16 {
        match self {
            Self::Null => 0,
            Self::Des40Cbc | Self::Rc2_40Cbc | Self::Rc4_40 => 40,
            Self::DesCbc | Self::Rc2_56Cbc | Self::Rc4_56 => 56,
            Self::FortezzaCbc => 80,
            Self::TripleDesCbc => 112,
            Self::Aegis128L
            | Self::Aes128Cbc
            | Self::Aes128Ccm
            | Self::Aes128Ccm8
            | Self::Aes128Gcm
            | Self::Aria128Cbc
            | Self::Aria128Gcm
            | Self::Camellia128Cbc
            | Self::Camellia128Gcm
            | Self::IdeaCbc
            | Self::Rc2_128Cbc
            | Self::Rc4_128
            | Self::SeedCbc
            | Self::Sm4Cbc
            | Self::Sm4Ccm
            | Self::Sm4Gcm => 128,
            Self::Aegis256
            | Self::Aes256Cbc
            | Self::Aes256Ccm
            | Self::Aes256Ccm8
            | Self::Aes256Gcm
            | Self::Aria256Cbc
            | Self::Aria256Gcm
            | Self::Camellia256Cbc
            | Self::Camellia256Gcm
            | Self::ChaCha20Poly1305
            | Self::Gost28147Cnt
            | Self::KuznyechikCtrOmac
            | Self::KuznyechikMgm
            | Self::MagmaCtrOmac
            | Self::MagmaMgm
            | Self::Salsa20
            | Self::Salsa20_12 => 256,
        }
    }

    /// Whether encryption and integrity are one operation.
    pub const fn is_aead(self) -> bool {
        matches!(
            self,
            Self::Aegis128L
                | Self::Aes128Ccm
                | Self::Aes128Ccm8
                | Self::Aes128Gcm
                | Self::Aria128Gcm
                | Self::Camellia128Gcm
                | Self::Sm4Ccm
                | Self::Sm4Gcm
                | Self::Aegis256
                | Self::Aes256Ccm
                | Self::Aes256Ccm8
                | Self::Aes256Gcm
                | Self::Aria256Gcm
                | Self::Camellia256Gcm
                | Self::ChaCha20Poly1305
                | Self::KuznyechikMgm
                | Self::MagmaMgm
        )
    }

    /// Whether it chains blocks, with the integrity check behind the padding (Vaudenay 2002, Lucky 13).
    pub const fn chains_blocks(self) -> bool {
        matches!(
            self,
            Self::Des40Cbc
                | Self::Rc2_40Cbc
                | Self::DesCbc
                | Self::Rc2_56Cbc
                | Self::FortezzaCbc
                | Self::TripleDesCbc
                | Self::Aes128Cbc
                | Self::Aria128Cbc
                | Self::Camellia128Cbc
                | Self::IdeaCbc
                | Self::Rc2_128Cbc
                | Self::SeedCbc
                | Self::Sm4Cbc
                | Self::Aes256Cbc
                | Self::Aria256Cbc
                | Self::Camellia256Cbc
        )
    }

    /// Whether its blocks have 64 bits: after some gigabytes two are alike (Sweet32, CVE-2016-2183).
    pub const fn has_small_blocks(self) -> bool {
        matches!(
            self,
            Self::Des40Cbc
                | Self::Rc2_40Cbc
                | Self::DesCbc
                | Self::Rc2_56Cbc
                | Self::FortezzaCbc
                | Self::TripleDesCbc
                | Self::IdeaCbc
                | Self::Rc2_128Cbc
                | Self::Gost28147Cnt
                | Self::MagmaCtrOmac
                | Self::MagmaMgm
        )
    }

    /// Whether it is RC4, whose stream tells of what it hides (RFC 7465).
    pub const fn is_rc4(self) -> bool {
        matches!(self, Self::Rc4_40 | Self::Rc4_56 | Self::Rc4_128)
    }
}
