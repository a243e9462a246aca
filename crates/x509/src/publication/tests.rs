use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::certificate::HttpUrl;

/// What is found, whatever is looked for.
#[derive(Clone)]
struct Found {
    list: Result<Option<Document>, Unavailable>,
    status: Result<StatusAnswer, Refusal>,
}

impl Shelf for Found {
    async fn revocation_list(&self, _: &Publisher, _: Shard) -> Result<Option<Document>, Unavailable> {
        self.list.clone()
    }

    async fn status(&self, _: &Publisher, _: &ocsp::Request) -> Result<StatusAnswer, Refusal> {
        self.status.clone()
    }

    async fn certificate(&self, _: &Publisher) -> Result<Option<Document>, Unavailable> {
        Ok(Some(Document::undated("certificate")))
    }
}

/// Made at the second 1000, stale at the second 2000.
fn document() -> Document {
    let at = |second| Timestamp::from_second(second).unwrap();
    Document::dated("document", Dates { this_update: at(1000), next_update: at(2000) })
}

fn found() -> Found {
    Found { list: Ok(Some(document())), status: Ok(StatusAnswer::Ahead(document())) }
}

const LIST: &str = "/crl/root/1/0.crl";
const CERTIFICATE: &str = "/ca/root/1.crt";
/// A request for one certificate, as openssl writes it.
const ASKED: &str = "/ocsp/root/1/MEIwQDA%2BMDwwOjAJBgUrDgMCGgUABBQAAAAAAAAAAAAAAAAAAAAAAAAAAAQUAAAAAAAAAAAAAAAAAAAAAAAAAAACAQc%3D";

fn site() -> Site {
    "http://pki.example.com:8089/pki".parse().unwrap()
}

fn ask_at(second: i64, shelf: &Found, request: &Request<'_>) -> Response {
    let now = Timestamp::from_second(second).unwrap();
    match pin!(answer(&site(), shelf, request, now)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(response) => response,
        Poll::Pending => panic!("it waits for something"),
    }
}

fn ask(method: &str, path: &str) -> Response {
    ask_at(1500, &found(), &Request { method, path, if_none_match: None, body: b"" })
}

fn field<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.as_str())
}

#[test]
fn each_thing_has_its_media_type() {
    for (path, kind) in [
        (LIST, "application/pkix-crl"),
        (CERTIFICATE, "application/pkix-cert"),
        (ASKED, "application/ocsp-response"),
    ] {
        let response = ask("GET", path);
        assert_eq!((response.status, field(&response, "content-type")), (200, Some(kind)));
    }
}

#[test]
fn a_list_may_be_kept_until_it_is_stale_but_for_an_hour_at_most() {
    let response = ask("GET", LIST);
    assert_eq!(field(&response, "cache-control"), Some("max-age=500, public, no-transform, must-revalidate"));
    assert_eq!(field(&response, "last-modified"), Some("Thu, 01 Jan 1970 00:16:40 GMT"));
    assert_eq!(field(&response, "expires"), Some("Thu, 01 Jan 1970 00:33:20 GMT"));

    let dates = Dates { this_update: Timestamp::UNIX_EPOCH, next_update: Timestamp::MAX };
    let long = Found { list: Ok(Some(Document::dated("list", dates))), ..found() };
    let request = Request { method: "GET", path: LIST, if_none_match: None, body: b"" };
    let kept = ask_at(0, &long, &request);
    assert!(field(&kept, "cache-control").unwrap().starts_with("max-age=3600,"));
}

#[test]
fn a_stale_list_is_not_handed_out() {
    for second in [2000, 3000] {
        let request = Request { method: "GET", path: LIST, if_none_match: Some("*"), body: b"" };
        let response = ask_at(second, &found(), &request);
        assert_eq!((response.status, field(&response, "cache-control")), (503, Some("no-store")));
        assert!(field(&response, "retry-after").is_some() && field(&response, "etag").is_none());
        let told = String::from_utf8(response.body.to_vec()).unwrap();
        assert!(told.contains("went stale at 1970-01-01T00:33:20Z"), "{told}");
    }
}

#[test]
fn a_stale_answer_is_not_handed_out() {
    let request = Request { method: "GET", path: ASKED, if_none_match: None, body: b"" };
    for status in [StatusAnswer::Ahead(document()), StatusAnswer::Fresh(document())] {
        let response = ask_at(2000, &Found { status: Ok(status), ..found() }, &request);
        assert_eq!(response.body, Refusal::TryLater.to_der());
        assert_eq!((response.status, field(&response, "cache-control")), (200, Some("no-store")));
    }
}

