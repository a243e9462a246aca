//! Mozilla's server-side TLS guidelines: which levels are met.
//!
//! A level is met where nothing beyond it is accepted, as sslyze reads it; what of its versions, suites and groups is
//! missing takes nothing from that. Guideline 6.0 dropped "old", which is that of 5.8; 5.7 is from before hybrid
//! groups.

use hermetic_tls::SecurityPolicy;
use hermetic_x509::{KeyKind, Weakness};

use super::{Ruling, Standard, Standing, View};
use crate::certificates::{Reading, Staple};
use crate::judge::measure;

/// A level: a policy, and what the guideline says of certificates.
struct Level {
    standard: Standard,
    policy: &'static str,
    certificates: Certificates,
}

/// `certificate_types`, `certificate_signatures` and `maximum_certificate_lifespan` of the guidelines. In all of them
/// `certificate_curves` are P-256 and P-384, and `rsa_key_size` is 2048.
struct Certificates {
    kinds: &'static [KeyKind],
    /// The kind that there has to be: the oldest clients know no other.
    needs: Option<KeyKind>,
    signatures: &'static [&'static str],
    days: i64,
}

const ECDSA: [&str; 3] = ["ecdsa-with-SHA256", "ecdsa-with-SHA384", "ecdsa-with-SHA512"];
const BOTH: [&str; 4] =
    ["sha256WithRSAEncryption", "ecdsa-with-SHA256", "ecdsa-with-SHA384", "ecdsa-with-SHA512"];
const MODERN: Certificates =
    Certificates { kinds: &[KeyKind::Ecdsa], needs: None, signatures: &ECDSA, days: 90 };
const INTERMEDIATE: Certificates =
    Certificates { kinds: &[KeyKind::Ecdsa, KeyKind::Rsa], needs: None, signatures: &BOTH, days: 366 };
/// It has RSA alone, and suites of ECDSA: there may be such a certificate beside that of RSA.
const OLD: Certificates = Certificates { needs: Some(KeyKind::Rsa), ..INTERMEDIATE };

/// `hsts_min_age`, in seconds: two years.
const TRANSPORT_SECURITY: u64 = 63_072_000;

const LEVELS: [Level; 4] = [
    Level {
        standard: Standard { id: "mozilla-modern", title: "Mozilla modern (guideline 6.0)" },
        policy: "mozilla/modern",
        certificates: MODERN,
    },
    Level {
        standard: Standard { id: "mozilla-intermediate", title: "Mozilla intermediate (guideline 6.0)" },
        policy: "mozilla/intermediate",
        certificates: INTERMEDIATE,
    },
    Level {
        standard: Standard { id: "mozilla-5.7-intermediate", title: "Mozilla intermediate (guideline 5.7)" },
        policy: "mozilla-5.7/intermediate",
        certificates: INTERMEDIATE,
    },
    Level {
        standard: Standard { id: "mozilla-5.8-old", title: "Mozilla old (guideline 5.8)" },
        policy: "mozilla-5.8/old",
        certificates: OLD,
    },
];

pub(super) fn standings(view: &View<'_>) -> Vec<Standing> {
    let policies = LEVELS.iter().filter_map(|level| Some((level, SecurityPolicy::named(level.policy).ok()?)));
    policies.map(|(level, policy)| standing(view, level, policy)).collect()
}

fn standing(view: &View<'_>, level: &Level, policy: &SecurityPolicy) -> Standing {
    view.rule(level.standard, |ruling| {
        let measured = measure(ruling.seen, policy);
        let beyond = measured.versions_beyond.iter().map(ToString::to_string);
        let beyond = beyond.chain(measured.suites_beyond.iter().map(ToString::to_string));
        let beyond = beyond.chain(measured.groups_beyond.iter().map(ToString::to_string));
        beyond.for_each(|what| ruling.against(format!("it accepts {what}")));
        measured.unknown.into_iter().for_each(|what| ruling.unseen(what));
        ruling.certificate();
        level.certificates.rule(ruling);
        ruling.transport_security(TRANSPORT_SECURITY);
    })
}

impl Certificates {
    /// Each leaf that is shown to who asks for the right name is one of these.
    fn rule(&self, ruling: &mut Ruling<'_>) {
        let leaves: Vec<&Reading> = ruling.chains().map(|(_, leaf)| leaf).collect();
        for leaf in &leaves {
            self.beyond(leaf).into_iter().for_each(|reason| ruling.against(reason));
        }
        let needed = self.needs.filter(|kind| leaves.iter().all(|leaf| leaf.strength.kind != *kind));
        if let Some(kind) = needed.filter(|_| !leaves.is_empty()) {
            ruling.against(format!("it has no certificate with a key of {kind}"));
        }
        // Authorities give up their responders, and so this does not decide it.
        let unstapled = ruling.chains().any(|(chain, leaf)| {
            matches!(chain.staple, Staple::Absent) && !leaf.description.ocsp_responders.is_empty()
        });
        if unstapled {
            ruling.note("the guideline has OCSP responses stapled, and none came");
        }
    }

    fn beyond(&self, leaf: &Reading) -> Vec<String> {
        let (kind, size) = (leaf.strength.kind, leaf.strength.size);
        let signature = leaf.description.signature_algorithm.as_str();
        let days = leaf.description.not_after.duration_since(leaf.description.not_before).as_hours() / 24;
        let mut beyond = Vec::new();
        match kind {
            _ if !self.kinds.contains(&kind) => beyond.push(format!("a certificate has a key of {kind}")),
            KeyKind::Ecdsa if !matches!(size, Some(256 | 384)) || has_odd_curve(leaf) => {
                beyond.push("a certificate has a key on another curve than P-256 and P-384".to_owned());
            }
            _ => {}
        }
        if !self.signatures.contains(&signature) {
            beyond.push(format!("a certificate is signed with {signature}"));
        }
        if days > self.days {
            beyond.push(format!("a certificate lives for {days} days, and not for {} at most", self.days));
        }
        beyond
    }
}

fn has_odd_curve(leaf: &Reading) -> bool {
    leaf.weaknesses.iter().any(|weakness| matches!(weakness, Weakness::Curve { .. }))
}
