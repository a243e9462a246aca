//! Which certificates of clients are revoked: by CRLs, and by the word of an authority of ours.
//!
//! It fails closed. Where CRLs are demanded, every certificate of a path needs one of its issuer's that
//! is not stale; without it, it may be revoked for all we know, and counts so.

mod list;
mod path;
mod place;
mod signer;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;

pub use list::RevocationList;
pub use path::CertificationPath;
pub(crate) use path::{CertificateId, Link};
pub(crate) use place::ListPlace;
pub(crate) use signer::{IssuerId, Signer};

use crate::certificate::{Certificate, Serial};
use crate::chain::Chain;
use crate::error::{PeerCertificateProblem, RevocationListError};
use crate::trust::TrustAnchors;

/// What a listener knows of revoked certificates. Reads take no lock; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Revocations(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    /// `None`: no CRL is demanded.
    lists: Option<Lists>,
    /// What an authority of ours says besides.
    revoked: RevokedCertificates,
}

struct Lists {
    /// Those who can be told at once to have signed a list.
    anchors: Vec<Signer>,
    current: ArcSwap<Vec<RevocationList>>,
}

/// The certificates that an authority of ours has revoked. Clones are the same set.
#[derive(Clone, Debug, Default)]
pub struct RevokedCertificates(Arc<ArcSwap<HashSet<CertificateId>>>);

/// How a path stands.
pub(crate) enum Standing {
    Good,
    Revoked,
    /// This CRL says nothing any more.
    Stale(RevocationList),
    /// No CRL speaks for the certificate at this place of the path.
    Unlisted(usize),
}

impl Revocations {
    /// Those of an authority of ours, and no CRL.
    pub fn by_authority(revoked: &RevokedCertificates) -> Self {
        Self(Arc::new(Known { lists: None, revoked: revoked.clone() }))
    }

    /// Those of these CRLs, which are demanded from then on for every certificate below `anchors`, and of
    /// an authority of ours. An error where one bears an anchor's name without its signature.
    pub fn by_lists(
        lists: Vec<RevocationList>,
        anchors: &TrustAnchors,
        revoked: &RevokedCertificates,
    ) -> Result<Self, RevocationListError> {
        let anchors: Vec<_> =
            anchors.certificates().iter().filter_map(|anchor| Signer::of(&anchor.der)).collect();
        let lists = Lists { current: ArcSwap::from_pointee(claimed(lists, &anchors)?), anchors };
        Ok(Self(Arc::new(Known { lists: Some(lists), revoked: revoked.clone() })))
    }

    /// Puts other CRLs in place; an error, and no change, where they are not these anchors'. Handshakes
    /// from now on go by them. Without effect where no CRL is demanded.
    pub fn replace(&self, lists: Vec<RevocationList>) -> Result<(), RevocationListError> {
        if let Some(known) = &self.0.lists {
            known.current.store(Arc::new(claimed(lists, &known.anchors)?));
        }
        Ok(())
    }

    /// Whether `other` is the same, so that what is replaced in one is in the other.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The CRLs as they are now.
    pub fn lists(&self) -> Vec<RevocationList> {
        self.0.lists.as_ref().map(|lists| lists.current.load().to_vec()).unwrap_or_default()
    }

    /// Whether a certificate of the path is revoked. One that no CRL speaks for is not: that is no reason
    /// to end what stands. `chain` is what the client presented.
    pub fn revokes(&self, path: &CertificationPath, chain: &Chain) -> bool {
        self.learn_from(path, chain);
        let lists = self.0.lists.as_ref().map(|lists| lists.current.load());
        path.links().iter().any(|link| {
            let of_lists = lists.as_ref().and_then(|lists| freshest(lists, link));
            self.0.revoked.contains(link) || of_lists.is_some_and(|list| list.revokes(link))
        })
    }

    /// What is wrong with a path at `now`, if anything is. `chain` is what the client presented.
    pub fn problem(
        &self,
        path: &CertificationPath,
        chain: &Chain,
        now: Timestamp,
    ) -> Option<PeerCertificateProblem> {
        self.learn_from(path, chain);
        if path.not_after() < now {
            return Some(PeerCertificateProblem::Expired(path.not_after().to_string()));
        }
        let issuer_of = |link: &Link| {
            let certificate =
                chain.certificates().iter().find(|certificate| certificate.serial == link.certificate.serial);
            certificate.map(|certificate| certificate.issuer.clone())
        };
        self.standing(path, now).problem(|place| path.links().get(place).and_then(issuer_of))
    }

    /// How a path stands, by the CRLs whose signer is known.
    pub(crate) fn standing(&self, path: &CertificationPath, now: Timestamp) -> Standing {
        if path.links().iter().any(|link| self.0.revoked.contains(link)) {
            return Standing::Revoked;
        }
        let Some(lists) = self.0.lists.as_ref().map(|lists| lists.current.load()) else {
            return Standing::Good;
        };
        let mut standing = Standing::Good;
        for (place, link) in path.links().iter().enumerate() {
            match freshest(&lists, link) {
                // Before all else: a list that is stale has not forgotten what it revoked.
                Some(list) if list.revokes(link) => return Standing::Revoked,
                Some(list) if list.next_update() <= now => standing = Standing::Stale(list.clone()),
                Some(_) => {}
                None => standing = Standing::Unlisted(place),
            }
        }
        standing
    }

