//! Verified Access: how it reaches the application behind it.

use crate::control::Control;
use crate::subject::{Seen, Subject, text_of};
use crate::verdict::Judgement;

/// Judges an endpoint by the protocol of whichever options it has.
pub(super) fn judge(_: &Control, endpoint: &Subject<'_>) -> Judgement {
    let options = [
        ("LoadBalancerOptions", path!("LoadBalancerOptions"), path!("LoadBalancerOptions.Protocol")),
        (
            "NetworkInterfaceOptions",
            path!("NetworkInterfaceOptions"),
            path!("NetworkInterfaceOptions.Protocol"),
        ),
        ("CidrOptions", path!("CidrOptions"), path!("CidrOptions.Protocol")),
        ("RdsOptions", path!("RdsOptions"), path!("RdsOptions.Protocol")),
    ];
    let judged = options.into_iter().map(|(name, whole, protocol)| match endpoint.value(whole) {
        Seen::Known(..) => of_protocol(endpoint, name, protocol),
        Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("{name}: {why}"), at),
    });
    judged.collect()
}

fn of_protocol(endpoint: &Subject<'_>, options: &str, path: &crate::path::Path) -> Judgement {
    endpoint.value(path).and_then(text_of).judge(
        path.to_string().as_str(),
        |protocol, at| match &*protocol.to_ascii_lowercase() {
            "https" => Judgement::pass("it reaches the application by HTTPS", at),
            "http" => Judgement::fail("it reaches the application by plain HTTP", at),
            other => Judgement::unknown(
                format!("{other} carries what the application defines, which may have TLS or not"),
                at,
            ),
        },
        |at| Judgement::unknown(format!("{options} has no Protocol, so what it carries is not known"), at),
    )
}
