//! Which form of the path a client asks for (RFC 9110 section 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

/// The forms in which a path is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Representation {
    /// A page for people, which reads well in a terminal too.
    Html,
    /// The same for programs.
    Json,
}

impl Representation {
    /// JSON where the client prefers it; the page for everybody else.
    pub fn preferred(headers: &HeaderMap) -> Self {
        let (html, json) = (wish(headers, "text", "html"), wish(headers, "application", "json"));
        if json > html { Self::Json } else { Self::Html }
    }
}

/// How much the client wants a type, in thousandths, and how expressly: the most specific range that
/// covers it counts, and of two equal wishes the one that names its type.
fn wish(headers: &HeaderMap, kind: &str, subtype: &str) -> (u16, u8) {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(',')).filter_map(range);
    ranges
        .filter_map(|(k, s, quality)| {
            let specific = match (k, s) {
                ("*", "*") => 0,
                (k, "*") if k.eq_ignore_ascii_case(kind) => 1,
                (k, s) if k.eq_ignore_ascii_case(kind) && s.eq_ignore_ascii_case(subtype) => 2,
                _ => return None,
            };
            Some((specific, quality))
        })
        .max()
        .filter(|(_, quality)| *quality > 0)
        .map_or((0, 0), |(specific, quality)| (quality, specific))
}

/// A media range and its weight.
fn range(text: &str) -> Option<(&str, &str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((kind, subtype, weight.map_or(Some(1000), thousandths)?))
}

/// `0`, `1`, or either with up to three decimals.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok().filter(|_| digits)?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn preferred(accept: &str) -> Representation {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        Representation::preferred(&headers)
    }

    #[test]
    fn a_browser_and_a_plain_curl_get_the_page() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(preferred(browser), Representation::Html);
        assert_eq!(preferred("*/*"), Representation::Html);
        assert_eq!(Representation::preferred(&HeaderMap::new()), Representation::Html);
    }

    #[test]
    fn whoever_asks_for_json_gets_it() {
        assert_eq!(preferred("application/json"), Representation::Json);
        assert_eq!(preferred("application/json, text/plain, */*"), Representation::Json);
        assert_eq!(preferred("application/json, */*;q=0.5"), Representation::Json);
        assert_eq!(preferred("APPLICATION/JSON;q=0.9, text/*;q=0.8"), Representation::Json);
    }

    #[test]
    fn a_weight_that_prefers_the_page_is_heeded_and_a_broken_one_is_no_wish() {
        assert_eq!(preferred("application/json;q=0.2, text/html"), Representation::Html);
        assert_eq!(preferred("application/json;q=0"), Representation::Html);
        assert_eq!(preferred("application/json;q=1.5"), Representation::Html);
    }

    proptest! {
        #[test]
        fn no_wish_makes_the_reader_panic(accept in "[ -~]{0,60}") {
            preferred(&accept);
        }
    }
}
