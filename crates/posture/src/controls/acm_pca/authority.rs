//! Certificate authorities: whether a root is idle, how certificates are revoked, and by what they are signed.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Whether a root authority is not switched on by the certificate that it gives itself.
pub(super) fn judge_root(_: &Control, subject: &Subject<'_>) -> Judgement {
    // An authority issues nothing until its activation: that is where it is judged.
    if &*subject.resource.kind != "AWS::ACMPCA::CertificateAuthorityActivation" {
        return Judgement::not_applicable();
    }
    let authority = subject.value(path!("CertificateAuthorityArn"));
    let at = authority.at();
    let Some(authority) = authority.known().and_then(|authority| subject.target(authority)) else {
        return Judgement::unknown("which authority it switches on is not known", at);
    };
    authority.text(path!("Type")).judge(
        "Type of the authority",
        |kind, _| if &*kind == "ROOT" { is_idle(subject) } else { Judgement::not_applicable() },
        |at| Judgement::unknown("Type of the authority is not set", at),
    )
}

fn is_idle(activation: &Subject<'_>) -> Judgement {
    let active = |at| Judgement::fail("a root authority is active, and can issue", at);
    activation.text(path!("Status")).judge(
        "Status",
        |status, at| {
            if &*status == "DISABLED" {
                Judgement::pass("the root authority is disabled", at)
            } else {
                active(at)
            }
        },
        active,
    )
}

/// Whether what was revoked is published, by a list or by OCSP.
pub(super) fn judge_revocation(_: &Control, subject: &Subject<'_>) -> Judgement {
    // Certificates that end within seven days can't be revoked in time anyway.
    match subject.text(path!("UsageMode")) {
        Seen::Known(mode, _) if &*mode == "SHORT_LIVED_CERTIFICATE" => Judgement::not_applicable(),
        Seen::Known(..) | Seen::Absent(_) => publishes(subject),
        Seen::Unknown(why, _) => publishes(subject).unless_sure(&format!("UsageMode: {why}")),
    }
}

fn publishes(subject: &Subject<'_>) -> Judgement {
    let ways = [
        ("a list", subject.bool(path!("RevocationConfiguration.CrlConfiguration.Enabled"))),
        ("OCSP", subject.bool(path!("RevocationConfiguration.OcspConfiguration.Enabled"))),
    ];
    let none = |at| Judgement::fail("it publishes what it revokes neither by a list nor by OCSP", at);
    let judged = ways.map(|(way, enabled)| {
        enabled.judge(
            &format!("publishing by {way}"),
            |enabled, at| {
                if enabled {
                    Judgement::pass(format!("it publishes what it revokes by {way}"), at)
                } else {
                    none(at)
                }
            },
            none,
        )
    });
    judged.into_iter().reduce(Judgement::or).unwrap_or_else(Judgement::not_applicable)
}

/// Whether an authority signs by a post-quantum algorithm, where that is asked for: few can verify it yet.
pub(super) fn judge_post_quantum(control: &Control, subject: &Subject<'_>) -> Judgement {
    match control.flag("required") {
        true => signs_post_quantum(control, subject),
        false => Judgement::not_applicable(),
    }
}

/// The same of the authority behind something else; `pqc_key_algorithms` says which count.
pub(in crate::controls) fn signs_post_quantum(control: &Control, authority: &Subject<'_>) -> Judgement {
    let algorithms = control.listed("pqc_key_algorithms");
    match authority.text(path!("KeyAlgorithm")) {
        Seen::Known(algorithm, at) if algorithms.contains(&&*algorithm) => {
            Judgement::pass(format!("it signs by {algorithm}"), at)
        }
        Seen::Known(algorithm, at) => {
            Judgement::fail(format!("it signs by {algorithm}, which a quantum computer breaks"), at)
        }
        Seen::Absent(at) => Judgement::unknown("KeyAlgorithm is not set", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("KeyAlgorithm: {why}"), at),
    }
}
