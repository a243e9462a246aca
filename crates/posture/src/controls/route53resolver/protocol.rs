//! What names are asked by: DNS in cleartext (Do53), or over HTTPS or TLS.

use std::sync::Arc;

use crate::control::Control;
use crate::subject::{Seen, Subject, text_of};
use crate::verdict::Judgement;

/// Whether names can be asked by an encrypted protocol; where `require_only` is true, by nothing else.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    match &*subject.resource.kind {
        "AWS::Route53Resolver::ResolverEndpoint" => of_endpoint(control, subject),
        "AWS::Route53Resolver::ResolverRule" => {
            let targets = subject.all(path!("TargetIps[].Protocol")).into_iter();
            targets.map(|protocol| of_one(protocol.and_then(text_of))).collect()
        }
        _ => of_one(subject.text(path!("Protocol"))),
    }
}

fn of_endpoint(control: &Control, subject: &Subject<'_>) -> Judgement {
    let all: Vec<Seen<Arc<str>>> =
        subject.all(path!("Protocols[]")).into_iter().map(|protocol| protocol.and_then(text_of)).collect();
    let offered = all.iter().cloned().map(of_one);
    let offered = offered.reduce(Judgement::or);
    let offered = offered.unwrap_or_else(|| in_clear("nothing, which stands for Do53", subject.resource.at));
    if !control.flag("require_only") {
        return offered;
    }
    offered.and(all.into_iter().map(of_one).collect())
}

fn of_one(protocol: Seen<Arc<str>>) -> Judgement {
    protocol.judge(
        "Protocol",
        |protocol, at| match protocol.to_ascii_lowercase().as_str() {
            "doh" | "doh-fips" | "dot" => Judgement::pass(format!("names are asked by {protocol}"), at),
            _ => in_clear(&protocol, at),
        },
        |at| in_clear("nothing, which stands for Do53", at),
    )
}

fn in_clear(protocol: &str, at: crate::span::Span) -> Judgement {
    Judgement::fail(format!("names are asked in cleartext: the protocol is {protocol}"), at)
}
