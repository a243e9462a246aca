//! Exceptions from the controls of an audit. One that has ended is no mistake: it counts no more, and the audit says so.

use hermetic_hop::Exception;

use crate::model::Accepted;
use crate::written;

/// An exception as the audit takes it.
pub(super) fn accepted(written: &written::Exception) -> Option<Accepted> {
    Some(Accepted {
        control: written.control.written()?.value.0.clone(),
        resource: written.resource.written().map_or_else(|| "*".to_owned(), |line| line.value.0.clone()),
        exception: Exception {
            reason: written.reason.written()?.value.0.clone(),
            owner: written.owner.written()?.value.0.clone(),
            until: written.until.written()?.value,
        },
    })
}
