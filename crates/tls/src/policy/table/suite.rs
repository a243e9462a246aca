//! The suites that policies name, as OpenSSL calls them: shorter than IANA, and what the sources write.

use crate::CipherSuite;

pub(super) const TLS_AES_128_GCM_SHA256: CipherSuite = CipherSuite(0x1301);
pub(super) const TLS_AES_256_GCM_SHA384: CipherSuite = CipherSuite(0x1302);
pub(super) const TLS_CHACHA20_POLY1305_SHA256: CipherSuite = CipherSuite(0x1303);
pub(super) const ECDHE_ECDSA_AES128_SHA: CipherSuite = CipherSuite(0xC009);
pub(super) const ECDHE_ECDSA_AES256_SHA: CipherSuite = CipherSuite(0xC00A);
pub(super) const ECDHE_ECDSA_AES128_SHA256: CipherSuite = CipherSuite(0xC023);
pub(super) const ECDHE_ECDSA_AES256_SHA384: CipherSuite = CipherSuite(0xC024);
pub(super) const ECDHE_ECDSA_AES128_GCM_SHA256: CipherSuite = CipherSuite(0xC02B);
pub(super) const ECDHE_ECDSA_AES256_GCM_SHA384: CipherSuite = CipherSuite(0xC02C);
pub(super) const ECDHE_ECDSA_CHACHA20_POLY1305: CipherSuite = CipherSuite(0xCCA9);
pub(super) const ECDHE_RSA_DES_CBC3_SHA: CipherSuite = CipherSuite(0xC012);
pub(super) const ECDHE_RSA_AES128_SHA: CipherSuite = CipherSuite(0xC013);
pub(super) const ECDHE_RSA_AES256_SHA: CipherSuite = CipherSuite(0xC014);
pub(super) const ECDHE_RSA_AES128_SHA256: CipherSuite = CipherSuite(0xC027);
pub(super) const ECDHE_RSA_AES256_SHA384: CipherSuite = CipherSuite(0xC028);
pub(super) const ECDHE_RSA_AES128_GCM_SHA256: CipherSuite = CipherSuite(0xC02F);
pub(super) const ECDHE_RSA_AES256_GCM_SHA384: CipherSuite = CipherSuite(0xC030);
pub(super) const ECDHE_RSA_CHACHA20_POLY1305: CipherSuite = CipherSuite(0xCCA8);
pub(super) const DHE_DSS_AES128_SHA: CipherSuite = CipherSuite(0x0032);
pub(super) const DHE_RSA_AES128_SHA: CipherSuite = CipherSuite(0x0033);
pub(super) const DHE_RSA_AES256_SHA: CipherSuite = CipherSuite(0x0039);
pub(super) const DHE_RSA_AES128_SHA256: CipherSuite = CipherSuite(0x0067);
pub(super) const DHE_RSA_AES256_SHA256: CipherSuite = CipherSuite(0x006B);
pub(super) const DHE_RSA_AES128_GCM_SHA256: CipherSuite = CipherSuite(0x009E);
pub(super) const DHE_RSA_AES256_GCM_SHA384: CipherSuite = CipherSuite(0x009F);
pub(super) const DHE_RSA_CHACHA20_POLY1305: CipherSuite = CipherSuite(0xCCAA);
pub(super) const RC4_MD5: CipherSuite = CipherSuite(0x0004);
pub(super) const DES_CBC3_SHA: CipherSuite = CipherSuite(0x000A);
pub(super) const AES128_SHA: CipherSuite = CipherSuite(0x002F);
pub(super) const AES256_SHA: CipherSuite = CipherSuite(0x0035);
pub(super) const AES128_SHA256: CipherSuite = CipherSuite(0x003C);
pub(super) const AES256_SHA256: CipherSuite = CipherSuite(0x003D);
pub(super) const AES128_GCM_SHA256: CipherSuite = CipherSuite(0x009C);
pub(super) const AES256_GCM_SHA384: CipherSuite = CipherSuite(0x009D);
