//! Load balancers of Lightsail, which listen to HTTP whatever else they do.

use crate::control::Control;
use crate::subject::Subject;
use crate::verdict::Judgement;

/// Whether HTTP is redirected by the certificate that is attached.
pub(super) fn judge_redirect(_: &Control, subject: &Subject<'_>) -> Judgement {
    match &*subject.resource.kind {
        "AWS::Lightsail::LoadBalancer" => of_balancer(subject),
        _ if subject.bool(path!("IsAttached")).known() == Some(false) => Judgement::not_applicable(),
        _ => redirects(subject),
    }
}

/// Each certificate is judged by itself; without any there is no HTTPS to redirect to.
fn of_balancer(subject: &Subject<'_>) -> Judgement {
    let name = subject.text(path!("LoadBalancerName")).known();
    let certificates = subject.graph.of_kind("AWS::Lightsail::LoadBalancerTlsCertificate");
    let mut certificates = certificates.filter_map(|(id, _)| subject.of(id));
    let is_its = |certificate: &Subject<'_>| {
        subject.is_target_of(certificate, path!("LoadBalancerName"))
            || (name.is_some() && certificate.text(path!("LoadBalancerName")).known() == name)
    };
    match certificates.any(|certificate| is_its(&certificate)) {
        true => Judgement::not_applicable(),
        false => Judgement::fail("it has no certificate, and takes HTTP alone", subject.resource.at),
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
