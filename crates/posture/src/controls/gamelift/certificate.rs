//! Certificates of game servers.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Judges a fleet. One without a certificate is found only where `required` asks for it.
pub(super) fn judge(control: &Control, fleet: &Subject<'_>) -> Judgement {
    // Machines of one's own get no certificate from GameLift.
    match fleet.text(path!("ComputeType")) {
        Seen::Known(kind, _) if &*kind == "ANYWHERE" => Judgement::not_applicable(),
        Seen::Known(..) | Seen::Absent(_) => of_fleet(control, fleet),
        Seen::Unknown(why, _) => of_fleet(control, fleet).unless_sure(&format!("ComputeType: {why}")),
    }
}

fn of_fleet(control: &Control, fleet: &Subject<'_>) -> Judgement {
    let required = control.parameters.get("required").and_then(toml::Value::as_bool) == Some(true);
    match fleet.text(path!("CertificateConfiguration.CertificateType")) {
        Seen::Known(kind, at) if &*kind == "GENERATED" => Judgement::pass("CertificateType is GENERATED", at),
        Seen::Known(..) | Seen::Absent(_) if !required => Judgement::not_applicable(),
        Seen::Known(kind, at) => Judgement::fail(format!("CertificateType is {kind}"), at),
        Seen::Absent(at) => Judgement::fail("CertificateType is not set, which is DISABLED", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("CertificateType: {why}"), at),
    }
}
