//! Certificates: what is to be signed, and the certificates of those who sign.

mod authority;
mod authority_draft;
mod certify;
mod leaf_draft;
mod publication;
#[cfg(test)]
mod tests;
mod to_be_signed;

pub use authority::{AuthorityCertificate, AuthorityCertificateError};
pub use authority_draft::AuthorityDraft;
pub(crate) use authority_draft::key_usage;
pub use certify::certify;
pub use leaf_draft::LeafDraft;
pub use publication::{HttpUrl, HttpUrlError, Publication};
pub use to_be_signed::ToBeSigned;
