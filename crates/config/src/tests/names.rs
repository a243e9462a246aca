//! Who is called what, and what must not be shared.

use super::{told, told_of, valid_with};

#[test]
fn two_listeners_of_one_name_are_refused() {
    let text = "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:1\"\nnames = [\"b\"]";
    assert_eq!(
        told_of(text),
        ["6:8: a second listener `edge`; the first is in line 2; give each a name of its own"]
    );
}

#[test]
fn two_upstreams_of_one_name_are_refused() {
    let text = "[[upstream]]\nname = \"app\"\nendpoints = [\"[::1]:1\"]";
    assert_eq!(
        told_of(text),
        ["13:8: a second upstream `app`; the first is in line 2; give each a name of its own"]
    );
}

#[test]
fn two_flows_of_one_name_are_refused() {
    let flow = "[[flow]]\nname = \"f\"\npath = [\"client\", \"edge\"]\n";
    assert_eq!(
        told_of(&format!("{flow}{flow}")),
        ["5:8: a second flow `f`; the first is in line 2; give each a name of its own"]
    );
}

#[test]
fn nobody_is_called_client() {
    assert_eq!(
        told_of("[[upstream]]\nname = \"client\"\nendpoints = [\"[::1]:1\"]"),
        [
            "2:8: no upstream can be called `client`: that is whoever connects from outside; choose another name"
        ]
    );
}

#[test]
fn a_name_that_is_no_end_of_a_spiffe_id_is_refused() {
    assert_eq!(
        told_of("[[upstream]]\nname = \"..\"\nendpoints = [\"[::1]:1\"]"),
        ["2:8: `..` can't be the end of a SPIFFE ID; choose a name with a letter in it"]
    );
}

#[test]
fn two_listeners_on_one_address_are_refused() {
    let text =
        "[[listener]]\nname = \"plain\"\nprotocol = \"http\"\nbind = \"0.0.0.0:8443\"\nredirect = \"edge\"";
    assert_eq!(
        told_of(text),
        [
            "8:8: `127.0.0.1:8443` is taken by `0.0.0.0:8443` in line 4; give each an address or port of its own"
        ]
    );
}

#[test]
fn ports_that_the_system_chooses_never_meet() {
    let plain = |name: &str| {
        format!(
            "[[listener]]\nname = \"{name}\"\nprotocol = \"http\"\nbind = \"[::1]:0\"\nredirect = \"edge\"\n"
        )
    };
    assert_eq!(valid_with(&format!("{}{}", plain("one"), plain("two"))).listeners.len(), 3);
}

#[test]
fn metrics_take_no_listeners_address() {
    assert_eq!(
        told_of("admin = \"127.0.0.1:8443\""),
        [
            "4:8: `127.0.0.1:8443` is taken by `127.0.0.1:8443` in line 1; give each an address or port of its own"
        ]
    );
}

#[test]
fn metrics_stay_on_the_host() {
    assert_eq!(
        told_of("admin = \"0.0.0.0:9100\""),
        ["1:9: metrics can't be served at `0.0.0.0:9100`: it is not loopback; \
          write a loopback address, such as \"127.0.0.1:9100\""]
    );
    assert!(valid_with("admin = \"[::1]:9100\"").admin.is_some());
}

/// A listener `balancer` that takes only `edge`, and an upstream of its name.
fn chain(upstream: &str) -> Vec<String> {
    told(&format!(
        r#"[[upstream]]
name = "balancer"
endpoints = ["127.0.0.1:2"]
{upstream}
[[listener]]
name = "edge"
bind = "127.0.0.1:1"
names = ["localhost"]
[[listener]]
name = "balancer"
bind = "127.0.0.1:2"
names = ["balancer.internal"]
clients = "required"
allow = ["edge"]
[[route]]
listener = "edge"
to = "balancer"
[[route]]
listener = "balancer"
show = "path"
"#
    ))
}

#[test]
fn a_listener_and_an_upstream_of_one_name_are_one_party() {
    assert!(
        chain(r#"tls = { trust = "authority", name = "balancer.internal", identity = "edge" }"#).is_empty()
    );
}

#[test]
fn an_upstream_that_is_an_https_listener_is_not_cleartext() {
    assert_eq!(
        chain(""),
        ["2:8: TLS ends at listener `balancer`, but this upstream of its name is cleartext; \
          add `tls = { trust = \"authority\" }`, or give the upstream another name if it is somebody else"]
    );
}

#[test]
fn an_upstream_that_demands_an_identity_is_shown_one() {
    assert_eq!(
        chain(r#"tls = { trust = "authority", name = "balancer.internal" }"#),
        ["2:8: listener `balancer` lets nobody in without a certificate, and none is presented; \
          add an `identity` to `tls`"]
    );
}

#[test]
fn an_upstream_that_does_not_let_us_in_is_told() {
    assert_eq!(
        chain(r#"tls = { trust = "authority", name = "balancer.internal", identity = "other" }"#),
        ["2:8: listener `balancer` does not let `other` in; add \"other\" to its `allow`"]
    );
}
