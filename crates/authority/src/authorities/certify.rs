//! Authorities that are signed elsewhere: the request goes out, the certificate comes in.

use std::sync::Arc;

use hermetic_keys::Signer;
use hermetic_store::{AuthorityCertificate as KeptCertificate, AuthorityState};
use hermetic_tls::Certificate;
use hermetic_x509::import::{Rank, judge_authority};
use hermetic_x509::publication::AuthorityName;
use hermetic_x509::{
    AuthorityCertificate, CertificationRequest, Certified, Contents, DistinguishedName, assemble,
};

use super::{Act, CertificateAuthority, SignedBy};
use crate::Authority;
use crate::error::AuthorityError;

impl Authority {
    /// The request of an authority for its certificate, in DER: PKCS#10, signed by its own key. There is one
    /// for every authority that has its key, since a certificate can be replaced before its end.
    pub async fn csr(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
    ) -> Result<Vec<u8>, AuthorityError> {
        let authority = self.meant(name, generation)?;
        if let Some(request) = &authority.record().csr {
            return Ok(request.clone());
        }
        let certificate = authority.certificate_to_sign_by()?;
        let path_length = certificate.path_length();
        request(certificate.subject(), path_length, &**authority.signer(&self.inner.keys).await?).await
    }

    /// Gives an authority the certificate that was signed elsewhere, with those above it up to the root (PEM, or
    /// PKCS#12 without a key). One whose certificate was pending issues from now on, if its stage lets it.
    pub async fn import_certificate(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
        certificates: &[u8],
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let outcome = self.take_up(name, generation, certificates).await;
        self.kept_if_refused(outcome, Act::ImportCertificate.words(), name).await
    }

    async fn take_up(
        &self,
        name: &AuthorityName,
        generation: Option<u32>,
        certificates: &[u8],
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let now = self.now();
        let authority = self.meant(name, generation)?;
        authority.allow(Act::ImportCertificate, now)?;
        if authority.signed_by() != SignedBy::Elsewhere {
            return Err(AuthorityError::SignedHere { authority: authority.generation().clone() });
        }
        let certified = Contents::read(certificates, None)?.certified()?;
        let signer = authority.signer(&self.inner.keys).await?;
        let judged = judge_authority(certified, Rank::Subordinate, signer.public_key(), now)?;
        keeps_its_subject(&authority, &judged.authority)?;
        let certificate = kept(&judged.certified);
        let taken = match authority.record().state {
            AuthorityState::PendingCertificate => {
                self.store.certify_authority(authority.generation(), certificate, now).await
            }
            _ => self.store.recertify_authority(authority.generation(), certificate, now).await,
        };
        self.after(&authority, Act::ImportCertificate, taken).await
    }
}

/// What an authority has issued names its subject as the issuer, byte for byte: under another one, none of that
/// would be believed any more.
fn keeps_its_subject(
    authority: &CertificateAuthority,
    newer: &AuthorityCertificate,
) -> Result<(), AuthorityError> {
    match authority.certificate() {
        Some(present) if present.subject() != newer.subject() => Err(AuthorityError::OtherSubject {
            authority: authority.generation().clone(),
            subject: newer.subject().to_string(),
            present: present.subject().to_string(),
        }),
        _ => Ok(()),
    }
}

fn kept(Certified { leaf, chain }: &Certified) -> KeptCertificate {
    let chain_pem = std::iter::once(leaf).chain(chain).map(Certificate::to_pem).collect();
    KeptCertificate { chain_pem, not_before: leaf.not_before, not_after: leaf.not_after }
}

/// The request of an authority, in DER.
pub(super) async fn request(
    subject: &DistinguishedName,
    path_length: Option<u8>,
    signer: &dyn Signer,
) -> Result<Vec<u8>, AuthorityError> {
    let to_be_signed = CertificationRequest::of_authority(subject, path_length, signer.public_key())?;
    let signature = signer.sign(&to_be_signed).await?;
    Ok(assemble(&to_be_signed, signer.algorithm(), &signature, signer.public_key())?)
}
