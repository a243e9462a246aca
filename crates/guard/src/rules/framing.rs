//! The framing of HTTP/1.1, judged byte by byte before the HTTP library reads it.

use super::RuleId;
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::Framing,
    phase: Phase::Framing,
    default: Action::Deny,
    allowed: &[Action::Deny],
    what: "A request whose bounds can be read in two ways gets 400, and the connection closes: \
           Content-Length beside Transfer-Encoding, two of either, a Transfer-Encoding that is not exactly \
           `chunked` or comes in HTTP/1.0, bare line feeds, NUL, white space before a colon, folded lines, \
           malformed chunks.",
    why: "Where two parties on a path read a message differently, one of them can be made to see a request \
          that the other did not: request smuggling (RFC 9112 section 11.2). Rule sets that only score such \
          requests let them pass.",
    judge: Judge::InPlace,
};
