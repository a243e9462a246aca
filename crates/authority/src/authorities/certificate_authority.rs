//! One generation of a certificate authority, as it is known here.

use std::num::NonZeroU32;
use std::sync::Arc;

use hermetic_keys::{KeyAlgorithm, KeyAlgorithmError, PublicKey, SignatureAlgorithm, Signer};
use hermetic_store::{AuthorityId, AuthorityKey, AuthorityRecord, AuthorityState, Generation, Stage};
use hermetic_tls::{Certificate, Chain};
use hermetic_x509::crl::Shards;
use hermetic_x509::publication::{AuthorityName, AuthorityNameError, Publisher};
use hermetic_x509::{AuthorityCertificate, CertificationRequest, Signed, take_apart};
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::key_holder::KeyHolder;
use super::policy::Policy;
use super::standing::{Act, State};
use crate::error::AuthorityError;
use crate::issuance::Refusal;

/// One generation of a certificate authority.
#[derive(Debug)]
pub struct CertificateAuthority {
    publisher: Publisher,
    shards: Shards,
    record: AuthorityRecord,
    policy: Policy,
    key_algorithm: KeyAlgorithm,
    certified: Option<Certified>,
    /// Opened when it signs for the first time: a root's key stays sealed until it is needed.
    signer: OnceCell<Arc<dyn Signer>>,
}

/// What is known of a generation that has its certificate.
#[derive(Debug)]
struct Certified {
    certificate: AuthorityCertificate,
    chain: Chain,
    /// It, and those above it up to a root.
    path: Vec<AuthorityCertificate>,
    /// What is handed out behind what it signs: itself and those above, without roots.
    handed_out: Vec<Certificate>,
}

/// Who signed an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedBy {
    /// Itself: it is a root.
    Itself,
    /// A generation of another authority here.
    Authority(AuthorityId),
    /// Somebody elsewhere; or it will be.
    Elsewhere,
}

impl CertificateAuthority {
    /// Makes sense of a record; `above` is the generation that signed it, where that is one of ours.
    pub(crate) fn new(record: AuthorityRecord, above: Option<&Self>) -> Result<Self, AuthorityError> {
        let publisher = publisher(&record)?;
        let shards = Shards::new(record.crl_shards).map_err(|error| damaged(&record, &error))?;
        let certified = match record.chain_pem.as_str() {
            "" => None,
            pem => Some(Certified::read(pem, above).map_err(|error| damaged(&record, &error))?),
        };
        let is_root = certified.as_ref().is_some_and(|certified| certified.certificate.is_self_issued());
        let policy = Policy::read(&record.policy, is_root)?;
        let key_algorithm = record.key_algorithm.parse();
        let key_algorithm = key_algorithm.map_err(|error: KeyAlgorithmError| damaged(&record, &error))?;
        Ok(Self { publisher, shards, record, policy, key_algorithm, certified, signer: OnceCell::new() })
    }

    /// Its name.
    pub fn name(&self) -> &AuthorityName {
        &self.publisher.authority
    }

    /// Its name and generation, as they stand in addresses.
    pub fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// Its name and generation, as the store has them.
    pub fn generation(&self) -> &Generation {
        &self.record.generation
    }

    /// Its identity in the store.
    pub fn id(&self) -> AuthorityId {
        self.record.id
    }

    /// What the store has of it.
    pub(crate) fn record(&self) -> &AuthorityRecord {
        &self.record
    }

    /// What it was made to be.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Its state at this time.
    pub fn state(&self, now: Timestamp) -> State {
        State::of(self.record.state, self.record.not_after, now)
    }

    /// The state that decides over going on: one that was disabled stays so past its end, until somebody
    /// enables it.
    pub(crate) fn lasting_state(&self, now: Timestamp) -> State {
        match self.record.state {
            AuthorityState::Disabled => State::Disabled,
            _ => self.state(now),
        }
    }

    /// How far it is in a roll-over.
    pub fn stage(&self) -> Stage {
        self.record.stage
    }

    /// Its subject, as RFC 4514 writes it.
    pub fn subject(&self) -> &str {
        // Whoever signs elsewhere may have called it otherwise than it asked.
        self.chain().map_or(&self.record.subject, |chain| &chain.leaf().subject)
    }

