//! Fallbacks: a client that tries again with an older version says so, and is refused where a newer one
//! would have been served. As a client, the TLS library checks the sentinel in the server's random.

use super::RuleId;
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::Fallback,
    phase: Phase::Hello,
    default: Action::Deny,
    allowed: &[Action::Deny],
    what: "A hello that marks itself as a fallback (TLS_FALLBACK_SCSV) although a better version is served \
           gets the alert `inappropriate_fallback`.",
    why: "Whoever can break handshakes on the way makes clients fall back until something is weak enough: \
          POODLE (RFC 7507). TLS 1.3 adds a sentinel to the server's random, which our own clients check \
          (RFC 8446 section 4.1.3).",
    judge: Judge::InPlace,
};
