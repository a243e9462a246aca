//! The policies of classic load balancers: predefined ones by name, and those that list what they allow.

use std::sync::Arc;

use crate::control::Control;
use crate::controls::{setting, tls_policy};
use crate::span::Span;
use crate::subject::{Seen, Subject, bool_of, text_of};
use crate::test::TlsFloor;
use crate::value::Value;
use crate::verdict::Judgement;

use super::classic::is_tls;

const NEGOTIATION: &str = "SSLNegotiationPolicyType";

/// The policy of a listener.
enum Policy<'g> {
    Predefined(Arc<str>, Span),
    Custom(&'g Value),
    None(Span),
    Unknown(String, Span),
}

/// Whether predefined policies allow nothing below TLS 1.2, or are the one that is asked for.
pub(super) fn judge_predefined(control: &Control, subject: &Subject<'_>) -> Judgement {
    let asked =
        control.parameters.get("predefined_policy_name").and_then(toml::Value::as_str).unwrap_or_default();
    let asked: Vec<&str> = Some(asked).filter(|asked| !asked.is_empty()).into_iter().collect();
    of_each(subject, |policy| match policy {
        Policy::Predefined(name, at) => {
            tls_policy::judge(&TlsFloor::of("clb", "1.2"), &asked, &name, "the policy of a listener", at)
        }
        Policy::Custom(_) => Judgement::not_applicable(),
        Policy::None(at) => Judgement::fail(
            "a listener names no policy, which stands for ELBSecurityPolicy-2016-08: TLS 1.0 and up",
            at,
        ),
        Policy::Unknown(why, at) => Judgement::unknown(why, at),
    })
}

/// Whether policies that list what they allow list nothing but what is approved.
pub(super) fn judge_custom(control: &Control, subject: &Subject<'_>) -> Judgement {
    let approved = control.listed("ssl_protocols_and_ciphers");
    of_each(subject, |policy| match policy {
        Policy::Custom(policy) => {
            let attributes = subject.below(policy, path!("Attributes[]")).into_iter();
            let each = attributes.map(|attribute| {
                let none = |_| Judgement::not_applicable();
                attribute.judge("Attributes", |attribute, _| is_approved(subject, attribute, &approved), none)
            });
            each.collect()
        }
        Policy::Predefined(..) | Policy::None(_) => Judgement::not_applicable(),
        Policy::Unknown(why, at) => Judgement::unknown(why, at),
    })
}

fn is_approved<'g>(subject: &Subject<'g>, attribute: &'g Value, approved: &[&str]) -> Judgement {
    let is_on = subject.value_in(attribute, path!("Value")).and_then(bool_of);
    if is_on == Seen::Known(false, is_on.at()) {
        return Judgement::not_applicable();
    }
    let name = subject.value_in(attribute, path!("Name")).and_then(text_of);
    let judged = name.judge(
        "Attributes",
        |name, at| match approved.contains(&&*name) {
            true => Judgement::pass(format!("{name} is approved"), at),
            false => Judgement::fail(format!("the policy allows {name}"), at),
        },
        |_| Judgement::not_applicable(),
    );
    match is_on {
        Seen::Unknown(why, at) if judged.standing != crate::verdict::Standing::Pass => {
            Judgement::unknown(format!("Attributes: {why}"), at)
        }
        _ => judged,
    }
}

fn of_each<'g>(subject: &Subject<'g>, judge: impl Fn(Policy<'g>) -> Judgement) -> Judgement {
    let listeners = subject.all(path!("Listeners[]")).into_iter();
    let each = listeners.map(|listener| {
        let none = |_| Judgement::not_applicable();
        listener.judge("Listeners", |listener, _| of_listener(subject, listener, &judge), none)
    });
    each.collect()
}

fn of_listener<'g>(
    subject: &Subject<'g>,
    listener: &'g Value,
    judge: impl Fn(Policy<'g>) -> Judgement,
) -> Judgement {
    let protocol = subject.value_in(listener, path!("Protocol")).and_then(text_of);
    match protocol {
        Seen::Known(protocol, _) if is_tls(&protocol) => judge(policy(subject, listener)),
        Seen::Known(..) | Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("Protocol: {why}"), at),
    }
}

/// The first of a listener's policies that is about TLS; others are about cookies.
fn policy<'g>(subject: &Subject<'g>, listener: &'g Value) -> Policy<'g> {
    let mut found = Policy::None(listener.at);
    for name in subject.below(listener, path!("PolicyNames[]")) {
        let (name, at) = match name.and_then(text_of) {
            Seen::Known(name, at) => (name, at),
            Seen::Absent(_) => continue,
            Seen::Unknown(why, at) => {
                found = Policy::Unknown(format!("PolicyNames: {why}"), at);
                continue;
            }
        };
        match declared(subject, &name) {
            Some(policy) => match subject.value_in(policy, path!("PolicyType")).and_then(text_of) {
                Seen::Known(kind, _) if &*kind == NEGOTIATION => return of_declared(subject, policy),
                Seen::Known(..) | Seen::Absent(_) => {}
                Seen::Unknown(why, at) => found = Policy::Unknown(format!("PolicyType: {why}"), at),
            },
            None if name.starts_with("ELBSecurityPolicy-") => return Policy::Predefined(name, at),
            None => found = Policy::Unknown(format!("the policy {name} is not declared here"), at),
        }
    }
    found
}

fn declared<'g>(subject: &Subject<'g>, name: &str) -> Option<&'g Value> {
    subject.all(path!("Policies[]")).into_iter().filter_map(Seen::known).find(|policy| {
        subject.value_in(policy, path!("PolicyName")).and_then(text_of).known().as_deref() == Some(name)
    })
}

fn of_declared<'g>(subject: &Subject<'g>, policy: &'g Value) -> Policy<'g> {
    let keys = (path!("Name"), path!("Value"));
    match setting::below(subject, policy, path!("Attributes[]"), keys, "Reference-Security-Policy") {
        Seen::Known(name, at) => Policy::Predefined(name, at),
        Seen::Absent(_) => Policy::Custom(policy),
        Seen::Unknown(why, at) => Policy::Unknown(format!("Reference-Security-Policy: {why}"), at),
    }
}