    /// The kind of its key.
    pub fn key_algorithm(&self) -> KeyAlgorithm {
        self.key_algorithm
    }

    /// Where its key is.
    pub fn key(&self) -> &AuthorityKey {
        &self.record.key
    }

    /// When it was made.
    pub fn made_at(&self) -> Timestamp {
        self.record.at
    }

    /// Start of its certificate's validity; `None` while it is pending.
    pub fn not_before(&self) -> Option<Timestamp> {
        self.record.not_before
    }

    /// End of its certificate's validity; `None` while it is pending.
    pub fn not_after(&self) -> Option<Timestamp> {
        self.record.not_after
    }

    /// Until when it can be restored, where it is deleted.
    pub fn restorable_until(&self) -> Option<Timestamp> {
        self.record.restorable_until
    }

    /// Over how many revocation lists its certificates are spread.
    pub fn shards(&self) -> Shards {
        self.shards
    }

    /// Its certificate, and all that is known of those above it.
    pub fn chain(&self) -> Option<&Chain> {
        self.certified.as_ref().map(|certified| &certified.chain)
    }

    /// What asks for its certificate, in DER; `None` once it has that.
    pub fn request(&self) -> Option<&[u8]> {
        self.record.csr.as_deref()
    }

    /// Its certificate as those see it who build and check below it.
    pub fn certificate(&self) -> Option<&AuthorityCertificate> {
        self.certified.as_ref().map(|certified| &certified.certificate)
    }

    /// What is handed out behind what it signs: its certificate and those above, without roots. An old root's
    /// certificate for a new one runs out with the old one; behind it, clients that hold the new one refused
    /// what they would have believed (AddTrust, May 2020).
    pub(crate) fn handed_out(&self, now: Timestamp) -> impl Iterator<Item = &Certificate> {
        let all = self.certified.iter().flat_map(|certified| &certified.handed_out);
        all.filter(move |certificate| certificate.not_after > now)
    }

    /// Its certificate and those above it up to a root, as far as they are known.
    pub(crate) fn path(&self) -> &[AuthorityCertificate] {
        self.certified.as_ref().map(|certified| certified.path.as_slice()).unwrap_or_default()
    }

    /// Its certificate, without which it signs nothing.
    pub(crate) fn certificate_to_sign_by(&self) -> Result<&AuthorityCertificate, AuthorityError> {
        self.certificate()
            .ok_or_else(|| AuthorityError::Certificate(format!("{} has none", self.generation())))
    }

    /// Whether its key is this one; while its certificate is pending, its request has the key.
    pub(crate) fn has_key(&self, key: &PublicKey) -> bool {
        let asked = || CertificationRequest::read(self.record.csr.as_deref()?).ok();
        match self.certificate() {
            Some(certificate) => certificate.key() == key,
            None => asked().is_some_and(|request| request.public_key() == key),
        }
    }

    /// Who signed it.
    pub fn signed_by(&self) -> SignedBy {
        match (self.record.parent, &self.certified) {
            (Some(parent), _) => SignedBy::Authority(parent),
            (None, Some(certified)) if certified.certificate.is_self_issued() => SignedBy::Itself,
            (None, _) => SignedBy::Elsewhere,
        }
    }

    /// How many authorities may stand below it and above a leaf, as all above it have it; `None` if any number.
    pub(crate) fn room_below(&self) -> Option<u8> {
        // Each authority in between takes a place, unless its issuer and subject are the same (RFC 5280
        // section 6.1.4 (l)).
        let mut between: u8 = 0;
        let mut room: Option<u8> = None;
        for authority in self.path() {
            if let Some(length) = authority.path_length() {
                let left = length.saturating_sub(between);
                room = Some(room.map_or(left, |room| room.min(left)));
            }
            between = between.saturating_add(u8::from(!authority.is_self_issued()));
        }
        room
    }

    /// Whether it issues at this time, or why not.
    pub(crate) fn issues(&self, now: Timestamp) -> Result<(), Refusal> {
        let state = self.lasting_state(now);
        if !state.allows(Act::Issue) {
            let authority = self.name().clone();
            return Err(match (state, self.not_after()) {
                (State::Expired, Some(end)) => Refusal::expired(&authority, end),
                _ => {
                    Refusal::AuthorityInactive { remedy: state.remedy(authority.as_str()), authority, state }
                }
            });
        }
        if self.stage() != Stage::Signing {
            return Err(Refusal::NotSigning { generation: self.generation().clone(), stage: self.stage() });
        }
        Ok(())
    }

