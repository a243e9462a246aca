//! Load balancers of Lightsail, which listen to HTTP whatever else they do.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::test::Held;
use crate::verdict::Judgement;

/// Whether HTTP is redirected by the certificate that is attached.
pub(super) fn judge_redirect(_: &Control, subject: &Subject<'_>) -> Judgement {
    match &*subject.resource.kind {
        "AWS::Lightsail::LoadBalancer" => of_balancer(subject),
        _ => match subject.bool(path!("IsAttached")) {
            Seen::Known(false, _) => Judgement::not_applicable(),
            Seen::Known(true, _) | Seen::Absent(_) => redirects(subject),
            Seen::Unknown(why, _) => redirects(subject).unless_sure(&format!("IsAttached: {why}")),
        },
    }
}

/// Each certificate is judged by itself; without any there is no HTTPS to redirect to.
fn of_balancer(subject: &Subject<'_>) -> Judgement {
    let name = subject.text(path!("LoadBalancerName")).known();
    let certificates = subject.graph.of_kind("AWS::Lightsail::LoadBalancerTlsCertificate");
    let certificates = certificates.filter_map(|(id, _)| subject.of(id));
    let is_its = |certificate: Subject<'_>| {
        if subject.is_target_of(&certificate, path!("LoadBalancerName")) {
            return Held::Yes;
        }
        match certificate.text(path!("LoadBalancerName")) {
            Seen::Known(named, _) if Some(&named) == name.as_ref() => Held::Yes,
            Seen::Unknown(why, _) => Held::Unknown(why.to_string()),
            Seen::Known(..) | Seen::Absent(_) => Held::No,
        }
    };
    let at = subject.resource.at;
    match certificates.map(is_its).fold(Held::No, Held::or) {
        Held::Yes => Judgement::not_applicable(),
        Held::No => Judgement::fail("it has no certificate, and takes HTTP alone", at),
        Held::Unknown(why) => Judgement::unknown(format!("whether a certificate is its own: {why}"), at),
    }
}

fn redirects(certificate: &Subject<'_>) -> Judgement {
    let kept = |at| Judgement::fail("HTTP is not redirected to HTTPS", at);
    certificate.bool(path!("HttpsRedirectionEnabled")).judge(
        "HttpsRedirectionEnabled",
        |redirects, at| if redirects { Judgement::pass("HTTP is redirected to HTTPS", at) } else { kept(at) },
        kept,
    )
}
