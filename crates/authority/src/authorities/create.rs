//! New authorities, and new generations of those that are there.

use std::sync::Arc;

use hermetic_keys::{KeyAlgorithm, Signer};
use hermetic_store::{
    AuthorityCertificate as KeptCertificate, Generation, NewAuthority as NewRecord, Stage, Standing,
    StoreError,
};
use hermetic_tls::{Chain, Serial};
use hermetic_x509::crl::Shards;
use hermetic_x509::publication::AuthorityName;
use hermetic_x509::{AuthorityDraft, DistinguishedName, Publication, Validity, assemble, lint};
use jiff::Timestamp;

use super::{CertificateAuthority, KeyPlace, Policy, certify, subject};
use crate::Authority;
use crate::error::AuthorityError;
use crate::issuance::{Issued, Refusal, Wanted, serial};

/// An authority that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAuthority {
    /// What it is called.
    pub name: AuthorityName,
    /// Who signs it.
    pub signer: NewSigner,
    /// The kind of its key.
    pub key: KeyAlgorithm,
    /// Where its key is made.
    pub place: KeyPlace,
    /// What it is to be; its next generations, too.
    pub policy: Policy,
    /// Over how many revocation lists its certificates are spread.
    pub shards: Shards,
}

/// Who signs a new authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewSigner {
    /// Itself: it becomes a root.
    Itself,
    /// An authority here.
    Authority(AuthorityName),
    /// Somebody elsewhere, who gets its request.
    Elsewhere,
}

impl NewAuthority {
    /// A root with a P-256 key here.
    pub fn root(name: AuthorityName) -> Self {
        Self {
            name,
            signer: NewSigner::Itself,
            key: KeyAlgorithm::EcdsaP256,
            place: KeyPlace::Store,
            policy: Policy::of_root(),
            // It signs few, and one list is whole without an address.
            shards: Shards::ONE,
        }
    }

    /// An authority under another here, for leaves only, with a P-256 key here.
    pub fn under(name: AuthorityName, above: AuthorityName) -> Self {
        let signer = NewSigner::Authority(above);
        Self { signer, policy: Policy::of_subordinate(), shards: Shards::USUAL, ..Self::root(name) }
    }

    /// An authority that is signed elsewhere, for leaves only, with a P-256 key here.
    pub fn signed_elsewhere(name: AuthorityName) -> Self {
        Self {
            signer: NewSigner::Elsewhere,
            policy: Policy::of_subordinate(),
            shards: Shards::USUAL,
            ..Self::root(name)
        }
    }
}

/// A generation on its way.
struct Coming {
    generation: Generation,
    new: NewAuthority,
    subject: DistinguishedName,
    signer: Arc<dyn Signer>,
    now: Timestamp,
}

/// What has become of it.
struct Made {
    standing: Standing,
    parent: Option<Generation>,
}

