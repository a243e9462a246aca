//! What is to be certified, whoever it is: a party, or an authority.

use hermetic_keys::PublicKey;
use hermetic_store::{CertificateId, Intent, KeyFingerprint};
use hermetic_tls::Serial;
use hermetic_x509::Validity;
use jiff::Timestamp;

use crate::authorities::CertificateAuthority;
use crate::error::AuthorityError;

/// What is to be certified. It is drafted anew for each serial number that is tried.
pub(crate) struct Wanted<'a> {
    /// The name of the profile.
    pub(crate) profile: &'a str,
    /// What it is used as.
    pub(crate) subject: &'a str,
    /// The names in it, as text.
    pub(crate) names: Vec<String>,
    /// Whose key it is.
    pub(crate) key: &'a PublicKey,
    /// From when until when.
    pub(crate) validity: Validity,
    /// Whether its key may leave the store.
    pub(crate) exportable: bool,
    /// The certificate in whose place it comes.
    pub(crate) replaces: Option<CertificateId>,
    /// Who asked for it.
    pub(crate) requester: &'a str,
    /// SHA-256 over the certification request, where there was one.
    pub(crate) request_sha256: Option<[u8; 32]>,
    /// Its private key, where that was made here.
    pub(crate) secret: Option<&'a [u8]>,
    /// Writes what is to be signed, and lints it.
    pub(crate) draft: &'a (dyn Fn(&Serial) -> Result<Vec<u8>, AuthorityError> + Send + Sync),
}

impl Wanted<'_> {
    /// What stands in the place of a profile for certificates of authorities.
    pub(crate) const OF_AUTHORITIES: &'static str = "authority";

    /// What is recorded before this issuer signs.
    pub(crate) fn intent(
        &self,
        issuer: &CertificateAuthority,
        serial: &Serial,
        to_be_signed: Vec<u8>,
        at: Timestamp,
    ) -> Intent {
        Intent {
            serial: serial.to_string(),
            authority: issuer.generation().clone(),
            profile: self.profile.to_owned(),
            to_be_signed,
            subject: self.subject.to_owned(),
            names: self.names.clone(),
            key_algorithm: self.key.algorithm().name().to_owned(),
            key_fingerprint: KeyFingerprint::of(&self.key.to_der()),
            shard: issuer.shards().of(serial).number().into(),
            exportable: self.exportable,
            replaces: self.replaces,
            requester: self.requester.to_owned(),
            request_sha256: self.request_sha256,

            not_before: self.validity.begin(),
            not_after: self.validity.end(),
            at,
        }
    }
}
