//! A previous hop, known and believed, that tells of a hop before it in cleartext. What reached it was
//! open to everybody on the way, however well this hop is sealed.

use http::StatusCode;

use super::RuleId;
use crate::forwarded;
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::ClearEarlierHop,
    phase: Phase::Request,
    default: Action::Deny,
    allowed: &[Action::Deny, Action::Count],
    what: "A request of which an authenticated party says that it came in cleartext (`X-Forwarded-Proto: http`, \
           `Forwarded: proto=http`, `X-Forwarded-Ssl: off` and their kin) gets 403. On a \
           listener whose `mode` lets cleartext pass it is counted.",
    why: "A sealed hop behind a clear one protects nothing, and what came over the clear one was open to \
          whoever was on it (IABTechLab/trusted-server#409).",
    judge: Judge::Request(deny),
};

fn deny(request: &Request<'_>) -> Option<Denial> {
    (request.trusted && forwarded::tells_of_cleartext(request.headers)).then_some(Denial {
        status: StatusCode::FORBIDDEN,
        reason: "an earlier hop of this request was in cleartext",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Sample;

    #[test]
    fn any_header_that_tells_of_cleartext_counts_from_a_party_that_is_believed() {
        for line in [
            ("x-forwarded-proto", "http"),
            ("x-forwarded-proto", "https, HTTP"),
            ("forwarded", "for=a;proto=https, for=b;proto=http"),
            ("x-forwarded-scheme", "http"),
            ("cloudfront-forwarded-proto", "http"),
            ("x-forwarded-ssl", "off"),
            ("front-end-https", "Off"),
        ] {
            let judged = |sample: Sample| sample.judged(RuleId::ClearEarlierHop);
            assert_eq!(judged(Sample::trusted(&[line])), Some(StatusCode::FORBIDDEN), "{line:?}");
            assert_eq!(judged(Sample::with(&[line])), None, "{line:?}");
        }
    }

    #[test]
    fn a_way_that_was_encrypted_is_let_pass() {
        let lines =
            [("x-forwarded-proto", "https"), ("forwarded", "for=a;proto=https"), ("front-end-https", "on")];
        assert_eq!(Sample::trusted(&lines).judged(RuleId::ClearEarlierHop), None);
    }
}
