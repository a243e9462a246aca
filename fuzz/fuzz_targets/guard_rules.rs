//! Any header fields get one answer by all rules, and a response that was mended needs no mending again.

#![no_main]

use std::time::Duration;

use hermetic_guard::{Action, Fired, Kind, Request, Response, RuleId, Settings};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|&byte| byte == b'\n');
    let target = lines.next().and_then(|line| Uri::try_from(line).ok()).unwrap_or_default();
    let headers = fields(lines);
    let settings = Settings::new(Kind::Https, Some(Duration::from_secs(3600)));
    for (trusted, encrypted, version) in
        [(true, true, Version::HTTP_11), (false, true, Version::HTTP_2), (false, false, Version::HTTP_11)]
    {
        let request = Request {
            method: &Method::POST,
            target: &target,
            version,
            headers: &headers,
            host: "a",
            encrypted,
            trusted,
            server_name: Some("a"),
            asks_clients: trusted,
            covers: &|host| host == "a",
        };
        assert!(judged(&settings, &request) == judged(&settings, &request));
        let mut headers = headers.clone();
        mend(&settings, &mut headers, encrypted);
        let mended = headers.clone();
        let again = mend(&settings, &mut headers, encrypted);
        assert!(again.is_empty() && headers == mended, "{again:?} {mended:?}");
    }
});

/// The lines `name: value` that are fields.
fn fields<'a>(lines: impl Iterator<Item = &'a [u8]>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines.take(64) {
        let Some(at) = line.iter().position(|&byte| byte == b':') else { continue };
        let (name, value) =
            (HeaderName::from_bytes(&line[..at]), HeaderValue::from_bytes(line[at + 1..].trim_ascii()));
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

fn judged(settings: &Settings, request: &Request<'_>) -> (bool, Vec<(RuleId, Action)>) {
    let mut fired = Fired::default();
    let passes = settings.judge_request(request, || Timestamp::UNIX_EPOCH, &mut fired).is_ok();
    (passes, fired.iter().collect())
}

fn mend(settings: &Settings, headers: &mut HeaderMap, encrypted: bool) -> Fired {
    let mut fired = Fired::default();
    let is_endpoint = |port| port == 3000;
    let mut response = Response {
        headers,
        host: "a",
        asked_port: Some(8443),
        port: 443,
        is_endpoint: &is_endpoint,
        encrypted,
    };
    settings.judge_response(&mut response, || Timestamp::UNIX_EPOCH, &mut fired);
    fired
}
