//! References to the same host in cleartext: an application that does not know of the TLS before it writes
//! `http://` into its redirects, and the client goes the next hop in clear.

use http::header::{self, HeaderName, HeaderValue};

use super::RuleId;
use crate::origin::CleartextUrl;
use crate::response::Response;
use crate::rule::{Action, Judge, Phase, Rule};
use crate::settings::Settings;

pub(crate) static RULE: Rule = Rule {
    id: RuleId::InsecureLocation,
    phase: Phase::Response,
    default: Action::Fix,
    allowed: &[Action::Fix, Action::Count],
    what: "In `Location`, `Content-Location`, `Refresh` and `Link`, an `http://` address of the host that the \
           request was for becomes `https://`. Other hosts stay, and so do ports that are none of 80, the \
           client's own and the upstream's.",
    why: "Each such redirect sends the client through cleartext, with its query and its cookies. Applications \
          behind a TLS proxy write them as long as they take their own scheme for the client's.",
    judge: Judge::Response(offends),
};

const REFRESH: HeaderName = HeaderName::from_static("refresh");

/// Finds such an address in a field's value, and gives the value with another in its place.
type Rewrite = fn(&Response<'_>, &str) -> Option<String>;

fn offends(response: &mut Response<'_>, _: &Settings, mend: bool) -> bool {
    if !response.encrypted {
        return false;
    }
    let places: [(HeaderName, Rewrite); 4] = [
        (header::LOCATION, rewritten),
        (header::CONTENT_LOCATION, rewritten),
        (REFRESH, in_refresh),
        (header::LINK, in_link),
    ];
    let mut offends = false;
    for (name, rewrite) in places {
        let lines = response.headers.get_all(&name);
        let found = lines.iter().any(|line| mended(response, line, rewrite).is_some());
        offends |= found;
        if found && mend {
            let mended = |line: &HeaderValue| mended(response, line, rewrite).unwrap_or_else(|| line.clone());
            let lines: Vec<HeaderValue> = lines.iter().map(mended).collect();
            response.headers.remove(&name);
            for line in lines {
                response.headers.append(&name, line);
            }
        }
    }
    offends
}

/// Some applications write paths in UTF-8 as they are.
fn mended(response: &Response<'_>, line: &HeaderValue, rewrite: Rewrite) -> Option<HeaderValue> {
    let line = std::str::from_utf8(line.as_bytes()).ok()?;
    HeaderValue::from_bytes(rewrite(response, line)?.as_bytes()).ok()
}

/// An address that becomes another.
fn rewritten(response: &Response<'_>, text: &str) -> Option<String> {
    let text = text.trim_start();
    let url = CleartextUrl::read(text)?;
    let same_host = url.host.eq_ignore_ascii_case(response.host) && !url.userinfo;
    let port = match url.port {
        None | Some(80) => response.port,
        // An application that took the port from `Host`, and the scheme from itself.
        Some(port) if Some(port) == response.asked_port || port == response.port => port,
        Some(port) if (response.is_endpoint)(port) => response.port,
        Some(_) => return None,
    };
    let scheme =
        if text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("ws")) { "wss" } else { "https" };
    let host = if url.host.contains(':') { format!("[{}]", url.host) } else { url.host.to_owned() };
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    same_host.then(|| format!("{scheme}://{host}{port}{}", url.rest))
}

/// `5; url=http://…`, as browsers read it: the address may stand in quotes.
fn in_refresh(response: &Response<'_>, value: &str) -> Option<String> {
    let at = value.to_ascii_lowercase().find("url")?;
    let behind = value.get(at + 3..)?.trim_start().strip_prefix('=')?.trim_start();
    let address = behind.trim_start_matches(['"', '\'']);
    let before = value.get(..value.len() - address.len())?;
    Some(format!("{before}{}", rewritten(response, address)?))
}

