//! What a template only points at: it may declare anything, so nobody can tell how that stands.

use crate::control::Control;
use crate::span::Span;
use crate::subject::Subject;
use crate::verdict::Judgement;

const BEFORE_IT_IS_PACKAGED: &str = "audit it before it is packaged, with TemplateURL the path of the nested template, \
                                     or the cdk.out that `cdk synth` writes";
const PROCESSED: &str = "audit what `aws cloudformation get-template --template-stage Processed` prints";

/// Whether what is nested in a resource was read with it.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    let resource = subject.resource;
    if subject.graph.is_opened(resource) {
        return Judgement::pass("its template was read with this one", resource.at);
    }
    subject.text(path!("TemplateURL")).judge(
        "what it declares was not seen: TemplateURL",
        |place, at| match place.split_once("://") {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("http") => {
                Judgement::fail(format!("its template is fetched in cleartext, from {place}"), at)
            }
            Some(_) => not_seen(&format!("its template is at {place}"), BEFORE_IT_IS_PACKAGED, at),
            None => not_seen(&format!("{place} is not beside this template"), BEFORE_IT_IS_PACKAGED, at),
        },
        |at| not_seen("it is written nowhere in this template", PROCESSED, at),
    )
}

/// Nobody can tell, and this can be done.
fn not_seen(why: &str, remedy: &str, at: Span) -> Judgement {
    Judgement::unknown(format!("what it declares was not seen: {why}; {remedy}"), at)
}
