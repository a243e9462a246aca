//! Certificates of parties: with a key that is made here, or for the key in a certification request.

use std::sync::Arc;
use std::time::Duration;

use hermetic_keys::{PublicKey, Signer};
use hermetic_store::StoreError;
use hermetic_tls::{Credential, PrivateKey, Serial};
use hermetic_x509::{CertificationRequest, LeafDraft, Validity, lint};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::acceptance::sha256;
use super::{Accepted, Issued, Refusal, Request, Wanted};
use crate::Authority;
use crate::authorities::{CertificateAuthority, generate};
use crate::error::AuthorityError;

/// Which stretch of time a certificate is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Life {
    /// From now on, for the lifetime that was asked for.
    Ahead,
    /// It is over since so long ago.
    Over {
        /// How long ago it ended.
        ago: Duration,
    },
}

/// What a party is certified with beside its names.
struct Party<'a> {
    key: &'a PublicKey,
    secret: Option<&'a [u8]>,
    request_sha256: Option<[u8; 32]>,
    life: Life,
}

impl Authority {
    /// Issues a certificate with a fresh key. The chain goes from the leaf to the last authority below the
    /// root; it ends with its issuer, should that end earlier.
    pub async fn issue(&self, request: Request) -> Result<Credential, AuthorityError> {
        let accepted = self.accept(request).await?;
        Ok(self.issue_accepted(&accepted, Life::Ahead).await?.credential)
    }

    /// Issues a certificate for the key in a certification request (PKCS#10, PEM or DER), and for the names
    /// of both. The key must be new: neither another party nor an authority may have it.
    pub async fn issue_request(
        &self,
        certification_request: &[u8],
        request: Request,
    ) -> Result<Issued, AuthorityError> {
        let told = told(&request);
        let issued = self.issue_for_key_of(certification_request, request).await;
        self.journaled(issued, told).await
    }

    /// Issues a certificate that ran out `ago` before now, to show what expiry does to a hop. By any clock
    /// that is right it vouches for nobody, and one that ends now or later is never signed this way. It is
    /// intended, recorded and journaled like every other; let its subject say what it is for.
    pub async fn issue_expired(&self, request: Request, ago: Duration) -> Result<Credential, AuthorityError> {
        let accepted = self.accept(request).await?;
        Ok(self.issue_accepted(&accepted, Life::Over { ago }).await?.credential)
    }

    /// Accepts a request for a certificate whose key is made here; one that is refused stands in the journal.
    pub(crate) async fn accept(&self, request: Request) -> Result<Accepted, AuthorityError> {
        let told = told(&request);
        let accepted = Accepted::new(request, &self.terms().profiles).map_err(AuthorityError::from);
        self.journaled(accepted, told).await
    }

    /// Issues what was accepted, with a fresh key.
    pub(crate) async fn issue_accepted(
        &self,
        accepted: &Accepted,
        life: Life,
    ) -> Result<IssuedCredential, AuthorityError> {
        let (key, secret) = generate(accepted.request().key).await?;
        let party = Party { key: key.public_key(), secret: Some(&secret), request_sha256: None, life };
        let issued = self.certify_party(accepted, &party).await;
        let issued = self.journaled(issued, told(accepted.request())).await?;
        let credential = Credential::new(issued.chain()?, PrivateKey::from_pkcs8(secret.to_vec())?)?;
        Ok(IssuedCredential { issued, credential })
    }

    async fn issue_for_key_of(
        &self,
        certification_request: &[u8],
        request: Request,
    ) -> Result<Issued, AuthorityError> {
        let asked = CertificationRequest::read(certification_request).map_err(Refusal::from)?;
        let accepted = Accepted::for_key_of(&asked, request, &self.terms().profiles)?;
        if let Some(authority) = self.authorities_now().with_key(asked.public_key()) {
            return Err(Refusal::KeyOfAuthority(authority.name().clone()).into());
        }
        let request_sha256 = Some(sha256(asked.to_der()));
        let party = Party { key: asked.public_key(), secret: None, request_sha256, life: Life::Ahead };
        self.certify_party(&accepted, &party).await
    }

    /// Certifies it by the generation that issues. Where another process changed that a moment ago, by the one
    /// that issues now.
    async fn certify_party(&self, accepted: &Accepted, party: &Party<'_>) -> Result<Issued, AuthorityError> {
        match self.certify_party_by_known(accepted, party).await {
            Err(error) if may_be_out_of_date(&error) => {
                self.refresh().await?;
                self.certify_party_by_known(accepted, party).await
            }
            other => other,
        }
    }

