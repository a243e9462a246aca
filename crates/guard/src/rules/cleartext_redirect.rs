//! What a cleartext port answers: GET and HEAD go to the same address under https; a request that has
//! given something away already is refused aloud and put on record, never redirected in silence. A
//! client that follows the redirect would never learn that its secret leaked.

use http::{HeaderMap, HeaderName, Method, header};

use super::RuleId;
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::CleartextRedirect,
    phase: Phase::Request,
    default: Action::Deny,
    allowed: &[Action::Deny],
    what: "A cleartext port answers GET and HEAD with 301 to https, and nothing else: any other method, and \
           any request with `Authorization`, gets 403. What it carried is on record as `credential_exposed`, \
           a cookie too.",
    why: "A redirect would hide that a secret went in clear; the client would send it so again.",
    judge: Judge::InPlace,
};

/// Headers that carry secrets.
const SECRETS: [HeaderName; 3] = [header::AUTHORIZATION, header::PROXY_AUTHORIZATION, header::COOKIE];

/// Whether a request on a cleartext port is refused rather than redirected.
pub fn refuses(method: &Method, headers: &HeaderMap) -> bool {
    !is_safe(method) || headers.contains_key(header::AUTHORIZATION)
}

/// What went in clear: `authorization` or `cookie` by the header that carries it, or `content` of a
/// request that has some.
pub fn exposed(method: &Method, headers: &HeaderMap) -> Option<&'static str> {
    match SECRETS.iter().find(|name| headers.contains_key(*name)) {
        Some(name) if *name == header::COOKIE => Some("cookie"),
        Some(_) => Some("authorization"),
        None if !is_safe(method) => Some("content"),
        None => None,
    }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::headers;

    #[test]
    fn only_what_gave_nothing_away_is_redirected() {
        assert!(
            !refuses(&Method::GET, &headers(&[])) && !refuses(&Method::HEAD, &headers(&[("cookie", "a=b")]))
        );
        for method in [Method::POST, Method::OPTIONS, Method::DELETE] {
            assert!(refuses(&method, &headers(&[])), "{method}");
        }
        assert!(refuses(&Method::GET, &headers(&[("authorization", "Bearer x")])));
    }

    #[test]
    fn what_went_in_clear_is_named() {
        assert_eq!(exposed(&Method::GET, &headers(&[])), None);
        assert_eq!(exposed(&Method::GET, &headers(&[("cookie", "a=b")])), Some("cookie"));
        assert_eq!(
            exposed(&Method::POST, &headers(&[("cookie", "a=b"), ("authorization", "x")])),
            Some("authorization")
        );
        assert_eq!(exposed(&Method::PUT, &headers(&[])), Some("content"));
    }
}
