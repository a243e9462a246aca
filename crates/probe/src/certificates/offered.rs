//! One chain, and what is known of it.

use bytes::Bytes;
use hermetic_tls::{Identity, PeerCertificateProblem, ProtocolVersion};
use hermetic_x509::log_timestamps;
use jiff::Timestamp;

use super::path::{MOST_LINKS, Path};
use super::{
    ChainFault, Checked, Completion, Extent, Link, Question, Reading, Showing, Staple, Timestamps, Trusted,
    trust,
};

/// A chain that was shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Offered {
    /// The questions that it was the answer to.
    pub questions: Vec<Question>,
    /// The version in which it was seen, where the handshake came so far.
    pub version: Option<ProtocolVersion>,
    /// The certificates as they were sent, up to [`MOST_LINKS`](super::MOST_LINKS).
    pub links: Vec<Link>,
    /// The way from the leaf up, as places in `links`.
    pub path: Vec<usize>,
    /// What is odd about it.
    pub faults: Vec<ChainFault>,
    /// Whether the leaf is for whom the endpoint must be (RFC 9525): by its alternative names alone.
    pub is_for_name: bool,
    /// Who trusts it, as it was sent.
    pub trust: Vec<Trusted>,
    /// The timestamps of logs.
    pub timestamps: Timestamps,
    /// Whether its leaf demands a staple (RFC 7633).
    pub demands_staple: bool,
    /// The OCSP response that came with it.
    pub staple: Staple,
    /// What lists and responders say, where they were asked.
    pub revocation: Vec<Checked>,
    /// What became of it with missing issuers fetched, where that was asked for and something was missing.
    pub completion: Option<Completion>,
}

impl Offered {
    pub(super) fn of(
        questions: Vec<Question>,
        showing: &Showing,
        older: &[Showing],
        expected: &Identity,
        extent: &Extent,
        at: Timestamp,
    ) -> Self {
        let sent = &showing.shown.certificates;
        let links: Vec<Link> = sent.iter().take(MOST_LINKS).map(|der| Link::of(der.clone(), at)).collect();
        let Path { places: path, mut faults } = Path::of(&links, sent.len());
        if !faults.contains(&ChainFault::Loop) {
            faults.extend(missing(&links, &path, extent));
        }
        // What came elsewhere with the same leaf, in clear or opened, tells of this one, too.
        let same = older.iter().filter(|it| it.shown.certificates.first() == sent.first());
        let clear: Vec<&Showing> = std::iter::once(showing).chain(same).collect();
        let stapled = clear.iter().find_map(|it| it.shown.stapled.clone());
        let mut offered = Self {
            questions,
            version: showing.version,
            trust: trust::of(&links, extent, at),
            links,
            path,
            faults,
            is_for_name: false,
            timestamps: Timestamps::default(),
            demands_staple: false,
            staple: Staple::Absent,
            revocation: Vec::new(),
            completion: None,
        };
        offered.of_leaf(expected, stapled, extent, at);
        let in_handshake = clear.iter().find_map(|it| it.timestamps.as_ref());
        offered.timestamps.in_handshake = in_handshake.map(|list| log_timestamps(list).unwrap_or_default());
        offered
    }

    fn of_leaf(&mut self, expected: &Identity, stapled: Option<Bytes>, extent: &Extent, at: Timestamp) {
        let Some(leaf) = self.links.first() else { return };
        let issuer = self.issuer_of(0, extent);
        self.staple = Staple::of(stapled.as_deref(), &leaf.der, issuer.as_deref(), at);
        if let Staple::Said(said) = &self.staple {
            self.timestamps.stapled.clone_from(&said.log_timestamps);
        }
        let Some(reading) = self.leaf() else { return };
        let (is_for_name, demands_staple) = (is_for(reading, expected), reading.details.demands_staple());
        let embedded = reading.details.log_timestamps();
        self.timestamps.embedded = embedded;
        (self.is_for_name, self.demands_staple) = (is_for_name, demands_staple);
    }

    /// What stands in the leaf, where it can be read.
    pub fn leaf(&self) -> Option<&Reading> {
        self.links.first().and_then(Link::read)
    }

    /// What stands in the certificates on the way up, the leaf first.
    pub fn on_the_way(&self) -> impl Iterator<Item = &Reading> {
        self.path.iter().filter_map(|place| self.links.get(*place).and_then(Link::read))
    }

    /// Why the first store does not trust it as it was sent.
    pub fn refusal(&self) -> Option<&PeerCertificateProblem> {
        self.trust.first()?.verdict.as_ref().err()
    }

    /// Whether the first store trusts it as it was sent.
    pub fn is_trusted(&self) -> bool {
        self.trust.first().is_some_and(|trusted| trusted.verdict.is_ok())
    }

    /// Whether the certificate of an issuer is missing.
    pub fn lacks_an_issuer(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault, ChainFault::Missing { .. }))
    }

    /// The DER of the issuer of the certificate that is so many steps up: the next on the way, or a root.
    pub(super) fn issuer_of(&self, step: usize, extent: &Extent) -> Option<Bytes> {
        let link = self.path.get(step).and_then(|place| self.links.get(*place))?;
        if let Some(next) = self.path.get(step + 1) {
            return self.links.get(*next).map(|link| link.der.clone());
        }
        let reading = link.read()?;
        if reading.is_self_signed() {
            return Some(link.der.clone());
        }
        root_of(reading, extent)
    }
}

/// A root in any store that issued a certificate.
fn root_of(reading: &Reading, extent: &Extent) -> Option<Bytes> {
    let anchors = extent.stores.iter().flat_map(|store| store.anchors.certificates());
    let named = anchors.filter(|anchor| anchor.subject == reading.certificate.issuer);
    let signed = |der: &[u8]| {
        let anchor = hermetic_x509::CertificateDetails::read(der).ok();
        anchor.is_some_and(|anchor| anchor.signed(&reading.details) != Some(false))
    };
    { named }.find(|anchor| signed(&anchor.der)).map(|anchor| anchor.der.clone())
}

/// That the way ends before a root.
fn missing(links: &[Link], path: &[usize], extent: &Extent) -> Option<ChainFault> {
    let last = path.last().and_then(|place| links.get(*place)).and_then(Link::read)?;
    if last.is_self_signed() || root_of(last, extent).is_some() {
        return None;
    }
    Some(ChainFault::Missing { issuer: last.description.issuer.clone() })
}

/// A wildcard right below a top-level domain, which OpenSSL, NSS and rustls take for nobody.
fn is_too_wide(named: &Identity) -> bool {
    let Identity::Dns(name) = named else { return false };
    name.as_str().strip_prefix("*.").is_some_and(|below| !below.contains('.'))
}

fn is_for(reading: &Reading, expected: &Identity) -> bool {
    match expected {
        Identity::Dns(name) => {
            let named = reading.certificate.identities.iter().filter(|named| !is_too_wide(named));
            { named }.any(|named| named.covers_host(name.as_str()))
        }
        Identity::Ip(address) => reading.certificate.covers_host(&address.to_string()),
        Identity::Spiffe(_) => reading.certificate.identities.contains(expected),
    }
}