impl Authority {
    /// Makes an authority. It issues at once; or, signed elsewhere, once it has its certificate.
    pub async fn create(&self, new: NewAuthority) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let name = new.name.clone();
        self.kept_if_refused(self.first_generation(new).await, "be made", &name).await
    }

    /// The same, without a word in the journal where it is refused.
    pub(super) async fn first_generation(
        &self,
        new: NewAuthority,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let generation = Generation::first(new.name.as_str());
        if let Some(known) = self.authorities_now().generation(&generation) {
            let Generation { name, generation } = known.generation().clone();
            return Err(StoreError::AuthorityExists { name, generation }.into());
        }
        self.make(generation, Stage::Signing, new, None).await
    }

    /// Makes a generation. `before` is the one whose place it will take, which vouches for a new root.
    pub(super) async fn make(
        &self,
        generation: Generation,
        stage: Stage,
        new: NewAuthority,
        before: Option<&Arc<CertificateAuthority>>,
    ) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        let now = self.now();
        let (signer, key) = self.inner.keys.make(&generation, new.key, &new.place).await?;
        let subject = subject::of(&new, &generation, signer.public_key())?;
        let coming = Coming { generation, new, subject, signer, now };
        let Made { standing, parent } = match &coming.new.signer {
            NewSigner::Itself => self.root(&coming, before).await?,
            NewSigner::Authority(above) => self.subordinate(&coming, above).await?,
            NewSigner::Elsewhere => pending(&coming).await?,
        };
        let generation = coming.generation.clone();
        let record = NewRecord {
            generation: coming.generation,
            stage,
            parent,
            subject: coming.subject.to_string(),
            key_algorithm: coming.new.key.name().to_owned(),
            key,
            standing,
            crl_shards: coming.new.shards.count().into(),
            policy: coming.new.policy.write()?,
            at: now,
        };
        self.store.create_authorities(vec![record]).await?;
        self.refresh().await?;
        self.inner.changed.notify_one();
        self.generation(&generation)
    }

    /// The certificate of a root. No intent comes before this signature: until the key is recorded it exists
    /// only in this process, so after a crash it can vouch for nothing.
    async fn root(
        &self,
        coming: &Coming,
        before: Option<&Arc<CertificateAuthority>>,
    ) -> Result<Made, AuthorityError> {
        let signer = &*coming.signer;
        let serial = serial::draw(&*self.inner.world.randomness)?;
        let validity = Validity::ahead(coming.now, coming.new.policy.lifetime, None);
        let validity = validity.map_err(Refusal::Validity)?;
        let draft = coming.draft(&serial, validity, Publication::NONE);
        let to_be_signed = draft.root(signer.algorithm())?.to_der()?;
        lint::authority(&to_be_signed, &draft, &[], coming.now)?;
        let signature = signer.sign(&to_be_signed).await?;
        let own = assemble(&to_be_signed, signer.algorithm(), &signature, signer.public_key())?;
        let mut chain = vec![own];
        if let Some(before) = before {
            // Whoever trusts only the root before finds the way to it by this one.
            chain.push(self.certify_authority(before, coming).await?.certificate);
        }
        Ok(Made { standing: certified(&chain)?, parent: None })
    }

    async fn subordinate(&self, coming: &Coming, above: &AuthorityName) -> Result<Made, AuthorityError> {
        let above = self.authorities_now().issuing(above, coming.now)?.clone();
        leaves_room(&above, coming.new.policy.path_length)?;
        let issued = self.certify_authority(&above, coming).await?;
        let parent = Some(above.generation().clone());
        Ok(Made { standing: certified(&[issued.certificate])?, parent })
    }

    /// The certificate of an authority by another one, recorded like every other: so its issuer can revoke it.
    async fn certify_authority(
        &self,
        issuer: &Arc<CertificateAuthority>,
        coming: &Coming,
    ) -> Result<Issued, AuthorityError> {
        let certificate = issuer.certificate_to_sign_by()?;
        let validity = Validity::ahead(coming.now, coming.new.policy.lifetime, Some(certificate));
        let validity = validity.map_err(|error| Refusal::of_validity(error, issuer.name()))?;
        let draft = |serial: &Serial| {
            let publication = self.terms().publication(issuer, serial);
            let draft = coming.draft(serial, validity, &publication);
            let signature = certificate.key().algorithm().signature();
            let to_be_signed = draft.under(certificate, signature)?.to_der()?;
            lint::authority(&to_be_signed, &draft, issuer.path(), coming.now)?;
            Ok(to_be_signed)
        };
        let wanted = Wanted {
            profile: Wanted::OF_AUTHORITIES,
            subject: &format!("authority {}", coming.generation.name),
            names: Vec::new(),
            key: coming.signer.public_key(),
            validity,
            exportable: false,
            replaces: None,
            requester: "",
            request_sha256: None,
            secret: None,
            draft: &draft,
        };
        self.certify(issuer, &wanted).await
    }
}

impl Coming {
    fn draft<'a>(
        &'a self,
        serial: &'a Serial,
        validity: Validity,
        publication: &'a Publication,
    ) -> AuthorityDraft<'a> {
        AuthorityDraft {
            serial,
            subject: &self.subject,
            key: self.signer.public_key(),
            validity,
            path_length: self.new.policy.path_length,
            name_constraints: self.new.policy.name_constraints.as_ref(),
            publication,
        }
    }
}

async fn pending(coming: &Coming) -> Result<Made, AuthorityError> {
    let path_length = coming.new.policy.path_length;
    let request = certify::request(&coming.subject, path_length, &*coming.signer).await?;
    Ok(Made { standing: Standing::Pending(request), parent: None })
}

/// Whether an authority may stand below this one that may have so many below itself.
pub(super) fn leaves_room(above: &CertificateAuthority, asked: Option<u8>) -> Result<(), Refusal> {
    let Some(room) = above.room_below() else { return Ok(()) };
    if asked.is_some_and(|asked| asked < room) {
        return Ok(());
    }
    Err(Refusal::PathLength {
        authority: above.name().clone(),
        asked: asked.map_or_else(|| "any".to_owned(), |length| length.to_string()),
        allowed: match room.checked_sub(1) {
            None => "none below it at all".to_owned(),
            Some(most) => format!("at most {most}"),
        },
    })
}

fn certified(chain: &[Vec<u8>]) -> Result<Standing, AuthorityError> {
    let chain = Chain::from_ders(chain.iter().map(Vec::as_slice))?;
    let (not_before, not_after) = (chain.leaf().not_before, chain.leaf().not_after);
    Ok(Standing::Certified(KeptCertificate { chain_pem: chain.to_pem(), not_before, not_after }))
}
