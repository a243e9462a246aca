//! Modes, and the exceptions that they rest on.

use hermetic_hop::{Demand, Mode};

use super::{told_of, valid_with};
use crate::{Configuration, Listener, Protocol, StreamClients, UpstreamTransport};

const EXCEPTION: &str = "cleartext = { reason = \"old tills\", owner = \"shop\", until = 2027-03-31 }";

/// A second listener with these lines from line 4 on, and a route from it.
fn listener(lines: &str) -> String {
    let route = "[[route]]\nlistener = \"second\"\nto = \"app\"\n";
    format!("[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:7000\"\n{lines}\n{route}")
}

/// A second upstream with these lines from line 3 on.
fn upstream(lines: &str) -> String {
    format!("[[upstream]]\nname = \"second\"\n{lines}\n")
}

fn second(configuration: &Configuration) -> &Listener {
    configuration.listener(&"second".parse().unwrap()).unwrap()
}

fn transport(lines: &str) -> UpstreamTransport {
    let configuration = valid_with(&upstream(lines));
    configuration.upstream(&"second".parse().unwrap()).unwrap().transport.clone()
}

#[test]
fn without_a_mode_tls_is_required() {
    let configuration = valid_with(&listener("names = [\"b\"]"));
    assert_eq!(second(&configuration).demand(), Some(Demand::Require));
}

#[test]
fn a_mode_that_lets_cleartext_pass_needs_an_exception() {
    for mode in ["prefer", "observe"] {
        assert_eq!(
            told_of(&listener(&format!("names = [\"b\"]\nmode = \"{mode}\""))),
            ["5:8: this mode lets cleartext pass, which needs an exception; \
              add `cleartext = { reason = …, owner = …, until = … }`, or write `mode = \"require\"`"]
        );
    }
    assert_eq!(
        told_of(&upstream("endpoints = [\"10.0.0.1:80\"]\nmode = \"observe\"")),
        ["4:8: this mode lets cleartext pass, which needs an exception; \
          add `cleartext = { reason = …, owner = …, until = … }`, or write `mode = \"require\"`"]
    );
}

#[test]
fn an_exception_to_nothing_is_refused() {
    let told = "`cleartext` has no meaning without a `mode` that lets cleartext pass; \
                add `mode = \"prefer\"` or `mode = \"observe\"`, or take `cleartext` out";
    for mode in ["", "mode = \"require\""] {
        let lines = format!("names = [\"b\"]\n{mode}\n{EXCEPTION}");
        assert_eq!(told_of(&listener(&lines)), [format!("6:1: {told}")]);
    }
    let lines = format!("endpoints = [\"a:80\"]\ntls = {{ trust = \"system\" }}\n{EXCEPTION}");
    assert_eq!(told_of(&upstream(&lines)), [format!("5:1: {told}")]);
}

#[test]
fn an_exception_of_a_listener_ends() {
    let ended = EXCEPTION.replace("2027-03-31", "2026-07-14");
    assert_eq!(
        told_of(&listener(&format!("names = [\"b\"]\nmode = \"prefer\"\n{ended}"))),
        ["6:61: this exception ended with 2026-07-14; today is 2026-07-15 (UTC); \
          write `mode = \"require\"`, or ask shop for a new date"]
    );
}

#[test]
fn an_http_listener_in_observe_serves_its_routes_and_redirects_nobody() {
    let observe = format!("protocol = \"http\"\nmode = \"observe\"\n{EXCEPTION}");
    let configuration = valid_with(&listener(&observe));
    let Protocol::Http(http) = &second(&configuration).protocol else { panic!() };
    assert_eq!((http.routes.len(), http.redirect.as_ref()), (1, None));
    assert_eq!(second(&configuration).demand().unwrap().mode(), Mode::Observe);
    assert_eq!(
        told_of(&listener(&format!("redirect = \"edge\"\n{observe}"))),
        ["4:1: a listener in `observe` redirects nobody; take `redirect` out, or write `mode = \"prefer\"`"]
    );
}

#[test]
fn an_http_listener_in_prefer_knows_where_to_redirect() {
    let prefer = format!("protocol = \"http\"\nmode = \"prefer\"\n{EXCEPTION}");
    let configuration = valid_with(&listener(&format!("{prefer}\nredirect = \"edge\"")));
    let Protocol::Http(http) = &second(&configuration).protocol else { panic!() };
    assert_eq!(http.redirect.as_ref().map(|redirect| redirect.public_port), Some(8443));
    assert_eq!(
        told_of(&listener(&prefer)),
        ["5:8: whoever asks for https would be redirected nowhere; \
          add `redirect = \"<an https listener>\"`, or write `mode = \"observe\"`"]
    );
}

