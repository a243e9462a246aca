//! The edge to origins.

use std::sync::Arc;

use crate::control::Control;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};
use crate::verdict::{Judgement, Standing};

use super::behavior;

/// Whether CloudFront reaches each origin by HTTPS, whatever the viewer comes by.
pub(super) fn judge_traffic(_: &Control, subject: &Subject<'_>) -> Judgement {
    let each = of_each(subject, |origin| traffic(subject, origin));
    each.and(legacy(subject))
}

/// Whether CloudFront speaks only allowed versions of TLS to custom origins.
pub(super) fn judge_protocols(control: &Control, subject: &Subject<'_>) -> Judgement {
    of_each(subject, |origin| {
        let custom = subject.value_in(origin, path!("CustomOriginConfig"));
        let skipped = |_| Judgement::not_applicable();
        custom.judge("CustomOriginConfig", |custom, _| protocols(control, subject, custom), skipped)
    })
}

/// Whether the origins that ask for a client certificate get one.
pub(super) fn judge_client_certificate(control: &Control, subject: &Subject<'_>) -> Judgement {
    let listed = control.listed("origins_requiring_mtls");
    of_each(subject, |origin| {
        let id = subject.value_in(origin, path!("Id")).and_then(text_of);
        if listed.is_empty() {
            return Judgement::not_applicable();
        }
        let asks = |id: Option<Arc<str>>| id.is_some_and(|id| listed.contains(&&*id));
        id.judge_if("Id of an origin", asks, || shows_certificate(subject, origin))
    })
}

/// Which certificate it is does not matter: a parameter names one too.
fn shows_certificate<'g>(subject: &Subject<'g>, origin: &'g Value) -> Judgement {
    match subject.value_in(origin, path!("CustomOriginConfig.OriginMtlsConfig.ClientCertificateArn")) {
        Seen::Known(_, at) => Judgement::pass("it gets a client certificate", at),
        Seen::Absent(at) => Judgement::fail("an origin that asks for a client certificate gets none", at),
        Seen::Unknown(why, at) if why.is_written() => Judgement::pass("it gets a client certificate", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("ClientCertificateArn: {why}"), at),
    }
}

/// Whether no origin is a website endpoint of S3.
pub(super) fn judge_host(_: &Control, subject: &Subject<'_>) -> Judgement {
    of_each(subject, |origin| host(subject, origin))
}

fn of_each<'g>(subject: &Subject<'g>, judge: impl Fn(&'g Value) -> Judgement) -> Judgement {
    let origins = subject.all(path!("DistributionConfig.Origins[]")).into_iter();
    let each = origins
        .map(|origin| origin.judge("Origins", |origin, _| judge(origin), |_| Judgement::not_applicable()));
    each.collect()
}

fn traffic<'g>(subject: &Subject<'g>, origin: &'g Value) -> Judgement {
    let host = host(subject, origin);
    if host.standing == Standing::Fail {
        return host;
    }
    match subject.value_in(origin, path!("VpcOriginConfig")) {
        Seen::Known(..) => return Judgement::not_applicable(),
        Seen::Unknown(why, at) => return Judgement::unknown(format!("VpcOriginConfig: {why}"), at),
        Seen::Absent(_) => {}
    }
    if let Seen::Absent(_) = subject.value_in(origin, path!("CustomOriginConfig")) {
        return behavior::all_https(subject, origin);
    }
    let policy = subject.value_in(origin, path!("CustomOriginConfig.OriginProtocolPolicy")).and_then(text_of);
    policy.judge(
        "OriginProtocolPolicy",
        |policy, at| match &*policy {
            "https-only" => Judgement::pass("OriginProtocolPolicy is https-only", at),
            "match-viewer" => behavior::all_https(subject, origin),
            _ => Judgement::fail(format!("an origin has OriginProtocolPolicy {policy}"), at),
        },
        |at| Judgement::unknown("OriginProtocolPolicy is not set", at),
    )
}

/// The origin of a distribution before 2012: no other block of the distribution judges what it is reached by.
fn legacy(subject: &Subject<'_>) -> Judgement {
    subject.value(path!("DistributionConfig.CustomOrigin")).judge(
        "CustomOrigin",
        |_, at| Judgement::fail("the origin is in the legacy block CustomOrigin", at),
        |_| Judgement::not_applicable(),
    )
}

fn protocols<'g>(control: &Control, subject: &Subject<'g>, custom: &'g Value) -> Judgement {
    let policy = subject.value_in(custom, path!("OriginProtocolPolicy")).and_then(text_of);
    if matches!(&policy, Seen::Known(policy, _) if &**policy == "http-only") {
        return Judgement::not_applicable();
    }
    let list = subject.value_in(custom, path!("OriginSSLProtocols"));
    let judged = match list {
        Seen::Absent(at) => {
            Judgement::fail("OriginSSLProtocols is not set, which stands for TLSv1 and SSLv3", at)
        }
        Seen::Unknown(why, at) => Judgement::unknown(format!("OriginSSLProtocols: {why}"), at),
        Seen::Known(..) => subject
            .below(custom, path!("OriginSSLProtocols[]"))
            .into_iter()
            .map(|it| protocol(control, it))
            .collect(),
    };
    match policy {
        Seen::Unknown(why, at) if judged.standing == Standing::Fail => {
            Judgement::unknown(format!("OriginProtocolPolicy: {why}"), at)
        }
        _ => judged,
    }
}

pub(super) fn protocol(control: &Control, protocol: Seen<&Value>) -> Judgement {
    let allowed = control.listed("allowed_protocols");
    protocol.and_then(text_of).judge(
        "OriginSSLProtocols",
        |protocol, at| match allowed.contains(&&*protocol) {
            true => Judgement::pass(format!("{protocol} to the origin"), at),
            false => Judgement::fail(format!("OriginSSLProtocols has {protocol}"), at),
        },
        |_| Judgement::not_applicable(),
    )
}

fn host<'g>(subject: &Subject<'g>, origin: &'g Value) -> Judgement {
    let value = match subject.value_in(origin, path!("DomainName")) {
        Seen::Known(value, _) => value,
        other => {
            return other.judge(
                "DomainName",
                |_, at| Judgement::pass("", at),
                |_| Judgement::not_applicable(),
            );
        }
    };
    match is_website(value) {
        Some(true) => {
            Judgement::fail("an origin is a website endpoint of S3, which speaks HTTP alone", value.at)
        }
        Some(false) => Judgement::pass("it is no website endpoint", value.at),
        None => Judgement::unknown("how the origin's DomainName ends is not known", value.at),
    }
}

/// By its dash and its dot form: `bucket.s3-website-region.` and `bucket.s3-website.region.`; or as what a bucket has.
pub(crate) fn is_website(value: &Value) -> Option<bool> {
    match &value.node {
        Node::Text(host) => Some(host.to_ascii_lowercase().contains(".s3-website")),
        Node::Reference(reference) => Some(reference.attribute.as_deref() == Some("WebsiteURL")),
        Node::Pieces(pieces) => {
            let known: Vec<Option<bool>> = pieces.iter().map(is_website).collect();
            let ends_known = pieces.last().is_some_and(|last| !matches!(last.node, Node::Unknown(_)));
            match known.contains(&Some(true)) {
                true => Some(true),
                false => ends_known.then_some(false),
            }
        }
        _ => None,
    }
}
