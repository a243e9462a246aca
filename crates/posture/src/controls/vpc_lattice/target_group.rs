//! VPC Lattice to targets.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Whether targets are reached by HTTPS, or by TLS that is passed through.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    // A function has no address, and a load balancer is judged by its own listener.
    match subject.text(path!("Type")) {
        Seen::Known(kind, _) if ["LAMBDA", "ALB"].contains(&&*kind) => Judgement::not_applicable(),
        Seen::Known(..) | Seen::Absent(_) => reached_by(subject),
        Seen::Unknown(why, _) => reached_by(subject).unless_sure(&format!("Type: {why}")),
    }
}

fn reached_by(subject: &Subject<'_>) -> Judgement {
    subject.text(path!("Config.Protocol")).judge(
        "Config.Protocol",
        |protocol, at| match &*protocol {
            "HTTPS" => Judgement::pass("targets are reached by HTTPS", at),
            "TCP" => passed_through(subject),
            _ => Judgement::fail(format!("targets are reached by {protocol}"), at),
        },
        |at| Judgement::unknown("Config.Protocol is not set", at),
    )
}

fn passed_through(subject: &Subject<'_>) -> Judgement {
    let referring = subject.graph.referring(subject.id).filter_map(|(id, _)| subject.of(id));
    let listeners = referring.filter(|it| &*it.resource.kind == "AWS::VpcLattice::Listener");
    let judged: Vec<Judgement> = listeners
        .map(|listener| {
            listener.text(path!("Protocol")).judge(
                "Protocol of its listener",
                |protocol, at| match &*protocol {
                    "TLS_PASSTHROUGH" => Judgement::pass("TLS goes through to the targets", at),
                    _ => {
                        Judgement::fail(format!("targets get by TCP what a listener takes by {protocol}"), at)
                    }
                },
                |at| Judgement::unknown("Protocol of its listener is not set", at),
            )
        })
        .collect();
    match judged.is_empty() {
        true => Judgement::unknown(
            "whether TCP carries TLS is not known: no listener was read",
            subject.resource.at,
        ),
        false => judged.into_iter().collect(),
    }
}
