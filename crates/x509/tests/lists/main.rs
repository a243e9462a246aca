//! Revocation lists and OCSP answers before real peers: OpenSSL, GnuTLS, pkilint and curl.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that fails must say so, and a panic is how tests do"
)]

mod crl;
mod ocsp;
mod ocsp_requests;
mod peers;
mod published;
mod world;
