//! Listeners of application and network load balancers.

use std::sync::Arc;

use hermetic_hop::Severity;

use crate::control::Control;
use crate::controls::{setting, tls_policy};
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::test::TlsFloor;
use crate::verdict::{Judgement, Standing};

use super::{redirect, target_group};

/// The protocol of a listener or of a target group, in capitals.
pub(super) fn protocol(subject: &Subject<'_>) -> Seen<Arc<str>> {
    subject.text(path!("Protocol")).and_then(|protocol| Ok(protocol.to_ascii_uppercase().into()))
}

/// Whether a listener ends encrypted connections, or passes on what is encrypted from end to end.
pub(super) fn judge_encryption(control: &Control, subject: &Subject<'_>) -> Judgement {
    protocol(subject).judge(
        "Protocol",
        |protocol, at| match &*protocol {
            "HTTPS" | "TLS" | "QUIC" => Judgement::pass(format!("it takes {protocol}"), at),
            "GENEVE" => Judgement::not_applicable(),
            "HTTP" => in_clear(control, subject, at),
            _ if control.flag("allow_tls_passthrough") => {
                let through = target_group::on_tls_ports(control, subject);
                match through.standing {
                    Standing::NotApplicable => Judgement::fail(format!("it takes {protocol}"), at),
                    _ => through,
                }
            }
            _ => Judgement::fail(format!("it takes {protocol}, and does not end TLS"), at),
        },
        |at| match balances(subject) {
            Seen::Known(kind, _) if &*kind == "gateway" => Judgement::not_applicable(),
            _ => Judgement::unknown("Protocol is not set", at),
        },
    )
}

/// What only redirects is left to the control about redirects; whether it does may not be known.
fn in_clear(control: &Control, subject: &Subject<'_>, at: Span) -> Judgement {
    let redirects = match control.flag("redirect_listeners_pass") {
        true => redirect::judge_http(control, subject).standing,
        false => Standing::Fail,
    };
    match redirects {
        Standing::Pass => Judgement::not_applicable(),
        Standing::Unknown => {
            Judgement::unknown("it takes HTTP, and whether it only redirects to HTTPS is not known", at)
        }
        Standing::Fail | Standing::NotApplicable => Judgement::fail("it takes HTTP", at),
    }
}

/// The type of the load balancer of a listener.
fn balances(listener: &Subject<'_>) -> Seen<Arc<str>> {
    let balancer = listener.value(path!("LoadBalancerArn"));
    let at = balancer.at();
    match balancer.known().and_then(|balancer| listener.target(balancer)) {
        Some(balancer) => kind(&balancer),
        None => Seen::Absent(at),
    }
}

/// Where nothing is written it is an application load balancer.
pub(super) fn kind(balancer: &Subject<'_>) -> Seen<Arc<str>> {
    match balancer.text(path!("Type")) {
        Seen::Absent(at) => Seen::Known("application".into(), at),
        seen => seen,
    }
}

/// Whether a listener that ends TLS has a policy that is listed; where none is, one that allows nothing below 1.2.
pub(super) fn judge_policy(control: &Control, subject: &Subject<'_>) -> Judgement {
    let floor = TlsFloor::of("elb", "1.2");
    of_tls(subject, || {
        let told = match subject.number(path!("Port")) {
            Seen::Known(port, _) => format!("SslPolicy on port {port}"),
            Seen::Absent(_) | Seen::Unknown(..) => "SslPolicy".to_owned(),
        };
        subject.text(path!("SslPolicy")).judge(
            &told,
            |policy, at| tls_policy::judge(&floor, &control.listed("ssl_policies"), &policy, &told, at),
            |at| {
                let stands_for =
                    "which stands for ELBSecurityPolicy-2016-08, and that allows TLSv1.0 and TLSv1.1";
                Judgement::fail(format!("{told} is not set, {stands_for}"), at)
            },
        )
    })
}

/// Whether a listener that ends TLS does so in a FIPS 140 module, where that is asked for.
pub(super) fn judge_fips(control: &Control, subject: &Subject<'_>) -> Judgement {
    if !control.flag("required") {
        return Judgement::not_applicable();
    }
    let floor = TlsFloor { fips: true, ..TlsFloor::of("elb", "1.2") };
    of_tls(subject, || {
        subject.text(path!("SslPolicy")).judge(
            "SslPolicy",
            |policy, at| tls_policy::judge(&floor, &[], &policy, "SslPolicy", at),
            |at| Judgement::fail("SslPolicy is not set, which stands for ELBSecurityPolicy-2016-08", at),
        )
    })
}

