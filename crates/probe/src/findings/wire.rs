//! What is accepted that should not be, and what is not that should.

use hermetic_hop::Severity;
use hermetic_tls::{NamedGroup, ProtocolVersion};

use super::{Findings, named};
use crate::judge::{Measured, PostQuantum, measure};
use crate::observe::{Features, Observations, Sessions, Support};
use crate::weaknesses::{Conclusion, Weakness};

pub(super) fn judge(findings: &mut Findings<'_>) {
    let observed = findings.case.scanned.observed.as_ref();
    let Some(seen) = observed.and_then(|observed| observed.as_ref().ok()) else { return };
    let measured = measure(seen, findings.policy());
    versions(findings, seen, &measured);
    weaknesses(findings, seen);
    policy(findings, &measured);
    exchange(findings, seen);
    features(findings, &seen.features);
    sessions(findings, &seen.sessions);
}

/// Versions that nobody should speak any more, whatever the policy.
pub(super) const OLD: [(&str, ProtocolVersion); 3] = [
    ("ssl3", ProtocolVersion::SSL3),
    ("tls1.0", ProtocolVersion::TLS1_0),
    ("tls1.1", ProtocolVersion::TLS1_1),
];

fn versions(findings: &mut Findings<'_>, seen: &Observations, measured: &Measured) {
    if seen.ssl2.is_yes() {
        findings.tell("ssl2", format!("it speaks SSL 2.0 with {}", named(&seen.ssl2_ciphers)));
    }
    let spoken = |version| {
        let mut spoken = seen.versions.iter().filter(|observed| observed.support.is_yes());
        spoken.find(|observed| observed.version == version)
    };
    for (check, version) in OLD {
        if let Some(observed) = spoken(version) {
            // Whoever names a policy that has it has said that it is accepted.
            let severity = findings.policy().versions.contains(&version).then_some(Severity::Low);
            let reason = format!("it speaks {version} with {}", named(&observed.suites.accepted));
            findings.tell_of(check, reason, Vec::new(), severity);
        }
    }
    let told = |version: &&ProtocolVersion| **version >= ProtocolVersion::TLS1_2;
    let beyond: Vec<_> = measured.versions_beyond.iter().filter(told).collect();
    if !beyond.is_empty() {
        let reason =
            format!("{} does not have {}, which it accepts", findings.policy().full_name(), named(&beyond));
        findings.tell_of("version-beyond-policy", reason, texts(&beyond), None);
    }
    let newest = seen.versions.iter().find(|observed| observed.version == ProtocolVersion::TLS1_3);
    if let Some(Support::No(reason)) = newest.map(|observed| &observed.support) {
        findings.tell("no-tls1.3", format!("it refuses TLS 1.3: {reason}"));
    }
}

fn weaknesses(findings: &mut Findings<'_>, seen: &Observations) {
    for weakness in Weakness::ALL {
        if let Conclusion::Vulnerable(reason) = weakness.of(seen) {
            findings.tell_of(weakness.id(), reason, Vec::new(), Some(weakness.severity()));
        }
    }
}

fn policy(findings: &mut Findings<'_>, measured: &Measured) {
    let name = findings.policy().full_name();
    if !measured.suites_beyond.is_empty() {
        let reason = format!("{name} does not have {}", named(&measured.suites_beyond));
        findings.tell_of("suite-beyond-policy", reason, texts(&measured.suites_beyond), None);
    }
    if !measured.groups_beyond.is_empty() {
        let reason = format!("{name} does not have {}", named(&measured.groups_beyond));
        findings.tell_of("group-beyond-policy", reason, texts(&measured.groups_beyond), None);
    }
    // TLS 1.3 and post-quantum groups have checks of their own.
    let versions = measured.versions_missing.iter().filter(|version| **version < ProtocolVersion::TLS1_3);
    let groups = measured.groups_missing.iter().filter(|group| !group.is_post_quantum());
    let missing: Vec<String> = versions
        .map(ToString::to_string)
        .chain(texts(&measured.suites_missing))
        .chain(groups.map(ToString::to_string))
        .collect();
    if !missing.is_empty() {
        let reason = format!("of {name} it does not accept {}", named(&missing));
        findings.tell_of("missing-from-policy", reason, missing, None);
    }
}

fn exchange(findings: &mut Findings<'_>, seen: &Observations) {
    match PostQuantum::of(seen) {
        PostQuantum::BreaksOnIt(reason) => findings.tell("large-hello", format!("it fails on a large hello: {reason}")),
        PostQuantum::No => findings.tell(
            "no-post-quantum",
            "it accepts no post-quantum group: what is recorded today can be read once there is a quantum computer",
        ),
        PostQuantum::Capable(group) => {
            let classical = preferred(seen).map(|group| format!(", and takes {group} where both are offered"));
            let reason = format!("it knows {group}{}", classical.unwrap_or_default());
            findings.tell("post-quantum-not-preferred", reason);
        }
        PostQuantum::Ready(_) | PostQuantum::CouldNotTell(_) => {}
    }
}

fn preferred(seen: &Observations) -> Option<NamedGroup> {
    let newest = seen.versions.iter().find(|observed| observed.version == ProtocolVersion::TLS1_3)?;
    newest.groups.accepted.first().copied()
}

fn features(findings: &mut Findings<'_>, features: &Features) {
    let lacking = [
        ("takes-newer-version", &features.takes_newer_version, "it fails on a newer version"),
        ("takes-unknown", &features.takes_unknown, "it fails on values that nobody knows yet"),
        ("takes-lengths", &features.takes_short_hello, "it fails on a hello of 256 to 511 bytes"),
        ("no-extended-master-secret", &features.extended_master_secret, "it does not bind the master secret"),
        ("no-fallback-protection", &features.fallback_protection, "it takes clients that fall back"),
        ("no-downgrade-sentinel", &features.downgrade_sentinel, "it does not mark an old version"),
    ];
    for (check, support, what) in lacking {
        if let Support::No(reason) = support {
            findings.tell(check, format!("{what}: {reason}"));
        }
    }
    if features.client_renegotiation.is_yes() {
        findings.tell("client-renegotiation", "it begins a handshake anew when a client wants to");
    }
    if features.reuses_curve_value.is_yes() || features.reuses_finite_field_value.is_yes() {
        findings.tell("value-reuse", "a public value came in more than one connection");
    }
    if features.heartbeat.is_yes() {
        findings.tell("heartbeat", "its ServerHello has the extension");
    }
}

fn sessions(findings: &mut Findings<'_>, sessions: &Sessions) {
    if sessions.early_data.is_yes() {
        let size = sessions.early_data_size;
        findings.tell("early-data", format!("its tickets allow {size} bytes before the handshake is over"));
    }
}

fn texts<T: std::fmt::Display>(things: &[T]) -> Vec<String> {
    things.iter().map(ToString::to_string).collect()
}
