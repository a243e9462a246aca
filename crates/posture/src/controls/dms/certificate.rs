//! Certificates that DMS verifies databases by.

use crate::control::Control;
use crate::controls::certificate;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Judges a certificate that stands in the code.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    match subject.text(path!("CertificatePem")) {
        Seen::Known(pem, at) => certificate::judge(control, subject, &pem, at),
        Seen::Absent(at) => Judgement::unknown("the certificate does not stand in the code", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("the certificate is not known: {why}"), at),
    }
}
