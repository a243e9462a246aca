//! What speaks against its certificates: of all chains that clients are shown who ask for the right name.

use hermetic_hop::{Checked, PeerFacts, Severity, TlsFacts, Transport, relative};
use hermetic_tls::ProtocolVersion;
use hermetic_x509::Weakness;
use hermetic_x509::ocsp::Status;
use jiff::{SignedDuration, Timestamp};

use super::{Findings, Found};
use crate::Outcome;
use crate::certificates::{ChainFault, Completion, Offered, Reading, Staple};

/// When it should long have been replaced: certificates of 90 days are renewed with 30 left.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How many logs browsers want (Chrome's and Apple's policies; three of certificates that live longer than 180 days).
pub(super) const LOGS: usize = 2;

pub(super) fn judge(findings: &mut Findings<'_>) {
    for_tests(findings);
    let certificates = findings.case.scanned.beside.as_ref().map(|beside| &beside.certificates);
    let chains: Vec<&Offered> = certificates.into_iter().flat_map(|it| it.for_the_name()).collect();
    if chains.iter().all(|chain| chain.leaf().is_none()) {
        return handshake(findings);
    }
    for chain in chains {
        let Some(leaf) = chain.leaf() else { continue };
        for (check, reason, severity) in faults(chain, leaf, findings.case.at) {
            // Servers with several certificates often have one fault in all of them.
            if !findings.has(check) {
                findings.tell_of(check, reason, Vec::new(), severity);
            }
        }
    }
    refused(findings);
}

/// What the handshake was refused for, where no look at the chain says it: whom somebody revoked, for one, may show a
/// chain without fault.
fn refused(findings: &mut Findings<'_>) {
    let Outcome::Seen(evidence) = &findings.case.scanned.outcome else { return };
    let Transport::Tls(facts) = &evidence.transport else { return };
    let (Some(problem), Checked::NotVerified) = (&facts.problem, &facts.server_checked) else { return };
    let is_told =
        |found: &Found| found.finding.falls_short() && found.finding.control.starts_with("certificate-");
    if !findings.found.iter().any(is_told) {
        findings.tell("certificate-not-accepted", problem.clone());
    }
}

type Fault = (&'static str, String, Option<Severity>);

fn faults(chain: &Offered, leaf: &Reading, at: Timestamp) -> Vec<Fault> {
    [validity(leaf, at), trust(chain, leaf), strength(chain), form(chain, leaf), status(chain)].concat()
}

fn validity(leaf: &Reading, at: Timestamp) -> Vec<Fault> {
    let (begins, ends) = (leaf.description.not_before, leaf.description.not_after);
    let left = ends.duration_since(at);
    // Short-lived ones are renewed with a third of their life left.
    let soon = SOON.min(ends.duration_since(begins) / 4);
    if at < begins {
        vec![("certificate-not-yet-valid", format!("it is not valid before {begins}"), None)]
    } else if ends < at {
        vec![("certificate-expired", format!("it expired {}, at {ends}", relative(ends, at)), None)]
    } else if left < soon {
        vec![("certificate-expires-soon", format!("it ends {}, at {ends}", relative(ends, at)), None)]
    } else {
        Vec::new()
    }
}

fn trust(chain: &Offered, leaf: &Reading) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !chain.is_for_name {
        let names = leaf.description.names.join(", ");
        let names = if names.is_empty() { "nobody".to_owned() } else { names };
        faults.push(("certificate-wrong-name", format!("it is for {names}"), None));
    }
    let Some(Err(problem)) = chain.trust.first().map(|trusted| &trusted.verdict) else { return faults };
    let of_dates = |weakness: &Weakness| matches!(weakness, Weakness::Expired(_) | Weakness::NotYetValid(_));
    match &chain.completion {
        Some(Completion::Whole { missing }) => {
            let reason =
                format!("{} intermediates are not sent; fetched, they lead to a root", missing.len());
            faults.push(("certificate-incomplete-chain", reason, None));
        }
        _ if leaf.is_self_signed() => {
            faults.push((
                "certificate-self-signed",
                "it vouches for itself, and is not trusted".to_owned(),
                None,
            ));
        }
        _ if leaf.weaknesses.iter().any(of_dates) => {}
        _ => {
            let missing = chain.faults.iter().find(|fault| matches!(fault, ChainFault::Missing { .. }));
            let missing = missing.map(|fault| format!("; {fault}")).unwrap_or_default();
            faults.push(("certificate-untrusted", format!("{problem}{missing}"), None));
        }
    }
    faults
}

fn strength(chain: &Offered) -> Vec<Fault> {
    let is_public = chain.trust.iter().any(|trusted| trusted.store == "mozilla" && trusted.verdict.is_ok());
    let weaknesses = chain.on_the_way().flat_map(|reading| &reading.weaknesses);
    let fault = |weakness: &Weakness| match weakness {
        Weakness::Key(_) | Weakness::BrokenKey(_) => Some(("certificate-weak-key", Some(Severity::Critical))),
        Weakness::ShortKey(_) | Weakness::Dsa => Some(("certificate-weak-key", None)),
        Weakness::Signature(_) => Some(("certificate-weak-signature", None)),
        // A private authority has its own rules.
        Weakness::LongLived { .. } if !is_public => {
            Some(("certificate-long-lived", Some(Severity::Informational)))
        }
        Weakness::LongLived { .. } => Some(("certificate-long-lived", None)),
        _ => None,
    };
    let told = |weakness| fault(weakness).map(|(check, severity)| (check, weakness.to_string(), severity));
    let mut faults: Vec<Fault> = weaknesses.filter_map(told).collect();
    // Where the handshake was not to be looked into, there may be more.
    if is_public && chain.timestamps.in_handshake.is_some() && chain.timestamps.logs() < LOGS {
        let reason = format!("it is in {} logs, and browsers want {LOGS}", chain.timestamps.logs());
        faults.push(("certificate-few-logs", reason, None));
    }
    faults
}

