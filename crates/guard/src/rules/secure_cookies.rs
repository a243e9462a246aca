//! Cookies that a browser would send in cleartext too.

use http::header::{self, HeaderValue};

use super::RuleId;
use crate::response::Response;
use crate::rule::{Action, Judge, Phase, Rule};
use crate::settings::Settings;

pub(crate) static RULE: Rule = Rule {
    id: RuleId::SecureCookies,
    phase: Phase::Response,
    default: Action::Fix,
    allowed: &[Action::Fix, Action::Count],
    what: "A `Set-Cookie` without `Secure` gets it. A cookie named `__Host-…` with a `Domain`, or with another \
           path than `/`, is taken out: no browser keeps it, and other clients would let it be overwritten.",
    why: "A browser sends a cookie without `Secure` to http:// too, once somebody on the way makes it ask \
          (RFC 6265 section 8.3). `SameSite=None` and the prefixes `__Secure-` and `__Host-` need it \
          (RFC 6265bis sections 4.1.3 and 5.6).",
    judge: Judge::Response(offends),
};

/// What becomes of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sentence {
    Keep,
    Secure,
    Drop,
}

fn offends(response: &mut Response<'_>, _: &Settings, mend: bool) -> bool {
    // A browser refuses `Secure` in what came in cleartext.
    if !response.encrypted {
        return false;
    }
    let cookies = response.headers.get_all(header::SET_COOKIE);
    if cookies.iter().all(|cookie| sentence(cookie) == Sentence::Keep) {
        return false;
    }
    if mend {
        let cookies: Vec<HeaderValue> = cookies.iter().filter_map(mended).collect();
        response.headers.remove(header::SET_COOKIE);
        for cookie in cookies {
            response.headers.append(header::SET_COOKIE, cookie);
        }
    }
    true
}

fn mended(cookie: &HeaderValue) -> Option<HeaderValue> {
    match sentence(cookie) {
        Sentence::Keep => Some(cookie.clone()),
        Sentence::Secure => HeaderValue::from_bytes(&[cookie.as_bytes(), b"; Secure"].concat()).ok(),
        Sentence::Drop => None,
    }
}

fn sentence(cookie: &HeaderValue) -> Sentence {
    let mut parts = cookie.as_bytes().split(|&byte| byte == b';').map(|part| part.trim_ascii());
    let pair = parts.next().unwrap_or_default();
    let host_only = pair.get(..7).is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"__Host-"));
    let (mut secure, mut domain, mut path) = (false, false, None);
    for attribute in parts {
        let (name, value) = match attribute.iter().position(|&byte| byte == b'=') {
            Some(at) => {
                (attribute.get(..at).unwrap_or_default(), attribute.get(at + 1..).unwrap_or_default())
            }
            None => (attribute, &b""[..]),
        };
        match name.trim_ascii() {
            name if name.eq_ignore_ascii_case(b"secure") => secure = true,
            name if name.eq_ignore_ascii_case(b"domain") => domain = !value.trim_ascii().is_empty(),
            // The last one counts (RFC 6265 section 5.3).
            name if name.eq_ignore_ascii_case(b"path") => path = Some(value.trim_ascii()),
            _ => {}
        }
    }
    match (host_only && (domain || path != Some(b"/")), secure) {
        (true, _) => Sentence::Drop,
        (false, true) => Sentence::Keep,
        (false, false) => Sentence::Secure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{headers, https, mended, response};

    fn becomes(cookies: &[&str]) -> (Vec<String>, bool) {
        let lines: Vec<_> = cookies.iter().map(|cookie| ("set-cookie", *cookie)).collect();
        let (kept, offends) = mended(RuleId::SecureCookies, &https(), &lines);
        (kept.into_iter().map(|(_, value)| value).collect(), offends)
    }

    #[test]
    fn a_cookie_without_secure_gets_it_and_the_others_stay_in_their_order() {
        let (kept, offends) = becomes(&["a=1; Path=/; HttpOnly", "b=2; secure", "c=3; SameSite=None"]);
        assert_eq!(kept, ["a=1; Path=/; HttpOnly; Secure", "b=2; secure", "c=3; SameSite=None; Secure"]);
        assert!(offends);
    }

    #[test]
    fn a_value_that_looks_like_the_attribute_is_none() {
        assert_eq!(becomes(&["a=Secure"]).0, ["a=Secure; Secure"]);
        assert_eq!(becomes(&["a=1; Path=/secure"]).0, ["a=1; Path=/secure; Secure"]);
        assert_eq!(becomes(&["a=1;SECURE;Path=/"]), (vec!["a=1;SECURE;Path=/".to_owned()], false));
    }

    #[test]
    fn the_prefixes_are_kept_to() {
        assert_eq!(becomes(&["__Secure-a=1"]).0, ["__Secure-a=1; Secure"]);
        assert_eq!(becomes(&["__Host-a=1; Path=/"]).0, ["__Host-a=1; Path=/; Secure"]);
        for broken in [
            "__Host-a=1; Secure",
            "__host-a=1; Path=/a; Secure",
            "__Host-a=1; Path=/; Domain=shop.test; Secure",
        ] {
            assert_eq!(becomes(&[broken, "b=2; Secure"]), (vec!["b=2; Secure".to_owned()], true), "{broken}");
        }
    }

    #[test]
    fn in_cleartext_cookies_stay_as_they_are() {
        let mut kept = headers(&[("set-cookie", "a=1")]);
        let mut clear = Response { encrypted: false, ..response(&mut kept) };
        assert!(!offends(&mut clear, &https(), true));
        assert_eq!(kept, headers(&[("set-cookie", "a=1")]));
    }
}
