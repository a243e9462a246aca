//! Strict-Transport-Security: the promise by which browsers come encrypted from then on.

use std::time::Duration;

use http::HeaderMap;
use http::header::{self, HeaderValue};

use super::RuleId;
use crate::response::Response;
use crate::rule::{Action, Judge, Phase, Rule};
use crate::settings::Settings;

pub(crate) static RULE: Rule = Rule {
    id: RuleId::Hsts,
    phase: Phase::Response,
    default: Action::Fix,
    allowed: &[Action::Fix, Action::Count],
    what: "Where the listener's `hsts` promises an age, a response whose Strict-Transport-Security is missing, \
           is shorter than that, or comes twice gets the listener's; a longer one of the upstream stays. A \
           response in cleartext loses it. Without `hsts` it judges only where it is told to `count`: responses \
           that promise less than 180 days.",
    why: "A browser that comes in cleartext first can be kept there by whoever is on the way (sslstrip). The \
          header means nothing twice, and must not be sent in cleartext (RFC 6797 sections 7.2 and 8.1).",
    judge: Judge::Response(offends),
};

/// What is called short where the listener promises nothing itself: what scanners call so.
const SHORT: Duration = Duration::from_secs(180 * 24 * 60 * 60);

fn offends(response: &mut Response<'_>, settings: &Settings, mend: bool) -> bool {
    let headers = &mut *response.headers;
    if !response.encrypted {
        let sent = headers.contains_key(header::STRICT_TRANSPORT_SECURITY);
        if sent && mend {
            headers.remove(header::STRICT_TRANSPORT_SECURITY);
        }
        return sent;
    }
    let wanted = settings.hsts().map_or(SHORT.as_secs(), |hsts| hsts.seconds());
    let missing = !headers.contains_key(header::STRICT_TRANSPORT_SECURITY);
    if !missing && promises(headers) >= Some(wanted) {
        return false;
    }
    match settings.hsts() {
        Some(hsts) if mend => {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts.header().clone());
            // To set what is missing is what `hsts` asks for, and nothing to tell.
            !missing
        }
        _ => true,
    }
}

/// The `max-age` in seconds; `None` where it is malformed or the header comes twice.
fn promises(headers: &HeaderMap) -> Option<u64> {
    let mut lines = headers.get_all(header::STRICT_TRANSPORT_SECURITY).iter();
    let (Some(only), None) = (lines.next().map(HeaderValue::to_str), lines.next()) else { return None };
    let mut ages = only.ok()?.split(';').filter_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        name.trim().eq_ignore_ascii_case("max-age").then_some(value.trim())
    });
    let (Some(age), None) = (ages.next(), ages.next()) else { return None };
    age.trim_matches('"').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fired::Fired;
    use crate::samples::{headers, https, mended, response};
    use crate::settings::Kind;

    const HSTS: &str = "strict-transport-security";

    fn promised() -> Settings {
        Settings::new(Kind::Https, Some(Duration::from_secs(1000)))
    }

    #[test]
    fn what_is_missing_short_or_double_becomes_the_listeners() {
        let own = vec![(HSTS.to_owned(), "max-age=1000".to_owned())];
        assert_eq!(mended(RuleId::Hsts, &promised(), &[]), (own.clone(), false));
        for lines in [
            &[(HSTS, "max-age=999")][..],
            &[(HSTS, "max-age=0; includeSubDomains")],
            &[(HSTS, "includeSubDomains")],
            &[(HSTS, "max-age=2000; max-age=0")],
            &[(HSTS, "max-age=2000"), (HSTS, "max-age=2000")],
        ] {
            assert_eq!(mended(RuleId::Hsts, &promised(), lines), (own.clone(), true), "{lines:?}");
        }
    }

    #[test]
    fn a_longer_promise_of_the_upstream_stays() {
        for value in ["max-age=1000", "Max-Age=\"63072000\" ; includeSubDomains; preload"] {
            let (kept, offends) = mended(RuleId::Hsts, &promised(), &[(HSTS, value)]);
            assert_eq!((kept, offends), (vec![(HSTS.to_owned(), value.to_owned())], false));
        }
    }

    #[test]
    fn without_a_promise_of_its_own_a_listener_only_counts() {
        let counts = |lines: &[(&str, &str)]| offends(&mut response(&mut headers(lines)), &https(), false);
        assert!(counts(&[]) && counts(&[(HSTS, "max-age=300")]) && !counts(&[(HSTS, "max-age=31536000")]));
    }

    #[test]
    fn in_cleartext_it_is_taken_out_even_where_nothing_is_promised() {
        let (mut kept, mut fired) = (headers(&[(HSTS, "max-age=2000")]), Fired::default());
        let mut clear = Response { encrypted: false, ..response(&mut kept) };
        https().judge_response(&mut clear, || jiff::Timestamp::UNIX_EPOCH, &mut fired);
        assert!(kept.is_empty());
        assert_eq!(fired.iter().collect::<Vec<_>>(), [(RuleId::Hsts, Action::Fix)]);
    }

    #[test]
    fn in_cleartext_it_is_never_sent() {
        let mut kept = headers(&[(HSTS, "max-age=2000")]);
        let mut clear = Response { encrypted: false, ..response(&mut kept) };
        assert!(offends(&mut clear, &promised(), true));
        assert!(!offends(&mut clear, &promised(), true));
        assert!(kept.is_empty());
    }
}
