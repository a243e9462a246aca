//! That a certificate is not trusted, with the reason, and with what mends that reason.

use hermetic_tls::PeerCertificateProblem as Problem;
use hermetic_x509::Weakness;

use super::certificate::Fault;
use super::remedies::Fix;
use crate::certificates::{ChainFault, Completion, Offered, Reading};

/// Why the first store does not trust it; `None` where it does, or where `told` says so already.
pub(super) fn fault(chain: &Offered, leaf: &Reading, told: &[Fault]) -> Option<Fault> {
    let problem = chain.refusal()?;
    if let Some(Completion::Whole { missing }) = &chain.completion {
        let reason = format!("{} intermediates are not sent; fetched, they lead to a root", missing.len());
        return Some(Fault::new("certificate-incomplete-chain", reason));
    }
    if leaf.is_self_signed() {
        return Some(Fault::new("certificate-self-signed", "it vouches for itself, and is not trusted"));
    }
    let is_told = |checks: &[&str]| told.iter().any(|fault| checks.contains(&fault.check));
    let untrusted = |reason: String| Some(Fault::new("certificate-untrusted", reason));
    match problem {
        Problem::UnknownIssuer => Some(unknown_issuer(chain, problem)),
        Problem::Expired(_) | Problem::NotYetValid(_) => outdated(chain, leaf, problem),
        problem if is_told(own_checks(problem)) => None,
        // Neither date is to be believed, and that is told.
        _ if leaf.description.not_after < leaf.description.not_before => None,
        Problem::Purpose => untrusted(
            "an authority behind it may not issue for servers: its extended key usage is for something else"
                .to_owned(),
        )
        .map(|fault| fault.mended_by(Fix::Reissue)),
        problem => untrusted(problem.to_string()).map(|fault| fault.mended_by(Fix::Reissue)),
    }
}

/// The checks whose findings say the same as this.
fn own_checks(problem: &Problem) -> &'static [&'static str] {
    match problem {
        Problem::Authority => &["certificate-is-authority"],
        Problem::Purpose => &["certificate-not-for-servers"],
        Problem::Key(_) => &["certificate-weak-key", "certificate-uncommon-key"],
        Problem::Signature(_) => &["certificate-weak-signature"],
        Problem::TooLarge { .. } => &["certificate-too-large"],
        Problem::Revoked => &["certificate-revoked"],
        _ => &[],
    }
}

/// Intermediates help where a link is missing, and nowhere else.
fn unknown_issuer(chain: &Offered, problem: &Problem) -> Fault {
    let missing = chain.faults.iter().find(|fault| matches!(fault, ChainFault::Missing { .. }));
    match (missing, &chain.completion) {
        (Some(missing), None | Some(Completion::Unavailable(_))) => {
            Fault::new("certificate-untrusted", format!("{problem}; {missing}"))
        }
        _ => Fault::new("certificate-untrusted", problem.to_string()).mended_by(Fix::Root),
    }
}

/// Its own dates are told by themselves; else those of an authority behind it are to blame.
fn outdated(chain: &Offered, leaf: &Reading, problem: &Problem) -> Option<Fault> {
    let of_dates = |weakness: &&Weakness| matches!(weakness, Weakness::Expired(_) | Weakness::NotYetValid(_));
    if leaf.weaknesses.iter().any(|weakness| of_dates(&weakness)) {
        return None;
    }
    let behind = chain.on_the_way().skip(1);
    let outdated = behind.filter_map(|it| Some((it, it.weaknesses.iter().find(of_dates)?))).next();
    let reason = match outdated {
        Some((authority, weakness)) => {
            format!("the certificate of {} behind it: {weakness}", authority.description.subject)
        }
        None => format!("the certificate of an authority behind it: {problem}"),
    };
    let check = match problem {
        Problem::Expired(_) => "certificate-expired",
        _ => "certificate-not-yet-valid",
    };
    Some(Fault::new(check, reason).mended_by(Fix::Authorities))
}

#[cfg(test)]
mod tests {
    use hermetic_hop::Severity;
    use jiff::Timestamp;