/// `<http://…>; rel=next, <…>`.
fn in_link(response: &Response<'_>, value: &str) -> Option<String> {
    let (mut mended, mut rest, mut found) = (String::with_capacity(value.len() + 8), value, false);
    while let Some((before, behind)) = rest.split_once('<') {
        let (address, after) = behind.split_once('>')?;
        let rewritten = rewritten(response, address);
        found |= rewritten.is_some();
        mended.push_str(before);
        mended.push('<');
        mended.push_str(rewritten.as_deref().unwrap_or(address));
        mended.push('>');
        rest = after;
    }
    mended.push_str(rest);
    found.then_some(mended)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::{headers, https, mended, response};

    fn becomes(name: &str, value: &str) -> (String, bool) {
        let (mut kept, offends) = mended(RuleId::InsecureLocation, &https(), &[(name, value)]);
        (kept.pop().unwrap().1, offends)
    }

    #[test]
    fn a_location_on_the_same_host_becomes_https() {
        for (written, becoming) in [
            ("http://shop.test/cart?a=b", "https://shop.test/cart?a=b"),
            ("HTTP://SHOP.test", "https://SHOP.test"),
            ("http://shop.test:80/", "https://shop.test/"),
            ("http://shop.test:8443/", "https://shop.test:8443/"),
            ("http://shop.test:3000/", "https://shop.test/"),
        ] {
            assert_eq!(becomes("location", written), (becoming.to_owned(), true));
            assert_eq!(becomes("content-location", written), (becoming.to_owned(), true));
        }
    }

    #[test]
    fn a_path_that_should_have_been_encoded_hides_nothing() {
        let raw = HeaderValue::from_bytes("http://shop.test/caf\u{e9}".as_bytes()).unwrap();
        let mut kept = headers(&[]);
        kept.insert(header::LOCATION, raw);
        assert!(offends(&mut response(&mut kept), &https(), true));
        assert_eq!(kept.get(header::LOCATION).unwrap().as_bytes(), "https://shop.test/caf\u{e9}".as_bytes());
    }

    #[test]
    fn what_leads_elsewhere_stays() {
        for location in [
            "https://shop.test/",
            "/cart",
            "//shop.test/",
            "http://other.test/",
            "http://shop.test:8080/",
            "http://shop.test@other.test/",
            "http://user@shop.test/",
            "http://shop.test.other.test/",
        ] {
            assert_eq!(becomes("location", location), (location.to_owned(), false));
        }
    }

    #[test]
    fn refresh_and_link_are_read_too() {
        assert_eq!(becomes("refresh", "5; URL=\"http://shop.test/a\"").0, "5; URL=\"https://shop.test/a\"");
        assert_eq!(becomes("refresh", "0;url=http://shop.test/a").0, "0;url=https://shop.test/a");
        assert_eq!(becomes("refresh", "5"), ("5".to_owned(), false));
        let link = "<http://shop.test/2>; rel=next, <http://other.test/>; rel=\"http://shop.test/x\", </1>; rel=prev";
        let mended = "<https://shop.test/2>; rel=next, <http://other.test/>; rel=\"http://shop.test/x\", </1>; rel=prev";
        assert_eq!(becomes("link", link), (mended.to_owned(), true));
    }

    #[test]
    fn an_address_of_the_sixth_version_keeps_its_brackets() {
        let mut kept = headers(&[("location", "http://[::1]/a")]);
        let mut own = Response { host: "::1", port: 8443, ..response(&mut kept) };
        assert!(offends(&mut own, &https(), true));
        assert_eq!(kept, headers(&[("location", "https://[::1]:8443/a")]));
    }

    proptest! {
        #[test]
        fn mending_once_is_enough(value in "(<|5; url=)?(http://)?(shop\\.test)?[ -~]{0,40}") {
            for name in ["location", "refresh", "link"] {
                let (once, _) = becomes(name, value.trim());
                prop_assert_eq!(becomes(name, &once), (once, false));
            }
        }
    }
}
