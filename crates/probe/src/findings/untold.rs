//! The checks of which nobody can tell whether they pass: what was not asked, what has no meaning for this endpoint,
//! and what was asked in vain. A check that is neither here nor found has passed.

use hermetic_hop::{Scheme, Transport};
use hermetic_tls::{Identity, ProtocolVersion};
use serde::Serialize;

use super::Case;
use super::certificate::LOGS;
use super::checks::{About, checks};
use super::wire::OLD;
use crate::certificates::{AskedName, Certificates, Completion, Offered, Staple, Unanswered};
use crate::dns::{Dns, Mail};
use crate::judge::{PostQuantum, measure};
use crate::mail_policy::Fetched;
use crate::observe::{Observations, Support, UNASKED, VersionObserved};
use crate::weaknesses::{Conclusion, Weakness};
use crate::web::{Plain, Web};
use crate::{Depth, Outcome};

/// Checks of which nobody can tell whether they pass, all for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Untold {
    /// Why.
    pub because: String,
    /// Their ids.
    pub checks: Vec<&'static str>,
}

/// What can't be told of a case that was looked at so deeply. A check may be found and be here, too: where a list
/// broke off, there may be more than was found.
pub fn untold(case: Case<'_>, depth: Depth) -> Vec<Untold> {
    let mut doubts = Doubts { case, depth, untold: Vec::new() };
    match &case.scanned.observed {
        None => {
            doubts.doubt(&all_but("cleartext"), "it speaks cleartext");
            return doubts.untold;
        }
        Some(Err(error)) => {
            WIRE.into_iter().for_each(|about| doubts.doubt(&of(about), error.to_string()));
            if matches!(case.scanned.outcome, Outcome::Unreachable { .. }) {
                doubts.doubt(&["cleartext"], error.to_string());
            }
        }
        Some(Ok(seen)) => doubts.wire(seen),
    }
    doubts.certificate();
    doubts.web();
    doubts.names();
    doubts.untold
}

/// What is seen by questions on the wire.
const WIRE: [About; 4] = [About::Versions, About::Suites, About::Exchange, About::Features];

/// The checks that one handshake to the end decides, where nothing more was asked.
const OF_HANDSHAKE: [&str; 4] =
    ["certificate-expired", "certificate-expires-soon", "certificate-not-accepted", "certificate-for-tests"];

fn of(about: About) -> Vec<&'static str> {
    checks().filter(|check| check.about == about).map(|check| check.control.id).collect()
}

fn all_but(id: &str) -> Vec<&'static str> {
    checks().map(|check| check.control.id).filter(|it| *it != id).collect()
}

/// Those so far.
struct Doubts<'a> {
    case: Case<'a>,
    depth: Depth,
    untold: Vec<Untold>,
}

