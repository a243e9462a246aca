//! A target that says `http:` on an encrypted connection is a downgrade in disguise.

use http::StatusCode;

use super::RuleId;
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::AbsoluteHttpTarget,
    phase: Phase::Request,
    default: Action::Deny,
    allowed: &[Action::Deny, Action::Count],
    what: "On an encrypted connection, a target that begins with `http://` or `ws://`, or a `:scheme` of \
           them over HTTP/2, gets 400.",
    why: "Whatever builds addresses from the request's own (redirects, cookies, caches) would build cleartext \
          ones. A proxy that decrypts and encrypts again without changing the scheme sends this.",
    judge: Judge::Request(deny),
};

fn deny(request: &Request<'_>) -> Option<Denial> {
    let cleartext = |scheme: &str| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("ws");
    let offends = request.encrypted && request.target.scheme_str().is_some_and(cleartext);
    offends.then_some(Denial {
        status: StatusCode::BAD_REQUEST,
        reason: "the target says http: on an https port",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Sample;

    #[test]
    fn a_cleartext_scheme_is_refused_where_the_connection_is_encrypted() {
        let judged = |target: &str, encrypted| {
            let target = target.parse().unwrap();
            Sample { target, encrypted, ..Sample::default() }.judged(RuleId::AbsoluteHttpTarget).is_some()
        };
        assert!(judged("http://shop.test/", true) && judged("WS://shop.test/", true));
        assert!(
            !judged("http://shop.test/", false) && !judged("https://shop.test/", true) && !judged("/", true)
        );
    }
}
