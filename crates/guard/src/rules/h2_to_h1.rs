//! What means nothing in HTTP/2 and something in HTTP/1.1, where the request may go on. The HTTP/2 library
//! refuses most of it as malformed, and the types of names, values and targets hold no CR, LF, NUL or
//! space; this judges again what arrives, so that no change of a library can open the way.

use http::{HeaderName, StatusCode, Version, header};

use super::RuleId;
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::H2ToH1,
    phase: Phase::Framing,
    default: Action::Deny,
    allowed: &[Action::Deny],
    what: "A request over HTTP/2 with CR, LF or NUL in a field, with a field that belongs to a connection \
           (`Connection`, `Transfer-Encoding`, `Upgrade`, `Keep-Alive`, a `TE` other than `trailers`), or with \
           white space in its target, ends its stream or gets 400.",
    why: "Such a request becomes another one, or two, when it goes on as HTTP/1.1 (RFC 9113 sections 8.2.1 and \
          8.2.2). CVE-2021-21295 and the desync attacks of 2021 were that.",
    judge: Judge::Request(deny),
};

const OF_A_CONNECTION: [HeaderName; 5] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

fn deny(request: &Request<'_>) -> Option<Denial> {
    if request.version != Version::HTTP_2 {
        return None;
    }
    let of_a_connection = || OF_A_CONNECTION.iter().any(|name| request.headers.contains_key(name));
    let coding = || request.headers.get_all(header::TE).iter().any(|te| te != "trailers");
    let target = request.target.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    let odd = || target.bytes().any(|byte| byte <= b' ' || byte == 0x7F);
    (of_a_connection() || coding() || odd()).then_some(Denial {
        status: StatusCode::BAD_REQUEST,
        reason: "the request has a field or target that HTTP/2 does not allow",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Sample;

    fn judged(version: Version, lines: &[(&str, &str)]) -> bool {
        Sample { version, ..Sample::with(lines) }.judged(RuleId::H2ToH1).is_some()
    }

    #[test]
    fn fields_of_a_connection_are_refused_over_http_2_alone() {
        for line in [
            ("connection", "x"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("keep-alive", "1"),
            ("te", "gzip"),
        ] {
            assert!(judged(Version::HTTP_2, &[line]), "{line:?}");
            assert!(!judged(Version::HTTP_11, &[line]), "{line:?}");
        }
        assert!(!judged(Version::HTTP_2, &[("te", "trailers"), ("accept", "*/*")]));
    }
}