impl Doubts<'_> {
    /// These checks can't be told, for this reason; the first reason counts.
    fn doubt(&mut self, checks: &[&'static str], because: impl Into<String>) {
        let known: Vec<_> = self.untold.iter().flat_map(|it| it.checks.iter().copied()).collect();
        let new = checks.iter().copied().filter(|check| !known.contains(check));
        let because = because.into();
        match self.untold.iter_mut().find(|it| it.because == because) {
            Some(same) => same.checks.extend(new),
            None => {
                let checks: Vec<_> = new.collect();
                if !checks.is_empty() {
                    self.untold.push(Untold { because, checks });
                }
            }
        }
    }

    /// The same where an answer is lacking.
    fn doubt_of(&mut self, check: &'static str, support: &Support) {
        match support {
            Support::Unknown(reason) => self.doubt(&[check], reason.clone()),
            Support::Unasked if self.depth == Depth::Fast => self.doubt(&[check], UNASKED),
            Support::Unasked | Support::Yes | Support::No(_) => {}
        }
    }

    /// Why nothing was looked at that stands beside the handshakes.
    fn unlooked(&self) -> &'static str {
        match self.depth {
            Depth::Fast => UNASKED,
            Depth::Full => "no handshake could be had to ask by",
        }
    }

    fn wire(&mut self, seen: &Observations) {
        self.versions(seen);
        self.policy(seen);
        for weakness in Weakness::ALL {
            if let Conclusion::CouldNotTell(reason) = weakness.of(seen) {
                self.doubt(&[weakness.id()], reason);
            }
        }
        if let PostQuantum::CouldNotTell(reason) | PostQuantum::BreaksOnIt(reason) = PostQuantum::of(seen) {
            self.doubt(&["no-post-quantum", "post-quantum-not-preferred"], reason);
        }
        let features = &seen.features;
        for (check, support) in [
            ("large-hello", &features.takes_large_hello),
            ("takes-unknown", &features.takes_unknown),
            ("takes-newer-version", &features.takes_newer_version),
            ("takes-lengths", &features.takes_short_hello),
            ("no-extended-master-secret", &features.extended_master_secret),
            ("no-fallback-protection", &features.fallback_protection),
            ("no-downgrade-sentinel", &features.downgrade_sentinel),
            ("client-renegotiation", &features.client_renegotiation),
            ("value-reuse", &features.reuses_curve_value),
            ("value-reuse", &features.reuses_finite_field_value),
            ("heartbeat", &features.heartbeat),
            ("early-data", &seen.sessions.early_data),
        ] {
            self.doubt_of(check, support);
        }
    }

    fn versions(&mut self, seen: &Observations) {
        self.doubt_of("ssl2", &seen.ssl2);
        let support = |version| seen.versions.iter().find(|it| it.version == version).map(|it| &it.support);
        for (check, version) in OLD {
            support(version).into_iter().for_each(|support| self.doubt_of(check, support));
        }
        for version in [ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3] {
            support(version).into_iter().for_each(|it| self.doubt_of("version-beyond-policy", it));
        }
        support(ProtocolVersion::TLS1_3).into_iter().for_each(|it| self.doubt_of("no-tls1.3", it));
    }

    fn policy(&mut self, seen: &Observations) {
        let policy = self.case.target.policy;
        for observed in seen.versions.iter().filter(|observed| policy.versions.contains(&observed.version)) {
            if let Some(reason) = unlisted(observed) {
                self.doubt(&["suite-beyond-policy", "group-beyond-policy"], reason);
            } else if let Support::Unknown(reason) = &observed.groups.is_whole {
                self.doubt(&["group-beyond-policy"], reason.clone());
            }
        }
        if let Some(reason) = measure(seen, policy).unknown.into_iter().next() {
            self.doubt(&["missing-from-policy"], reason);
        }
    }

    fn certificate(&mut self) {
        let certificates = self.case.scanned.beside.as_ref().map(|beside| &beside.certificates);
        let readable = certificates.filter(|it| it.for_the_name().any(|chain| chain.leaf().is_some()));
        let Some(certificates) = readable else { return self.handshake() };
        certificates.for_the_name().for_each(|chain| self.chain(chain));
        if let Some(reason) = unshown(certificates) {
            self.doubt(&of(About::Certificate), reason);
        }
    }

    /// What one handshake leaves open.
    fn handshake(&mut self) {
        let because = self.unlooked();
        if let Outcome::Seen(evidence) = &self.case.scanned.outcome
            && let Transport::Tls(facts) = &evidence.transport
            && facts.server.is_some()
        {
            let open: Vec<_> =
                of(About::Certificate).into_iter().filter(|check| !OF_HANDSHAKE.contains(check)).collect();
            return self.doubt(&open, because);
        }
        self.doubt(&of(About::Certificate), because);
    }

    fn chain(&mut self, chain: &Offered) {
        match &chain.completion {
            Some(Completion::Unavailable(reason)) => {
                self.doubt(&["certificate-incomplete-chain"], reason.clone());
            }
            None if !chain.is_trusted() && chain.lacks_an_issuer() => {
                self.doubt(&["certificate-incomplete-chain"], "issuers are fetched with --aia alone");
            }
            _ => {}
        }
        if let Some(reason) = unchecked(chain) {
            self.doubt(&["certificate-revoked"], reason);
        }
        if matches!(chain.staple, Staple::Unverified) {
            self.doubt(&["certificate-bad-staple"], "the issuer's certificate is not at hand");
        }
        if chain.timestamps.in_handshake.is_none() && chain.timestamps.logs() < LOGS {
            self.doubt(&["certificate-few-logs"], "the handshake was not to be looked into");
        }
    }

    fn web(&mut self) {
        let because = match (&self.case.scanned.beside, self.case.target.endpoint.scheme) {
            (_, scheme) if scheme != Scheme::Https => "it is not asked by HTTP",
            (None, _) => self.unlooked(),
            (Some(_), _) => "it could not be asked by HTTP",
        };
        let beside = self.case.scanned.beside.as_ref();
        let Some(Web { site, plain }) = beside.and_then(|beside| beside.web.as_ref()) else {
            return self.doubt(&of(About::Web), because);
        };
        if !matches!(self.case.target.expected, Identity::Dns(_)) {
            self.doubt(&["no-hsts", "short-hsts"], "browsers keep HSTS for names alone");
        }
        if let Err(reason) = site {
            self.doubt(&OF_SITE, reason.clone());
        }
        match plain {
            None => self.doubt(&OF_CLEARTEXT, "no port for cleartext was named by --http-port"),
            Some(Plain::Unclear(reason)) => self.doubt(&OF_CLEARTEXT, reason.clone()),
            Some(_) => {}
        }
    }

    fn names(&mut self) {
        let Some(beside) = &self.case.scanned.beside else {
            return self.doubt(&of(About::Names), self.unlooked());
        };
        let Some(Dns { authorizations, bindings, mail, .. }) = &beside.dns else {
            return self.doubt(&of(About::Names), "it has no name in DNS, or nobody was asked");
        };
        if let Err(reason) = authorizations {
            self.doubt(&["no-caa", "caa-forbids"], reason.clone());
        }
        if let Err(reason) = bindings {
            self.doubt(&["dane-mismatch", "dane-not-authenticated"], reason.clone());
        }
        let Some(mail) = mail else {
            let because = "it is no mail server";
            self.doubt(&["no-mta-sts", "no-tls-rpt"], because);
            return self.doubt(&OF_MAIL_POLICY, because);
        };
        self.mail_policy(mail);
        if let Err(reason) = &mail.strict_transport {
            self.doubt(&["no-mta-sts"], reason.clone());
        }
        if let Err(reason) = &mail.reports {
            self.doubt(&["no-tls-rpt"], reason.clone());
        }
    }

    fn mail_policy(&mut self, mail: &Mail) {
        match &mail.policy {
            None => self.doubt(&OF_MAIL_POLICY, "no policy is promised"),
            Some(Fetched::CouldNotTell(reason)) => self.doubt(&OF_MAIL_POLICY, reason.clone()),
            Some(Fetched::Wrong(_)) => {
                let of_policy = OF_MAIL_POLICY.into_iter().filter(|check| *check != "mta-sts-no-policy");
                self.doubt(&of_policy.collect::<Vec<_>>(), "there is no policy to look into");
            }
            Some(Fetched::Had { uncovered: Err(reason), .. }) => {
                self.doubt(&["mta-sts-uncovered"], reason.clone());
            }
            Some(Fetched::Had { .. }) => {}
        }
    }
}

