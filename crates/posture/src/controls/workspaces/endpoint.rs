//! How desktops are reached.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Judges a directory by `fips`.
pub(super) fn judge(control: &Control, directory: &Subject<'_>) -> Judgement {
    let fips = control.parameters.get("fips").and_then(toml::Value::as_bool) == Some(true);
    match directory.text(path!("EndpointEncryptionMode")) {
        Seen::Known(mode, at) if &*mode == "FIPS_VALIDATED" || (&*mode == "STANDARD_TLS" && !fips) => {
            Judgement::pass(format!("EndpointEncryptionMode is {mode}"), at)
        }
        Seen::Known(mode, at) => Judgement::fail(format!("EndpointEncryptionMode is {mode}"), at),
        Seen::Absent(at) if fips => {
            Judgement::fail("EndpointEncryptionMode is not set, which is STANDARD_TLS", at)
        }
        Seen::Absent(at) => Judgement::pass("EndpointEncryptionMode is not set, which is STANDARD_TLS", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("EndpointEncryptionMode: {why}"), at),
    }
}
