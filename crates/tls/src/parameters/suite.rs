//! Cipher suites, with the facts that follow from a suite alone.

use super::ProtocolVersion;
use super::cipher::Cipher;
use super::suite_table::{Row, SUITES};

/// A cipher suite, by its number on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CipherSuite(pub u16);

impl CipherSuite {
    /// Not a suite but a signal: the client knows secure renegotiation (RFC 5746).
    pub const TLS_EMPTY_RENEGOTIATION_INFO_SCSV: Self = Self(0x00FF);
    /// Not a suite but a signal: the client tries an older version after a failure (RFC 7507).
    pub const TLS_FALLBACK_SCSV: Self = Self(0x5600);

    /// The IANA name, such as `TLS_AES_128_GCM_SHA256`, or the customary one of a suite that was used
    /// without being registered; `None` where there is neither.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::TLS_EMPTY_RENEGOTIATION_INFO_SCSV => Some("TLS_EMPTY_RENEGOTIATION_INFO_SCSV"),
            Self::TLS_FALLBACK_SCSV => Some("TLS_FALLBACK_SCSV"),
            _ => self.row().map(|row| row.name),
        }
    }

    /// The OpenSSL name, where it has one; that of TLS 1.3 suites is the IANA name.
    pub fn openssl_name(self) -> Option<&'static str> {
        self.row().and_then(|row| row.openssl)
    }

    /// The suite of an IANA or OpenSSL name; case does not count.
    ///
    /// A registered suite comes before an unregistered one of the same OpenSSL name: 0xCC13, the draft of
    /// 0xCCA8, is also called `ECDHE-RSA-CHACHA20-POLY1305`.
    pub fn from_name(name: &str) -> Option<Self> {
        let signals = [Self::TLS_EMPTY_RENEGOTIATION_INFO_SCSV, Self::TLS_FALLBACK_SCSV];
        if let Some(signal) = signals.into_iter().find(|signal| matches(signal.name(), name)) {
            return Some(signal);
        }
        let mut rows =
            SUITES.iter().filter(|row| matches(Some(row.name), name) || matches(row.openssl, name));
        let first = rows.next()?;
        let row = std::iter::once(first).chain(rows).find(|row| row.registered).unwrap_or(first);
        Some(Self(row.number))
    }

    /// Whether IANA's registry holds it.
    pub fn is_registered(self) -> bool {
        self.row().is_some_and(|row| row.registered)
    }

    /// How its keys are agreed on; `None` for an unknown suite.
    pub fn key_exchange(self) -> Option<KeyExchange> {
        self.row().map(|row| row.key_exchange)
    }

    /// How the server proves who it is; `None` for an unknown suite.
    pub fn authentication(self) -> Option<Authentication> {
        self.row().map(|row| row.authentication)
    }

    /// What encrypts its records; `None` for an unknown suite.
    pub fn cipher(self) -> Option<Cipher> {
        self.row().map(|row| row.cipher)
    }

    /// Whether its keys were made short for export (FREAK, CVE-2015-0204; Logjam, CVE-2015-4000).
    pub fn is_export(self) -> bool {
        self.name().is_some_and(|name| name.contains("_EXPORT"))
    }

    /// All that are known, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        SUITES.iter().map(|row| Self(row.number))
    }

    /// Whether a key stolen later opens nothing recorded before; `None` for an unknown suite.
    ///
    /// True of anonymous suites too: see [`Self::authentication`].
    pub fn is_forward_secret(self) -> Option<bool> {
        self.key_exchange().map(KeyExchange::is_forward_secret)
    }

    /// Whether encryption and integrity are one operation (GCM, CCM, ChaCha20-Poly1305 and the like);
    /// `None` for an unknown suite.
    pub fn is_aead(self) -> Option<bool> {
        self.cipher().map(Cipher::is_aead)
    }

    /// The lowest version that it can be negotiated with; `None` for an unknown suite.
    pub fn lowest_version(self) -> Option<ProtocolVersion> {
        self.row().map(|row| row.lowest_version)
    }

    fn row(self) -> Option<&'static Row> {
        let found = SUITES.binary_search_by_key(&self.0, |row| row.number).ok()?;
        SUITES.get(found)
    }
}

super::text::text_of_wire_number!(CipherSuite, Suite);

fn matches(known: Option<&str>, name: &str) -> bool {
    known.is_some_and(|known| known.eq_ignore_ascii_case(name))
}

/// How a suite's keys are agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyExchange {
    /// Not at all: the suite every connection begins with.
    Null,
    /// By the group, which TLS 1.3 negotiates apart from the suite.
    Tls13,
    /// Ephemeral elliptic-curve Diffie-Hellman.
    Ecdhe,
    /// Ephemeral elliptic-curve Diffie-Hellman without authentication.
    EcdhAnon,
    /// Elliptic-curve Diffie-Hellman with the certificate's key.
    Ecdh,
    /// Ephemeral Diffie-Hellman.
    Dhe,
    /// Ephemeral Diffie-Hellman without authentication.
    DhAnon,
    /// Diffie-Hellman with the certificate's key.
    Dh,
    /// The client encrypts the secret to the certificate's RSA key.
    Rsa,
    /// A shared key alone.
    Psk,
    /// The client's password (RFC 5054).
    Srp,
    /// The client's password over an elliptic curve (RFC 8492).
    EccPwd,
    /// Kerberos (RFC 2712).
    Kerberos,
    /// Chromium's post-quantum experiment of 2016: X25519 with New Hope.
    Cecpq1,
    /// GOST R 34.10-94.
    Gost94,
    /// GOST R 34.10-2001.
    Gost2001,
    /// GOST R 34.10-2012 (RFC 9189).
    Gost2012,
    /// Fortezza's KEA, of SSL 3.0.
    FortezzaKea,
    /// SM9 key agreement (GB/T 38636).
    Sm9Dhe,
    /// SM9 encryption to an identity (GB/T 38636).
    Sm9Ibc,
}

