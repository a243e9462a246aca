//! What flows lack of what a configuration requires of them. What the code does not say is unknown, and neither met
//! nor missed.

use hermetic_hop::Requirement;
use serde::Serialize;

use super::Status;
use crate::flow::{Flow, Flows, Hop, Transport, Verified};

/// What a hop of a flow lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShortfallLine {
    /// The flow.
    pub flow: String,
    /// The hop, as `from → to`.
    pub hop: String,
    /// `fail`, or `unknown` where nobody can tell.
    pub status: Status,
    /// What it lacks.
    pub reason: String,
}

/// What all flows lack, each hop once for each reason.
pub(super) fn shortfalls(flows: &Flows, requirements: &[Requirement]) -> Vec<ShortfallLine> {
    let mut lines = Vec::new();
    for flow in &flows.flows {
        for requirement in requirements.iter().filter(|requirement| is_about(requirement, flow)) {
            for hop in super::flows::hops(flows, flow) {
                let hop_name = super::flows::arrow(&flows.names, hop);
                for (status, reason) in lacking(requirement, hop) {
                    let line =
                        ShortfallLine { flow: flow.name.clone(), hop: hop_name.clone(), status, reason };
                    if !lines.contains(&line) {
                        lines.push(line);
                    }
                }
            }
        }
    }
    lines.sort_by_key(|line| line.status);
    lines
}

/// Infrastructure code tags no flows: a requirement of tags is about those of the configuration alone.
fn is_about(requirement: &Requirement, flow: &Flow) -> bool {
    let of_all = requirement.flows.is_empty() && requirement.tags.is_empty();
    of_all || requirement.flows.iter().any(|name| name.as_str() == flow.name)
}

fn lacking(requirement: &Requirement, hop: &Hop) -> Vec<(Status, String)> {
    let fails = |reason: &str| vec![(Status::Fail, reason.to_owned())];
    let floor = match &hop.way.transport {
        Transport::Cleartext => return fails("it is cleartext"),
        Transport::Optional => return fails("it takes cleartext, too"),
        Transport::Unknown => {
            return vec![(Status::Unknown, "how the bytes travel is not known".to_owned())];
        }
        Transport::Ipsec | Transport::Ssh(_) | Transport::Native => None,
        Transport::Tls(floor) => Some(floor),
    };
    let version = floor.zip(requirement.tls).and_then(|(floor, least)| match floor.lowest {
        Some(lowest) if lowest >= least => None,
        Some(lowest) => Some((Status::Fail, format!("it allows {lowest}, below {least}"))),
        None => Some((Status::Unknown, format!("its lowest version is not known; {least} is required"))),
    });
    let exchange = floor.filter(|_| requirement.post_quantum).and_then(|floor| match floor.post_quantum {
        Some(true) => None,
        Some(false) => Some((Status::Fail, "no post-quantum group can be negotiated".to_owned())),
        None => {
            Some((Status::Unknown, "whether a post-quantum group can be negotiated is not known".to_owned()))
        }
    });
    let both_ends = requirement.mutual.then(|| {
        (Status::Unknown, "whether both ends show certificates is not known from the code".to_owned())
    });
    let far_end = requirement.verified.then_some(hop.way.verified).and_then(|verified| match verified {
        Verified::No => Some((Status::Fail, "the far end is not verified".to_owned())),
        Verified::Unknown => {
            Some((Status::Unknown, "whether the far end is verified is not known".to_owned()))
        }
        Verified::Yes | Verified::Theirs => None,
    });
    [version, exchange, both_ends, far_end].into_iter().flatten().collect()
}
