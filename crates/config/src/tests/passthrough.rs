//! Routes on which TLS passes through, and what can't stand beside them.

use hermetic_tls::SecurityPolicy;

use super::{told_of, valid_with};
use crate::{HostPattern, Protocol, StreamClients, StreamRoute, UpstreamTransport};

/// A `tls` listener with these keys on line 5, a route with those on line 8, and an upstream beyond the
/// host with these on line 12.
fn passing(listener: &str, route: &str, upstream: &str) -> String {
    format!(
        "[[listener]]\nname = \"l4\"\nbind = \"0.0.0.0:443\"\nprotocol = \"tls\"\n{listener}\n\
         [[route]]\nlistener = \"l4\"\n{route}\nto = \"far\"\n\
         [[upstream]]\nname = \"far\"\n{upstream}\nendpoints = [\"far.internal:443\"]\n"
    )
}

fn told(listener: &str, route: &str, upstream: &str) -> Vec<String> {
    told_of(&passing(listener, route, upstream))
}

const THROUGH: &str = "passthrough = true";

#[test]
fn a_listener_where_all_passes_needs_no_certificate_and_its_upstream_no_tls() {
    let route = "passthrough = true\nhost = \"*.far.example\"\nalpn = [\"h2\", \"http/1.1\"]";
    let configuration = valid_with(&passing("", route, ""));
    let Protocol::Stream(stream) = &configuration.listeners[0].protocol else { panic!() };
    let StreamClients::PassedThrough(passage) = &stream.clients else { panic!() };
    assert_eq!(passage.policy, SecurityPolicy::default_policy());
    let expected = StreamRoute {
        server_name: Some(HostPattern("*.far.example".to_owned())),
        alpn: vec!["h2".to_owned(), "http/1.1".to_owned()],
        passthrough: true,
        to: "far".parse().unwrap(),
    };
    assert_eq!(stream.routes, [expected]);
    assert_eq!(configuration.upstreams[0].transport, UpstreamTransport::Passthrough);
}

#[test]
fn the_hops_that_it_passes_over_keep_the_listeners_policy_and_nobody_claims_who_checks_whom() {
    let configuration = valid_with(&passing("policy = \"mozilla/modern\"", THROUGH, ""));
    for name in ["client → l4", "l4 → far"] {
        let hops = configuration.hops();
        let hop = hops.iter().find(|hop| hop.name.to_string() == name).unwrap();
        assert_eq!(hop.policy.full_name(), "mozilla/modern");
        let Some(hermetic_hop::Transport::Tls(facts)) = &hop.transport else { panic!("{hop:?}") };
        assert_eq!(facts.version, Some(hermetic_tls::ProtocolVersion::TLS1_3));
        let unknown = hermetic_hop::Checked::NotObservable;
        assert_eq!((facts.server_checked, facts.client_checked), (unknown, unknown));
    }
}

#[test]
fn where_nothing_ends_there_is_nothing_to_end_it_with() {
    assert_eq!(
        told("names = [\"far.example\"]", THROUGH, ""),
        ["5:1: `names` has no meaning here: TLS passes through on every route; take it out, or add a route \
             without `passthrough`, for which TLS ends here"]
    );
}

#[test]
fn tls_that_passes_through_is_neither_wrapped_nor_opened() {
    assert_eq!(
        told("", THROUGH, "tls = { trust = \"system\" }"),
        ["12:1: the client's TLS passes through to here by the route in line 6, so it can't begin here as \
             well; take `tls` out, or `passthrough` out of that route"]
    );
    assert_eq!(
        told("", THROUGH, "cleartext = { reason = \"r\", owner = \"o\", until = 2027-01-01 }"),
        [
            "12:1: the client's TLS passes through to here by the route in line 6, so nothing is in cleartext; \
             take `cleartext` out, or `passthrough` out of that route"
        ]
    );
}

#[test]
fn an_upstream_that_tls_passes_through_to_gets_nothing_else() {
    let other = passing("", THROUGH, "") + "[[route]]\nlistener = \"edge\"\npath = \"/far\"\nto = \"far\"\n";
    assert_eq!(
        told_of(&other),
        [
            "17:6: TLS passes through to `far` by the route in line 6, and what comes by this one is none; give \
             each an upstream of its own; they may have the same endpoints"
        ]
    );
}

#[test]
fn only_a_tls_listener_has_hellos_to_choose_by() {
    let https =
        |key: &str| told_of(&format!("[[route]]\nlistener = \"edge\"\npath = \"/x\"\n{key}\nto = \"app\""));
    assert_eq!(
        https("alpn = [\"h2\"]"),
        [
            "4:1: `alpn` has no meaning on a route for requests, which are read where TLS ends; take it out, or \
             write `protocol = \"tls\"` on the listener"
        ]
    );
    let tcp = "[[listener]]\nname = \"raw\"\nbind = \"127.0.0.1:1\"\nprotocol = \"tcp\"\n\
               [[route]]\nlistener = \"raw\"\npassthrough = true\nto = \"app\"";
    assert!(
        told_of(tcp).contains(
            &"7:1: `passthrough` has no meaning on a route from a tcp listener; take it out".to_owned()
        ),
        "{:?}",
        told_of(tcp)
    );
}

#[test]
fn an_application_protocol_is_told_as_it_should_be_written() {
    assert_eq!(
        told("", "passthrough = true\nalpn = []", ""),
        [
            "9:8: an empty `alpn` takes no client; name one, such as \"h2\", or take `alpn` out to take whatever is offered"
        ]
    );
    assert_eq!(
        told("", "passthrough = true\nalpn = [\"http 1\"]", ""),
        [
            "9:9: `http 1` is not an application protocol; write it as ALPN names it, such as \"h2\", \"http/1.1\" or \
             \"postgresql\""
        ]
    );
}

#[test]
fn a_route_stands_in_no_shadow_of_one_for_other_protocols() {
    let second = |first: &str, second: &str| {
        let text = passing("", &format!("passthrough = true\n{first}"), "");
        told_of(&format!("{text}[[route]]\nlistener = \"l4\"\npassthrough = true\n{second}\nto = \"far\"\n"))
    };
    assert!(second("alpn = [\"h2\"]", "").is_empty());
    assert!(second("alpn = [\"h2\"]", "alpn = [\"h2\", \"http/1.1\"]").is_empty());
    assert_eq!(second("", "alpn = [\"h2\"]").len(), 1);
    assert_eq!(second("alpn = [\"h2\", \"http/1.1\"]", "alpn = [\"h2\"]").len(), 1);
}

#[test]
fn a_name_that_passes_through_needs_no_certificate_beside_one_that_ends() {
    let both = passing("names = [\"own.example\"]", "passthrough = true\nhost = \"far.example\"", "")
        + "[[route]]\nlistener = \"l4\"\nhost = \"own.example\"\nto = \"app\"\n";
    let configuration = valid_with(&both);
    let Protocol::Stream(stream) = &configuration.listeners[0].protocol else { panic!() };
    assert!(matches!(stream.clients, StreamClients::Tls(_)));
}
