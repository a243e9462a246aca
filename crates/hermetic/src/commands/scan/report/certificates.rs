//! The certificates of an endpoint, in the words of the report.

use hermetic_probe::certificates::{
    Certificates, Checked, Completion, Link, Offered, Reading, Source, Staple, Trusted, Unanswered,
};
use hermetic_x509::ocsp::Status;
use hermetic_x509::{Weakness, days_left, lifetime_limit};
use jiff::Timestamp;
use serde::Serialize;

/// A chain that is offered.
#[derive(Debug, Serialize)]
pub struct Chain {
    /// The questions that it is the answer to.
    pub asked: Vec<String>,
    pub key: Option<String>,
    pub for_name: bool,
    pub trust: Vec<Trust>,
    /// What is odd about the chain as it was sent.
    pub faults: Vec<String>,
    pub certificates: Vec<Certificate>,
    pub transparency: Transparency,
    pub demands_staple: bool,
    pub staple: StapleReport,
    /// What lists and responders say, where they were asked.
    pub revocation: Vec<Revocation>,
    /// What became of it with missing issuers fetched.
    pub completion: Option<CompletionReport>,
}

/// Whether somebody's roots lead to it.
#[derive(Debug, Serialize)]
pub struct Trust {
    pub store: &'static str,
    pub trusted: bool,
    pub problem: Option<String>,
}

/// One certificate, as it was sent.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Certificate {
    Read(Box<Read>),
    Unreadable { unreadable: String, size: usize },
}

/// What stands in a certificate.
#[derive(Debug, Serialize)]
pub struct Read {
    pub subject: String,
    pub issuer: String,
    pub serial: String,
    pub names: Vec<String>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub days_left: i64,
    /// How many days public certificates of its date may be valid.
    pub lifetime_limit: Option<i64>,
    pub key: String,
    /// The bits of security of its key.
    pub security_bits: Option<u32>,
    pub key_fingerprint: String,
    pub signature_algorithm: String,
    pub fingerprint: String,
    pub is_authority: bool,
    pub self_signed: bool,
    pub wildcard: bool,
    pub purposes: Vec<String>,
    pub weaknesses: Vec<String>,
}

/// In how many logs it is, and how that is known.
#[derive(Debug, Serialize)]
pub struct Transparency {
    pub logs: usize,
    pub embedded: usize,
    /// `null` where that was not to be seen.
    pub in_handshake: Option<usize>,
    pub stapled: usize,
}

/// What the stapled response says.
#[derive(Debug, Serialize)]
pub struct StapleReport {
    /// `none`, `good`, `revoked`, `unknown`, `unreadable`, `disbelieved` or `unverified`.
    pub says: &'static str,
    pub reason: Option<String>,
    pub next_update: Option<Timestamp>,
}

/// What a list or a responder says.
#[derive(Debug, Serialize)]
pub struct Revocation {
    /// The step on the way up from the leaf, which is 0.
    pub step: usize,
    pub source: &'static str,
    pub url: String,
    /// `good`, `revoked`, `unknown` or `could not tell`.
    pub says: &'static str,
    pub reason: Option<String>,
}

/// What became of an incomplete chain.
#[derive(Debug, Serialize)]
pub struct CompletionReport {
    /// `whole`, `untrusted` or `unavailable`.
    pub outcome: &'static str,
    /// How many certificates the server should send beside its own.
    pub missing: usize,
    pub reason: Option<String>,
}

/// A question to which no chain came.
#[derive(Debug, Serialize)]
pub struct Unseen {
    pub asked: String,
    pub refused: bool,
    pub reason: String,
}

pub fn chains(certificates: &Certificates, at: Timestamp) -> Vec<Chain> {
    certificates.offered.iter().map(|offered| Chain::of(offered, at)).collect()
}

pub fn unseen(certificates: &Certificates) -> Vec<Unseen> {
    let of = |unanswered: &Unanswered| Unseen {
        asked: unanswered.question.to_string(),
        refused: unanswered.refused,
        reason: unanswered.reason.clone(),
    };
    certificates.unanswered.iter().map(of).collect()
}

