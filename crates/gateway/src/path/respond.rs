//! The answer with which a path ends.

use bytes::Bytes;
use hermetic_hop::Flow;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use jiff::Timestamp;

use super::page::{Links, Onward};
use super::{PathReport, Representation, Sighting, Visit, Visits, decode, html};

/// What browsers are told about the page: it loads nothing, runs nothing, stands in no frame, and is
/// never kept, since it tells of one request only. The hash is that of its style.
pub const SECURITY_HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'sha256-e6IR7Dr9JJPol6JArBOVqW75oIYablFrYL1AT1INS3Q='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// What stands around a path where it ends.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The flows that it may be one of.
    pub flows: &'a [Flow],
    /// Where the page leads on to.
    pub onward: Option<Onward>,
    /// The data store behind this party: the visit is kept there, and the hop to it ends the path.
    pub store: Option<&'a dyn Visits>,
}

/// Shows the path that a request took.
///
/// `path` is what an authenticated previous hop told of it, `own` what this party saw of the
/// connection that the request came over.
pub async fn respond(
    head: &Parts,
    path: Option<&HeaderValue>,
    own: &Sighting,
    around: Surroundings<'_>,
    now: Timestamp,
) -> Response<Bytes> {
    if head.method != Method::GET && head.method != Method::HEAD {
        let mut response =
            plain(StatusCode::METHOD_NOT_ALLOWED, "this page can only be read: GET or HEAD\n".into());
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let mut sightings = match path.map(decode).transpose() {
        Ok(sightings) => sightings.unwrap_or_default(),
        // To show the rest of the path as if it were the whole would claim too much.
        Err(error) => {
            let line = format!("the path that {} tells of can't be read: {error}\n", own.from);
            return plain(StatusCode::BAD_REQUEST, line);
        }
    };
    sightings.push(own.clone());
    let mut report = PathReport::of(&sightings, around.flows, now);
    if let Some(store) = around.store {
        let visit = Visit { at: now, verdict: report.verdict };
        report = report.continued(store.keep(visit).await);
    }
    match Representation::preferred(&head.headers) {
        Representation::Html => {
            let links = Links { address: address(head), onward: around.onward };
            answer(StatusCode::OK, "text/html; charset=utf-8", html(&report, links, now))
        }
        Representation::Json => match serde_json::to_string_pretty(&report) {
            Ok(json) => answer(StatusCode::OK, "application/json", json + "\n"),
            Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
        },
    }
}

fn plain(status: StatusCode, text: String) -> Response<Bytes> {
    answer(status, "text/plain; charset=utf-8", text)
}

fn answer(status: StatusCode, content_type: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The host and port that the client asked for, where they are fit to stand in a command that people
/// paste into a shell.
fn address(head: &Parts) -> Option<&str> {
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let address = host.or(head.uri.authority().map(http::uri::Authority::as_str))?;
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    (!address.is_empty() && !address.starts_with('-') && address.bytes().all(harmless)).then_some(address)
}

#[cfg(test)]
mod tests {
    use hermetic_hop::{HopName, HopReport, Judgement, Mode, Verdict};
    use http::Request;

    use super::*;
    use crate::path::samples::{flow, now, tour};
    use crate::path::{Keeping, Kept, encode};

    const ONWARD: Onward = Onward { path: "/tour", says: "All hops" };

    fn request(method: Method, accept: &str) -> Parts {
        let request = Request::builder().method(method).uri("/").header(header::HOST, "localhost:8443");
        request.header(header::ACCEPT, accept).body(()).unwrap().into_parts().0
    }

    fn ready<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    /// A store that answers this, and whose hop is worth that.
    #[derive(Debug)]
    struct Store(Option<u64>, Verdict);

    impl Visits for Store {
        fn keep(&self, visit: Visit) -> Keeping<'_> {
            assert_eq!((visit.at, visit.verdict), (now(), Verdict::Sealed));
            let judgement = Judgement { verdict: self.1, evidence: None, reason: "gone".to_owned() };
            let name = HopName::new("app".parse().unwrap(), "database".parse().unwrap());
            let hop = HopReport::new(name, Mode::Require, "mozilla/intermediate".to_owned(), judgement, None);
            Box::pin(async { Kept { hop, visits: self.0 } })
        }
    }

    fn with_store(store: &Store, accept: &str) -> String {
        let (own, before) = (tour().pop().unwrap(), before_us());
        let head = request(Method::GET, accept);
        let around = Surroundings { flows: &[flow()], onward: None, store: Some(store) };
        let answer = ready(respond(&head, Some(&before), &own, around, now()));
        String::from_utf8(answer.into_body().to_vec()).unwrap()
    }

    #[test]
    fn the_hop_to_a_store_ends_the_path_and_the_visits_are_told() {
        let store = Store(Some(7), Verdict::Sealed);
        let report: PathReport = serde_json::from_str(&with_store(&store, "application/json")).unwrap();
        assert_eq!((report.hops.len(), report.visits, report.verdict), (4, Some(7), Verdict::Sealed));
        assert_eq!(report.flow, Some(flow().name), "the flow goes on to the store");
        let page = with_store(&store, "text/html");
        assert!(page.contains("Visits kept by database, this one among them: 7."), "{page}");
    }

    #[test]
    fn a_store_that_is_gone_decides_the_verdict_and_the_page_is_still_there() {
        let store = Store(None, Verdict::Unknown);
        let report: PathReport = serde_json::from_str(&with_store(&store, "application/json")).unwrap();
        assert_eq!((report.visits, report.verdict), (None, Verdict::Unknown));
        assert_eq!(report.weakest.unwrap().to_string(), "app → database");
        assert!(!with_store(&store, "text/html").contains("Visits kept"));
    }

    fn answered(head: &Parts, path: Option<&HeaderValue>) -> (Response<()>, String) {
        let own = tour().pop().unwrap();
        let around = Surroundings { flows: &[flow()], onward: Some(ONWARD), store: None };
        let (head, body) = ready(respond(head, path, &own, around, now())).into_parts();
        (Response::from_parts(head, ()), String::from_utf8(body.to_vec()).unwrap())
    }

    fn before_us() -> HeaderValue {
        let mut sightings = tour();
        sightings.pop();
        encode(&sightings)
    }

    #[test]
    fn a_browser_gets_a_page_that_may_load_and_run_nothing() {
        let (response, body) = answered(&request(Method::GET, "text/html"), Some(&before_us()));
        assert_eq!(response.status(), StatusCode::OK);
        assert!(body.contains("<h1>SEALED</h1>"), "{body}");
        assert!(body.contains("<a href=\"/tour\">All hops</a>"), "what leads on from here is linked: {body}");
        for (name, value) in SECURITY_HEADERS {
            assert_eq!(response.headers().get(&name).unwrap(), value);
        }
    }

    #[test]
    fn a_program_gets_json_that_joins_our_own_sight_to_what_was_told() {
        let (response, body) = answered(&request(Method::GET, "application/json"), Some(&before_us()));
        assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), "application/json");
        let report: PathReport = serde_json::from_str(&body).unwrap();
        assert_eq!(report, PathReport::of(&tour(), &[flow()], now()));
        assert_eq!(report.hops.len(), 3);
    }

    #[test]
    fn without_a_previous_hop_the_path_is_the_hop_that_we_saw() {
        let (_, body) = answered(&request(Method::GET, "application/json"), None);
        let report: PathReport = serde_json::from_str(&body).unwrap();
        assert_eq!((report.hops.len(), report.flow), (1, None));
    }

    #[test]
    fn a_path_that_can_not_be_read_is_an_error_and_not_a_shorter_path() {
        let broken = HeaderValue::from_static("[{}]");
        let (response, body) = answered(&request(Method::GET, "text/html"), Some(&broken));
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(body.starts_with("the path that balancer tells of can't be read: "), "{body}");
    }

    #[test]
    fn the_page_can_only_be_read() {
        let (response, _) = answered(&request(Method::POST, "*/*"), None);
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers().get(header::ALLOW).unwrap(), "GET, HEAD");
    }

    #[test]
    fn a_host_that_a_shell_would_misread_is_not_repeated() {
        for (host, shown) in [("[::1]:8443", true), ("a;reboot", false), ("$(id)", false), ("-K/x", false)] {
            let mut head = request(Method::GET, "*/*");
            head.headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
            assert_eq!(address(&head), shown.then_some(host), "{host}");
        }
    }
}
