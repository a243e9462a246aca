//! The way from the leaf up through what was sent, whatever order it came in.

use hermetic_x509::CertificateDetails;

use super::{ChainFault, Link};

/// How many certificates of a chain are read. Real ones have up to five.
pub const MOST_LINKS: usize = 32;

/// The way up, as places in what was sent: the leaf, its issuer, and so on; and what is odd about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) places: Vec<usize>,
    pub(super) faults: Vec<ChainFault>,
}

impl Path {
    pub(super) fn of(links: &[Link], sent: usize) -> Self {
        let mut path = Self::default();
        if sent > links.len() {
            path.faults.push(ChainFault::Long(sent));
        }
        let details: Vec<_> = links.iter().map(|link| link.read().map(|reading| &reading.details)).collect();
        for (place, link) in links.iter().enumerate() {
            if let Err(why) = &link.reading {
                path.faults.push(ChainFault::Unreadable { place, why: why.clone() });
            }
        }
        path.climb(&details);
        path.compare(links);
        path
    }

    /// From each to its issuer. Each place is used once, so that this ends, however the names go round.
    fn climb(&mut self, details: &[Option<&CertificateDetails>]) {
        let Some(Some(mut at)) = details.first().copied() else { return };
        self.places.push(0);
        while !is_self_signed(at) {
            let free = |place: &usize| !self.places.contains(place);
            let named =
                |place: &usize| details.get(*place).copied().flatten().is_some_and(|it| it.is_named_by(at));
            let signed = |place: &usize| details.get(*place).copied().flatten().and_then(|it| it.signed(at));
            let candidates: Vec<usize> = (0..details.len()).filter(|place| named(place)).collect();
            // An authority that changed its key has several certificates of one name; one of them has the key.
            let open = || candidates.iter().copied().filter(free);
            let next = open().find(|place| signed(place) == Some(true));
            let next = next.or_else(|| open().find(|place| signed(place).is_none()));
            let Some((place, issuer)) = next.and_then(|it| Some((it, details.get(it).copied().flatten()?)))
            else {
                let used = candidates.iter().copied().filter(|place| self.places.contains(place));
                if { used }.any(|place| signed(&place) == Some(true)) {
                    self.faults.push(ChainFault::Loop);
                }
                if let Some(place) = open().next() {
                    self.faults.push(ChainFault::Namesake { place });
                }
                return;
            };
            self.places.push(place);
            at = issuer;
        }
    }

    /// What was sent beside the way, twice, or in another order.
    fn compare(&mut self, links: &[Link]) {
        let mut beside = Vec::new();
        for (place, link) in links.iter().enumerate() {
            if links.iter().take(place).any(|before| before.der == link.der) {
                beside.push(ChainFault::Duplicate { place });
            } else if link.reading.is_ok() && !self.places.contains(&place) {
                beside.push(ChainFault::Extra { place });
            }
        }
        self.faults.append(&mut beside);
        if !self.places.is_sorted() {
            self.faults.push(ChainFault::Order { right: self.places.clone() });
        }
        let last = self.places.last().copied();
        let root = last.filter(|_| self.places.len() > 1).and_then(|place| Some((place, links.get(place)?)));
        if let Some((place, _)) =
            root.filter(|(_, link)| link.read().is_some_and(|it| is_self_signed(&it.details)))
        {
            self.faults.push(ChainFault::Root { place });
        }
    }
}

fn is_self_signed(details: &CertificateDetails) -> bool {
    details.is_self_issued() && details.signed(details) != Some(false)
}
