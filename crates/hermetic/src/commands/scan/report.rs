//! What a scan tells, in the words of its JSON.

pub mod certificates;
pub mod dns;
pub mod grade;
pub mod handshake;
pub mod web;

use hermetic_hop::{EvidenceKind, Finding, Severity, Verdict};
use hermetic_probe::certificates::{KeysMet, SharedKey};
use hermetic_probe::findings::{Case, Seeming, Signs};
use hermetic_probe::judge::{self, Measured, PostQuantum};
use hermetic_probe::observe::{Features, Observations, Order, Ranking, Sessions, Support};
use hermetic_probe::weaknesses::{Conclusion, Weakness};
use hermetic_probe::{Depth, Scanned, Spoken};
use hermetic_tls::{Authentication, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme, Ssl2Cipher};
use jiff::Timestamp;
use serde::Serialize;

use super::judged::Judged;
use handshake::Handshake;

/// `hermetic.scan/1`.
#[derive(Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    pub(super) target: String,
    /// `None` where none took a connection.
    pub(super) address: Option<String>,
    at: Timestamp,
    /// `full` or `fast`.
    pub(super) depth: &'static str,
    pub(super) verdict: Verdict,
    /// `None` where nothing was seen.
    pub(super) evidence: Option<EvidenceKind>,
    pub(super) reason: String,
    /// What it seems to be; `None` where nothing tells.
    pub(super) software: Option<Seeming>,
    /// What it said of itself before anybody asked.
    pub(super) greeting: Option<String>,
    /// The protocol that it speaks in clear, where it does.
    pub(super) cleartext: Option<&'static str>,
    /// `None` where it chose nothing.
    pub(super) handshake: Option<Handshake>,
    pub(super) protocols: Vec<Protocol>,
    pub(super) ssl2_ciphers: Vec<Ssl2Cipher>,
    pub(super) suites: Vec<Listed<CipherSuite>>,
    pub(super) groups: Vec<Listed<NamedGroup>>,
    pub(super) signature_schemes: Vec<Listed<SignatureScheme>>,
    pub(super) features: Vec<Feature>,
    /// What it does with sessions; `None` where nothing was observed.
    pub(super) sessions: Option<SessionsSeen>,
    /// The prime of its finite-field exchange.
    pub(super) prime: Option<Prime>,
    pub(super) application_protocols: Vec<String>,
    pub(super) weaknesses: Vec<Concluded>,
    /// What falls short, and which standards are met.
    #[serde(flatten)]
    pub(super) judged: Judged,
    /// Why what it accepts was not to be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unobserved: Option<String>,
    /// `None` where nothing was observed.
    pub(super) policy: Option<Policy>,
    pub(super) post_quantum: Readiness,
    /// `None` where nothing was observed, or no certificate was to be read.
    pub(super) grade: Option<grade::Grade>,
    pub(super) certificates: Vec<certificates::Chain>,
    /// The questions to which no chain came.
    pub(super) certificates_unseen: Vec<certificates::Unseen>,
    /// Where its keys were met before in this scan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) shared_keys: Vec<SharedKey>,
    /// `None` where HTTP is not spoken.
    pub(super) web: Option<web::Web>,
    /// `None` where it has no name, or nobody was asked.
    pub(super) dns: Option<dns::Dns>,
    /// All that were opened to look at it, or tried to.
    pub(super) connections: u64,
}

/// A version, and whether it is spoken.
#[derive(Debug, Serialize)]
pub struct Protocol {
    pub(super) version: ProtocolVersion,
    /// The fingerprint of its first answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ja3s: Option<String>,
    #[serde(flatten)]
    pub(super) support: Supported,
}

/// A yes, a no, or neither.
#[derive(Debug, Serialize)]
pub struct Supported {
    pub(super) support: Answer,
    /// How it was refused, or why nobody can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// Three values, and a fourth for what has no meaning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Yes,
    No,
    CouldNotTell,
    NotApplicable,
}

/// What is accepted of a kind in a version.
#[derive(Debug, Serialize)]
pub struct Listed<T> {
    pub(super) version: ProtocolVersion,
    /// The kind of certificate, of signature schemes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authentication: Option<&'static str>,
    /// Whose order it is: `server`, `client` or `mixed`.
    pub(super) order: Option<&'static str>,
    pub(super) accepted: Vec<T>,
    /// Where the order is mixed: those that it holds for equals, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) classes: Vec<Vec<T>>,
    /// Why the list may lack some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) broke_off: Option<String>,
}

