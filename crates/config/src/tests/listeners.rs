//! What is wrong with a listener.

use std::time::Duration;

use hermetic_tls::{SecurityPolicy, UnknownSni};

use super::{told_of, valid_with};
use crate::{CertificateSource, Clients, Protocol, Trust};

/// A second listener with these lines from line 4 on, and a route from it.
fn listener(lines: &str) -> String {
    format!(
        "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\n{lines}\n[[route]]\nlistener = \"second\"\nto = \"app\""
    )
}

fn told_of_listener(lines: &str) -> Vec<String> {
    told_of(&listener(lines))
}

/// An `http` listener with these lines from line 5 on.
fn told_of_http(lines: &str) -> Vec<String> {
    told_of(&format!("[[listener]]\nname = \"plain\"\nbind = \"127.0.0.1:1\"\nprotocol = \"http\"\n{lines}"))
}

#[test]
fn an_https_listener_needs_a_certificate() {
    assert_eq!(
        told_of_listener(""),
        ["1:1: an https listener needs a certificate, and this one has neither names nor files; \
          add `names = [\"shop.example.com\"]`, or `certificate = { cert = \"…\", key = \"…\" }`"]
    );
}

#[test]
fn an_https_listener_needs_a_route() {
    assert_eq!(
        told_of("[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\nnames = [\"b\"]"),
        ["1:1: no route leads from listener `second`, so it would answer all with 404; \
          add [[route]] with `listener = \"second\"` and `to` an upstream"]
    );
}

#[test]
fn an_address_is_an_ip_and_a_port() {
    for (bind, told) in [
        (
            "localhost:443",
            "`localhost:443` is not an IP address and port; write `127.0.0.1:443` or `[::1]:443`",
        ),
        (":443", "`:443` is not an IP address and port; write `0.0.0.0:443` or `[::]:443`"),
        (
            "10.0.0.1",
            "`10.0.0.1` is not an IP address and port; write an IP address and port, such as \"0.0.0.0:443\"",
        ),
    ] {
        let text = format!(
            "[[listener]]\nname = \"plain\"\nprotocol = \"http\"\nredirect = \"edge\"\nbind = \"{bind}\""
        );
        assert_eq!(told_of(&text), [format!("5:8: {told}")]);
    }
}

#[test]
fn a_word_that_is_not_known_is_told_with_its_nearest() {
    assert_eq!(
        told_of_listener("names = [\"b\"]\nprotocol = \"htps\"\nunknown_sni = \"drop\""),
        [
            "5:12: `htps` is not known here; did you mean \"https\"?",
            "6:15: `drop` is not known here; choose from \"refuse\", \"first\"",
        ]
    );
}

#[test]
fn a_policy_that_nobody_has_is_told_with_its_nearest() {
    assert_eq!(
        told_of_listener("names = [\"b\"]\npolicy = \"mozilla/intermediat\""),
        ["5:10: no security policy is called `mozilla/intermediat`; \
          did you mean `mozilla/intermediate`? `hermetic tls policies` lists them"]
    );
}

#[test]
fn a_policy_that_several_services_have_needs_its_service() {
    assert_eq!(
        told_of_listener("names = [\"b\"]\npolicy = \"ELBSecurityPolicy-TLS-1-2-2017-01\""),
        ["5:10: several services have a security policy `ELBSecurityPolicy-TLS-1-2-2017-01`; write one of \
          clb/ELBSecurityPolicy-TLS-1-2-2017-01, elb/ELBSecurityPolicy-TLS-1-2-2017-01"]
    );
}

#[test]
fn a_policy_that_allows_nothing_here_names_the_nearest_that_does() {
    let policy = SecurityPolicy::named("elb/ELBSecurityPolicy-2016-08").unwrap();
    assert_eq!(
        told_of_listener("names = [\"b\"]\npolicy = \"elb/ELBSecurityPolicy-2016-08\""),
        [format!(
            "5:10: security policy elb/ELBSecurityPolicy-2016-08 can't be served: {}; the nearest that can is `{}`",
            policy.is_servable().unwrap_err(),
            policy.nearest_servable().full_name()
        )]
    );
}

