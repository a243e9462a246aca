//! Certificates that were uploaded to IAM, which nothing renews.

use crate::control::Control;
use crate::controls::certificate;
use crate::subject::Subject;
use crate::verdict::Judgement;

/// Whether a certificate that stands in the code has time left.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    subject.text(path!("CertificateBody")).judge(
        "CertificateBody",
        |body, at| certificate::judge(control, subject, &body, at),
        |at| Judgement::unknown("CertificateBody is not set", at),
    )
}