#[test]
fn what_was_made_for_one_client_is_kept_by_nobody() {
    let fresh = Found { status: Ok(StatusAnswer::Fresh(document())), ..found() };
    let asked = Request { method: "GET", path: ASKED, if_none_match: None, body: b"" };
    let mut responses = vec![ask_at(1500, &fresh, &asked)];
    // Nor is what answers a POST, which no cache tells from another.
    let der = ocsp_request();
    let posted = Request { method: "POST", path: "/ocsp/root/1", if_none_match: None, body: &der };
    responses.push(ask_at(1500, &found(), &posted));
    for response in responses {
        assert_eq!(response.body, "document");
        assert_eq!(field(&response, "cache-control"), Some("no-store"));
    }
}

fn ocsp_request() -> Vec<u8> {
    use base64ct::{Base64, Encoding};
    let text = ASKED.rsplit_once('/').unwrap().1.replace("%2B", "+").replace("%3D", "=");
    Base64::decode_vec(&text).unwrap()
}

#[test]
fn who_has_it_already_is_told_so() {
    let tag = field(&ask("GET", LIST), "etag").unwrap().to_owned();
    for tags in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let request = Request { method: "GET", path: LIST, if_none_match: Some(&tags), body: b"" };
        let response = ask_at(1500, &found(), &request);
        assert_eq!((response.status, response.body.len()), (304, 0), "{tags}");
        assert_eq!(field(&response, "etag"), Some(tag.as_str()));
    }
    let request = Request { method: "GET", path: LIST, if_none_match: Some("\"other\""), body: b"" };
    assert_eq!(ask_at(1500, &found(), &request).status, 200);
}

#[test]
fn head_is_get_without_the_content() {
    for path in [LIST, CERTIFICATE, ASKED, "/elsewhere"] {
        let (get, head) = (ask("GET", path), ask("HEAD", path));
        assert_eq!((get.status, &get.fields), (head.status, &head.fields), "{path}");
        assert_eq!(head.body, Bytes::new());
        assert_eq!(field(&head, "content-length"), Some(get.body.len().to_string().as_str()));
    }
}

#[test]
fn other_methods_are_told_which_there_are() {
    for (path, allowed) in [(LIST, "GET, HEAD"), (CERTIFICATE, "GET, HEAD"), (ASKED, "GET, HEAD, POST")] {
        let response = ask("DELETE", path);
        assert_eq!((response.status, field(&response, "allow")), (405, Some(allowed)));
    }
    assert_eq!(ask("POST", LIST).status, 405);
}

#[test]
fn what_is_not_there_is_not_found() {
    let empty = Found { list: Ok(None), ..found() };
    let request = Request { method: "GET", path: LIST, if_none_match: None, body: b"" };
    assert_eq!(ask_at(1500, &empty, &request).status, 404);
    for path in
        ["", "/", "/crl", "/crl/root/1", "/crl/root/1/0", "/ca/root/1.pem", "/ca/../1.crt", "/x/root/1"]
    {
        assert_eq!(ask("GET", path).status, 404, "{path}");
    }
}

#[test]
fn what_could_not_be_looked_up_may_be_there_later() {
    let lost = Found { list: Err(Unavailable), ..found() };
    let request = Request { method: "GET", path: LIST, if_none_match: None, body: b"" };
    let response = ask_at(1500, &lost, &request);
    assert_eq!((response.status, field(&response, "cache-control")), (503, Some("no-store")));
}

#[test]
fn refusals_stand_in_the_content_and_are_kept_by_nobody() {
    let refusing = Found { status: Err(Refusal::Unauthorized), ..found() };
    let asked = Request { method: "GET", path: ASKED, if_none_match: None, body: b"" };
    let malformed = Request { path: "/ocsp/root/1/AAAA", ..asked };
    let nothing = Request { path: "/ocsp/root/1", ..asked };
    for (request, refusal) in [
        (asked, Refusal::Unauthorized),
        (malformed, Refusal::MalformedRequest),
        (nothing, Refusal::MalformedRequest),
    ] {
        let response = ask_at(1500, &refusing, &request);
        assert_eq!((response.status, field(&response, "cache-control")), (200, Some("no-store")));
        assert_eq!(response.body, refusal.to_der());
    }
}

#[test]
fn a_request_that_is_too_long_is_not_read() {
    let body = vec![0; LONGEST_REQUEST + 1];
    let request = Request { method: "POST", path: "/ocsp/root/1", if_none_match: None, body: &body };
    assert_eq!(ask_at(1500, &found(), &request).status, 413);
}

