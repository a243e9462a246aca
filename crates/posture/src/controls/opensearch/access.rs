//! Access policies of domains.

use crate::control::Control;
use crate::controls::secure_transport;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Whether a domain refuses cleartext: it enforces HTTPS, or its policy does.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    match subject.bool(path!("DomainEndpointOptions.EnforceHTTPS")) {
        Seen::Known(true, at) => Judgement::pass("it enforces HTTPS", at),
        Seen::Unknown(why, at) => {
            let enforced = Judgement::unknown(format!("EnforceHTTPS: {why}"), at);
            secure_transport::judge(control, subject).or(enforced)
        }
        Seen::Known(false, _) | Seen::Absent(_) => secure_transport::judge(control, subject),
    }
}
