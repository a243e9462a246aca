//! Requests that an earlier hop received as early data: whoever saw them can send them again. Hermetic
//! offers no early data itself, so only what others took in is judged.

use http::{HeaderName, Method, StatusCode};

use super::RuleId;
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::EarlyData,
    phase: Phase::Request,
    default: Action::Deny,
    allowed: &[Action::Deny, Action::Count],
    what: "A request marked `Early-Data: 1` whose method is not safe gets 425. GET, HEAD, OPTIONS pass, with \
           the mark.",
    why: "Early data of TLS 1.3 can be repeated by whoever recorded it. A 425 makes the earlier hop send the \
          request again when its handshake is over (RFC 8470 section 5.2).",
    judge: Judge::Request(deny),
};

const EARLY_DATA: HeaderName = HeaderName::from_static("early-data");

fn deny(request: &Request<'_>) -> Option<Denial> {
    // RFC 8470 section 5.1: several lines, or another value, count as the one with `1`.
    let early = || request.headers.contains_key(EARLY_DATA);
    // `is_safe` takes TRACE for one too; that is refused by its own rule.
    (!Method::is_safe(request.method) && early()).then_some(Denial {
        status: StatusCode::TOO_EARLY,
        reason: "this request changes something and came in early data; send it again",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Sample;

    #[test]
    fn early_data_that_changes_something_is_to_be_sent_again() {
        let judged = |method, lines: &[(&str, &str)]| {
            Sample { method, ..Sample::with(lines) }.judged(RuleId::EarlyData)
        };
        assert_eq!(judged(Method::POST, &[("early-data", "1")]), Some(StatusCode::TOO_EARLY));
        for value in ["x, 1", "01", "1;a", ""] {
            assert_eq!(
                judged(Method::POST, &[("early-data", value)]),
                Some(StatusCode::TOO_EARLY),
                "{value}"
            );
        }
        assert_eq!(judged(Method::GET, &[("early-data", "1")]), None);
        assert_eq!(judged(Method::POST, &[]), None);
    }
}
