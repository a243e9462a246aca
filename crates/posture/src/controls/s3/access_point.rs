//! Requests by an access point are decided by its own policy and by that of its bucket: a Deny in either holds.

use crate::control::Control;
use crate::subject::Subject;
use crate::verdict::{Judgement, Standing};

use super::super::secure_transport;

/// Whether an access point, or the bucket behind it, refuses cleartext.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    let own = secure_transport::judge(control, subject);
    if &*subject.resource.kind != "AWS::S3::AccessPoint" || own.standing == Standing::Pass {
        return own;
    }
    let bucket = subject.written("Bucket").into_iter().next().and_then(|bucket| subject.target(bucket));
    let Some(bucket) = bucket else {
        let at = own.grounds.first().map_or(subject.resource.at, |ground| ground.at);
        return own.or(Judgement::unknown("the policy of its bucket is not among what was read", at));
    };
    own.or(secure_transport::judge(control, &bucket))
}
