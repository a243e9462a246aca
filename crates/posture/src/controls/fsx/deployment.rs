//! Lustre encrypts by its deployment type; what other file systems do is settled in the file server.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Types of Lustre that encrypt between themselves and Nitro clients.
const ENCRYPTING: &[&str] = &["SCRATCH_2", "PERSISTENT_1", "PERSISTENT_2"];

/// Judges a file system.
pub(super) fn judge(_: &Control, system: &Subject<'_>) -> Judgement {
    match system.text(path!("FileSystemType")) {
        Seen::Known(kind, _) if &*kind == "LUSTRE" => judge_lustre(system),
        Seen::Known(kind, at) => {
            Judgement::unknown(format!("whether {kind} encrypts is settled in the file server"), at)
        }
        Seen::Absent(at) => Judgement::unknown("FileSystemType is not set", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("FileSystemType: {why}"), at),
    }
}

fn judge_lustre(system: &Subject<'_>) -> Judgement {
    match system.text(path!("LustreConfiguration.DeploymentType")) {
        Seen::Known(kind, at) if ENCRYPTING.contains(&&*kind) => {
            Judgement::pass(format!("DeploymentType is {kind}"), at)
        }
        Seen::Known(kind, at) => Judgement::fail(format!("DeploymentType is {kind}"), at),
        Seen::Absent(at) => Judgement::fail("DeploymentType is not set, which is SCRATCH_1", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("DeploymentType: {why}"), at),
    }
}