impl Chain {
    fn of(offered: &Offered, at: Timestamp) -> Self {
        let timestamps = &offered.timestamps;
        Self {
            asked: offered.questions.iter().map(ToString::to_string).collect(),
            key: offered.leaf().map(|leaf| leaf.strength.to_string()),
            for_name: offered.is_for_name,
            trust: offered.trust.iter().map(Trust::of).collect(),
            faults: offered.faults.iter().map(ToString::to_string).collect(),
            certificates: offered.links.iter().map(|link| Certificate::of(link, at)).collect(),
            transparency: Transparency {
                logs: timestamps.logs(),
                embedded: timestamps.embedded.len(),
                in_handshake: timestamps.in_handshake.as_ref().map(Vec::len),
                stapled: timestamps.stapled.len(),
            },
            demands_staple: offered.demands_staple,
            staple: StapleReport::of(&offered.staple),
            revocation: offered.revocation.iter().map(Revocation::of).collect(),
            completion: offered.completion.as_ref().map(CompletionReport::of),
        }
    }

    /// The leaf, where it can be read.
    pub fn leaf(&self) -> Option<&Read> {
        match self.certificates.first()? {
            Certificate::Read(read) => Some(read),
            Certificate::Unreadable { .. } => None,
        }
    }
}

impl Trust {
    fn of(trusted: &Trusted) -> Self {
        let problem = trusted.verdict.as_ref().err().map(ToString::to_string);
        Self { store: trusted.store, trusted: problem.is_none(), problem }
    }
}

impl Certificate {
    fn of(link: &Link, at: Timestamp) -> Self {
        match &link.reading {
            Ok(reading) => Self::Read(Box::new(Read::of(reading, at))),
            Err(why) => Self::Unreadable { unreadable: why.clone(), size: link.der.len() },
        }
    }
}

impl Read {
    fn of(reading: &Reading, at: Timestamp) -> Self {
        let description = reading.description.clone();
        Self {
            days_left: days_left(description.not_after, at),
            lifetime_limit: lifetime_limit(description.not_before),
            key: reading.strength.to_string(),
            security_bits: reading.strength.security,
            self_signed: reading.is_self_signed(),
            wildcard: reading.is_wildcard(),
            weaknesses: reading.weaknesses.iter().map(Weakness::to_string).collect(),
            subject: description.subject,
            issuer: description.issuer,
            serial: description.serial,
            names: description.names,
            not_before: description.not_before,
            not_after: description.not_after,
            key_fingerprint: description.key_fingerprint,
            signature_algorithm: description.signature_algorithm,
            fingerprint: description.fingerprint,
            is_authority: description.is_authority,
            purposes: description.purposes,
        }
    }
}

impl StapleReport {
    fn of(staple: &Staple) -> Self {
        let (says, reason, next_update) = match staple {
            Staple::Absent => ("none", None, None),
            Staple::Said(said) => {
                let (says, reason) = status(said.status);
                (says, reason, said.next_update)
            }
            Staple::Unreadable(reason) => ("unreadable", Some(reason.clone()), None),
            Staple::Disbelieved(reason) => ("disbelieved", Some(reason.clone()), None),
            Staple::Unverified => {
                ("unverified", Some("the issuer's certificate is not at hand".to_owned()), None)
            }
        };
        Self { says, reason, next_update }
    }
}

impl Revocation {
    fn of(checked: &Checked) -> Self {
        let (source, url) = match &checked.source {
            Source::List(url) => ("list", url.clone()),
            Source::Responder(url) => ("responder", url.clone()),
        };
        let (says, reason) = match &checked.status {
            Ok(said) => status(*said),
            Err(reason) => ("could not tell", Some(reason.clone())),
        };
        Self { step: checked.step, source, url, says, reason }
    }
}

impl CompletionReport {
    fn of(completion: &Completion) -> Self {
        match completion {
            Completion::Whole { missing } => Self { outcome: "whole", missing: missing.len(), reason: None },
            Completion::Untrusted(problem) => {
                Self { outcome: "untrusted", missing: 0, reason: Some(problem.to_string()) }
            }
            Completion::Unavailable(reason) => {
                Self { outcome: "unavailable", missing: 0, reason: Some(reason.clone()) }
            }
        }
    }
}

fn status(status: Status) -> (&'static str, Option<String>) {
    match status {
        Status::Good => ("good", None),
        Status::Unknown => ("unknown", None),
        Status::Revoked(revocation) => {
            ("revoked", Some(format!("since {}: {}", revocation.at, revocation.reason)))
        }
    }
}