    /// Whether this can be done with it at this time, or why not.
    pub(crate) fn allow(&self, act: Act, now: Timestamp) -> Result<(), AuthorityError> {
        let state = match act {
            // One that ran out while it was disabled rolls over once it is enabled.
            Act::Enable => self.lasting_state(now),
            _ => self.state(now),
        };
        if state.allows(act) {
            return Ok(());
        }
        Err(AuthorityError::State {
            authority: self.record.generation.clone(),
            state,
            act,
            remedy: state.remedy(self.name().as_str()),
        })
    }

    /// Its key, to sign with.
    pub(crate) async fn signer(&self, keys: &KeyHolder) -> Result<&Arc<dyn Signer>, AuthorityError> {
        self.signer.get_or_try_init(|| self.open(keys)).await
    }

    async fn open(&self, keys: &KeyHolder) -> Result<Arc<dyn Signer>, AuthorityError> {
        let signer = keys.open(&self.record).await?;
        if let Some(certificate) = self.certificate()
            && certificate.key() != signer.public_key()
        {
            let reason = "its key does not belong to its certificate";
            return Err(damaged(&self.record, &reason));
        }
        Ok(signer)
    }
}

impl Certified {
    fn read(pem: &str, above: Option<&CertificateAuthority>) -> Result<Self, AuthorityError> {
        let chain = Chain::from_pem(pem)?;
        let certificate = AuthorityCertificate::from_der(&chain.leaf().der)?;
        let mut handed_out = Vec::new();
        for written in chain.certificates() {
            if !is_self_signed(written)? {
                handed_out.push(written.clone());
            }
        }
        let mut path = vec![certificate.clone()];
        // Behind a root stand certificates of the same key by which the root before it vouches for it.
        if !is_self_signed(chain.leaf())? {
            for written in chain.certificates().iter().skip(1) {
                path.push(AuthorityCertificate::from_der(&written.der)?);
            }
        }
        if let Some(above) = above.and_then(|above| above.certified.as_ref()) {
            is_signed_by(chain.leaf(), &above.certificate)?;
            path.extend(above.path.iter().cloned());
            handed_out.extend(above.handed_out.iter().cloned());
        }
        Ok(Self { certificate, chain, path, handed_out })
    }
}

/// Whether a certificate of an authority is vouched for by its own key alone: then it is an anchor of trust.
pub(crate) fn is_self_signed(certificate: &Certificate) -> Result<bool, AuthorityError> {
    Ok(certificate.is_self_issued && {
        let own = AuthorityCertificate::from_der(&certificate.der)?;
        verifies(certificate, own.key())?
    })
}

fn is_signed_by(certificate: &Certificate, above: &AuthorityCertificate) -> Result<(), AuthorityError> {
    if verifies(certificate, above.key())? {
        return Ok(());
    }
    let reason = format!("it is not signed by {} in it", above.subject());
    Err(AuthorityError::Certificate(reason))
}

fn verifies(certificate: &Certificate, key: &PublicKey) -> Result<bool, AuthorityError> {
    let Signed { to_be_signed, algorithm, signature } = take_apart(&certificate.der)?;
    let algorithm = SignatureAlgorithm::of_identifier(&algorithm);
    Ok(algorithm.is_some_and(|algorithm| key.verifies(algorithm, &to_be_signed, &signature)))
}

fn publisher(record: &AuthorityRecord) -> Result<Publisher, AuthorityError> {
    let Generation { name, generation } = &record.generation;
    let authority = name.parse().map_err(|error: AuthorityNameError| damaged(record, &error))?;
    let generation = NonZeroU32::new(*generation).ok_or_else(|| damaged(record, &"its generation is 0"))?;
    Ok(Publisher { authority, generation })
}

/// A record of the store that makes no sense.
fn damaged(record: &AuthorityRecord, reason: &dyn std::fmt::Display) -> AuthorityError {
    AuthorityError::Certificate(format!("{} is damaged in the store: {reason}", record.generation))
}
