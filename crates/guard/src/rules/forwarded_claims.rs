//! Headers that claim who a client is, or by which way it came. A stranger's are taken out, and then set
//! from facts; an authenticated party's count.

use http::{HeaderMap, HeaderName, StatusCode};

use super::RuleId;
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::ForwardedClaims,
    phase: Phase::Request,
    default: Action::Fix,
    allowed: &[Action::Deny, Action::Fix],
    what: "Headers by which a client claims its address, its identity or the protocol of an earlier hop \
           (`X-Forwarded-*`, `Forwarded`, `X-Scheme`, `Front-End-Https` and the rest of the list under Headers) \
           are taken out, and set from facts. With `deny` such a request gets 400. What an authenticated party \
           sends is kept.",
    why: "A server that believes them can be told anything: CVE-2026-46579, cloudfoundry/gorouter#201, \
          cloudfoundry/haproxy-boshrelease#86, aptible/docker-nginx#69, fatedier/frp#4168.",
    judge: Judge::Request(deny),
};

/// Names that claim something about the connection or the client.
const CLAIMS: &[&str] = &[
    "cf-connecting-ip",
    "cf-visitor",
    "client-cert",
    "client-cert-chain",
    "cloudfront-forwarded-proto",
    "forwarded",
    "front-end-https",
    "hermetic-path",
    "true-client-ip",
    "x-client-cert",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-original-forwarded-for",
    "x-real-ip",
    "x-scheme",
    "x-url-scheme",
];

/// Families of such names: the usual ones, an ALB's, Envoy's, and those by which ingress-nginx and
/// IIS tell of client certificates.
const FAMILIES: &[&str] =
    &["x-forwarded-", "x-amzn-mtls-", "x-amzn-tls-", "x-envoy-", "x-ssl-", "x-tls-", "ssl-client-", "x-arr-"];

fn deny(request: &Request<'_>) -> Option<Denial> {
    let offends = !request.trusted && request.headers.keys().any(|name| is_claim(name.as_str()));
    offends.then_some(Denial {
        status: StatusCode::BAD_REQUEST,
        reason: "the request claims by which way it came",
    })
}

/// Takes all claims out; of trailers too, since some servers merge them.
pub fn remove(headers: &mut HeaderMap) {
    let claims: Vec<HeaderName> = headers.keys().filter(|name| is_claim(name.as_str())).cloned().collect();
    for name in claims {
        headers.remove(name);
    }
}

/// Whether a header of this name, in lower case, is a claim. `_` is read as `-`: servers that speak CGI
/// do not tell the two apart.
pub fn is_claim(name: &str) -> bool {
    // Most names begin with none of these, and one look says so.
    if !name.starts_with(['c', 'f', 'h', 's', 't', 'x']) {
        return false;
    }
    let begins_with = |known: &str| {
        let read = |byte: u8| if byte == b'_' { b'-' } else { byte };
        name.len() >= known.len() && name.bytes().map(read).zip(known.bytes()).all(|(a, b)| a == b)
    };
    CLAIMS.iter().any(|known| name.len() == known.len() && begins_with(known))
        || FAMILIES.iter().any(|family| begins_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{Sample, headers};

    #[test]
    fn a_claim_is_known_in_any_spelling() {
        for name in [
            "x-forwarded-for",
            "x_forwarded_proto",
            "x-amzn-mtls-clientcert-leaf",
            "forwarded",
            "hermetic_path",
            "client-cert",
            "ssl-client-verify",
            "x-envoy-peer-metadata",
            "true_client_ip",
        ] {
            assert!(is_claim(name), "{name}");
        }
        for name in
            ["x-request-id", "forward", "forwarded-by", "x-amzn-trace-id", "accept", "cookie", "x-forward"]
        {
            assert!(!is_claim(name), "{name}");
        }
    }

    #[test]
    fn no_claim_is_missed_by_its_first_letter() {
        for name in CLAIMS.iter().chain(FAMILIES) {
            assert!(is_claim(name), "{name}");
        }
    }

    #[test]
    fn only_a_strangers_claims_offend() {
        let lines = [("x-forwarded-proto", "https")];
        assert_eq!(Sample::with(&lines).judged(RuleId::ForwardedClaims), Some(StatusCode::BAD_REQUEST));
        assert_eq!(Sample::trusted(&lines).judged(RuleId::ForwardedClaims), None);
        assert_eq!(Sample::with(&[("accept", "*/*")]).judged(RuleId::ForwardedClaims), None);
    }

    #[test]
    fn all_claims_are_taken_out_and_nothing_else() {
        let mut kept = headers(&[
            ("x-real-ip", "6.6.6.6"),
            ("x_forwarded_for", "a"),
            ("x_forwarded_for", "b"),
            ("accept", "c"),
        ]);
        remove(&mut kept);
        assert_eq!(kept, headers(&[("accept", "c")]));
    }
}