impl KeyExchange {
    /// Whether its secrets are gone once the connection is.
    pub const fn is_forward_secret(self) -> bool {
        matches!(
            self,
            Self::Tls13
                | Self::Ecdhe
                | Self::EcdhAnon
                | Self::Dhe
                | Self::DhAnon
                | Self::Srp
                | Self::EccPwd
                | Self::Cecpq1
        )
    }
}

/// How the server of a suite proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authentication {
    /// Not at all: the suite every connection begins with.
    Null,
    /// Not at all: anybody can be in the middle.
    Anonymous,
    /// By a signature scheme, which TLS 1.3 negotiates apart from the suite.
    Tls13,
    /// An ECDSA (or EdDSA) certificate.
    Ecdsa,
    /// An RSA certificate.
    Rsa,
    /// A DSA certificate.
    Dss,
    /// A shared key.
    Psk,
    /// An RSA certificate and a shared key.
    RsaPsk,
    /// The client's password.
    Srp,
    /// The client's password and an RSA certificate.
    SrpRsa,
    /// The client's password and a DSA certificate.
    SrpDss,
    /// The client's password over an elliptic curve (RFC 8492).
    EccPwd,
    /// Kerberos (RFC 2712).
    Kerberos,
    /// A GOST R 34.10-94 certificate.
    Gost94,
    /// A GOST R 34.10-2012 certificate.
    Gost2012,
    /// Fortezza, of SSL 3.0.
    Fortezza,
    /// An SM2 certificate.
    Sm2,
    /// An SM9 identity.
    Sm9,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_read_by_its_iana_name_its_openssl_name_or_its_number() {
        for text in [
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "tls_ecdhe_rsa_with_aes_128_gcm_sha256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "0xC02F",
            "0xc02f",
        ] {
            assert_eq!(text.parse(), Ok(CipherSuite(0xC02F)), "{text}");
        }
        assert_eq!("TLS_FALLBACK_SCSV".parse(), Ok(CipherSuite::TLS_FALLBACK_SCSV));
    }

    #[test]
    fn the_registered_suite_wins_over_the_draft_of_the_same_openssl_name() {
        let named = "ECDHE-RSA-CHACHA20-POLY1305";
        assert_eq!(CipherSuite(0xCC13).openssl_name(), Some(named));
        assert_eq!(named.parse(), Ok(CipherSuite(0xCCA8)));
    }

    #[test]
    fn every_row_is_found_again_by_its_name_and_by_its_openssl_name() {
        for row in &SUITES {
            let suite = CipherSuite(row.number);
            assert_eq!(CipherSuite::from_name(row.name), Some(suite));
            if let Some(openssl) = row.openssl.filter(|_| row.registered) {
                assert_eq!(CipherSuite::from_name(openssl), Some(suite));
            }
        }
    }

    #[test]
    fn the_rows_are_in_the_order_that_the_look_up_relies_on() {
        assert!(SUITES.is_sorted_by(|a, b| a.number < b.number));
    }

    #[test]
    fn the_facts_tell_a_modern_suite_from_a_weak_one() {
        let modern = CipherSuite(0xC02B);
        assert_eq!(modern.key_exchange(), Some(KeyExchange::Ecdhe));
        assert_eq!(modern.authentication(), Some(Authentication::Ecdsa));
        assert_eq!((modern.is_forward_secret(), modern.is_aead()), (Some(true), Some(true)));
        assert_eq!(modern.lowest_version(), Some(ProtocolVersion::TLS1_2));

        let weak = CipherSuite(0x000A);
        assert_eq!(weak.key_exchange(), Some(KeyExchange::Rsa));
        assert_eq!((weak.is_forward_secret(), weak.is_aead()), (Some(false), Some(false)));
        assert_eq!(weak.lowest_version(), Some(ProtocolVersion::SSL3));

        assert_eq!(CipherSuite(0x1301).key_exchange(), Some(KeyExchange::Tls13));
        assert_eq!(CipherSuite(0x1234).is_forward_secret(), None);
    }

    #[test]
    fn the_strength_of_a_suite_is_that_of_its_cipher() {
        let bits = |suite: u16| CipherSuite(suite).cipher().unwrap().bits();
        assert_eq!([0x1301, 0x000A, 0x0003, 0x0002].map(bits), [128, 112, 40, 0]);
        let ccm8 = CipherSuite(0xC0AE).cipher().unwrap();
        assert_eq!((ccm8, ccm8.is_aead(), ccm8.chains_blocks()), (Cipher::Aes128Ccm8, true, false));
        assert!(CipherSuite(0x0003).is_export() && !CipherSuite(0x0004).is_export());
    }

    #[test]
    fn a_signal_is_named_but_is_no_suite() {
        let signal = CipherSuite::TLS_FALLBACK_SCSV;
        assert_eq!(signal.to_string(), "TLS_FALLBACK_SCSV");
        assert_eq!(signal.key_exchange(), None);
    }
}
