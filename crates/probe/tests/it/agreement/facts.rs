//! What a scanner says of an endpoint, in words that all of them share.

use std::collections::{BTreeMap, BTreeSet};

use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// The answers, by question. A question that a scanner does not answer is not there.
#[derive(Clone, Debug, Default)]
pub struct Facts(pub BTreeMap<String, BTreeSet<String>>);

impl Facts {
    /// One of several answers.
    pub fn add(&mut self, question: &str, answer: impl Into<String>) {
        self.0.entry(question.to_owned()).or_default().insert(answer.into());
    }

    /// All answers.
    pub fn set(&mut self, question: &str, answers: impl IntoIterator<Item = String>) {
        self.0.insert(question.to_owned(), answers.into_iter().collect());
    }

    /// The answer to whether something is so.
    pub fn is(&mut self, question: &str, yes: bool) {
        self.set(question, [if yes { "yes" } else { "no" }.to_owned()]);
    }
}

pub fn suites(version: ProtocolVersion) -> String {
    format!("suites of {version}")
}

pub fn groups(version: ProtocolVersion) -> String {
    format!("groups of {version}")
}

pub fn schemes(version: ProtocolVersion) -> String {
    format!("signature schemes of {version}")
}

/// A number written as `0xC02F`, `xc02f` or `0x002F`.
pub fn number(text: &str) -> u16 {
    let digits = text.trim_start_matches('0').trim_start_matches('x');
    u16::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("{text} is no number"))
}

pub fn suite(text: &str) -> String {
    CipherSuite(number(text)).to_string()
}

pub fn group(text: &str) -> String {
    NamedGroup(number(text)).to_string()
}

pub fn scheme(text: &str) -> String {
    SignatureScheme(number(text)).to_string()
}

/// A group by the name that OpenSSL or a standard gives it.
pub fn group_named(name: &str) -> String {
    let name = match name {
        "prime256v1" | "P-256" => "secp256r1",
        "P-384" => "secp384r1",
        "P-521" => "secp521r1",
        "prime192v1" => "secp192r1",
        name => name,
    };
    let known = NamedGroup::all().find(|group| group.to_string().eq_ignore_ascii_case(name));
    known.unwrap_or_else(|| panic!("no group is named {name}")).to_string()
}

/// The versions, by the names that Hermetic gives them.
pub fn version(text: &str) -> ProtocolVersion {
    match text {
        "SSLv2" => ProtocolVersion::SSL2,
        "SSLv3" => ProtocolVersion::SSL3,
        "TLSv1.0" => ProtocolVersion::TLS1_0,
        "TLSv1.1" => ProtocolVersion::TLS1_1,
        "TLSv1.2" => ProtocolVersion::TLS1_2,
        "TLSv1.3" => ProtocolVersion::TLS1_3,
        other => panic!("{other} is no version"),
    }
}

pub const PROTOCOLS: &str = "protocols";
pub const CURVES: &str = "elliptic curves";
pub const FINITE: &str = "finite-field groups";
pub const SECURE_RENEGOTIATION: &str = "secure renegotiation (RFC 5746)";
pub const CLIENT_RENEGOTIATION: &str = "renegotiation at the client's wish";
pub const COMPRESSION: &str = "compression";
pub const FALLBACK: &str = "TLS_FALLBACK_SCSV";
pub const MASTER_SECRET: &str = "extended master secret";
pub const TICKETS: &str = "session tickets";
pub const BY_ID: &str = "resumption by id";
pub const BY_TICKET: &str = "resumption by ticket";
pub const EARLY_DATA: &str = "0-RTT";
pub const LEAVES: &str = "certificates";
pub const KEYS: &str = "keys of certificates";
pub const SIGNATURES: &str = "signatures of certificates";
pub const NAMES: &str = "names in certificates";
/// By the day: two certificates that were issued one after the other may end in two minutes, and a scanner shows one.
pub const ENDS: &str = "ends of certificates";
pub const STAPLED: &str = "stapled OCSP";
