//! VPC encryption controls: whether a VPC has one, whether it enforces, and what it lets out.

use hermetic_hop::Severity;

use crate::control::Control;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};
use crate::verdict::Judgement;

const CONTROL: &str = "AWS::EC2::VPCEncryptionControl";

/// Judges an encryption control, and a VPC that has none.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    if &*subject.resource.kind == CONTROL {
        return of_settings(control, subject, &subject.resource.properties);
    }
    match subject.value(path!("VpcEncryptionControl")) {
        Seen::Known(settings, _) => of_settings(control, subject, settings),
        Seen::Absent(_) => of_vpc(control, subject),
        Seen::Unknown(why, at) => Judgement::unknown(format!("VpcEncryptionControl: {why}"), at),
    }
}

/// A control that is declared beside the VPC is judged by itself.
fn of_vpc(control: &Control, vpc: &Subject<'_>) -> Judgement {
    if !vpc.pointed_at_by(CONTROL, path!("VpcId")).is_empty() {
        return Judgement::not_applicable();
    }
    let mut controls = vpc.graph.of_kind(CONTROL).filter_map(|(id, _)| vpc.of(id));
    let is_any = |control: &Subject<'_>| matches!(control.value(path!("VpcId")), Seen::Unknown(..));
    match controls.find(is_any) {
        Some(other) => Judgement::unknown(
            format!("whether {} is the encryption control of this VPC is not known", other.resource.name),
            vpc.resource.at,
        ),
        None => lesser(
            control,
            Judgement::fail("no encryption control is declared for this VPC", vpc.resource.at),
        ),
    }
}

/// Not every estate needs it.
fn lesser(control: &Control, fail: Judgement) -> Judgement {
    if control.flag("required") { fail } else { fail.weighing(Severity::Low) }
}

fn of_settings<'g>(control: &Control, subject: &Subject<'g>, settings: &'g Value) -> Judgement {
    let mode = subject.value_in(settings, path!("Mode")).and_then(text_of).judge(
        "Mode",
        |mode, at| match &*mode {
            "enforce" => Judgement::pass("Mode is enforce", at),
            "monitor" => {
                let fail = Judgement::fail("Mode is monitor: clear text is reported, and let through", at);
                lesser(control, fail)
            }
            other => Judgement::fail(format!("Mode is {other}"), at),
        },
        |at| lesser(control, Judgement::fail("Mode is not set, which is monitor", at)),
    );
    let state = subject.value_in(settings, path!("State")).and_then(text_of).judge(
        "State",
        |state, at| match &*state {
            "available" => Judgement::pass("State is available", at),
            other => Judgement::fail(format!("State is {other}"), at),
        },
        |_| Judgement::not_applicable(),
    );
    mode.and(state).and(exclusions(control, subject, settings))
}

/// Each kind of resource has a property of its own, and AWS adds kinds: what ends so is one.
fn exclusions<'g>(control: &Control, subject: &Subject<'g>, settings: &'g Value) -> Judgement {
    let Node::Map(map) = &subject.resolve(settings).node else {
        return Judgement::not_applicable();
    };
    let allowed = control.listed("allowed_exclusions");
    let judged = map.entries.iter().filter_map(|(key, value)| {
        let kind = key.text.strip_suffix("ExclusionInput").or_else(|| key.text.strip_suffix("Exclusion"))?;
        (!allowed.contains(&kind)).then(|| excluded(subject, kind, value))
    });
    judged.collect()
}

fn excluded<'g>(subject: &Subject<'g>, kind: &str, value: &'g Value) -> Judgement {
    subject.seen(value).and_then(text_of).judge(
        kind,
        |state, at| match state.starts_with("enable") {
            true => Judgement::fail(format!("{kind} is excluded: what goes there may be clear text"), at),
            false => Judgement::pass(format!("{kind} is not excluded"), at),
        },
        |_| Judgement::not_applicable(),
    )
}
