//! Website endpoints of buckets, which have no TLS.

use crate::control::Control;
use crate::path::Path;
use crate::subject::{Seen, Subject, bool_of, text_of};
use crate::value::{Node, Value};
use crate::verdict::Judgement;

/// Whether a bucket serves what is in it by its website endpoint.
pub(super) fn judge_endpoint(_: &Control, subject: &Subject<'_>) -> Judgement {
    let website = match subject.at("WebsiteConfiguration") {
        Seen::Absent(at) => return Judgement::pass("it has no website endpoint", at),
        Seen::Unknown(why, at) => return Judgement::unknown(format!("WebsiteConfiguration: {why}"), at),
        Seen::Known(_, at) => at,
    };
    let served = Judgement::fail(SERVED, website);
    let redirects_all = match subject.at("WebsiteConfiguration.RedirectAllRequestsTo") {
        Seen::Absent(_) => served,
        Seen::Unknown(why, at) => Judgement::unknown(format!("RedirectAllRequestsTo: {why}"), at),
        Seen::Known(all, _) => redirect(subject, all, "RedirectAllRequestsTo"),
    };
    redirects_all.or(private(subject))
}

/// Whether the public is kept out: then the website endpoint answers nobody.
fn private(subject: &Subject<'_>) -> Judgement {
    let each = CLOSED_BY.iter().map(|path| match subject.at(path).and_then(bool_of) {
        Seen::Known(true, at) => Judgement::pass(format!("{path} is true"), at),
        Seen::Known(false, at) | Seen::Absent(at) => Judgement::fail(SERVED, at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("{path}: {why}"), at),
    });
    each.collect()
}

const SERVED: &str = "its website endpoint serves it over plain HTTP";

/// What keeps the public out together.
const CLOSED_BY: [&str; 3] = [
    "PublicAccessBlockConfiguration.BlockPublicPolicy",
    "PublicAccessBlockConfiguration.RestrictPublicBuckets",
    "PublicAccessBlockConfiguration.IgnorePublicAcls",
];

/// Whether the website redirects to HTTPS, wherever it redirects to another host.
pub(super) fn judge_redirects(_: &Control, subject: &Subject<'_>) -> Judgement {
    let all = match subject.at("WebsiteConfiguration.RedirectAllRequestsTo") {
        Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("RedirectAllRequestsTo: {why}"), at),
        Seen::Known(all, _) => redirect(subject, all, "RedirectAllRequestsTo"),
    };
    let rules =
        subject.each("WebsiteConfiguration.RoutingRules[].RedirectRule").into_iter().map(|rule| match rule {
            Seen::Known(rule, _) if names_host(subject, rule) => redirect(subject, rule, "a RedirectRule"),
            Seen::Known(..) | Seen::Absent(_) => Judgement::not_applicable(),
            Seen::Unknown(why, at) => Judgement::unknown(format!("RoutingRules: {why}"), at),
        });
    all.and(rules.collect())
}

fn names_host<'g>(subject: &Subject<'g>, rule: &'g Value) -> bool {
    rule.entry("HostName").is_some_and(|host| subject.resolve(host).node != Node::Null)
}

/// Without a protocol the request's own is kept, and that of a website endpoint is HTTP.
fn redirect<'g>(subject: &Subject<'g>, to: &'g Value, what: &str) -> Judgement {
    let path: Path = "Protocol".parse().unwrap_or_default();
    let seen = subject.below(to, &path).into_iter().next().unwrap_or(Seen::Absent(to.at));
    match seen.and_then(text_of) {
        Seen::Known(protocol, at) if protocol.eq_ignore_ascii_case("https") => {
            Judgement::pass(format!("{what} goes to https"), at)
        }
        Seen::Known(protocol, at) => Judgement::fail(format!("{what} goes to {protocol}"), at),
        Seen::Absent(at) => {
            Judgement::fail(format!("{what} has no Protocol, and keeps that of the request: http"), at)
        }
        Seen::Unknown(why, at) => Judgement::unknown(format!("Protocol of {what}: {why}"), at),
    }
}
