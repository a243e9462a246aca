//! Authorities and certificates to revoke.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use hermetic_keys::{KeyAlgorithm, LocalSigner, Signer};
use hermetic_tls::Serial;
use hermetic_x509::crl::{ListNumber, RevocationListDraft, Scope, Shard};
use hermetic_x509::publication::{Publisher, Site};
use hermetic_x509::{
    AuthorityCertificate, AuthorityDraft, DistinguishedName, LeafDraft, Profile, ProfileKind, Publication,
    Revocation, RevocationReason, Validity,
};
use jiff::{Timestamp, ToSpan};

/// The kinds of keys that every peer knows, with the quickest of each family.
pub const KINDS: [KeyAlgorithm; 4] =
    [KeyAlgorithm::EcdsaP256, KeyAlgorithm::EcdsaP384, KeyAlgorithm::Rsa2048, KeyAlgorithm::Ed25519];

/// An authority with its key.
pub struct Authority {
    pub signer: LocalSigner,
    pub der: Vec<u8>,
    pub certificate: AuthorityCertificate,
    pub publisher: Publisher,
}

/// A certificate with its key.
pub struct Party {
    pub signer: LocalSigner,
    pub der: Vec<u8>,
    pub serial: Serial,
}

/// The instant that a test happens at; peers go by the same clock.
pub fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap()
}

pub fn hours(count: i64) -> Timestamp {
    now() + count.hours()
}

pub fn revocation(reason: RevocationReason) -> Revocation {
    Revocation { at: hours(-1), reason }
}

impl Authority {
    pub fn root(kind: KeyAlgorithm) -> Self {
        Self::of("root", kind, None, Publication::NONE)
    }

    /// One whose certificate says that its list is at this site.
    pub fn intermediate_at(&self, kind: KeyAlgorithm, site: &Site, shard: Shard) -> Self {
        Self::of("intermediate", kind, Some(self), &site.publication(&self.publisher, shard))
    }

    fn of(name: &str, kind: KeyAlgorithm, issuer: Option<&Self>, publication: &Publication) -> Self {
        let (signer, _) = LocalSigner::generate(kind).unwrap();
        let subject: DistinguishedName = format!("CN={name} {kind},O=Hermetic").parse().unwrap();
        let draft = AuthorityDraft {
            serial: &Serial::from_bytes(&[0x5a; 16]),
            subject: &subject,
            key: signer.public_key(),
            validity: Validity::between(hours(-24), hours(24 * 365)).unwrap(),
            path_length: None,
            name_constraints: None,
            publication,
        };
        let by = issuer.map_or(&signer, |issuer| &issuer.signer);
        let tbs = match issuer {
            None => draft.root(by.algorithm()),
            Some(issuer) => draft.under(&issuer.certificate, by.algorithm()),
        };
        let der = signed(by, &tbs.unwrap().to_der().unwrap());
        Self {
            certificate: AuthorityCertificate::from_der(&der).unwrap(),
            publisher: Publisher { authority: name.parse().unwrap(), generation: 1.try_into().unwrap() },
            signer,
            der,
        }
    }

    /// A server's certificate with this serial number.
    pub fn issue(&self, serial: &[u8]) -> Party {
        self.signs(ProfileKind::Server, serial, Publication::NONE)
    }

    /// The same, with a list at this site.
    pub fn issue_at(&self, site: &Site, shard: Shard, serial: &[u8]) -> Party {
        self.signs(ProfileKind::Server, serial, &site.publication(&self.publisher, shard))
    }

    /// A responder's certificate.
    pub fn delegate(&self) -> Party {
        self.signs(ProfileKind::Ocsp, &[0x0c; 9], Publication::NONE)
    }

    fn signs(&self, kind: ProfileKind, serial: &[u8], publication: &Publication) -> Party {
        let (signer, _) = LocalSigner::generate(self.signer.public_key().algorithm()).unwrap();
        let serial = Serial::from_bytes(serial);
        let draft = LeafDraft {
            serial: &serial,
            profile: &Profile::built_in(kind),
            subject: &"CN=party".parse().unwrap(),
            names: &[],
            key: signer.public_key(),
            validity: Validity::between(hours(-1), hours(24 * 30)).unwrap(),
            publication,
            is_over: false,
        };
        let tbs = draft.under(&self.certificate, self.signer.algorithm()).unwrap().to_der().unwrap();
        Party { der: signed(&self.signer, &tbs), signer, serial }
    }

    /// A list of now that holds for a day.
    pub fn list(&self, scope: Scope, revoked: &BTreeMap<Serial, Revocation>) -> Vec<u8> {
        let draft = RevocationListDraft {
            issuer: &self.certificate,
            signature: self.signer.algorithm(),
            scope,
            number: ListNumber::after(None, now()),
            this_update: hours(-1),
            next_update: hours(24),
            revoked,
        };
        signed(&self.signer, &draft.to_der().unwrap())
    }
}

/// What this signer makes of these bytes.
pub fn signed(signer: &LocalSigner, to_be_signed: &[u8]) -> Vec<u8> {
    let signature = signature(signer, to_be_signed);
    hermetic_x509::assemble(to_be_signed, signer.algorithm(), &signature, signer.public_key()).unwrap()
}

pub fn signature(signer: &LocalSigner, message: &[u8]) -> Vec<u8> {
    ready(signer.sign(message)).unwrap()
}

/// What a future gives that waits for nothing.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for something"),
    }
}
