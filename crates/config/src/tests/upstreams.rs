//! What is wrong with an upstream.

use std::path::Path;

use super::{told_of, valid_with};
use crate::{Endpoint, Upstream, UpstreamTransport};

/// A second upstream with these lines from line 3 on.
fn upstream(lines: &str) -> String {
    format!("[[upstream]]\nname = \"second\"\n{lines}")
}

fn told_of_upstream(lines: &str) -> Vec<String> {
    told_of(&upstream(lines))
}

fn valid_upstream(lines: &str) -> Upstream {
    let configuration = valid_with(&upstream(lines));
    configuration.upstream(&"second".parse().unwrap()).unwrap().clone()
}

#[test]
fn an_upstream_without_endpoints_leads_nowhere() {
    assert_eq!(
        told_of_upstream("endpoints = []"),
        [
            "3:13: an upstream without endpoints leads nowhere; write at least one, such as \"app.internal:8443\""
        ]
    );
}

#[test]
fn an_endpoint_is_a_host_and_port_or_a_socket() {
    let usual =
        "write a host and port such as \"app.internal:8443\" or \"[::1]:80\", or \"unix:/run/app.sock\"";
    for (endpoint, told) in [
        ("app", format!("`app` is not an endpoint; {usual}")),
        ("app:0", format!("`app:0` is not an endpoint; {usual}")),
        ("app:99999", format!("`app:99999` is not an endpoint; {usual}")),
        (
            "https://app:80/x",
            "`https://app:80/x` is not an endpoint; write host and port, such as \"app:80\"; \
             `tls` says how it is protected"
                .to_owned(),
        ),
        ("::1:80", "`::1:80` is not an endpoint; write an IPv6 address in brackets: \"[::1]:80\"".to_owned()),
        ("*.b:80", "`*.b:80` is not an endpoint; write one host, not a pattern".to_owned()),
        ("unix:", "`` is not a path; write an endpoint, such as \"app.internal:8443\"".to_owned()),
    ] {
        assert_eq!(told_of_upstream(&format!("endpoints = [\"{endpoint}\"]")), [format!("3:14: {told}")]);
    }
}

#[test]
fn cleartext_stays_on_the_host() {
    assert_eq!(
        told_of_upstream("endpoints = [\"127.0.0.1:1\", \"10.0.0.1:80\"]"),
        ["3:29: cleartext to this endpoint can leave the host; \
          add `tls = { trust = … }`, or for a time `mode = \"observe\"` with \
          `cleartext = { reason = …, owner = …, until = … }`"]
    );
}

#[test]
fn loopback_and_sockets_may_be_cleartext() {
    let local =
        valid_upstream("endpoints = [\"localhost:1\", \"127.9.9.9:1\", \"[::1]:1\", \"unix:app.sock\"]");
    assert!(matches!(
        local.transport,
        UpstreamTransport::Cleartext { local: true, exception: None, tls: None }
    ));
    assert_eq!(local.endpoints[2], Endpoint::Tcp { host: "::1".to_owned(), port: 1 });
    assert_eq!(local.endpoints[3], Endpoint::Unix(Path::new("/etc/hermetic/app.sock").to_owned()));
}

#[test]
fn an_exception_holds_on_its_last_day() {
    let lines = "mode = \"observe\"\nendpoints = [\"10.0.0.1:80\"]\ncleartext = { reason = \"r\", owner = \"o\", until = 2026-07-15 }";
    assert!(matches!(
        valid_upstream(lines).transport,
        UpstreamTransport::Cleartext { local: false, exception: Some(_), tls: None }
    ));
}

#[test]
fn an_exception_ends() {
    let lines = "mode = \"observe\"\nendpoints = [\"10.0.0.1:80\"]\ncleartext = { reason = \"r\", owner = \"ops\", until = 2026-07-14 }";
    assert_eq!(
        told_of_upstream(lines),
        ["5:52: this exception ended with 2026-07-14; today is 2026-07-15 (UTC); \
          protect the upstream with `tls`, or ask ops for a new date"]
    );
}

#[test]
fn an_exception_says_why_who_and_until_when() {
    assert_eq!(
        told_of_upstream(
            "mode = \"observe\"\nendpoints = [\"10.0.0.1:80\"]\ncleartext = { reason = \" \", owner = \"\", until = \"2027-03-31\" }"
        ),
        [
            "5:24: this text is empty; say it in a few words",
            "5:37: this text is empty; say it in a few words",
            "5:49: `until` must be a date, not a string; write a date without quotes, such as 2027-03-31",
        ]
    );
    assert_eq!(
        told_of_upstream(
            "mode = \"observe\"\nendpoints = [\"10.0.0.1:80\"]\ncleartext = { reason = \"r\", owner = \"o\", until = 2027-03-31T00:00:00Z }"
        ),
        ["5:50: `until` must be a date, not a date or time; write a date without quotes, such as 2027-03-31"]
    );
}

#[test]
fn a_useless_exception_is_refused() {
    assert_eq!(
        told_of_upstream(
            "mode = \"observe\"\nendpoints = [\"[::1]:80\"]\ncleartext = { reason = \"r\", owner = \"o\", until = 2027-03-31 }"
        ),
        ["5:1: cleartext to loopback and unix sockets can't leave the host and needs no exception; \
          take `mode` and `cleartext` out"]
    );
}

#[test]
fn who_the_far_end_is_follows_from_its_one_host() {
    for (endpoints, name) in [
        ("\"app.internal:1\", \"App.Internal:2\"", "dns:app.internal"),
        ("\"10.0.0.1:1\", \"10.0.0.1:2\"", "ip:10.0.0.1"),
    ] {
        let upstream = valid_upstream(&format!("endpoints = [{endpoints}]\ntls = {{ trust = \"system\" }}"));
        assert!(matches!(&upstream.transport, UpstreamTransport::Tls(tls) if tls.name.to_string() == name));
    }
}

#[test]
fn who_the_far_end_is_must_be_said_where_hosts_differ() {
    for endpoints in ["\"10.0.0.1:1\", \"10.0.0.2:1\"", "\"unix:/run/app.sock\""] {
        assert_eq!(
            told_of_upstream(&format!("endpoints = [{endpoints}]\ntls = {{ trust = \"system\" }}")),
            ["4:7: who the far end must be can't be told from the endpoints: they share no host; \
              add `name = \"app.internal\"` to `tls`"]
        );
    }
}

#[test]
fn the_far_end_is_one_identity() {
    assert_eq!(
        told_of_upstream(
            "endpoints = [\"a:1\"]\ntls = { trust = \"system\", name = \"*.b\", identity = \"..\" }"
        ),
        [
            "4:34: `*.b` is not one identity; write the whole name, without `*`",
            "4:52: `..` can't be the end of a SPIFFE ID; choose a name with a letter in it",
        ]
    );
}

#[test]
fn http2_is_negotiated_under_tls() {
    assert_eq!(
        told_of_upstream("endpoints = [\"a:1\"]\nhttp2 = true\ntls = { trust = \"system\" }"),
        ["4:1: under TLS, HTTP/2 is negotiated, so `http2` has no meaning; take it out"]
    );
    assert!(valid_upstream("endpoints = [\"[::1]:1\"]\nhttp2 = true").http2);
}