fn form(chain: &Offered, leaf: &Reading) -> Vec<Fault> {
    let mut faults = Vec::new();
    if leaf.description.is_authority && !leaf.is_self_signed() {
        faults.push(("certificate-is-authority", "its key may sign certificates".to_owned(), None));
    }
    if !leaf.is_for_servers() {
        let reason = format!("it is for {}", leaf.description.purposes.join(", "));
        faults.push(("certificate-not-for-servers", reason, None));
    }
    faults.extend(key_usage(chain, leaf).map(|reason| ("certificate-not-for-servers", reason, None)));
    for fault in &chain.faults {
        let severity = match fault {
            ChainFault::Missing { .. } => continue,
            ChainFault::Root { .. } | ChainFault::Duplicate { .. } | ChainFault::Extra { .. } => {
                Some(Severity::Informational)
            }
            _ => None,
        };
        faults.push(("certificate-chain-disorder", fault.to_string(), severity));
    }
    faults
}

/// Keys sign in TLS 1.3 and with ECDHE (RFC 8446 section 4.4.2.2); before, there were exchanges in which they do not.
fn key_usage(chain: &Offered, leaf: &Reading) -> Option<String> {
    let usages = &leaf.description.key_usages;
    let may = |usage: &str| usages.iter().any(|it| it == usage);
    let exchanges = chain.version != Some(ProtocolVersion::TLS1_3);
    let is_fit = may("digitalSignature") || exchanges && (may("keyEncipherment") || may("keyAgreement"));
    let reason = || format!("its key is for {} alone, and not for digitalSignature", usages.join(", "));
    (!usages.is_empty() && !is_fit).then(reason)
}

fn status(chain: &Offered) -> Vec<Fault> {
    let stapled = match &chain.staple {
        Staple::Said(said) => Some(said.status),
        _ => None,
    };
    let checked = chain.revocation.iter().filter_map(|checked| checked.status.as_ref().ok().copied());
    let mut faults = Vec::new();
    if let Some(Status::Revoked(revocation)) =
        checked.chain(stapled).find(|status| matches!(status, Status::Revoked(_)))
    {
        let reason = format!("it, or an authority above it, is revoked since {}", revocation.at);
        faults.push(("certificate-revoked", reason, None));
    }
    match &chain.staple {
        Staple::Absent if chain.demands_staple => {
            let reason = "it demands a stapled OCSP response, and none comes: browsers that look at that don't come in";
            faults.push(("certificate-no-staple", reason.to_owned(), None));
        }
        Staple::Unreadable(why) | Staple::Disbelieved(why) => {
            faults.push(("certificate-bad-staple", why.clone(), None));
        }
        _ => {}
    }
    faults
}

/// What one handshake shows, where nothing more was to be seen.
fn handshake(findings: &mut Findings<'_>) {
    let case = findings.case;
    let Outcome::Seen(evidence) = &case.scanned.outcome else { return };
    let Transport::Tls(facts) = &evidence.transport else { return };
    let TlsFacts { server, problem, server_checked, .. } = &**facts;
    if let Some(server) = server {
        let ends = relative(server.not_after, case.at);
        if server.not_after < case.at {
            return findings
                .tell("certificate-expired", format!("it expired {ends}, at {}", server.not_after));
        }
        if server.not_after.duration_since(case.at) < SOON {
            findings.tell("certificate-expires-soon", format!("it ends {ends}, at {}", server.not_after));
        }
    }
    if let (Some(problem), Checked::NotVerified) = (problem, server_checked) {
        findings.tell("certificate-not-accepted", problem.clone());
    }
}

/// What `hermetic cert self-signed` makes says so itself.
fn for_tests(findings: &mut Findings<'_>) {
    let Outcome::Seen(evidence) = &findings.case.scanned.outcome else { return };
    let Transport::Tls(facts) = &evidence.transport else { return };
    if facts.server.as_ref().is_some_and(PeerFacts::is_for_tests) {
        findings.tell("certificate-for-tests", "its issuer says that it is for tests only");
    }
}

#[cfg(test)]
mod tests {
    use rcgen::KeyUsagePurpose::{self, CrlSign, DigitalSignature, KeyCertSign, KeyEncipherment};

    use super::*;
    use crate::samples::chain;

    /// What speaks against a certificate with these usages that was seen in this version.
    fn told(usages: &[KeyUsagePurpose], version: ProtocolVersion) -> Option<String> {
        let mut parameters = rcgen::CertificateParams::new(vec!["shop.test".to_owned()]).unwrap();
        parameters.key_usages = usages.to_vec();
        let chain = Offered { version: Some(version), ..chain(&parameters, Ok(())) };
        let faults = form(&chain, chain.leaf().unwrap());
        faults.into_iter().find(|fault| fault.0 == "certificate-not-for-servers").map(|fault| fault.1)
    }

    #[test]
    fn a_key_that_must_not_sign_handshakes_is_not_one_for_servers() {
        let (old, new) = (ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3);
        for version in [old, new] {
            let reason = told(&[KeyCertSign, CrlSign], version).unwrap();
            assert_eq!(reason, "its key is for keyCertSign, cRLSign alone, and not for digitalSignature");
            assert_eq!(told(&[], version), None);
            assert_eq!(told(&[DigitalSignature], version), None);
        }
        // Static RSA decrypts, and TLS 1.3 has none.
        assert_eq!(told(&[KeyEncipherment], old), None);
        assert!(told(&[KeyEncipherment], new).is_some());
    }
}