    /// Finds the signers of CRLs among the issuers of a path that was verified. The CRL of an intermediate
    /// authority can't be verified before its certificate has been seen, which clients send.
    ///
    /// A certificate that no path was verified through names nobody: one key has several encodings, each with
    /// an [`IssuerId`] of its own, and a CRL that is taken for the wrong one's speaks for no client.
    pub(crate) fn learn<I: Iterator<Item = Option<Signer>>>(&self, issuers: impl Fn() -> I) {
        let Some(lists) = &self.0.lists else { return };
        for list in lists.current.load().iter().filter(|list| list.is_unclaimed()) {
            issuers().flatten().any(|signer| list.claimed_by(&signer));
        }
    }

    /// The same for a path that was verified earlier, with the chain that the client presented.
    fn learn_from(&self, path: &CertificationPath, chain: &Chain) {
        let of_path =
            |signer: &Signer| path.links().iter().any(|link| link.certificate.issuer == signer.id());
        let sent = || chain.certificates().iter().skip(1);
        self.learn(|| sent().map(|certificate| Signer::of(&certificate.der).filter(of_path)));
    }
}

/// Two are equal when they are the same, whatever they hold.
impl PartialEq for Revocations {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}

impl Eq for Revocations {}

impl Hash for Revocations {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl Standing {
    /// What is wrong; `issuer_of` names the issuer of the certificate at a place of the path.
    pub(crate) fn problem(
        self,
        issuer_of: impl Fn(usize) -> Option<String>,
    ) -> Option<PeerCertificateProblem> {
        match self {
            Self::Good => None,
            Self::Revoked => Some(PeerCertificateProblem::Revoked),
            Self::Stale(list) => Some(PeerCertificateProblem::StaleRevocationList {
                issuer: list.issuer().to_owned(),
                file: list.source().to_owned(),
                since: list.next_update().to_string(),
            }),
            Self::Unlisted(place) => Some(PeerCertificateProblem::NoRevocationList {
                issuer: issuer_of(place).unwrap_or_else(|| "an intermediate authority".to_owned()),
            }),
        }
    }
}

impl RevokedCertificates {
    /// Revokes a certificate of this issuer's. `None` where `issuer` can't be read, or is not who issued it.
    pub fn revoke(&self, certificate: &Certificate, issuer: &Certificate) -> Option<()> {
        let signer = Signer::of(&issuer.der).filter(|_| certificate.issuer == issuer.subject)?;
        let id = CertificateId { issuer: signer.id(), serial: certificate.serial.clone() };
        self.0.rcu(|revoked| {
            let mut revoked = HashSet::clone(revoked);
            revoked.insert(id.clone());
            revoked
        });
        Some(())
    }

    /// Revokes certificates of this issuer's by their serial numbers. `None` where `issuer` can't be read.
    pub fn revoke_serials(&self, issuer: &Certificate, serials: &[Serial]) -> Option<()> {
        let issuer = Signer::of(&issuer.der)?.id();
        let new: Vec<_> = serials
            .iter()
            .map(|serial| CertificateId { issuer, serial: serial.clone() })
            .filter(|id| !self.0.load().contains(id))
            .collect();
        if !new.is_empty() {
            self.0.rcu(|revoked| {
                let mut revoked = HashSet::clone(revoked);
                revoked.extend(new.iter().cloned());
                revoked
            });
        }
        Some(())
    }

    /// Whether a certificate of the path is among them.
    pub(crate) fn revokes(&self, path: &CertificationPath) -> bool {
        let revoked = self.0.load();
        !revoked.is_empty() && path.links().iter().any(|link| revoked.contains(&link.certificate))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.load().len()
    }

    fn contains(&self, link: &Link) -> bool {
        self.0.load().contains(&link.certificate)
    }
}

/// Of several CRLs that speak for a certificate, the last counts.
fn freshest<'a>(lists: &'a [RevocationList], link: &Link) -> Option<&'a RevocationList> {
    lists.iter().filter(|list| list.covers(link)).max_by_key(|list| list.this_update())
}

/// The lists with the anchors' signatures verified; the others are an intermediate authority's.
fn claimed(
    lists: Vec<RevocationList>,
    anchors: &[Signer],
) -> Result<Vec<RevocationList>, RevocationListError> {
    for list in &lists {
        let mut namesakes = anchors.iter().filter(|anchor| list.is_called(anchor.name())).peekable();
        if namesakes.peek().is_some() && !namesakes.any(|anchor| list.claimed_by(anchor)) {
            return Err(RevocationListError::Foreign { issuer: list.issuer().to_owned() });
        }
    }
    Ok(lists)
}

impl std::fmt::Debug for Lists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.current.load().iter()).finish()
    }
}
