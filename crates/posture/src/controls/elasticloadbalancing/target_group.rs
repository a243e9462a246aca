//! Load balancers to their targets, whose certificates they never verify.

use crate::control::Control;
use crate::subject::{Seen, Subject, number_of};
use crate::value::Value;
use crate::verdict::{Judgement, Standing};

use super::listener;

/// Whether targets are reached by TLS, or what reaches them is TLS from end to end.
pub(super) fn judge_protocol(control: &Control, subject: &Subject<'_>) -> Judgement {
    unless_of_type(subject, &["lambda", "alb"], || reached_by(control, subject))
}

fn reached_by(control: &Control, subject: &Subject<'_>) -> Judgement {
    listener::protocol(subject).judge(
        "Protocol",
        |protocol, at| match &*protocol {
            "HTTPS" | "TLS" | "QUIC" => Judgement::pass(
                format!("targets are reached by {protocol}; their certificates are not verified"),
                at,
            ),
            "GENEVE" => Judgement::not_applicable(),
            "HTTP" => Judgement::fail("targets are reached by HTTP", at),
            _ if control.flag("allow_tls_passthrough") => passed_through(control, subject, &protocol),
            _ => Judgement::fail(format!("targets are reached by {protocol}"), at),
        },
        |at| Judgement::unknown("Protocol is not set", at),
    )
}

/// What a listener takes without ending TLS, and passes on to a port of TLS.
fn passed_through(control: &Control, subject: &Subject<'_>, protocol: &str) -> Judgement {
    let at = subject.resource.at;
    let port = on_tls_port(control, subject);
    if port.standing == Standing::Fail {
        return Judgement::fail(format!("targets are reached by {protocol}, on no port of TLS"), at);
    }
    let from: Vec<Judgement> = listeners(subject).iter().map(ends_no_tls).collect();
    match from.is_empty() {
        true => Judgement::unknown(
            format!("whether {protocol} carries TLS is not known: no listener was read"),
            at,
        ),
        false => port.and(from.into_iter().collect()),
    }
}

fn ends_no_tls(listener: &Subject<'_>) -> Judgement {
    listener::protocol(listener).judge(
        "Protocol of its listener",
        |protocol, at| match &*protocol {
            "TLS" | "HTTPS" => {
                Judgement::fail(format!("a listener ends {protocol}, and targets get it in cleartext"), at)
            }
            _ => Judgement::pass("TLS goes through to the targets", at),
        },
        |at| Judgement::unknown("Protocol of its listener is not set", at),
    )
}

/// The listeners that forward to a target group, by themselves or by a rule.
fn listeners<'g>(group: &Subject<'g>) -> Vec<Subject<'g>> {
    let referring = group.graph.referring(group.id).filter_map(|(id, _)| group.of(id));
    let listener = |subject: Subject<'g>| match &*subject.resource.kind {
        "AWS::ElasticLoadBalancingV2::Listener" => Some(subject),
        "AWS::ElasticLoadBalancingV2::ListenerRule" => {
            subject.value(path!("ListenerArn")).known().and_then(|listener| subject.target(listener))
        }
        _ => None,
    };
    referring.filter_map(listener).filter(|listener| listener.exists() != Some(false)).collect()
}

/// Whether all that a listener forwards to is on ports of TLS; nothing to say where it forwards to nothing.
pub(super) fn on_tls_ports(control: &Control, listener: &Subject<'_>) -> Judgement {
    let paths = [
        path!("DefaultActions[].TargetGroupArn"),
        path!("DefaultActions[].ForwardConfig.TargetGroups[].TargetGroupArn"),
    ];
    let groups = paths.into_iter().flat_map(|path| listener.all(path));
    let each = groups.map(|group| match group {
        Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("the target group: {why}"), at),
        Seen::Known(value, at) => match listener.target(value) {
            Some(group) => on_tls_port(control, &group),
            None => Judgement::unknown("the target group was not read", at),
        },
    });
    each.collect()
}

fn on_tls_port(control: &Control, group: &Subject<'_>) -> Judgement {
    let listed = control.parameters.get("tls_ports").and_then(toml::Value::as_array);
    let ports: Vec<f64> = listed
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_integer)
        .filter_map(|it| u16::try_from(it).ok())
        .map(f64::from)
        .collect();
    let is_tls = |port: Seen<&Value>, absent: Judgement| {
        port.and_then(number_of).judge(
            "Port",
            |port, at| match ports.contains(&port) {
                true => Judgement::pass(format!("port {port} is one of TLS"), at),
                false => Judgement::fail(
                    format!("what passes is not encrypted here, and port {port} is none of TLS"),
                    at,
                ),
            },
            |_| absent,
        )
    };
    let unset = Judgement::unknown("Port is not set", group.resource.at);
    let targets = group.all(path!("Targets[].Port")).into_iter();
    is_tls(group.value(path!("Port")), unset)
        .and(targets.map(|port| is_tls(port, Judgement::not_applicable())).collect())
}

/// Whether targets are asked for their health by HTTPS.
pub(super) fn judge_health_check(_: &Control, subject: &Subject<'_>) -> Judgement {
    let judged = || unless_of_type(subject, &["lambda"], || asked_by(subject));
    match subject.bool(path!("HealthCheckEnabled")) {
        Seen::Known(false, _) => Judgement::not_applicable(),
        Seen::Known(true, _) | Seen::Absent(_) => judged(),
        Seen::Unknown(why, _) => judged().unless_sure(&format!("HealthCheckEnabled: {why}")),
    }
}

fn asked_by(subject: &Subject<'_>) -> Judgement {
    subject.text(path!("HealthCheckProtocol")).judge(
        "HealthCheckProtocol",
        |protocol, at| match protocol.eq_ignore_ascii_case("HTTPS") {
            true => Judgement::pass("health checks go by HTTPS", at),
            false => Judgement::fail(format!("health checks go by {protocol}"), at),
        },
        |at| Judgement::fail("HealthCheckProtocol is not set, which stands for HTTP, or TCP", at),
    )
}

/// Of some types there is nothing to say. Where the type is not known, what fails may be of one of them.
fn unless_of_type(subject: &Subject<'_>, types: &[&str], judge: impl FnOnce() -> Judgement) -> Judgement {
    match subject.text(path!("TargetType")) {
        Seen::Known(kind, _) if types.contains(&&*kind) => Judgement::not_applicable(),
        Seen::Known(..) | Seen::Absent(_) => judge(),
        Seen::Unknown(why, _) => judge().unless_sure(&format!("TargetType: {why}")),
    }
}
