//! Site-to-Site VPN: what each of the two tunnels of a connection takes. A tunnel of which nothing is written takes
//! everything that AWS knows.

use hermetic_hop::Severity;

use crate::control::Control;
use crate::path::Path;
use crate::subject::{Seen, Subject, bool_of, text_of};
use crate::value::Value;
use crate::verdict::Judgement;

/// Whether both tunnels take IKEv2 alone.
pub(super) fn judge_ike(_: &Control, connection: &Subject<'_>) -> Judgement {
    both(connection, "takes ikev1 and ikev2", |tunnel| {
        let takes_both = "IKEVersions is not set, which is ikev1 and ikev2";
        each_of(connection, tunnel, ("IKEVersions", path!("IKEVersions[].Value")), takes_both, |version| {
            version.eq_ignore_ascii_case("ikev2")
        })
    })
}

/// Whether both phases of both tunnels take strong algorithms alone.
pub(super) fn judge_algorithms(control: &Control, connection: &Subject<'_>) -> Judgement {
    let lists: [(&str, &Path, &str, bool); 6] = [
        (
            "Phase1EncryptionAlgorithms",
            path!("Phase1EncryptionAlgorithms[].Value"),
            "allowed_encryption",
            true,
        ),
        (
            "Phase2EncryptionAlgorithms",
            path!("Phase2EncryptionAlgorithms[].Value"),
            "allowed_encryption",
            true,
        ),
        (
            "Phase1IntegrityAlgorithms",
            path!("Phase1IntegrityAlgorithms[].Value"),
            "forbidden_integrity",
            false,
        ),
        (
            "Phase2IntegrityAlgorithms",
            path!("Phase2IntegrityAlgorithms[].Value"),
            "forbidden_integrity",
            false,
        ),
        ("Phase1DHGroupNumbers", path!("Phase1DHGroupNumbers[].Value"), "forbidden_dh_groups", false),
        ("Phase2DHGroupNumbers", path!("Phase2DHGroupNumbers[].Value"), "forbidden_dh_groups", false),
    ];
    both(connection, "takes every algorithm, weak ones too", |tunnel| {
        let judged = lists.iter().map(|(name, path, parameter, wanted)| {
            let everything = format!("{name} is not set, which takes weak ones too");
            let is_strong = |value: &str| has(control, parameter, value) == *wanted;
            each_of(connection, tunnel, (name, path), &everything, is_strong)
        });
        judged.collect()
    })
}

/// Whether both tunnels log.
pub(super) fn judge_logging(_: &Control, connection: &Subject<'_>) -> Judgement {
    both(connection, "does not log", |tunnel| {
        let enabled = connection.value_in(tunnel, path!("LogOptions.CloudwatchLogOptions.LogEnabled"));
        enabled.and_then(bool_of).judge(
            "LogEnabled",
            |enabled, at| match enabled {
                true => Judgement::pass("LogEnabled is true", at),
                false => Judgement::fail("LogEnabled is false", at),
            },
            |at| Judgement::fail("LogEnabled is not set, which is false", at),
        )
    })
}

/// Whether a gateway has a certificate, and no connection a key that stands in the code.
pub(super) fn judge_authentication(_: &Control, subject: &Subject<'_>) -> Judgement {
    if &*subject.resource.kind == "AWS::EC2::VPNConnection" {
        let keys = subject.all(path!("VpnTunnelOptionsSpecifications[].PreSharedKey"));
        return keys.into_iter().map(of_key).collect();
    }
    let fail =
        |at| Judgement::fail("CertificateArn is not set: its ends know each other by a pre-shared key", at);
    subject.value(path!("CertificateArn")).judge(
        "CertificateArn",
        |arn, at| match text_of(arn) {
            Ok(arn) if arn.is_empty() => fail(at),
            _ => Judgement::pass("it has a certificate", at),
        },
        fail,
    )
}

/// A key that is looked up or given when it is deployed is not in the code.
fn of_key(key: Seen<&Value>) -> Judgement {
    match key {
        Seen::Known(value, at) => match (value.withheld(), text_of(value)) {
            (Some(Some(true)), _) | (None, Ok(_)) => {
                Judgement::fail("a pre-shared key stands in the code", at).weighing(Severity::High)
            }
            (Some(None), _) => {
                Judgement::unknown("whether the pre-shared key stands in the code is not known", at)
            }
            (Some(Some(false)) | None, _) => {
                Judgement::pass("the pre-shared key does not stand in the code", at)
            }
        },
        Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) if why.is_written() => {
            Judgement::pass("the pre-shared key does not stand in the code", at)
        }
        Seen::Unknown(why, at) => Judgement::unknown(format!("PreSharedKey: {why}"), at),
    }
}

/// A connection has two tunnels, whether or not they are written.
fn both<'g>(connection: &Subject<'g>, otherwise: &str, judge: impl Fn(&'g Value) -> Judgement) -> Judgement {
    let tunnels = connection.all(path!("VpnTunnelOptionsSpecifications[]"));
    let unwritten = match tunnels.len() {
        _ if tunnels.iter().any(|tunnel| matches!(tunnel, Seen::Unknown(..))) => None,
        0 => Some(format!("nothing is set for its tunnels, so each {otherwise}")),
        1 => Some(format!("nothing is set for its second tunnel, which so {otherwise}")),
        _ => None,
    };
    let judged = tunnels.into_iter().map(|tunnel| {
        let none = |_| Judgement::not_applicable();
        tunnel.judge("VpnTunnelOptionsSpecifications", |tunnel, _| judge(tunnel), none)
    });
    let unwritten = unwritten.map(|message| Judgement::fail(message, connection.resource.at));
    judged.chain(unwritten).collect()
}

fn each_of<'g>(
    connection: &Subject<'g>,
    tunnel: &'g Value,
    (name, path): (&str, &Path),
    unset: &str,
    holds: impl Fn(&str) -> bool,
) -> Judgement {
    let all = connection.below(tunnel, path);
    if all.is_empty() {
        return Judgement::fail(unset, tunnel.at);
    }
    let judged = all.into_iter().map(|value| {
        value.and_then(text_of).judge(
            name,
            |value, at| match holds(&value) {
                true => Judgement::pass(format!("{name} has {value}"), at),
                false => Judgement::fail(format!("{name} has {value}"), at),
            },
            |at| Judgement::fail(unset, at),
        )
    });
    judged.collect()
}

/// Whether a parameter that is a list has a text or a number.
fn has(control: &Control, parameter: &str, text: &str) -> bool {
    let listed = control.parameters.get(parameter).and_then(toml::Value::as_array);
    listed.into_iter().flatten().any(|known| match known.as_str() {
        Some(known) => known.eq_ignore_ascii_case(text),
        None => known.to_string() == text,
    })
}
