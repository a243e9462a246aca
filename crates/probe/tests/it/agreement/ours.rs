//! What our own scan says.

use hermetic_probe::Scanned;
use hermetic_probe::observe::{Observations, Support};
use hermetic_probe::weaknesses::{Conclusion, Weakness};
use hermetic_tls::ProtocolVersion;

use super::facts::{self, Facts};

/// The facts of a scan. What it could not tell is no fact.
pub fn facts(scanned: &Scanned) -> Facts {
    let seen = scanned.observed.as_ref().unwrap().as_ref().unwrap();
    let mut facts = Facts::default();
    of_versions(&mut facts, seen);
    of_features(&mut facts, seen);
    for weakness in Weakness::ALL {
        match weakness.of(seen) {
            Conclusion::CouldNotTell(_) => {}
            conclusion => facts.is(weakness.id(), conclusion != Conclusion::NotVulnerable),
        }
    }
    of_certificates(&mut facts, scanned);
    facts
}

fn of_versions(facts: &mut Facts, seen: &Observations) {
    let spoken = seen.versions.iter().filter(|observed| observed.support.is_yes());
    let ssl2 = seen.ssl2.is_yes().then_some(ProtocolVersion::SSL2);
    let versions = ssl2.into_iter().chain(spoken.clone().map(|observed| observed.version));
    facts.set(facts::PROTOCOLS, versions.map(|version| version.to_string()));
    let ciphers = seen.ssl2_ciphers.iter().map(ToString::to_string);
    facts.set(&facts::suites(ProtocolVersion::SSL2), ciphers);
    let (mut curves, mut finite) = (Vec::new(), Vec::new());
    for observed in spoken {
        let version = observed.version;
        facts.set(&facts::suites(version), observed.suites.accepted.iter().map(ToString::to_string));
        let groups = || observed.groups.accepted.iter();
        facts.set(&facts::groups(version), groups().map(ToString::to_string));
        curves.extend(groups().filter(|group| group.0 < 0x100).map(ToString::to_string));
        finite.extend(groups().filter(|group| group.0 >> 8 == 1).map(ToString::to_string));
        let schemes = observed.schemes.iter().flat_map(|(_, ranking)| &ranking.accepted);
        facts.set(&facts::schemes(version), schemes.map(ToString::to_string));
    }
    facts.set(facts::CURVES, curves);
    // Below TLS 1.3 ours does not ask for groups of finite fields.
    if seen.versions.iter().any(|it| it.version == ProtocolVersion::TLS1_3 && it.support.is_yes()) {
        facts.set(facts::FINITE, finite);
    }
}

fn of_features(facts: &mut Facts, seen: &Observations) {
    let (features, sessions) = (&seen.features, &seen.sessions);
    for (question, support) in [
        (facts::SECURE_RENEGOTIATION, &features.secure_renegotiation),
        (facts::CLIENT_RENEGOTIATION, &features.client_renegotiation),
        (facts::COMPRESSION, &features.compression),
        (facts::FALLBACK, &features.fallback_protection),
        (facts::MASTER_SECRET, &features.extended_master_secret),
        (facts::TICKETS, &features.session_tickets),
        (facts::BY_ID, &sessions.by_id),
        (facts::BY_TICKET, &sessions.by_ticket),
        (facts::EARLY_DATA, &sessions.early_data),
    ] {
        match support {
            Support::Yes => facts.is(question, true),
            Support::No(_) => facts.is(question, false),
            Support::Unknown(_) | Support::Unasked => {}
        }
    }
}

fn of_certificates(facts: &mut Facts, scanned: &Scanned) {
    let Some(beside) = &scanned.beside else { return };
    let mut stapled = false;
    for leaf in beside.certificates.for_the_name().filter_map(|offered| offered.leaf()) {
        let description = &leaf.description;
        facts.add(facts::LEAVES, description.fingerprint.replace(':', "").to_lowercase());
        facts.add(facts::KEYS, key(&description.key_algorithm));
        facts.add(facts::SIGNATURES, description.signature_algorithm.to_lowercase());
        facts.add(facts::ENDS, description.not_after.strftime("%Y-%m-%d").to_string());
        let names = description.names.iter().map(|name| name.trim_start_matches("dns:").to_owned());
        names.for_each(|name| facts.add(facts::NAMES, name));
    }
    for offered in beside.certificates.for_the_name() {
        stapled |= !matches!(offered.staple, hermetic_probe::certificates::Staple::Absent);
    }
    facts.is(facts::STAPLED, stapled);
}

/// `RSA 2048`, `EC 256`.
pub fn key(text: &str) -> String {
    let bits: String = text.chars().filter(char::is_ascii_digit).collect();
    let kind = if text.contains("RSA") { "RSA" } else { "EC" };
    format!("{kind} {bits}")
}
