//! PROXY protocol: who is believed, and who is told.

use super::{told_of, valid_with};
use crate::{Others, ProxyProtocolVersion};

/// A second listener with this on line 4, and a route from it.
fn told_of_listener(line: &str) -> Vec<String> {
    told_of(&listener(line))
}

fn listener(line: &str) -> String {
    format!(
        "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\n{line}\nnames = [\"b\"]\n\
         [[route]]\nlistener = \"second\"\nto = \"app\""
    )
}

#[test]
fn those_who_are_listed_are_believed_and_others_are_refused() {
    let configuration = valid_with(&listener("proxy_protocol = { from = [\"10.0.0.0/8\", \"127.0.0.1\"] }"));
    let believed = configuration.listeners[0].proxy_protocol.as_ref().unwrap();
    assert_eq!(believed.others, Others::Refuse);
    let believes = |address: &str| believed.believes(address.parse().unwrap());
    assert!(believes("10.9.8.7") && believes("::ffff:127.0.0.1"));
    assert!(!believes("127.0.0.2") && !believes("::1"));
}

#[test]
fn somebody_must_be_listed() {
    assert_eq!(
        told_of_listener("proxy_protocol = { from = [] }"),
        ["4:27: an empty `from` takes nobody's word; write where the proxies before this one connect from, \
             or take `proxy_protocol` out"]
    );
    assert_eq!(
        told_of_listener("proxy_protocol = {}"),
        ["4:18: `from` is missing in proxy_protocol; add a list: `from = [\"10.0.0.0/8\"]`"]
    );
}

#[test]
fn a_network_is_told_as_it_should_be_written() {
    for (network, told) in [
        (
            "10.1.2.3/8",
            "`10.1.2.3/8` is an address with the length of a network; write \"10.0.0.0/8\" for the network that \
             it lies in",
        ),
        (
            "0.0.0.0/0",
            "`0.0.0.0/0` would take everybody's word for who they are; write the networks that the proxies \
             before this one connect from",
        ),
        (
            "proxy.internal",
            "`proxy.internal` is no address or network; write an address or network, such as \"10.0.0.0/8\"",
        ),
    ] {
        let line = format!("proxy_protocol = {{ from = [\"{network}\"] }}");
        assert_eq!(told_of_listener(&line), [format!("4:28: {told}")]);
    }
}

#[test]
fn a_header_must_come_in_time_where_no_handshake_does() {
    let tcp = |lines: &str| {
        format!(
            "[[listener]]\nname = \"raw\"\nbind = \"127.0.0.1:1\"\nprotocol = \"tcp\"\n{lines}\n\
             [[route]]\nlistener = \"raw\"\nto = \"app\""
        )
    };
    let told = told_of(&tcp("handshake_timeout = \"1s\""));
    assert_eq!(told, ["5:1: `handshake_timeout` has no meaning on a tcp listener; take it out"]);
    valid_with(&tcp("handshake_timeout = \"1s\"\nproxy_protocol = { from = [\"127.0.0.1\"] }"));
}

#[test]
fn an_upstream_is_told_in_one_of_two_versions() {
    let upstream = |version: &str| {
        format!("[[upstream]]\nname = \"u\"\nendpoints = [\"127.0.0.1:1\"]\nproxy_protocol = {version}")
    };
    let configuration = valid_with(&upstream("\"v2\""));
    assert_eq!(configuration.upstreams[0].proxy_protocol, Some(ProxyProtocolVersion::V2));
    assert_eq!(told_of(&upstream("\"v3\"")), ["4:18: `v3` is not known here; did you mean \"v1\"?"]);
}
