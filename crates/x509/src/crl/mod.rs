//! Certificate revocation lists (CRLs, RFC 5280 section 5): which list speaks for a certificate, what it
//! says, and reading it back.

mod draft;
mod number;
mod read;
mod scope;
mod shard;
#[cfg(test)]
mod tests;

pub use draft::RevocationListDraft;
pub use number::ListNumber;
pub use read::{LONGEST_LIST, ListedRevocation, RevocationList, RevocationListError};
pub use scope::Scope;
pub use shard::{Shard, Shards, ShardsError};

/// A list as PEM (RFC 7468 section 6).
pub fn revocation_list_pem(der: &[u8]) -> String {
    crate::pem::write("X509 CRL", der)
}
