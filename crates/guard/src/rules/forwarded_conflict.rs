//! A previous hop, known and believed, whose headers contradict each other about the protocol: one of
//! them is its client's, passed on unread, and nobody can say which.

use http::StatusCode;

use super::RuleId;
use crate::forwarded::{self, X_FORWARDED_PROTO};
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::ForwardedConflict,
    phase: Phase::Request,
    default: Action::Deny,
    allowed: &[Action::Deny, Action::Count],
    what: "From an authenticated party, two lines of `X-Forwarded-Proto`, values in it that differ, a \
           `Forwarded` that can't be read, or an `X-Forwarded-Proto` that is neither the first nor the last \
           `proto` of `Forwarded`, get 400.",
    why: "Servers behind read the one or the other, the first or the last: what one takes for encrypted the \
          next takes for cleartext (RFC 7239 section 8.1).",
    judge: Judge::Request(deny),
};

fn deny(request: &Request<'_>) -> Option<Denial> {
    (request.trusted && conflicts(request)).then_some(Denial {
        status: StatusCode::BAD_REQUEST,
        reason: "the previous hop contradicts itself about the protocol of the request",
    })
}

fn conflicts(request: &Request<'_>) -> bool {
    if request.headers.get_all(X_FORWARDED_PROTO).iter().nth(1).is_some() {
        return true;
    }
    let mut told = forwarded::x_forwarded_proto(request.headers);
    let proto = told.next();
    if told.any(|other| Some(other) != proto) {
        return true;
    }
    let (mut first, mut last) = (None, None);
    for element in forwarded::forwarded(request.headers) {
        let Ok(element) = element else { return true };
        first = first.or(Some(element));
        last = Some(element);
    }
    proto.is_some() && first.is_some() && proto != first && proto != last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Sample;

    #[test]
    fn what_contradicts_itself_is_refused() {
        for lines in [
            &[("x-forwarded-proto", "https"), ("x-forwarded-proto", "https")][..],
            &[("x-forwarded-proto", "https, http")],
            &[("x-forwarded-proto", "http"), ("forwarded", "for=a;proto=https")],
            &[("forwarded", "for=a;proto=\"https")],
        ] {
            let judged = |sample: Sample| sample.judged(RuleId::ForwardedConflict);
            assert_eq!(judged(Sample::trusted(lines)), Some(StatusCode::BAD_REQUEST), "{lines:?}");
            assert_eq!(judged(Sample::with(lines)), None, "a stranger's claims are taken out: {lines:?}");
        }
    }

    #[test]
    fn one_story_told_twice_is_none() {
        for lines in [
            &[("x-forwarded-proto", "https"), ("forwarded", "for=a;proto=https, for=b;proto=https")][..],
            &[("x-forwarded-proto", "http"), ("forwarded", "for=a;proto=http, for=b;proto=https")],
            &[("x-forwarded-proto", "https,https")],
            &[("forwarded", "for=a")],
            &[],
        ] {
            assert_eq!(Sample::trusted(lines).judged(RuleId::ForwardedConflict), None, "{lines:?}");
        }
    }
}
