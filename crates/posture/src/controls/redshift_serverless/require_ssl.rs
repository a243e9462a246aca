//! Redshift Serverless: `require_ssl` among the workgroup's parameters.

use crate::control::Control;
use crate::controls::setting;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Judges a workgroup.
pub(super) fn judge(_: &Control, workgroup: &Subject<'_>) -> Judgement {
    let keys = (path!("ParameterKey"), path!("ParameterValue"));
    match setting::in_list(workgroup, path!("ConfigParameters[]"), keys, "require_ssl") {
        Seen::Known(value, at) if value.eq_ignore_ascii_case("true") => {
            Judgement::pass("require_ssl is true", at)
        }
        Seen::Known(value, at) => Judgement::fail(format!("require_ssl is {value}"), at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("require_ssl: {why}"), at),
        Seen::Absent(at) => Judgement::unknown(
            "require_ssl is not set, and its default hangs on when the workgroup is made",
            at,
        ),
    }
}
