//! Upgrades to cleartext HTTP/2: within TLS there is nothing to gain, and a proxy that agrees has made a
//! tunnel in which no rule judges any more.

use http::{HeaderName, StatusCode, header};

use super::RuleId;
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::UpgradeH2c,
    phase: Phase::Request,
    default: Action::Fix,
    allowed: &[Action::Deny, Action::Fix],
    what: "`Upgrade: h2c` and `HTTP2-Settings` are taken out, so that the request goes on as HTTP/1.1. With \
           `deny` it gets 400.",
    why: "h2c smuggling: a proxy that passes the upgrade on is out of every request that follows. The upgrade \
          itself was withdrawn (RFC 9113 section 3.1).",
    judge: Judge::Request(deny),
};

const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");

fn deny(request: &Request<'_>) -> Option<Denial> {
    // Bytes, not text: a value is no less one for what else stands in it.
    let names_h2c = |value: &http::HeaderValue| {
        let mut names = value.as_bytes().split(|byte| *byte == b',');
        names.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"h2c"))
    };
    let offends = request.headers.contains_key(HTTP2_SETTINGS)
        || request.headers.get_all(header::UPGRADE).iter().any(names_h2c);
    offends
        .then_some(Denial { status: StatusCode::BAD_REQUEST, reason: "cleartext HTTP/2 is not spoken here" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Sample;

    #[test]
    fn an_upgrade_to_cleartext_http_2_offends_and_a_websocket_does_not() {
        let judged = |lines| Sample::with(lines).judged(RuleId::UpgradeH2c).is_some();
        assert!(judged(&[("upgrade", "h2c")]) && judged(&[("upgrade", "websocket, H2C")]));
        let odd = http::HeaderValue::from_bytes(b"h2c, \xff").unwrap();
        let headers = http::HeaderMap::from_iter([(header::UPGRADE, odd)]);
        assert!(Sample { headers, ..Sample::default() }.judged(RuleId::UpgradeH2c).is_some());
        assert!(judged(&[("http2-settings", "AAMAAABkAARAAAAAAAIAAAAA")]));
        assert!(!judged(&[("upgrade", "websocket")]) && !judged(&[]));
    }
}
