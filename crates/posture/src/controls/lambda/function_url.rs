//! Function URLs take TLS alone; what is left to say is whose pages may read their answers.

use crate::control::Control;
use crate::controls::url;
use crate::subject::{Subject, text_of};
use crate::verdict::Judgement;

/// Whether no page that was served in cleartext may call the function.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    let served = Judgement::pass("function URLs take TLS alone", subject.resource.at);
    let origins = subject.all(path!("Cors.AllowOrigins[]")).into_iter().map(|origin| {
        origin.and_then(text_of).judge(
            "AllowOrigins",
            |origin, at| match url::cleartext_host(&origin) {
                Some(host) if !url::is_exempt(control, host) => Judgement::fail(
                    format!("pages of {origin} may read its answers, and they come in cleartext"),
                    at,
                ),
                _ => Judgement::pass(format!("pages of {origin} may read its answers"), at),
            },
            |_| Judgement::not_applicable(),
        )
    });
    served.and(origins.collect())
}
