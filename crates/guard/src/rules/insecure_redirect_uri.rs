//! Ways back that lead to cleartext: a code or token that an authorization server sends there is read by
//! whoever is on the way. Only the query is judged; a body is not held up to be read.

use http::StatusCode;

use super::RuleId;
use crate::origin::CleartextUrl;
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::InsecureRedirectUri,
    phase: Phase::Request,
    default: Action::Count,
    allowed: &[Action::Deny, Action::Count],
    what: "A query parameter that says where to go back to (`redirect_uri`, `callback` and their kin) and begins \
           with `http://` is counted; with `deny` the request gets 400. Loopback addresses pass.",
    why: "The code or token that comes back would travel in clear (RFC 9700 section 2.6). Native applications \
          listen on loopback, which is sound (RFC 8252 section 7.3).",
    judge: Judge::Request(deny),
};

const PARAMETERS: [&str; 8] = [
    "redirect_uri",
    "redirect_url",
    "post_logout_redirect_uri",
    "callback",
    "callback_url",
    "return_to",
    "return_url",
    "returnurl",
];

/// More than this of a value is not read; an address to go back to is shorter.
const LONGEST: usize = 2048;

fn deny(request: &Request<'_>) -> Option<Denial> {
    request.target.query().is_some_and(leads_to_cleartext).then_some(Denial {
        status: StatusCode::BAD_REQUEST,
        reason: "the request asks to be sent back to a cleartext address",
    })
}

fn leads_to_cleartext(query: &str) -> bool {
    query.split(['&', ';']).filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
        let known = PARAMETERS.iter().any(|known| same(name, known));
        known && CleartextUrl::read(&address(value)).is_some_and(|url| !url.is_loopback())
    })
}

/// Whether a name, as it is encoded, is this one.
fn same(name: &str, known: &str) -> bool {
    decoded(name).map(|byte| byte.to_ascii_lowercase()).eq(known.bytes())
}

/// The beginning of a value as a browser takes it for an address: without what it passes over, which is space
/// in front, and tabs and line ends anywhere (URL Standard, "basic URL parser").
fn address(value: &str) -> String {
    let taken = decoded(value).filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\r'));
    let taken: Vec<u8> = taken.skip_while(|byte| *byte <= b' ').take(LONGEST).collect();
    String::from_utf8_lossy(&taken).into_owned()
}

/// The bytes without their encoding as those of a form (URL Standard); what is malformed stays as it is.
fn decoded(text: &str) -> impl Iterator<Item = u8> {
    let mut bytes = text.bytes();
    std::iter::from_fn(move || {
        let byte = bytes.next()?;
        let mut ahead = bytes.clone();
        let escaped =
            (byte == b'%').then(|| Some(digit(ahead.next()?)? << 4 | digit(ahead.next()?)?)).flatten();
        if escaped.is_some() {
            bytes = ahead;
        }
        Some(escaped.unwrap_or(if byte == b'+' { b' ' } else { byte }))
    })
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::Sample;

    #[test]
    fn a_way_back_in_cleartext_offends_however_it_is_encoded() {
        let judged = |target: &str| {
            let target = target.parse().unwrap();
            Sample { target, ..Sample::default() }.judged(RuleId::InsecureRedirectUri)
        };
        for target in [
            "/login?redirect_uri=http://shop.test/back",
            "/login?state=1&Redirect_URI=http%3A%2F%2Fshop.test%2Fback",
            "/login?callback=HTTP%3a//shop.test",
            "/login?redirect%5Furi=http://shop.test",
            "/login?redirect_uri=%20http://shop.test",
            "/login?redirect_uri=+http://shop.test",
            "/login?redirect_uri=ht%0Atp://shop.test",
            "/login?return_to=%68ttp://127.0.0.1@shop.test/",
        ] {
            assert_eq!(judged(target), Some(StatusCode::BAD_REQUEST), "{target}");
        }
        for target in [
            "/login",
            "/login?redirect_uri=https%3A%2F%2Fshop.test%2Fback",
            "/login?redirect_uri=http%3A%2F%2F127.0.0.1%3A51004%2Fback",
            "/login?redirect_uri=/back",
            "/jsonp?callback=show",
            "/search?q=http://shop.test/",
            "/login?redirect_uri=%",
        ] {
            assert_eq!(judged(target), None, "{target}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_reads_back(text in "\\PC{0,40}") {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(decoded(&encoded).collect::<Vec<_>>(), text.as_bytes());
        }
    }
}
