//! Signature schemes.

/// A signature scheme, by its number on the wire. Of TLS 1.2 it is a hash and a kind of key
/// (RFC 5246 section 7.4.1.4.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignatureScheme(pub u16);

impl SignatureScheme {
    /// The registry's name; for pairs of TLS 1.2 that it leaves nameless, one of the same make.
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.name)
    }

    /// The scheme of a name; case does not count.
    pub fn from_name(name: &str) -> Option<Self> {
        SCHEMES.iter().find(|row| row.name.eq_ignore_ascii_case(name)).map(|row| Self(row.number))
    }

    /// Whether TLS 1.3 lets a server sign its handshake by it.
    pub fn signs_tls13(self) -> bool {
        self.row().is_some_and(|row| row.signs_tls13)
    }

    /// Whether its hash is MD5 or SHA-1, for which others can find a second text (SLOTH, CVE-2015-7575).
    pub fn is_weak(self) -> bool {
        matches!(self.0, 0x0101..=0x0103 | 0x0201..=0x0203)
    }

    /// Whether a quantum computer could not forge it.
    pub fn is_post_quantum(self) -> bool {
        matches!(self.0, 0x0904..=0x0906 | 0x0911..=0x091C)
    }

    /// All that are known, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        SCHEMES.iter().map(|row| Self(row.number))
    }

    fn row(self) -> Option<&'static Row> {
        let found = SCHEMES.binary_search_by_key(&self.0, |row| row.number).ok()?;
        SCHEMES.get(found)
    }
}

super::text::text_of_wire_number!(SignatureScheme, Scheme);

struct Row {
    number: u16,
    name: &'static str,
    signs_tls13: bool,
}

const fn row(number: u16, name: &'static str) -> Row {
    Row { number, name, signs_tls13: false }
}

const fn tls13(number: u16, name: &'static str) -> Row {
    Row { number, name, signs_tls13: true }
}

/// The registry of signature schemes, and what stacks speak beside it, sorted by number.
static SCHEMES: [Row; 61] = [
    row(0x0101, "rsa_pkcs1_md5"),
    row(0x0102, "dsa_md5"),
    row(0x0103, "ecdsa_md5"),
    row(0x0201, "rsa_pkcs1_sha1"),
    row(0x0202, "dsa_sha1"),
    row(0x0203, "ecdsa_sha1"),
    row(0x0301, "rsa_pkcs1_sha224"),
    row(0x0302, "dsa_sha224"),
    row(0x0303, "ecdsa_sha224"),
    row(0x0401, "rsa_pkcs1_sha256"),
    row(0x0402, "dsa_sha256"),
    tls13(0x0403, "ecdsa_secp256r1_sha256"),
    tls13(0x0420, "rsa_pkcs1_sha256_legacy"),
    row(0x0501, "rsa_pkcs1_sha384"),
    row(0x0502, "dsa_sha384"),
    tls13(0x0503, "ecdsa_secp384r1_sha384"),
    tls13(0x0520, "rsa_pkcs1_sha384_legacy"),
    row(0x0601, "rsa_pkcs1_sha512"),
    row(0x0602, "dsa_sha512"),
    tls13(0x0603, "ecdsa_secp521r1_sha512"),
    tls13(0x0620, "rsa_pkcs1_sha512_legacy"),
    tls13(0x0704, "eccsi_sha256"),
    tls13(0x0705, "iso_ibs1"),
    tls13(0x0706, "iso_ibs2"),
    tls13(0x0707, "iso_chinese_ibs"),
    tls13(0x0708, "sm2sig_sm3"),
    tls13(0x0709, "gostr34102012_256a"),
    tls13(0x070A, "gostr34102012_256b"),
    tls13(0x070B, "gostr34102012_256c"),
    tls13(0x070C, "gostr34102012_256d"),
    tls13(0x070D, "gostr34102012_512a"),
    tls13(0x070E, "gostr34102012_512b"),
    tls13(0x070F, "gostr34102012_512c"),
    tls13(0x0804, "rsa_pss_rsae_sha256"),
    tls13(0x0805, "rsa_pss_rsae_sha384"),
    tls13(0x0806, "rsa_pss_rsae_sha512"),
    tls13(0x0807, "ed25519"),
    tls13(0x0808, "ed448"),
    tls13(0x0809, "rsa_pss_pss_sha256"),
    tls13(0x080A, "rsa_pss_pss_sha384"),
    tls13(0x080B, "rsa_pss_pss_sha512"),
    tls13(0x081A, "ecdsa_brainpoolP256r1tls13_sha256"),
    tls13(0x081B, "ecdsa_brainpoolP384r1tls13_sha384"),
    tls13(0x081C, "ecdsa_brainpoolP512r1tls13_sha512"),
    row(0x0840, "gostr34102012_256"),
    row(0x0841, "gostr34102012_512"),
    tls13(0x0904, "mldsa44"),
    tls13(0x0905, "mldsa65"),
    tls13(0x0906, "mldsa87"),
    tls13(0x0911, "slhdsa_sha2_128s"),
    tls13(0x0912, "slhdsa_sha2_128f"),
    tls13(0x0913, "slhdsa_sha2_192s"),
    tls13(0x0914, "slhdsa_sha2_192f"),
    tls13(0x0915, "slhdsa_sha2_256s"),
    tls13(0x0916, "slhdsa_sha2_256f"),
    tls13(0x0917, "slhdsa_shake_128s"),
    tls13(0x0918, "slhdsa_shake_128f"),
    tls13(0x0919, "slhdsa_shake_192s"),
    tls13(0x091A, "slhdsa_shake_192f"),
    tls13(0x091B, "slhdsa_shake_256s"),
    tls13(0x091C, "slhdsa_shake_256f"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_in_the_order_that_the_look_up_relies_on() {
        assert!(SCHEMES.is_sorted_by(|a, b| a.number < b.number));
    }

    #[test]
    fn a_scheme_is_read_by_its_name_or_its_number() {
        for text in ["ecdsa_secp256r1_sha256", "ECDSA_SECP256R1_SHA256", "0x0403"] {
            assert_eq!(text.parse(), Ok(SignatureScheme(0x0403)), "{text}");
        }
        assert!("rsa".parse::<SignatureScheme>().is_err());
    }

    #[test]
    fn pkcs1_signs_certificates_and_no_handshake_of_tls_1_3() {
        assert!(!SignatureScheme(0x0401).signs_tls13() && SignatureScheme(0x0804).signs_tls13());
        assert!(SignatureScheme(0x0201).is_weak() && !SignatureScheme(0x0301).is_weak());
        assert!(SignatureScheme(0x0906).is_post_quantum() && !SignatureScheme(0x0807).is_post_quantum());
    }
}
