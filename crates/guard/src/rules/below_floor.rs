//! Protocol versions, suites, groups and signatures below the listener's policy. The handshake itself
//! refuses them: what is not in the policy is never negotiated, so there is no request yet to answer.

use super::RuleId;
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::BelowFloor,
    phase: Phase::Hello,
    default: Action::Deny,
    allowed: &[Action::Deny],
    what: "A hello that offers no protocol version of the listener's `policy` gets the alert \
           `protocol_version`; one with no cipher suite, key-exchange group or signature scheme of it gets \
           `handshake_failure`. The policy is the floor; choose another there.",
    why: "Deprecated versions and suites are the first anti-pattern of encryption in transit (RFC 8996, \
          RFC 7465, RFC 9155).",
    judge: Judge::InPlace,
};
