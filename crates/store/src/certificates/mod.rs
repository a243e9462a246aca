//! The certificates: intended, then issued, or presumed so; imported; found, used and revoked.

mod cursor;
mod find;
mod import;
mod issue;
mod key_fingerprint;
mod names;
mod record;
mod revoke;
mod search;
mod uses;

pub use cursor::CursorError;
pub use import::{ImportedCertificate, Outside};
pub(crate) use issue::keep_names;
pub use issue::{Intent, IssuedCertificate};
pub use key_fingerprint::{KeyFingerprint, KeyFingerprintError};
pub use names::NameFilter;
pub(crate) use names::searchable;
pub use record::{CertificateId, CertificateRecord, CertificateState, Issuer, Origin, Revocation};
pub use revoke::{RevocationReason, Revoked};
#[cfg(test)]
pub(crate) use search::explained;
pub use search::{CertificateFilter, Cursor, Order, Page};
pub use uses::CertificateUse;
