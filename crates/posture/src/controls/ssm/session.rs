//! Session documents: whether sessions are encrypted by a key of KMS as well.

use crate::control::Control;
use crate::controls::document::document;
use crate::subject::{Seen, Subject, text_of};
use crate::verdict::Judgement;

/// Judges a document that settles sessions.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    match subject.text(path!("DocumentType")) {
        Seen::Known(kind, _) if &*kind == "Session" => of_session(subject),
        Seen::Known(..) | Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("DocumentType: {why}"), at),
    }
}

fn of_session(subject: &Subject<'_>) -> Judgement {
    let content = match document(subject, path!("Content")) {
        Seen::Known(content, _) => content,
        Seen::Absent(at) => return Judgement::fail("Content is not set", at),
        Seen::Unknown(why, at) => return Judgement::unknown(format!("Content: {why}"), at),
    };
    let fail = |at| Judgement::fail("inputs.kmsKeyId is empty: sessions have no encryption besides TLS", at);
    subject.value_in(&content, path!("inputs.kmsKeyId")).judge(
        "inputs.kmsKeyId",
        |key, at| match text_of(key) {
            Ok(key) if key.trim().is_empty() => fail(at),
            Ok(key) if key.contains("{{") => Judgement::unknown(
                format!("inputs.kmsKeyId is {key}, which is given when a session starts"),
                at,
            ),
            _ => Judgement::pass("sessions are encrypted by a key of KMS", at),
        },
        fail,
    )
}
