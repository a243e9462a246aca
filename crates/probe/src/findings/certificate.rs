//! What speaks against its certificates: of all chains that clients are shown who ask for the right name.

use hermetic_hop::{Checked, PeerFacts, Severity, TlsFacts, Transport, relative};
use hermetic_tls::{PeerCertificateProblem, ProtocolVersion};
use hermetic_x509::Weakness;
use hermetic_x509::ocsp::Status;
use jiff::{SignedDuration, Timestamp};

use super::remedies::Fix;
use super::{Findings, Found, trust};
use crate::Outcome;
use crate::certificates::{ChainFault, Offered, Reading, Staple};

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
        for fault in faults(chain, leaf, findings.case.at) {
            // Servers with several certificates often have one fault in all of them.
            if !findings.has(fault.check) {
                findings.fault(fault);
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

/// What speaks against a chain.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) check: &'static str,
    pub(super) reason: String,
    /// How bad it is, where it is not as bad as the check says.
    pub(super) severity: Option<Severity>,
    /// What mends it, where that is something else than the check says.
    pub(super) fix: Option<Fix>,
}

impl Fault {
    pub(super) fn new(check: &'static str, reason: impl Into<String>) -> Self {
        Self { check, reason: reason.into(), severity: None, fix: None }
    }

    pub(super) fn of_severity(self, severity: Severity) -> Self {
        Self { severity: Some(severity), ..self }
    }

    /// The same of an authority behind the leaf, which only another can mend.
    fn behind(self, authority: &str) -> Self {
        let reason = format!("the certificate of {authority} behind it: {}", self.reason);
        Self { reason, fix: Some(Fix::Reissue), ..self }
    }

    pub(super) fn mended_by(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }
}

/// All of them; that it is not trusted, only where none of the others says why.
pub(super) fn faults(chain: &Offered, leaf: &Reading, at: Timestamp) -> Vec<Fault> {
    let mut faults = [validity(leaf, at), strength(chain), form(chain, leaf), status(chain)].concat();
    faults.extend(name(chain, leaf));
    faults.extend(trust::fault(chain, leaf, &faults));
    faults
}

fn validity(leaf: &Reading, at: Timestamp) -> Vec<Fault> {
    let (begins, ends) = (leaf.description.not_before, leaf.description.not_after);
    let left = ends.duration_since(at);
    // Short-lived ones are renewed with a third of their life left.
    let soon = SOON.min(ends.duration_since(begins) / 4);
    if ends < begins {
        vec![Fault::new("certificate-expired", format!("it ended at {ends}, before it began"))]
    } else if at < begins {
        vec![Fault::new("certificate-not-yet-valid", format!("it is not valid before {begins}"))]
    } else if ends < at {
        vec![Fault::new("certificate-expired", format!("it expired {}, at {ends}", relative(ends, at)))]
    } else if left < soon {
        vec![Fault::new("certificate-expires-soon", format!("it ends {}, at {ends}", relative(ends, at)))]
    } else {
        Vec::new()
    }
}

fn name(chain: &Offered, leaf: &Reading) -> Option<Fault> {
    let names = &leaf.description.names;
    let is_for = match names.is_empty() {
        true => "it is for nobody: it has no subject alternative names, and clients look at nothing else"
            .to_owned(),
        false => format!("it is for {}", abridged(names)),
    };
    (!chain.is_for_name).then(|| Fault::new("certificate-wrong-name", is_for))
}

/// Names one after the other, the first of them.
fn abridged(names: &[String]) -> String {
    const MOST: usize = 10;
    let first = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

fn strength(chain: &Offered) -> Vec<Fault> {
    let is_public = chain.trust.iter().any(|trusted| trusted.store == "mozilla" && trusted.verdict.is_ok());
    let mut faults = Vec::new();
    for (step, reading) in chain.on_the_way().enumerate() {
        let weak = reading.weaknesses.iter().filter_map(|weakness| weak(weakness, is_public));
        match step {
            0 => faults.extend(weak),
            _ => faults.extend(weak.map(|fault| fault.behind(&reading.description.subject))),
        }
    }
    // Where the handshake was not to be looked into, there may be more.
    if is_public && chain.timestamps.in_handshake.is_some() && chain.timestamps.logs() < LOGS {
        let reason = format!("it is in {} logs, and browsers want {LOGS}", chain.timestamps.logs());
        faults.push(Fault::new("certificate-few-logs", reason));
    }
    faults
}

/// The fewest bits of a curve that is no weaker than RSA with 2048 (NIST SP 800-57 part 1 table 2).
const CURVE: u32 = 224;

fn weak(weakness: &Weakness, is_public: bool) -> Option<Fault> {
    let fault = |check| Fault::new(check, weakness.to_string());
    // A private authority has its own rules.
    let of_the_public = |fault: Fault| match is_public {
        true => fault,
        false => fault.of_severity(Severity::Informational),
    };
    match weakness {
        Weakness::Curve { name, bits: Some(bits @ ..CURVE) } => {
            let reason = format!("its key is on the curve {name}, of {bits} bits; {CURVE} are needed");
            Some(Fault::new("certificate-weak-key", reason))
        }
        Weakness::Key(_) | Weakness::BrokenKey(_) => {
            Some(fault("certificate-weak-key").of_severity(Severity::Critical))
        }
        Weakness::ShortKey(_) | Weakness::Dsa => Some(fault("certificate-weak-key")),
        Weakness::Curve { .. } => Some(fault("certificate-uncommon-key")),
        Weakness::OddLength(_) => Some(of_the_public(fault("certificate-uncommon-key"))),
        Weakness::Signature(_) => Some(fault("certificate-weak-signature")),
        Weakness::Serial(_) => Some(fault("certificate-bad-serial")),
        Weakness::LongLived { .. } => Some(of_the_public(fault("certificate-long-lived"))),
        _ => None,
    }
}

/// What rustls takes of one message, and what OpenSSL and BoringSSL take of a chain unless they are told otherwise
/// (`SSL_MAX_CERT_LIST_DEFAULT`), in bytes.
const TAKEN: [usize; 2] = [0xFFFF, 100 * 1024];

fn form(chain: &Offered, leaf: &Reading) -> Vec<Fault> {
    let mut faults = Vec::new();
    if leaf.description.is_authority && !leaf.is_self_signed() {
        let refused = matches!(chain.refusal(), Some(PeerCertificateProblem::Authority));
        let fault = Fault::new("certificate-is-authority", "its key may sign certificates");
        faults.push(if refused { fault.of_severity(Severity::High) } else { fault });
    }
    if !leaf.is_for_servers() {
        let reason = format!("it is for {}", leaf.description.purposes.join(", "));
        faults.push(Fault::new("certificate-not-for-servers", reason));
    }
    faults.extend(key_usage(chain, leaf).map(|reason| Fault::new("certificate-not-for-servers", reason)));
    faults.extend(size(chain));
    for fault in &chain.faults {
        let told = Fault::new("certificate-chain-disorder", fault.to_string());
        faults.push(match fault {
            ChainFault::Missing { .. } => continue,
            ChainFault::Root { .. } | ChainFault::Duplicate { .. } | ChainFault::Extra { .. } => {
                told.of_severity(Severity::Informational)
            }
            _ => told,
        });
    }
    faults
}

fn size(chain: &Offered) -> Option<Fault> {
    let (size, [rustls, openssl]) = (chain.links.iter().map(|link| link.der.len()).sum::<usize>(), TAKEN);
    let reason = || {
        format!(
            "what it sends of certificates has {size} bytes: rustls takes {rustls} at most, OpenSSL and BoringSSL \
             {openssl} unless they are told otherwise"
        )
    };
    (size > rustls).then(|| Fault::new("certificate-too-large", reason()))
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
        faults.push(Fault::new("certificate-revoked", reason));
    }
    match &chain.staple {
        Staple::Absent if chain.demands_staple => {
            let reason = "it demands a stapled OCSP response, and none comes: browsers that look at that don't come in";
            faults.push(Fault::new("certificate-no-staple", reason));
        }
        Staple::Unreadable(why) | Staple::Disbelieved(why) => {
            faults.push(Fault::new("certificate-bad-staple", why.clone()));
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
        let found = faults.into_iter().find(|fault| fault.check == "certificate-not-for-servers");
        found.map(|fault| fault.reason)
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
