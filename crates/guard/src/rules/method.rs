//! Methods that are not served: TRACE echoes credentials back, CONNECT would make a tunnel past every
//! other rule.

use http::{Method, StatusCode};

use super::RuleId;
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::Method,
    phase: Phase::Request,
    default: Action::Deny,
    allowed: &[Action::Deny],
    what: "TRACE and CONNECT get 405.",
    why: "TRACE echoes what a client sent, credentials included, to whatever script asks (RFC 9110 section \
          9.3.8). CONNECT makes a tunnel in which no rule judges any more.",
    judge: Judge::Request(deny),
};

fn deny(request: &Request<'_>) -> Option<Denial> {
    matches!(*request.method, Method::TRACE | Method::CONNECT).then_some(Denial {
        status: StatusCode::METHOD_NOT_ALLOWED,
        reason: "this method is not served here",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Sample;

    #[test]
    fn trace_and_connect_are_refused_and_others_are_not() {
        let judged = |method| Sample { method, ..Sample::default() }.judged(RuleId::Method);
        assert_eq!(judged(Method::TRACE), Some(StatusCode::METHOD_NOT_ALLOWED));
        assert_eq!(judged(Method::CONNECT), Some(StatusCode::METHOD_NOT_ALLOWED));
        assert_eq!((judged(Method::GET), judged(Method::from_bytes(b"PURGE").unwrap())), (None, None));
    }
}