    use super::*;
    use crate::certificates::Link;
    use crate::findings::certificate::faults;
    use crate::samples::chain;

    /// What speaks against a chain on the first of March 1970.
    fn told(chain: &Offered) -> Vec<Fault> {
        faults(chain, chain.leaf().unwrap(), at())
    }

    fn at() -> Timestamp {
        "1970-03-01T00:00:00Z".parse().unwrap()
    }

    /// A chain whose leaf an authority signed that is not sent, and that is refused for this.
    fn issued(change: impl FnOnce(&mut rcgen::CertificateParams), problem: Problem) -> Offered {
        let mut parameters = rcgen::CertificateParams::new(vec!["shop.test".to_owned()]).unwrap();
        change(&mut parameters);
        let authority = rcgen::KeyPair::generate().unwrap();
        let mut issuer = rcgen::CertificateParams::default();
        issuer.distinguished_name.push(rcgen::DnType::CommonName, "Authority");
        let issuer = rcgen::Issuer::new(issuer, authority);
        let leaf = parameters.signed_by(&rcgen::KeyPair::generate().unwrap(), &issuer).unwrap();
        let mut chain = chain(&parameters, Err(problem));
        chain.links = vec![Link::of(leaf.der().to_vec().into(), at())];
        chain
    }

    fn in_time(parameters: &mut rcgen::CertificateParams) {
        parameters.not_before = rcgen::date_time_ymd(1970, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(1970, 6, 1);
    }

    fn checks(faults: &[Fault]) -> Vec<&str> {
        faults.iter().map(|fault| fault.check).collect()
    }

    #[test]
    fn intermediates_are_asked_for_where_a_link_is_missing_and_nowhere_else() {
        let mut lacking = issued(in_time, Problem::UnknownIssuer);
        lacking.faults.push(ChainFault::Missing { issuer: "CN=Authority".to_owned() });
        let faults = told(&lacking);
        assert_eq!(checks(&faults), ["certificate-untrusted"]);
        assert_eq!(faults[0].fix, None);
        assert!(faults[0].reason.ends_with("; the certificate of CN=Authority is missing"), "{faults:?}");
        let foreign = told(&issued(in_time, Problem::UnknownIssuer));
        assert_eq!((checks(&foreign), foreign[0].fix), (vec!["certificate-untrusted"], Some(Fix::Root)));
        let constrained = told(&issued(in_time, Problem::Other("it is outside".to_owned())));
        assert_eq!(constrained[0].fix, Some(Fix::Reissue));
    }

    #[test]
    fn what_a_finding_of_its_own_says_is_not_said_twice() {
        let authority = |parameters: &mut rcgen::CertificateParams| {
            in_time(parameters);
            parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        };
        let faults = told(&issued(authority, Problem::Authority));
        assert_eq!(checks(&faults), ["certificate-is-authority"]);
        assert_eq!(faults[0].severity, Some(Severity::High), "clients refuse it");
        let for_clients = |parameters: &mut rcgen::CertificateParams| {
            in_time(parameters);
            parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        };
        assert_eq!(checks(&told(&issued(for_clients, Problem::Purpose))), ["certificate-not-for-servers"]);
        let over = |parameters: &mut rcgen::CertificateParams| {
            in_time(parameters);
            parameters.not_after = rcgen::date_time_ymd(1970, 2, 1);
        };
        let expired = Problem::Expired("1970-02-01T00:00:00Z".to_owned());
        assert_eq!(checks(&told(&issued(over, expired.clone()))), ["certificate-expired"]);
        // It is not the leaf that is over.
        let faults = told(&issued(in_time, expired));
        assert_eq!((checks(&faults), faults[0].fix), (vec!["certificate-expired"], Some(Fix::Authorities)));
    }

    #[test]
    fn a_refusal_without_a_finding_of_its_own_is_told() {
        let faults = told(&issued(in_time, Problem::Signature("1.2.3, which is not taken here".to_owned())));
        assert_eq!(checks(&faults), ["certificate-untrusted"]);
    }
}