/// What a server can beside suites.
#[derive(Debug, Serialize)]
pub struct Feature {
    pub(super) name: &'static str,
    #[serde(flatten)]
    pub(super) support: Supported,
}

/// What a server does with sessions.
#[derive(Debug, Serialize)]
pub struct SessionsSeen {
    /// TLS 1.2 by an id, and by a ticket; TLS 1.3 by a ticket.
    pub(super) resumption_by_id: Supported,
    pub(super) resumption_by_ticket: Supported,
    pub(super) resumption_tls13: Supported,
    /// One ticket of TLS 1.2 is taken again and again.
    pub(super) ticket_again: Supported,
    /// In seconds.
    pub(super) ticket_lifetime: Option<u64>,
    pub(super) tls13_ticket_lifetime: Option<u64>,
    /// 0-RTT.
    pub(super) early_data: Supported,
    /// In bytes.
    pub(super) early_data_size: u32,
}

/// The prime of a finite-field exchange.
#[derive(Debug, Serialize)]
pub struct Prime {
    pub(super) bits: u32,
    /// Where it comes from, if many servers share it.
    pub(super) common: Option<&'static str>,
}

/// What was concluded of a weakness.
#[derive(Debug, Serialize)]
pub struct Concluded {
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    /// `vulnerable`, `not vulnerable` or `could not tell`.
    pub(super) conclusion: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// How the endpoint stands to the policy.
#[derive(Debug, Serialize)]
pub struct Policy {
    pub(super) name: String,
    pub(super) within: bool,
    pub(super) beyond: Difference,
    pub(super) missing: Difference,
    /// What was not to be seen.
    pub(super) unknown: Vec<String>,
}

/// Versions, suites and groups.
#[derive(Debug, Serialize)]
pub struct Difference {
    pub(super) versions: Vec<ProtocolVersion>,
    pub(super) suites: Vec<CipherSuite>,
    pub(super) groups: Vec<NamedGroup>,
}

/// How ready the endpoint is for post-quantum key exchange.
#[derive(Debug, Serialize)]
pub struct Readiness {
    /// `ready`, `capable`, `no`, `breaks on it` or `could not tell`.
    pub(super) readiness: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<NamedGroup>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

impl Report {
    /// What a scan of this target tells.
    pub fn of(case: Case<'_>, depth: Depth) -> Self {
        let Case { target, scanned, at, .. } = case;
        let judged = judge::verdict(scanned, target.policy, at);
        let nothing = Observations::default();
        let seen = scanned.observed.as_ref().and_then(|seen| seen.as_ref().ok()).unwrap_or(&nothing);
        let beside = scanned.beside.as_ref();
        let is_observed = unseen(scanned).is_none();
        let of_versions = || seen.versions.iter().filter(|observed| observed.support.is_yes()).rev();
        Self {
            schema: "hermetic.scan/1",
            target: target.endpoint.to_string(),
            address: scanned.address.as_ref().map(ToString::to_string),
            at,
            depth: match depth {
                Depth::Full => "full",
                Depth::Fast => "fast",
            },
            verdict: judged.verdict,
            evidence: judged.evidence,
            reason: judged.reason,
            software: Seeming::of(&Signs::of(case)),
            greeting: scanned.greeting.as_ref().map(|greeting| greeting.text.clone()),
            cleartext: scanned.cleartext.map(Spoken::as_str),
            handshake: Handshake::of(scanned),
            protocols: if is_observed { protocols(seen) } else { Vec::new() },
            ssl2_ciphers: seen.ssl2_ciphers.clone(),
            suites: of_versions().map(|it| Listed::of(it.version, &it.suites)).collect(),
            groups: of_versions()
                .filter(|it| it.groups.is_whole != Support::Unasked)
                .map(|it| Listed::of(it.version, &it.groups))
                .collect(),
            signature_schemes: of_versions()
                .flat_map(|it| {
                    it.schemes.iter().map(|(kind, schemes)| schemes_of(it.version, *kind, schemes))
                })
                .collect(),
            features: if is_observed { features(&seen.features) } else { Vec::new() },
            sessions: is_observed.then(|| SessionsSeen::of(&seen.sessions)),
            prime: Prime::of(&seen.features),
            application_protocols: seen.features.application_protocols.clone(),
            weaknesses: weaknesses(scanned, seen),
            judged: Judged::of(case, depth),
            unobserved: unseen(scanned),
            policy: is_observed
                .then(|| Policy::of(target.policy.full_name(), judge::measure(seen, target.policy))),
            post_quantum: Readiness::of(PostQuantum::of(seen), scanned),
            grade: beside.filter(|_| is_observed).and_then(|beside| grade::Grade::of(seen, beside)),
            certificates: beside.map(|it| certificates::chains(&it.certificates, at)).unwrap_or_default(),
            certificates_unseen: beside.map(|it| certificates::unseen(&it.certificates)).unwrap_or_default(),
            shared_keys: Vec::new(),
            web: beside.and_then(|it| it.web.as_ref()).map(|it| web::Web::of(it, &target.expected)),
            dns: beside.and_then(|it| Some(dns::Dns::of(it.dns.as_ref()?, &it.certificates))),
            connections: scanned.connections.total(),
        }
    }

