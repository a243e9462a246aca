//! What is wrong with a route.

use super::{told_of, valid_with};
use crate::Protocol;

/// A second listener, and a route from it with these lines from line 7 on.
fn told_of_route(lines: &str) -> Vec<String> {
    told_of(&format!(
        "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\nnames = [\"b.example\", \"*.b.example\"]\n\
         [[route]]\nlistener = \"second\"\n{lines}"
    ))
}

#[test]
fn a_route_leads_somewhere() {
    assert_eq!(
        told_of_route(""),
        ["5:1: this route leads nowhere; add `to = \"<an upstream>\"`, or `show = \"path\"`"]
    );
    assert_eq!(told_of_route("to = \"ap\""), ["7:6: no upstream is called `ap`; did you mean `app`?"]);
    assert_eq!(told_of_route("to = \"nobody\""), ["7:6: no upstream is called `nobody`; there are: app"]);
}

#[test]
fn a_route_leads_to_one_place() {
    assert_eq!(
        told_of_route("to = \"app\"\nshow = \"path\""),
        ["8:1: this route has both `to` and `show`; keep one of them"]
    );
}

#[test]
fn a_route_starts_from_an_https_listener() {
    assert_eq!(
        told_of("[[route]]\nlistener = \"edg\"\nto = \"app\""),
        ["2:12: no listener is called `edg`; did you mean `edge`?"]
    );
    let plain =
        "[[listener]]\nname = \"plain\"\nbind = \"127.0.0.1:1\"\nprotocol = \"http\"\nredirect = \"edge\"\n";
    assert_eq!(
        told_of(&format!("{plain}[[route]]\nlistener = \"plain\"\nto = \"app\"")),
        ["7:12: `plain` is an http listener, which serves no content; there are: edge"]
    );
}

#[test]
fn a_party_is_not_its_own_upstream() {
    let upstream =
        "\n[[upstream]]\nname = \"second\"\nendpoints = [\"[::1]:1\"]\ntls = { trust = \"authority\" }";
    assert_eq!(
        told_of_route(&format!("to = \"second\"{upstream}")),
        ["7:6: `second` can't be its own upstream: one name is one party; give the upstream another name"]
    );
}

#[test]
fn two_routes_alike_are_refused() {
    assert_eq!(
        told_of_route("to = \"app\"\n[[route]]\nlistener = \"second\"\npath = \"/\"\nshow = \"path\""),
        ["8:1: the route in line 5 takes every request that this one would take; \
          put this one before it, or take one of them out"]
    );
}

#[test]
fn a_route_in_the_shadow_of_a_wider_one_is_refused() {
    for (wide, narrow, shadowed) in [
        ("path = \"/api\"", "path = \"/api/v2\"", true),
        ("path = \"/api\"", "path = \"/apis\"", false),
        ("path = \"/api/v2\"", "path = \"/api\"", false),
        ("host = \"*.b.example\"", "host = \"c.b.example\"", true),
        ("host = \"*.b.example\"", "host = \"b.example\"", false),
        ("host = \"c.b.example\"", "host = \"*.b.example\"", false),
        ("host = \"b.example\"", "path = \"/api\"", false),
        ("path = \"/api\"", "host = \"b.example\"", false),
    ] {
        let told = told_of_route(&format!(
            "{wide}\nto = \"app\"\n[[route]]\nlistener = \"second\"\n{narrow}\nto = \"app\""
        ));
        assert_eq!(!told.is_empty(), shadowed, "{wide}, {narrow}: {told:?}");
    }
}

#[test]
fn a_path_prefix_is_plain() {
    for (path, told) in [
        ("api", "`api` is not a path prefix; write it with a slash at its start, such as \"/api\""),
        ("/api/", "`/api/` is not a path prefix; write \"/api\", which takes all below it too"),
        ("//", "`//` is not a path prefix; write \"/\", which takes all below it too"),
        ("/a/../b", "`/a/../b` is not a path prefix; write it without empty segments, `.` and `..`"),
        ("/a?b", "`/a?b` is not a path prefix; a route sees neither query nor fragment; leave them out"),
        ("/a b", "`/a b` is not a path prefix; write a path prefix, such as \"/api\""),
    ] {
        assert_eq!(told_of_route(&format!("to = \"app\"\npath = \"{path}\"")), [format!("8:8: {told}")]);
    }
}

#[test]
fn a_host_is_a_host() {
    assert_eq!(
        told_of_route("to = \"app\"\nhost = \"b.example:443\""),
        ["8:8: `b.example:443` is not a DNS name or IP address; leave the port out: \"b.example\""]
    );
}

#[test]
fn a_host_that_no_certificate_covers_gets_no_request() {
    assert_eq!(
        told_of_route("to = \"app\"\nhost = \"c.example\""),
        ["8:8: no certificate of listener `second` covers `c.example`; add \"c.example\" to its `names`"]
    );
    assert!(told_of_route("to = \"app\"\nhost = \"x.b.example\"").is_empty());
    assert!(told_of_route("to = \"app\"\nhost = \"*.b.example\"").is_empty());
}

#[test]
fn routes_keep_the_order_of_the_text() {
    let configuration = valid_with("[[route]]\nlistener = \"edge\"\npath = \"/hop\"\nshow = \"path\"");
    let Protocol::Https(https) = &configuration.listeners[0].protocol else { panic!() };
    let paths: Vec<&str> = https.routes.iter().map(|route| route.path.as_str()).collect();
    assert_eq!(paths, ["/hop", "/"]);
}