/// What the policy of a domain's mail decides.
const OF_MAIL_POLICY: [&str; 4] =
    ["mta-sts-no-policy", "mta-sts-uncovered", "mta-sts-not-enforced", "mta-sts-short-lived"];

/// What the answer over TLS decides.
const OF_SITE: [&str; 5] =
    ["no-hsts", "short-hsts", "https-redirects-to-http", "insecure-cookie", "abandoned-headers"];

/// What the port for cleartext is asked.
const OF_CLEARTEXT: [&str; 2] = ["http-serves", "http-redirects-late"];

/// Why the suites of a version are not all known.
fn unlisted(observed: &VersionObserved) -> Option<String> {
    match (&observed.support, &observed.suites.is_whole) {
        (Support::Unknown(reason), _) | (Support::Yes, Support::Unknown(reason)) => Some(reason.clone()),
        _ => None,
    }
}

/// Why there may be chains for the right name that were not shown.
fn unshown(certificates: &Certificates) -> Option<String> {
    let in_vain = |it: &&Unanswered| !it.refused && it.question.name == AskedName::Expected;
    let unanswered = certificates.unanswered.iter().find(in_vain)?;
    Some(format!("asked {}: {}", unanswered.question, unanswered.reason))
}

/// Why nobody knows whether a chain is revoked.
fn unchecked(chain: &Offered) -> Option<String> {
    if matches!(chain.staple, Staple::Said(_)) || chain.revocation.iter().any(|it| it.status.is_ok()) {
        return None;
    }
    let failed = chain.revocation.iter().find_map(|checked| checked.status.as_ref().err());
    Some(failed.cloned().unwrap_or_else(|| "nobody said so: no staple came, and nobody was asked".to_owned()))
}