#[test]
fn a_proxy_may_take_the_sites_own_path_off_or_leave_it() {
    assert_eq!(ask("GET", LIST).status, 200);
    assert_eq!(ask("GET", &format!("/pki{LIST}")).status, 200);
    assert_eq!(ask("GET", &format!("/pk{LIST}")).status, 404);
    assert_eq!(ask("GET", &format!("/pki/pki{LIST}")).status, 404);
}

#[test]
fn a_site_whose_path_looks_like_ours_is_served_with_and_without_it() {
    for kind in ["crl", "ocsp", "ca"] {
        let site: Site = format!("http://pki.example.com/{kind}").parse().unwrap();
        for path in [LIST, CERTIFICATE, "/ocsp/root/1"] {
            let resource = Resource::of_path(path);
            assert!(resource.is_some());
            assert_eq!(site.resource(path), resource, "{kind}: {path}");
            assert_eq!(site.resource(&format!("/{kind}{path}")), resource, "{kind}: /{kind}{path}");
        }
    }
}

#[test]
fn one_thing_has_one_path() {
    for path in [
        "/crl/root/01/0.crl",
        "/crl/root/1/00.crl",
        "/crl/root/+1/0.crl",
        "/crl/root/0/0.crl",
        "/crl/Root/1/0.crl",
    ] {
        assert_eq!(Resource::of_path(path), None, "{path}");
    }
}

#[test]
fn an_address_to_publish_at_is_a_host_and_maybe_a_path_over_http() {
    for (text, shown) in [
        ("http://pki.example.com", "http://pki.example.com"),
        ("http://PKI.example.com:8089/", "http://pki.example.com:8089"),
        ("http://192.0.2.1", "http://192.0.2.1"),
        ("http://[2001:db8::1]:80", "http://[2001:db8::1]:80"),
        ("http://[2001:db8::1]", "http://[2001:db8::1]"),
        ("http://proxy.example.com/Pki/", "http://proxy.example.com/Pki"),
    ] {
        assert_eq!(text.parse::<Site>().unwrap().to_string(), shown);
    }
    assert!(matches!("https://pki.example.com".parse::<Site>(), Err(SiteError::Https(_))));
    for text in [
        "",
        "pki.example.com",
        "http://",
        "http://*.example.com",
        "http://pki.example.com?",
        "http://pki.example.com/#",
        "http://pki.example.com/ü",
        "http://pki.example.com:",
        "http://pki.example.com:080",
        "http://pki.example.com:65536",
        "http://user@pki.example.com",
        "http://2001:db8::1",
        "http://[192.0.2.1]",
        "ldap://pki.example.com",
    ] {
        assert!(matches!(text.parse::<Site>(), Err(SiteError::Malformed(_))), "{text}");
    }
}

fn resource() -> impl Strategy<Value = Resource> {
    let publisher = ("[a-z0-9][a-z0-9._-]{0,63}", 1_u32..).prop_map(|(name, number)| Publisher {
        authority: name.parse().unwrap(),
        generation: number.try_into().unwrap(),
    });
    (publisher, any::<u16>(), 0..3).prop_map(|(publisher, shard, kind)| match kind {
        0 => Resource::RevocationList(publisher, Shard::new(shard)),
        1 => Resource::Responder(publisher),
        _ => Resource::Certificate(publisher),
    })
}

proptest! {
    #[test]
    fn what_stands_in_certificates_leads_to_what_is_served(resource in resource()) {
        let url = site().url(&resource);
        let path = url.as_str().strip_prefix("http://pki.example.com:8089").unwrap();
        prop_assert_eq!(site().resource(path), Some((resource, "")));
        // Fit to stand in certificates, however long the names are.
        prop_assert_eq!(url.as_str().parse::<HttpUrl>(), Ok(url));
    }

    #[test]
    fn no_path_brings_the_reader_down(path: String) {
        let _ = ask("GET", &path);
    }

    #[test]
    fn a_path_that_leads_to_something_is_its_path(path in "/(crl|ocsp|ca)/[a-z.]{1,3}/[0-9]{1,2}(/[0-9]{1,2})?(.crl|.crt)?") {
        if let Some((resource, rest)) = Resource::of_path(&path) {
            let shown = resource.path();
            let whole = if rest.is_empty() { shown } else { format!("{shown}/{rest}") };
            prop_assert_eq!(whole, path);
        }
    }
}
