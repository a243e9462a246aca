//! Pages that were loaded in cleartext and send requests here: whoever is on the way of the page writes
//! its scripts, and so the requests.

use http::{StatusCode, header};

use super::RuleId;
use crate::origin::CleartextUrl;
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::InsecureOrigin,
    phase: Phase::Request,
    default: Action::Count,
    allowed: &[Action::Deny, Action::Count],
    what: "A request, or a WebSocket, whose `Origin` begins with `http://` is counted; with `deny` it gets 403. \
           Pages of the client's own machine, `http://localhost` and loopback addresses, pass.",
    why: "The scripts of a cleartext page are those of whoever is on its way, and they act with the user's \
          session (RFC 6454 section 8.4).",
    judge: Judge::Request(deny),
};

fn deny(request: &Request<'_>) -> Option<Denial> {
    let mut origins = request.headers.get_all(header::ORIGIN).iter();
    let mut cleartext = || origins.any(|origin| is_cleartext(&String::from_utf8_lossy(origin.as_bytes())));
    (request.encrypted && cleartext()).then_some(Denial {
        status: StatusCode::FORBIDDEN,
        reason: "the request comes from a page that was loaded in cleartext",
    })
}

/// One that can't be read further is none of this machine's.
fn is_cleartext(origin: &str) -> bool {
    CleartextUrl::begins(origin) && !CleartextUrl::read(origin).is_some_and(|origin| origin.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Sample;

    #[test]
    fn a_cleartext_origin_offends_unless_it_can_t_leave_its_host() {
        let judged = |origin| Sample::with(&[("origin", origin)]).judged(RuleId::InsecureOrigin);
        assert_eq!(judged("http://shop.test"), Some(StatusCode::FORBIDDEN));
        for origin in ["http://shop.test:99999", "HTTP://shop.test", "http://"] {
            assert_eq!(judged(origin), Some(StatusCode::FORBIDDEN), "{origin}");
        }
        let two = Sample::with(&[("origin", "https://shop.test"), ("origin", "http://shop.test")]);
        assert_eq!(two.judged(RuleId::InsecureOrigin), Some(StatusCode::FORBIDDEN));
        let odd = http::HeaderValue::from_bytes(b"http://shop.test\xff").unwrap();
        let headers = http::HeaderMap::from_iter([(header::ORIGIN, odd)]);
        let odd = Sample { headers, ..Sample::default() };
        assert_eq!(odd.judged(RuleId::InsecureOrigin), Some(StatusCode::FORBIDDEN));
        for origin in ["https://shop.test", "null", "http://localhost:3000", "http://127.0.0.1"] {
            assert_eq!(judged(origin), None, "{origin}");
        }
    }
}
