//! Where the certificates of listeners come from.

use std::sync::Arc;

use crate::control::Control;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};
use crate::verdict::Judgement;

use super::listener;

/// Whether a listener that ends TLS has a certificate, and each is of ACM.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    let ends_tls = |protocol: Option<Arc<str>>| matches!(protocol.as_deref(), Some("HTTPS" | "TLS"));
    listener::protocol(subject).judge_if("Protocol", ends_tls, || of_all(control, subject))
}

/// Its own certificate, and those that are added to it by resources of their own.
fn of_all(control: &Control, subject: &Subject<'_>) -> Judgement {
    let certificates = path!("Certificates[].CertificateArn");
    let own = subject.all(certificates);
    if own.is_empty() {
        return Judgement::fail("it has no certificate", subject.resource.at);
    }
    let added =
        subject.pointed_at_by("AWS::ElasticLoadBalancingV2::ListenerCertificate", path!("ListenerArn"));
    let added = added.iter().flat_map(|added| {
        added.all(certificates).into_iter().map(|certificate| is_of_acm(control, added, certificate))
    });
    own.into_iter().map(|certificate| is_of_acm(control, subject, certificate)).chain(added).collect()
}

/// Whether each listener of a classic load balancer that ends TLS has a certificate of ACM.
pub(super) fn judge_classic(control: &Control, subject: &Subject<'_>) -> Judgement {
    let each = subject.all(path!("Listeners[]")).into_iter().map(|listener| {
        let none = |_| Judgement::not_applicable();
        listener.judge("Listeners", |listener, _| of_classic(control, subject, listener), none)
    });
    each.collect()
}

fn of_classic<'g>(control: &Control, subject: &Subject<'g>, listener: &'g Value) -> Judgement {
    let is_tls = |protocol: Option<Arc<str>>| protocol.is_some_and(|it| super::classic::is_tls(&it));
    subject.value_in(listener, path!("Protocol")).and_then(text_of).judge_if("Protocol", is_tls, || {
        is_of_acm(control, subject, subject.value_in(listener, path!("SSLCertificateId")))
    })
}

fn is_of_acm<'g>(control: &Control, subject: &Subject<'g>, certificate: Seen<&'g Value>) -> Judgement {
    let allowed = control.listed("acm_certificates_allowed");
    let none = |at| Judgement::fail("it has no certificate", at);
    certificate.judge(
        "the certificate",
        |value, at| match issuer(subject, value) {
            Some(Issuer::Acm) if allowed.is_empty() => Judgement::pass("its certificate is of ACM", at),
            Some(Issuer::Acm) => match text_of(value) {
                Ok(arn) if allowed.contains(&&*arn) => {
                    Judgement::pass("its certificate is among those allowed", at)
                }
                Ok(arn) => Judgement::fail(format!("{arn} is not among the certificates allowed"), at),
                Err(why) => Judgement::unknown(format!("the certificate: {why}"), at),
            },
            Some(Issuer::Other) => {
                Judgement::fail("its certificate is none of ACM, so nothing renews it", at)
            }
            None => Judgement::unknown("where its certificate comes from is not known", at),
        },
        none,
    )
}

enum Issuer {
    Acm,
    Other,
}

fn issuer<'g>(subject: &Subject<'g>, value: &'g Value) -> Option<Issuer> {
    if let Some(target) = subject.target(value) {
        return match &*target.resource.kind {
            "AWS::CertificateManager::Certificate" => Some(Issuer::Acm),
            "AWS::IAM::ServerCertificate" => Some(Issuer::Other),
            _ => None,
        };
    }
    let text: String = match &value.node {
        Node::Text(text) => text.to_string(),
        // The service stands in the text, whatever the Region and the account.
        Node::Pieces(pieces) => {
            pieces.iter().filter_map(|piece| text_of(piece).ok()).map(|text| text.to_string()).collect()
        }
        _ => return None,
    };
    match (text.contains(":acm:"), text.contains(":iam:"), &value.node) {
        (true, ..) => Some(Issuer::Acm),
        (_, true, _) | (_, _, Node::Text(_)) => Some(Issuer::Other),
        _ => None,
    }
}
