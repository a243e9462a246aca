//! Autonomous clusters: clients with a wallet alone, or a port in clear text too.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Judges a cluster.
pub(super) fn judge(_: &Control, cluster: &Subject<'_>) -> Judgement {
    let open = match cluster.number(path!("ScanListenerPortNonTls")) {
        Seen::Known(port, _) => format!("; port {port} is in clear text"),
        Seen::Absent(_) | Seen::Unknown(..) => String::new(),
    };
    match cluster.bool(path!("IsMtlsEnabledVmCluster")) {
        Seen::Known(true, at) => Judgement::pass(format!("mutual TLS is on{open}"), at),
        Seen::Known(false, at) => Judgement::fail(format!("IsMtlsEnabledVmCluster is false{open}"), at),
        Seen::Absent(at) => Judgement::fail(format!("IsMtlsEnabledVmCluster is not set{open}"), at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("IsMtlsEnabledVmCluster: {why}"), at),
    }
}