    /// What it is a report of: the target, and its address where there may be reports of several.
    pub fn place(&self, each_address: bool) -> String {
        match self.address.as_ref().filter(|_| each_address) {
            Some(address) => format!("{} at {address}", self.target),
            None => self.target.clone(),
        }
    }

    /// Says where its keys were met before.
    pub(super) fn meet(&mut self, keys: &mut KeysMet, scanned: &Scanned) {
        if let Some(beside) = &scanned.beside {
            self.shared_keys = keys.meet(&self.target, &beside.certificates);
        }
    }

    /// When it was made.
    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// Why nobody can tell how it stands, or what it accepts; `None` where that was to be seen.
    pub fn undecided(&self) -> Option<String> {
        match (self.verdict, &self.unobserved) {
            (Verdict::Unknown, _) => Some(self.reason.clone()),
            (_, Some(reason)) if self.cleartext.is_none() => {
                Some(format!("what it accepts was not to be seen: {reason}"))
            }
            _ => None,
        }
    }

    /// What the verdict rests on.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether all was asked for.
    pub fn is_full(&self) -> bool {
        self.depth == "full"
    }

    /// What was found, the worst first.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.judged.findings.iter().map(|shown| &shown.found.finding)
    }

    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }
}

fn protocols(seen: &Observations) -> Vec<Protocol> {
    let ssl2 = Protocol { version: ProtocolVersion::SSL2, ja3s: None, support: Supported::of(&seen.ssl2) };
    let others = seen.versions.iter().map(|observed| Protocol {
        version: observed.version,
        ja3s: observed.first.as_ref().map(|answer| answer.hello.ja3s()),
        support: Supported::of(&observed.support),
    });
    std::iter::once(ssl2).chain(others).collect()
}

impl Supported {
    fn of(support: &Support) -> Self {
        let (support, reason) = match support {
            Support::Yes => (Answer::Yes, None),
            Support::No(reason) => (Answer::No, Some(reason.clone())),
            Support::Unknown(reason) => (Answer::CouldNotTell, Some(reason.clone())),
            Support::Unasked => (Answer::NotApplicable, None),
        };
        Self { support, reason }
    }
}

impl<T: Clone> Listed<T> {
    fn of(version: ProtocolVersion, ranking: &Ranking<T>) -> Self {
        let order = ranking.order.map(|order| match order {
            Order::Server => "server",
            Order::Client => "client",
            Order::Mixed => "mixed",
        });
        let broke_off = match &ranking.is_whole {
            Support::Unknown(reason) => Some(reason.clone()),
            _ => None,
        };
        Self {
            version,
            authentication: None,
            order,
            accepted: ranking.accepted.clone(),
            classes: ranking.classes.clone(),
            broke_off,
        }
    }
}

fn schemes_of(
    version: ProtocolVersion,
    kind: Authentication,
    schemes: &Ranking<SignatureScheme>,
) -> Listed<SignatureScheme> {
    let authentication = match kind {
        Authentication::Ecdsa => Some("ECDSA"),
        Authentication::Rsa => Some("RSA"),
        Authentication::Dss => Some("DSA"),
        _ => None,
    };
    Listed { authentication, ..Listed::of(version, schemes) }
}