fn of_tls(subject: &Subject<'_>, judge: impl FnOnce() -> Judgement) -> Judgement {
    protocol(subject).judge(
        "Protocol",
        |protocol, _| match &*protocol {
            "HTTPS" | "TLS" => judge(),
            _ => Judgement::not_applicable(),
        },
        |_| Judgement::not_applicable(),
    )
}

/// Whether a listener that asks clients for certificates verifies them.
pub(super) fn judge_mutual_tls(control: &Control, subject: &Subject<'_>) -> Judgement {
    let none = |at| match control.flag("require_mtls") {
        true => Judgement::fail("clients are asked for no certificate", at),
        false => Judgement::not_applicable(),
    };
    subject.text(path!("MutualAuthentication.Mode")).judge(
        "MutualAuthentication.Mode",
        |mode, at| match &*mode {
            "verify" => Judgement::pass("client certificates are verified", at).and(trust(subject)),
            "off" => none(at),
            "passthrough" => Judgement::fail(
                "client certificates are not verified here, but passed on: the target has to verify them",
                at,
            )
            .weighing(Severity::Low),
            _ => Judgement::fail(format!("client certificates are not verified: Mode is {mode}"), at),
        },
        none,
    )
}

fn trust(subject: &Subject<'_>) -> Judgement {
    let store = match subject.value(path!("MutualAuthentication.TrustStoreArn")) {
        Seen::Absent(at) => Judgement::fail("TrustStoreArn is not set", at),
        set => Judgement::pass("it has a trust store", set.at()),
    };
    let ignored = subject.bool(path!("MutualAuthentication.IgnoreClientCertificateExpiry"));
    store.and(ignored.judge(
        "IgnoreClientCertificateExpiry",
        |ignored, at| match ignored {
            true => Judgement::fail("expired client certificates are taken", at),
            false => Judgement::pass("expired client certificates are refused", at),
        },
        |_| Judgement::not_applicable(),
    ))
}

/// Whether a listener sends Strict-Transport-Security by itself; else the application may.
pub(super) fn judge_hsts(control: &Control, subject: &Subject<'_>) -> Judgement {
    let is_https = |protocol: Option<Arc<str>>| protocol.as_deref() == Some("HTTPS");
    protocol(subject).judge_if("Protocol", is_https, || sends_hsts(control, subject))
}

fn sends_hsts(control: &Control, subject: &Subject<'_>) -> Judgement {
    let name = "routing.http.response.strict_transport_security.header_value";
    let keys = (path!("Key"), path!("Value"));
    let least = control.parameters.get("min_max_age").and_then(toml::Value::as_integer).unwrap_or(31_536_000);
    setting::in_list(subject, path!("ListenerAttributes[]"), keys, name).judge(
        "Strict-Transport-Security",
        |header, at| match lasts(&header) {
            Some(age) if age >= least => Judgement::pass(format!("it sends {header}"), at),
            _ => Judgement::fail(format!("it sends Strict-Transport-Security: {header}"), at),
        },
        |at| Judgement::unknown("the listener sends no Strict-Transport-Security; the application may", at),
    )
}

/// How long a header holds, where it holds for subdomains (RFC 6797 section 6.1).
fn lasts(header: &str) -> Option<i64> {
    let directives = || header.split(';').map(str::trim);
    if !directives().any(|directive| directive.eq_ignore_ascii_case("includeSubDomains")) {
        return None;
    }
    let age = directives().find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        name.trim().eq_ignore_ascii_case("max-age").then_some(value)
    });
    age?.trim().trim_matches('"').parse().ok()
}

/// Whether an application load balancer drops header fields that are none.
pub(super) fn judge_invalid_headers(_: &Control, subject: &Subject<'_>) -> Judgement {
    let dropped = || {
        let name = "routing.http.drop_invalid_header_fields.enabled";
        let seen = setting::in_list(
            subject,
            path!("LoadBalancerAttributes[]"),
            (path!("Key"), path!("Value")),
            name,
        );
        seen.judge(
            name,
            |value, at| match value.eq_ignore_ascii_case("true") {
                true => Judgement::pass("malformed header fields are dropped", at),
                false => Judgement::fail(format!("{name} is {value}"), at),
            },
            |at| Judgement::fail(format!("{name} is not set, which stands for false"), at),
        )
    };
    kind(subject).judge(
        "Type",
        |kind, _| if &*kind == "application" { dropped() } else { Judgement::not_applicable() },
        |_| Judgement::not_applicable(),
    )
}
