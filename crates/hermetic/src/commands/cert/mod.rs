//! `hermetic cert`: certificates.

mod files;
pub mod import;
pub mod issue;
pub mod list;
mod meant;
pub mod order;
pub mod renew;
pub mod revoke;
pub mod show;
pub mod watch;

use hermetic_store::CertificateRecord;
use hermetic_tls::Certificate;

/// The certificate and those above it as PEM, itself first.
fn chain_pem(record: &CertificateRecord) -> String {
    let leaf = record.certificate.as_deref().and_then(|der| Certificate::from_der(der).ok());
    leaf.map(|leaf| leaf.to_pem()).unwrap_or_default() + &record.issuers_pem
}