fn features(features: &Features) -> Vec<Feature> {
    let of = |name, support: &Support| Feature { name, support: Supported::of(support) };
    vec![
        of("secure_renegotiation", &features.secure_renegotiation),
        of("client_renegotiation", &features.client_renegotiation),
        of("extended_master_secret", &features.extended_master_secret),
        of("encrypt_then_mac", &features.encrypt_then_mac),
        of("session_tickets", &features.session_tickets),
        of("heartbeat", &features.heartbeat),
        of("compression", &features.compression),
        of("downgrade_sentinel", &features.downgrade_sentinel),
        of("fallback_protection", &features.fallback_protection),
        of("takes_newer_version", &features.takes_newer_version),
        of("takes_unknown", &features.takes_unknown),
        of("takes_short_hello", &features.takes_short_hello),
        of("takes_large_hello", &features.takes_large_hello),
        of("takes_hello_of_two_records", &features.takes_hello_of_two_records),
        of("reuses_curve_value", &features.reuses_curve_value),
        of("reuses_finite_field_value", &features.reuses_finite_field_value),
    ]
}

impl SessionsSeen {
    fn of(sessions: &Sessions) -> Self {
        Self {
            resumption_by_id: Supported::of(&sessions.by_id),
            resumption_by_ticket: Supported::of(&sessions.by_ticket),
            resumption_tls13: Supported::of(&sessions.by_psk),
            ticket_again: Supported::of(&sessions.ticket_again),
            ticket_lifetime: sessions.ticket_lifetime.map(|lifetime| lifetime.as_secs()),
            tls13_ticket_lifetime: sessions.psk_lifetime.map(|lifetime| lifetime.as_secs()),
            early_data: Supported::of(&sessions.early_data),
            early_data_size: sessions.early_data_size,
        }
    }
}

impl Prime {
    fn of(features: &Features) -> Option<Self> {
        Some(Self { bits: features.prime_bits()?, common: features.common_prime() })
    }
}

fn weaknesses(scanned: &Scanned, seen: &Observations) -> Vec<Concluded> {
    let unseen = unseen(scanned);
    let concluded = |weakness: Weakness| {
        let conclusion = match &unseen {
            Some(reason) => Conclusion::CouldNotTell(reason.clone()),
            None => weakness.of(seen),
        };
        let (conclusion, reason) = match conclusion {
            Conclusion::Vulnerable(reason) => ("vulnerable", Some(reason)),
            Conclusion::NotVulnerable => ("not vulnerable", None),
            Conclusion::CouldNotTell(reason) => ("could not tell", Some(reason)),
        };
        Concluded { id: weakness.id(), severity: weakness.severity(), conclusion, reason }
    };
    Weakness::ALL.into_iter().map(concluded).collect()
}

/// Why nothing was observed.
fn unseen(scanned: &Scanned) -> Option<String> {
    match &scanned.observed {
        None => Some("it speaks cleartext".to_owned()),
        Some(Err(error)) => Some(error.to_string()),
        Some(Ok(_)) => None,
    }
}

impl Policy {
    fn of(name: String, measured: Measured) -> Self {
        let within = measured.is_within();
        Self {
            name,
            within,
            beyond: Difference {
                versions: measured.versions_beyond,
                suites: measured.suites_beyond,
                groups: measured.groups_beyond,
            },
            missing: Difference {
                versions: measured.versions_missing,
                suites: measured.suites_missing,
                groups: measured.groups_missing,
            },
            unknown: measured.unknown,
        }
    }
}

impl Readiness {
    fn of(post_quantum: PostQuantum, scanned: &Scanned) -> Self {
        let (readiness, group, reason) = match (unseen(scanned), post_quantum) {
            (Some(reason), _) | (None, PostQuantum::CouldNotTell(reason)) => {
                ("could not tell", None, Some(reason))
            }
            (None, PostQuantum::Ready(group)) => ("ready", Some(group), None),
            (None, PostQuantum::Capable(group)) => ("capable", Some(group), None),
            (None, PostQuantum::No) => ("no", None, None),
            (None, PostQuantum::BreaksOnIt(reason)) => ("breaks on it", None, Some(reason)),
        };
        Self { readiness, group, reason }
    }
}