#[test]
fn an_http_listener_that_serves_needs_a_route() {
    let text = format!(
        "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:7000\"\nprotocol = \"http\"\nmode = \"observe\"\n{EXCEPTION}"
    );
    assert_eq!(
        told_of(&text),
        ["1:1: no route leads from listener `second`, so it would answer all with 404; \
          add [[route]] with `listener = \"second\"` and `to` an upstream"]
    );
}

#[test]
fn where_nobody_comes_in_without_a_certificate_cleartext_does_not_either() {
    for lines in ["clients = \"required\"", "clients = \"optional\"\nallow = [\"edge\"]"] {
        let lines = format!("mode = \"prefer\"\nnames = [\"b\"]\n{EXCEPTION}\n{lines}");
        assert_eq!(
            told_of(&listener(&lines)),
            ["4:8: clients in cleartext show no certificate, and here nobody comes in without one; \
              write `mode = \"require\"`, or while clients move, `clients = \"optional\"` without `allow`"]
        );
    }
}

#[test]
fn a_tcp_listener_takes_other_hosts_only_in_observe() {
    let tcp = |lines: &str| listener(&format!("protocol = \"tcp\"\n{lines}\n{EXCEPTION}"));
    let anywhere = |text: String| text.replace("127.0.0.1:7000", "0.0.0.0:7000");
    let configuration = valid_with(&anywhere(tcp("mode = \"observe\"")));
    let Protocol::Stream(stream) = &second(&configuration).protocol else { panic!() };
    assert!(matches!(&stream.clients, StreamClients::Cleartext { exception: Some(_) }));
    assert_eq!(
        told_of(&anywhere(tcp("mode = \"prefer\""))),
        ["5:8: no TLS ends at a tcp listener, so none can be preferred; \
          write `protocol = \"tls\"`, or `mode = \"observe\"`"]
    );
    assert_eq!(
        told_of(&tcp("mode = \"observe\"")),
        ["6:1: cleartext from this host to loopback needs no exception; take `mode` and `cleartext` out"]
    );
}

#[test]
fn an_upstream_in_prefer_says_which_tls() {
    let prefer = format!("endpoints = [\"a:80\"]\nmode = \"prefer\"\n{EXCEPTION}");
    assert_eq!(
        told_of(&upstream(&prefer)),
        ["4:8: which TLS is preferred is not said; add `tls = { trust = … }`, or write `mode = \"observe\"`"]
    );
    let transport = transport(&format!("{prefer}\ntls = {{ trust = \"system\" }}\nhttp2 = true"));
    assert!(matches!(transport, UpstreamTransport::Preferred { local: false, .. }));
    assert_eq!(transport.demand().mode(), Mode::Prefer);
}

#[test]
fn an_upstream_in_observe_may_name_the_tls_that_comes_next() {
    let observe = format!("endpoints = [\"a:80\"]\nmode = \"observe\"\n{EXCEPTION}\n");
    let without = transport(&observe);
    assert!(matches!(without, UpstreamTransport::Cleartext { tls: None, local: false, .. }));
    let with = transport(&format!("{observe}tls = {{ trust = \"system\" }}"));
    assert!(matches!(with, UpstreamTransport::Cleartext { tls: Some(_), .. }));
    assert_eq!(with.demand().mode(), Mode::Observe);
}

#[test]
fn a_hop_is_declared_by_the_worst_that_may_pass_and_by_whose_leave() {
    let edge = format!("names = [\"b\"]\nmode = \"prefer\"\n{EXCEPTION}");
    let text = listener(&edge).replace("127.0.0.1:7000", "0.0.0.0:7000");
    let hops = valid_with(&text).hops();
    let hop = hops.iter().find(|hop| hop.name.to_string() == "client → second").unwrap();
    assert_eq!(hop.transport, Some(hermetic_hop::Transport::Cleartext { local: false }));
    assert_eq!(hop.demand.as_ref().unwrap().exception().unwrap().owner, "shop");
}

#[test]
fn the_end_that_requires_tls_decides_what_the_hop_demands() {
    let app = format!(
        "[[listener]]\nname = \"app\"\nbind = \"127.0.0.1:7000\"\nnames = [\"b\"]\nmode = \"observe\"\n{EXCEPTION}\n\
         [[route]]\nlistener = \"app\"\nto = \"behind\"\n[[upstream]]\nname = \"behind\"\nendpoints = [\"127.0.0.1:3001\"]\n"
    );
    let text = super::BASE.replace(
        "endpoints = [\"127.0.0.1:3000\"]",
        "endpoints = [\"127.0.0.1:7000\"]\ntls = { trust = \"authority\", name = \"b\" }",
    );
    let hops = super::valid(&format!("{app}{text}")).hops();
    let demand = |name: &str| hops.iter().find(|hop| hop.name.to_string() == name).unwrap().demand.clone();
    assert_eq!(demand("edge → app"), Some(Demand::Require));
    assert_eq!(demand("client → app").unwrap().mode(), Mode::Observe);
}