#[test]
fn names_are_hosts_without_ports() {
    assert_eq!(
        told_of_listener("names = [\"a b\", \"10.0.0.300\", \"b.example:443\"]"),
        [
            "4:10: `a b` is not a DNS name: labels of letters, digits and hyphens, at most 253 bytes; \
             write a DNS name or IP address, such as \"shop.example.com\"",
            "4:17: `10.0.0.300` is not an IP address; write a DNS name or IP address, such as \"shop.example.com\"",
            "4:31: `b.example:443` is not a DNS name or IP address; leave the port out: \"b.example\"",
        ]
    );
}

#[test]
fn allow_without_client_certificates_would_let_nobody_in() {
    assert_eq!(
        told_of_listener("names = [\"b\"]\nallow = [\"edge\"]"),
        [
            "5:1: no client is asked for a certificate, so `allow` would let nobody in; add `clients = \"required\"`"
        ]
    );
}

#[test]
fn an_empty_allow_lets_nobody_in() {
    assert_eq!(
        told_of_listener("names = [\"b\"]\nclients = \"required\"\nallow = []"),
        ["6:9: an empty `allow` lets nobody in; \
          name somebody, or take `allow` out to let in whoever meets `clients`"]
    );
}

#[test]
fn whom_allow_names_is_one_party() {
    assert_eq!(
        told_of_listener(
            "names = [\"b\"]\nclients = \"required\"\nallow = [\"a b\", \"spiffe://X/\", \"dns:*.b\", \"..\"]"
        ),
        [
            "6:10: `a b` is neither a name nor an identity; \
             write a name such as \"edge\", or \"spiffe://…\", \"dns:…\", \"ip:…\", \"sha256:…\"",
            "6:17: `spiffe://X/` is not a SPIFFE ID; write spiffe://<trust domain>/<path>, the trust domain in lower case",
            "6:32: `dns:*.b` is not one identity; write the whole name, without `*`",
        ]
    );
    assert_eq!(
        told_of_listener("names = [\"b\"]\nclients = \"required\"\nallow = [\"..\"]"),
        ["6:10: `..` can't be the end of a SPIFFE ID; name a party, or write an identity in full"]
    );
}

#[test]
fn a_client_authority_that_nobody_is_measured_by_is_told() {
    assert_eq!(
        told_of_listener("names = [\"b\"]\nclient_ca = \"system\""),
        ["5:1: no client is asked for a certificate, so `client_ca` has no meaning; \
          add `clients = \"required\"` or \"optional\""]
    );
}

#[test]
fn an_http_listener_redirects() {
    assert_eq!(
        told_of_http(""),
        ["1:1: an http listener serves no content, and this one redirects nowhere; \
          add `redirect = \"<an https listener>\"`"]
    );
    assert_eq!(
        told_of_http("redirect = \"edg\""),
        ["5:12: no https listener is called `edg`; did you mean `edge`?"]
    );
    assert_eq!(
        told_of_http("redirect = \"plain\""),
        ["5:12: no https listener is called `plain`; there are: edge"]
    );
}

#[test]
fn an_https_listener_does_not_redirect() {
    assert_eq!(
        told_of_listener("names = [\"b\"]\nredirect = \"edge\""),
        ["5:1: an https listener does not redirect; take `redirect` out, or write `protocol = \"http\"`"]
    );
}

#[test]
fn what_only_https_has_is_told_on_http() {
    assert_eq!(
        told_of_http("redirect = \"edge\"\npolicy = \"mozilla/modern\"\nhsts = \"1y\""),
        [
            "6:1: `policy` has no meaning on an http listener; take it out, or write `protocol = \"https\"`",
            "7:1: `hsts` has no meaning on an http listener; take it out, or write `protocol = \"https\"`",
        ]
    );
}

