//! What HTTP listeners do, and where redirects go.

use std::sync::Arc;

use crate::control::Control;
use crate::path::Path;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;
use crate::verdict::{Judgement, Standing};

use super::listener;

/// Whether an HTTP listener, by its default action and by each of its rules, only redirects to HTTPS.
pub(super) fn judge_http(control: &Control, subject: &Subject<'_>) -> Judgement {
    match &*subject.resource.kind {
        "AWS::ElasticLoadBalancingV2::Listener" => of_listener(control, subject),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => of_balancer(subject),
        _ => of_rule(control, subject),
    }
}

/// A rule is judged with its listener, where that was read.
fn of_rule(control: &Control, rule: &Subject<'_>) -> Judgement {
    let listener = rule.value(path!("ListenerArn"));
    let at = listener.at();
    if listener.known().and_then(|listener| rule.target(listener)).is_some() {
        return Judgement::not_applicable();
    }
    match actions(rule, path!("Actions[]"), may_answer(control)).standing {
        Standing::Pass => Judgement::not_applicable(),
        _ => Judgement::unknown("whether its listener takes plain HTTP is not known", at),
    }
}

fn may_answer(control: &Control) -> bool {
    control.parameters.get("allow_fixed_response").and_then(toml::Value::as_bool).unwrap_or(true)
}

fn of_listener(control: &Control, subject: &Subject<'_>) -> Judgement {
    let judged = || {
        let default = actions(subject, path!("DefaultActions[]"), false);
        let rules = rules(subject).into_iter();
        let allowed = may_answer(control);
        default.and(rules.map(|rule| actions(&rule, path!("Actions[]"), allowed)).collect())
    };
    match listener::protocol(subject) {
        Seen::Known(protocol, _) if &*protocol == "HTTP" => judged(),
        Seen::Known(..) | Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => match judged() {
            judgement if judgement.standing == Standing::Pass => judgement,
            _ => Judgement::unknown(format!("Protocol: {why}"), at),
        },
    }
}

fn rules<'g>(listener: &Subject<'g>) -> Vec<Subject<'g>> {
    listener.pointed_at_by("AWS::ElasticLoadBalancingV2::ListenerRule", path!("ListenerArn"))
}

/// One without an HTTP listener passes; each HTTP listener is judged by itself.
fn of_balancer(subject: &Subject<'_>) -> Judgement {
    let listeners = subject.pointed_at_by("AWS::ElasticLoadBalancingV2::Listener", path!("LoadBalancerArn"));
    let is_application = listener::kind(subject).known().is_some_and(|kind| &*kind == "application");
    let may_be_http = |listener: &Subject<'_>| match listener::protocol(listener) {
        Seen::Known(protocol, _) => &*protocol == "HTTP",
        Seen::Absent(_) | Seen::Unknown(..) => true,
    };
    match is_application && !listeners.is_empty() && !listeners.iter().any(may_be_http) {
        true => Judgement::pass("it has no HTTP listener", subject.resource.at),
        false => Judgement::not_applicable(),
    }
}

/// All actions together: what comes first does not matter, for a forward behind an authentication still forwards.
fn actions<'g>(subject: &Subject<'g>, path: &Path, may_answer: bool) -> Judgement {
    let all = subject.all(path);
    if all.is_empty() {
        return Judgement::unknown(format!("{path} is empty"), subject.resource.at);
    }
    let each = all.into_iter().map(|action| {
        let none = |at| Judgement::unknown(format!("{path} is not set"), at);
        action.judge("an action", |action, _| one(subject, action, may_answer), none)
    });
    each.collect()
}

fn one<'g>(subject: &Subject<'g>, action: &'g Value, may_answer: bool) -> Judgement {
    let kind = subject.value_in(action, path!("Type")).and_then(text_of);
    kind.judge(
        "Type of an action",
        |kind, at| match &*kind {
            "redirect" => redirects(subject, action),
            "fixed-response" if may_answer => Judgement::pass("it answers by itself", at),
            _ => Judgement::fail(format!("over plain HTTP it does {kind}"), at),
        },
        |at| Judgement::unknown("the Type of an action is not set", at),
    )
}

/// `#{protocol}` is that of the request, which holds too where nothing is written.
fn redirects<'g>(subject: &Subject<'g>, action: &'g Value) -> Judgement {
    goes_to(subject, action).judge(
        "Protocol of a redirect",
        |protocol, at| match protocol.eq_ignore_ascii_case("HTTPS") {
            true => Judgement::pass("it redirects to HTTPS", at),
            false => Judgement::fail(format!("it redirects to {protocol}, and the request came by HTTP"), at),
        },
        |at| Judgement::fail("its redirect names no Protocol, and keeps that of the request: HTTP", at),
    )
}

fn goes_to<'g>(subject: &Subject<'g>, action: &'g Value) -> Seen<Arc<str>> {
    subject.value_in(action, path!("RedirectConfig.Protocol")).and_then(text_of)
}

/// Whether no redirect leads from HTTPS to HTTP.
pub(super) fn judge_downgrade(_: &Control, subject: &Subject<'_>) -> Judgement {
    let (from, path) = match &*subject.resource.kind {
        "AWS::ElasticLoadBalancingV2::Listener" => (listener::protocol(subject), path!("DefaultActions[]")),
        _ => (protocol_of_rule(subject), path!("Actions[]")),
    };
    let each = subject.all(path).into_iter().map(|action| {
        let none = |_| Judgement::not_applicable();
        action.judge("an action", |action, _| keeps_https(subject, action), none)
    });
    let judged: Judgement = each.collect();
    match from {
        Seen::Known(protocol, _) if &*protocol == "HTTPS" => judged,
        Seen::Known(..) => Judgement::not_applicable(),
        Seen::Absent(at) | Seen::Unknown(_, at) => match judged.standing {
            Standing::Fail => Judgement::unknown("it redirects to HTTP; whether from HTTPS is not known", at),
            _ => judged,
        },
    }
}

fn protocol_of_rule(rule: &Subject<'_>) -> Seen<Arc<str>> {
    let listener = rule.value(path!("ListenerArn"));
    let at = listener.at();
    match listener.known().and_then(|listener| rule.target(listener)) {
        Some(listener) => listener::protocol(&listener),
        None => Seen::Absent(at),
    }
}

fn keeps_https<'g>(subject: &Subject<'g>, action: &'g Value) -> Judgement {
    let kind = subject.value_in(action, path!("Type")).and_then(text_of);
    if kind.known().is_some_and(|kind| &*kind != "redirect") {
        return Judgement::not_applicable();
    }
    let kept = |at| Judgement::pass("its redirect keeps HTTPS", at);
    goes_to(subject, action).judge(
        "Protocol of a redirect",
        |protocol, at| match protocol.eq_ignore_ascii_case("HTTP") {
            true => Judgement::fail("it redirects from HTTPS to HTTP", at),
            false => kept(at),
        },
        kept,
    )
}
