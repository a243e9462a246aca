//! Classic load balancers to their instances: the only ones that can verify what is behind them.

use std::sync::Arc;

use crate::control::Control;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;
use crate::verdict::Judgement;

/// Whether a protocol of a classic load balancer is encrypted.
pub(super) fn is_tls(protocol: &str) -> bool {
    protocol.eq_ignore_ascii_case("HTTPS") || protocol.eq_ignore_ascii_case("SSL")
}

/// Whether instances that are reached by TLS are verified by a policy for their port.
pub(super) fn judge_backend_authentication(_: &Control, subject: &Subject<'_>) -> Judgement {
    let each = subject.all(path!("Listeners[]")).into_iter().map(|listener| {
        let none = |_| Judgement::not_applicable();
        listener.judge("Listeners", |listener, _| verifies(subject, listener), none)
    });
    each.collect()
}

fn verifies<'g>(subject: &Subject<'g>, listener: &'g Value) -> Judgement {
    let by_tls = |protocol: Option<Arc<str>>| protocol.is_some_and(|protocol| is_tls(&protocol));
    let protocol = subject.value_in(listener, path!("InstanceProtocol")).and_then(text_of);
    protocol.judge_if("InstanceProtocol", by_tls, || has_policy(subject, listener))
}

fn has_policy<'g>(subject: &Subject<'g>, listener: &'g Value) -> Judgement {
    let port = match subject.value_in(listener, path!("InstancePort")).and_then(text_of) {
        Seen::Known(port, _) => port,
        other => return Judgement::unknown("InstancePort is not known", other.at()),
    };
    let policies = subject.all(path!("Policies[]")).into_iter();
    let found = policies.map(|policy| {
        policy.judge("Policies", |policy, _| is_for(subject, policy, &port), |_| Judgement::not_applicable())
    });
    let missing = Judgement::fail(format!("nothing verifies the instances on port {port}"), listener.at);
    found.fold(missing, Judgement::or)
}

fn is_for<'g>(subject: &Subject<'g>, policy: &'g Value, port: &str) -> Judgement {
    let is_of_type =
        |kind: Option<Arc<str>>| kind.as_deref() == Some("BackendServerAuthenticationPolicyType");
    let kind = subject.value_in(policy, path!("PolicyType")).and_then(text_of);
    kind.judge_if("PolicyType", is_of_type, || is_for_port(subject, policy, port))
}

fn is_for_port<'g>(subject: &Subject<'g>, policy: &'g Value, port: &str) -> Judgement {
    let ports = subject.below(policy, path!("InstancePorts[]")).into_iter().map(|it| it.and_then(text_of));
    let judged = ports.map(|it| {
        it.judge(
            "InstancePorts",
            |it, at| match &*it == port {
                true => Judgement::pass(format!("the instances on port {port} are verified"), at),
                false => Judgement::not_applicable(),
            },
            |_| Judgement::not_applicable(),
        )
    });
    judged.fold(Judgement::not_applicable(), Judgement::or)
}