    async fn certify_party_by_known(
        &self,
        accepted: &Accepted,
        party: &Party<'_>,
    ) -> Result<Issued, AuthorityError> {
        let now = self.now();
        let issuer = self.issuer_for(accepted, now)?;
        let validity = party.life.validity(accepted, &issuer, now)?;
        let draft = |serial: &Serial| self.draft_leaf(&issuer, accepted, party, validity, serial, now);
        let request = accepted.request();
        let wanted = Wanted {
            profile: accepted.profile().name(),
            subject: &request.subject,
            names: accepted.names_as_text(),
            key: party.key,
            validity,
            exportable: accepted.profile().is_exportable() && party.secret.is_some(),
            replaces: request.replaces,
            requester: &request.requester,
            request_sha256: party.request_sha256,
            secret: party.secret,
            draft: &draft,
        };
        self.certify(&issuer, &wanted).await.map_err(key_used_before)
    }

    /// The generation that issues what was accepted.
    fn issuer_for(&self, accepted: &Accepted, now: Timestamp) -> Result<Arc<CertificateAuthority>, Refusal> {
        let terms = self.terms();
        let name = accepted.request().issuer.as_ref().unwrap_or(&terms.issuer);
        self.authorities_now().issuing(name, now).cloned()
    }

    fn draft_leaf(
        &self,
        issuer: &CertificateAuthority,
        accepted: &Accepted,
        party: &Party<'_>,
        validity: Validity,
        serial: &Serial,
        now: Timestamp,
    ) -> Result<Vec<u8>, AuthorityError> {
        let certificate = issuer.certificate_to_sign_by()?;
        let publication = self.terms().publication(issuer, serial);
        let draft = LeafDraft {
            serial,
            profile: accepted.profile(),
            subject: &accepted.approved().subject,
            names: &accepted.approved().names,
            key: party.key,
            validity,
            publication: &publication,
            is_over: matches!(party.life, Life::Over { .. }),
        };
        let to_be_signed = draft.under(certificate, certificate.key().algorithm().signature())?.to_der()?;
        lint::leaf(&to_be_signed, &draft, issuer.path(), now)?;
        Ok(to_be_signed)
    }

    /// Keeps a refusal in the journal.
    async fn journaled<T>(
        &self,
        outcome: Result<T, AuthorityError>,
        told: serde_json::Value,
    ) -> Result<T, AuthorityError> {
        if let Err(AuthorityError::Refused(refusal)) = &outcome {
            let mut body = told;
            if let Some(members) = body.as_object_mut() {
                members.insert("result".to_owned(), json!(refusal.to_string()));
            }
            if let Err(error) = self.store.append(self.now(), "request.refused", body).await {
                tracing::error!(%error, "a refused request could not be written to the journal");
            }
        }
        outcome
    }
}

impl Life {
    fn validity(
        self,
        accepted: &Accepted,
        issuer: &CertificateAuthority,
        now: Timestamp,
    ) -> Result<Validity, Refusal> {
        let lifetime = accepted.approved().lifetime;
        let validity = match self {
            Self::Ahead => Validity::ahead(now, lifetime, issuer.certificate()),
            Self::Over { ago } => {
                // What lies before all time is no time to look back on.
                let ago = SignedDuration::try_from(ago).unwrap_or(SignedDuration::MAX);
                Validity::over(now, lifetime, ago)
            }
        };
        validity.map_err(|error| Refusal::of_validity(error, issuer.name()))
    }
}

/// A certificate that was issued with a key, ready to be served.
#[derive(Debug)]
pub(crate) struct IssuedCredential {
    pub(crate) issued: Issued,
    pub(crate) credential: Credential,
}

/// What the journal tells of a request.
fn told(request: &Request) -> serde_json::Value {
    json!({
        "subject": request.subject,
        "names": request.identities,
        "profile": request.profile,
        "authority": request.issuer.as_ref().map(|name| name.as_str()),
        "requester": request.requester,
    })
}

/// Whether it might be issued if the authorities are read anew.
fn may_be_out_of_date(error: &AuthorityError) -> bool {
    matches!(
        error,
        AuthorityError::Store(StoreError::State { .. })
            | AuthorityError::Refused(
                Refusal::NoSuchAuthority { .. }
                    | Refusal::NotSigning { .. }
                    | Refusal::AuthorityInactive { .. }
                    | Refusal::AuthorityExpired { .. }
            )
    )
}

fn key_used_before(error: AuthorityError) -> AuthorityError {
    match error {
        AuthorityError::Store(StoreError::KeyTaken { subject }) => Refusal::KeyUsedBefore { subject }.into(),
        other => other,
    }
}