#[test]
fn nobody_is_redirected_to_a_port_that_is_not_known() {
    let text = "[[listener]]\nname = \"plain\"\nbind = \"127.0.0.1:1\"\nprotocol = \"http\"\nredirect = \"any\"\n\
                [[listener]]\nname = \"any\"\nbind = \"127.0.0.1:0\"\nnames = [\"b\"]\n[[route]]\nlistener = \"any\"\nto = \"app\"";
    assert_eq!(
        told_of(text),
        ["8:8: nobody can be redirected to `any`: its port is known only when it runs; \
          write its port, or add `public_port`"]
    );
}

#[test]
fn a_redirect_leads_to_the_public_port() {
    let text = "[[listener]]\nname = \"plain\"\nbind = \"127.0.0.1:1\"\nprotocol = \"http\"\nredirect = \"any\"\n\
                [[listener]]\nname = \"any\"\nbind = \"127.0.0.1:2\"\npublic_port = 443\nnames = [\"b\"]\n\
                [[route]]\nlistener = \"any\"\nto = \"app\"";
    let configuration = valid_with(text);
    let plain = configuration.listener(&"plain".parse().unwrap()).unwrap();
    assert!(matches!(&plain.protocol, Protocol::Redirect(redirect) if redirect.public_port == 443));
}

#[test]
fn what_is_written_is_what_holds() {
    let lines = "names = [\"B.example.\", \"10.0.0.1\"]\nclients = \"required\"\nallow = [\"edge\", \"dns:c.example\"]\n\
                 unknown_sni = \"first\"\nhsts = \"1y\"\nidle_timeout = \"5m\"";
    let configuration = valid_with(&listener(lines));
    let second = configuration.listener(&"second".parse().unwrap()).unwrap();
    assert_eq!(second.idle_timeout, Duration::from_secs(300));
    assert_eq!(second.handshake_timeout, Duration::from_secs(10));
    let Protocol::Https(https) = &second.protocol else { panic!("{second:?}") };
    assert_eq!(https.hsts, Some(Duration::from_secs(31_536_000)));
    assert_eq!(https.termination.unknown_sni, UnknownSni::First);
    assert!(matches!(https.termination.clients, Clients::Required(Trust::Authority)));
    fn texts(of: &[impl ToString]) -> Vec<String> {
        of.iter().map(ToString::to_string).collect()
    }
    assert_eq!(
        texts(https.termination.allow.as_deref().unwrap()),
        ["spiffe://hermetic.internal/edge", "dns:c.example"]
    );
    let [CertificateSource::Authority { identities, .. }] = https.termination.certificates.as_slice() else {
        panic!()
    };
    assert_eq!(texts(identities), ["dns:b.example", "ip:10.0.0.1", "spiffe://hermetic.internal/second"]);
}

#[test]
fn a_stream_in_cleartext_is_bound_to_this_host() {
    let stream = |address: &str| {
        format!(
            "[[listener]]\nname = \"db\"\nbind = \"{address}:5432\"\nprotocol = \"tcp\"\n\
             [[route]]\nlistener = \"db\"\nto = \"app\""
        )
    };
    assert_eq!(
        told_of(&stream("0.0.0.0")),
        ["3:8: clients would come to `0.0.0.0:5432` in cleartext that left their host; \
          bind it to loopback, such as \"127.0.0.1:5432\", write `protocol = \"tls\"`, or \
          for a time `mode = \"observe\"` with `cleartext = { reason = …, owner = …, until = … }`"]
    );
    valid_with(&stream("127.0.0.1"));
}

#[test]
fn what_only_http_has_is_told_on_a_stream() {
    assert_eq!(
        told_of(
            "[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:5432\"\nprotocol = \"tls\"\nnames = [\"b\"]\nhsts = \"1y\"\n\
             [[route]]\nlistener = \"db\"\npath = \"/api\"\nto = \"app\""
        ),
        [
            "6:1: `hsts` has no meaning on a tls listener; take it out",
            "9:1: `path` has no meaning on a route from a tls listener; take it out"
        ]
    );
}
