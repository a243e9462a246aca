//! What may be certified, for whom, for how long and with which keys.

use hermetic_keys::KeyAlgorithm;
use hermetic_x509::{Profile, ProfileKind};
use jiff::SignedDuration;

use super::{told, told_of, valid, valid_with};
use crate::{CertificateSource, Configuration};

/// A profile `web` with these lines from line 3 on.
fn web(lines: &str) -> String {
    format!("[[profile]]\nname = \"web\"\n{lines}\n")
}

fn valid_web(lines: &str) -> Profile {
    named(&valid(&web(lines)), "web").clone()
}

fn told_of_web(lines: &str) -> Vec<String> {
    told(&web(lines))
}

fn named<'c>(configuration: &'c Configuration, name: &str) -> &'c Profile {
    configuration.profile(&name.parse().unwrap()).unwrap()
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// A profile `web`, and a listener that is certified by it, with these lines from its line 4 on.
fn listener(profile: &str, lines: &str) -> String {
    format!(
        "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\n{lines}\nprofile = \"web\"\n\
         [[route]]\nlistener = \"second\"\nto = \"app\"\n{}",
        web(profile)
    )
}

#[test]
fn the_built_in_profiles_of_tls_live_as_long_as_the_authority_says() {
    let configuration = valid("[authority]\nlifetime = \"90d\"");
    let usual = |name: &str| named(&configuration, name).lifetime().usual();
    assert_eq!([usual("server"), usual("client"), usual("both")], [days(90); 3]);
    assert_eq!(usual("mesh"), days(30), "as long as its kind allows");
    assert_eq!(usual("code"), Profile::built_in(ProfileKind::Code).lifetime().usual());
}

#[test]
fn what_is_not_written_is_as_in_the_profile_that_it_is_like() {
    let profile = valid_web("like = \"server\"\nlifetime = { most = \"90d\" }");
    let server = Profile::built_in(ProfileKind::Server);
    assert_eq!((profile.kind(), profile.key_algorithms()), (ProfileKind::Server, server.key_algorithms()));
    assert_eq!((profile.lifetime().usual(), profile.lifetime().most()), (days(1), days(90)));
    assert_eq!((profile.names(), profile.is_exportable()), (server.names(), false));
    assert_eq!(valid_web("").kind(), ProfileKind::Both);
}

#[test]
fn a_profile_says_keys_names_and_export() {
    let profile = valid_web(
        "keys = [\"P-384\", \"rsa_2048\"]\nexport = true\n\
         allow = [{ exact = \"shop.example.com\" }, { subdomain = \"internal.example.com\" }, \
                  { wildcard = \"*.example.com\" }, { ip = \"10.0.0.0/8\" }, { uri = \"spiffe://shop/web/\" }]\n\
         deny = [{ subdomain = \"secret.internal.example.com\" }]",
    );
    assert_eq!(profile.key_algorithms(), [KeyAlgorithm::EcdsaP384, KeyAlgorithm::Rsa2048]);
    assert!(profile.is_exportable());
    let judged = |name: &str| profile.names().judge(&name.parse().unwrap()).is_ok();
    for allowed in
        ["shop.example.com", "a.internal.example.com", "*.example.com", "ip:10.1.2.3", "spiffe://shop/web/1"]
    {
        assert!(judged(allowed), "{allowed}");
    }
    for denied in ["example.com", "a.secret.internal.example.com", "ip:11.1.2.3", "spiffe://shop/db"] {
        assert!(!judged(denied), "{denied}");
    }
}

#[test]
fn profiles_may_be_written_in_any_order() {
    let text = "[[profile]]\nname = \"b\"\nlike = \"a\"\nexport = false\n\
                [[profile]]\nname = \"a\"\nlike = \"mesh\"\nexport = true\nkeys = [\"Ed25519\"]\n";
    let configuration = valid(text);
    let b = named(&configuration, "b");
    assert_eq!((b.kind(), b.is_exportable()), (ProfileKind::Mesh, false));
    assert_eq!(b.key_algorithms(), [KeyAlgorithm::Ed25519]);
}

#[test]
fn profiles_are_not_like_each_other() {
    let like = |name: &str, like: &str| format!("[[profile]]\nname = \"{name}\"\nlike = \"{like}\"\n");
    assert_eq!(
        told(&format!("{}{}{}", like("a", "b"), like("b", "a"), like("c", "a"))),
        [
            "3:8: `a` would be like itself by way of `b`; write one of them `like` a built-in profile",
            "6:8: `b` would be like itself by way of `a`; write one of them `like` a built-in profile",
        ]
    );
    assert_eq!(
        told(&like("a", "a")),
        ["3:8: `a` would be like itself by way of `a`; write one of them `like` a built-in profile"]
    );
}

#[test]
fn a_profile_is_like_one_that_is_there() {
    assert_eq!(
        told_of_web("like = \"servr\""),
        ["3:8: no profile is called `servr`; did you mean `server`?"]
    );
    assert_eq!(
        told_of_web("like = \"x\""),
        ["3:8: no profile is called `x`; there are: server, client, both, mesh, ocsp, code"]
    );
}

#[test]
fn a_profile_has_a_name_of_its_own() {
    assert_eq!(
        told("[[profile]]\nname = \"mesh\""),
        ["2:8: a profile can't be called `mesh`: that one is built in; choose another name"]
    );
    assert_eq!(
        told(&format!("{}{}", web(""), web(""))),
        ["5:8: a second profile `web`; the first is in line 2; give each a name of its own"]
    );
}

#[test]
fn lifetimes_rise_and_both_values_are_told() {
    let hint = "write `least`, `usual` and `most` so that none is longer than the next";
    for (bounds, at, what) in [
        ("least = \"2d\", usual = \"1d\"", "3:36", "`least` (2d) is longer than `usual` (1d)"),
        ("usual = \"36h\", most = \"1d\"", "3:36", "`usual` (1d12h) is longer than `most` (1d)"),
        ("least = \"2d\", most = \"1d\"", "3:35", "`least` (2d) is longer than `most` (1d)"),
        ("usual = \"500d\"", "3:22", "`usual` (500d) is longer than `most` (397d)"),
    ] {
        let told = told_of_web(&format!("lifetime = {{ {bounds} }}"));
        assert_eq!(told, [format!("{at}: {what}; {hint}")]);
    }
}

#[test]
fn a_lifetime_is_within_what_the_kind_allows() {
    assert_eq!(
        told_of_web("like = \"mesh\"\nlifetime = { most = \"90d\" }"),
        ["4:21: `most` (90d) is longer than a profile like `mesh` may have (30d); write at most \"30d\""]
    );
    assert_eq!(
        told_of_web("lifetime = { least = \"30s\" }"),
        ["3:22: `30s` is out of bounds; write a duration from 1m to 100y"]
    );
}

#[test]
fn a_lifetime_that_is_not_written_gives_way_to_those_that_are() {
    let bounds = |lines: &str| {
        let bounds = valid_web(&format!("lifetime = {{ {lines} }}")).lifetime();
        [bounds.least(), bounds.usual(), bounds.most()].map(|length| length.as_hours())
    };
    assert_eq!(bounds("most = \"12h\""), [0, 12, 12]);
    assert_eq!(bounds("least = \"48h\""), [48, 48, 397 * 24]);
    assert_eq!(bounds("usual = \"6h\""), [0, 6, 397 * 24]);
}

#[test]
fn a_rule_is_about_one_thing_that_can_be_read() {
    assert_eq!(
        told_of_web("allow = [{ exact = \"a.example\", ip = \"10.0.0.0/8\" }, {}]"),
        [
            "3:33: this rule has both `exact` and `ip`; take one of them out",
            "3:54: this rule has none of `exact`, `subdomain`, `wildcard`, `ip`, `uri`; write one of them",
        ]
    );
    assert_eq!(
        told_of_web("deny = [{ ip = \"10.0.0.1/8\" }, { subdomain = \"*.example.com\" }]"),
        [
            "3:16: `10.0.0.1/8` is no range of IP addresses; write `10.0.0.0/8`, with no bits behind the prefix",
            "3:46: `*.example.com` is a wildcard; name the domain itself",
        ]
    );
}

#[test]
fn a_rule_that_can_not_matter_is_told() {
    assert_eq!(
        told_of_web("allow = []"),
        ["3:9: an empty `allow` would allow any name; \
          name somebody, or take `allow` out to certify any name that is not denied"]
    );
    assert_eq!(
        told_of_web("like = \"mesh\"\nallow = [{ exact = \"a.example\" }]"),
        ["4:20: a profile like `mesh` certifies one SPIFFE ID, and no other name; take this rule out"]
    );
    assert_eq!(
        told_of_web("like = \"client\"\nallow = [{ wildcard = \"a.example\" }]"),
        ["4:23: a profile like `client` certifies no wildcard: a client is one party; take this rule out"]
    );
    assert_eq!(
        told_of_web("like = \"code\"\nallow = [{ ip = \"10.0.0.1\" }]"),
        ["4:17: a profile like `code` certifies a subject, and no name; take this rule out"]
    );
}

#[test]
fn a_name_that_is_allowed_and_denied_is_told() {
    assert_eq!(
        told_of_web("allow = [{ exact = \"a.example.com\" }]\ndeny = [{ subdomain = \"example.com\" }]"),
        ["3:20: dns:a.example.com is allowed here, and denied (names below example.com), which wins; \
          take one of the two rules out"]
    );
}

#[test]
fn a_kind_of_key_is_known_by_name() {
    assert_eq!(
        told_of_web("keys = [\"P-265\"]"),
        ["3:9: no kind of key is called `P-265`; did you mean \"P-256\"?"]
    );
    assert_eq!(
        told_of_web("keys = []"),
        ["3:8: a profile that takes no key certifies nothing; \
          name at least one kind, such as \"P-256\", or take `keys` out"]
    );
}

#[test]
fn a_listener_names_a_profile_for_servers() {
    let second = |profile: &str| {
        told_of(&format!(
            "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\nnames = [\"b\"]\nprofile = \"{profile}\"\n\
             [[route]]\nlistener = \"second\"\nto = \"app\""
        ))
    };
    assert_eq!(second("both"), [""; 0]);
    assert_eq!(
        second("client"),
        ["5:11: a certificate of profile `client` is of no use to a server: it is for clientAuth; \
          name `server` or `both`, or a profile that is like one of them"]
    );
    assert_eq!(second("servr"), ["5:11: no profile is called `servr`; did you mean `server`?"]);
}

#[test]
fn a_profile_certifies_what_a_listener_serves() {
    let lines = listener(
        "allow = [{ subdomain = \"example.com\" }]",
        "names = [\"a.example.com\", \"example.com\", \"*.example.com\"]",
    );
    let refused = "is not among the allowed names: names below example.com; \
                   name another `profile`, or change what this one allows";
    assert_eq!(
        told_of(&lines),
        [
            format!("4:27: profile `web` does not certify this: dns:example.com {refused}"),
            format!("4:42: profile `web` does not certify this: dns:*.example.com {refused}"),
        ]
    );
}

#[test]
fn a_listener_has_its_spiffe_id_where_its_profile_lets_it() {
    let certified = |allow: &str| {
        let configuration = valid_with(&listener(allow, "names = [\"a.example.com\"]"));
        let listener = configuration.listener(&"second".parse().unwrap()).unwrap();
        match &listener.termination().unwrap().certificates[..] {
            [CertificateSource::Authority { identities, .. }] => {
                identities.iter().map(ToString::to_string).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(certified(""), ["dns:a.example.com", "spiffe://hermetic.internal/second"]);
    assert_eq!(certified("allow = [{ subdomain = \"example.com\" }]"), ["dns:a.example.com"]);
}

#[test]
fn an_identity_is_certified_by_a_profile_for_clients_that_allows_it() {
    let upstream = |profile: &str| {
        format!(
            "[[upstream]]\nname = \"one\"\nendpoints = [\"one.internal:1\"]\n\
             tls = {{ trust = \"system\", identity = \"edge\", profile = \"{profile}\" }}\n"
        )
    };
    assert!(told_of(&upstream("mesh")).is_empty());
    assert_eq!(
        told_of(&upstream("server")),
        ["4:56: a certificate of profile `server` is of no use to a client: it is for serverAuth; \
          name `client`, `both` or `mesh`, or a profile that is like one of them"]
    );
    assert_eq!(
        told_of(&format!(
            "{}{}",
            upstream("web"),
            web("allow = [{ uri = \"spiffe://hermetic.internal/web/\" }]")
        )),
        [
            "4:38: profile `web` does not certify this: spiffe://hermetic.internal/edge is not among the allowed \
          names: identities below spiffe://hermetic.internal/web/; \
          name another `profile`, or change what this one allows"
        ]
    );
}

#[test]
fn a_name_that_nobody_may_certify_is_told_at_the_listener() {
    assert_eq!(
        told_of(
            "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\nnames = [\"my_app.internal\"]\n\
             [[route]]\nlistener = \"second\"\nto = \"app\""
        ),
        ["4:10: `my_app.internal` is no name to certify: the label `my_app` has an underscore; \
          no certificate has such a name; take another, or bring a certificate"]
    );
}

#[test]
fn a_mistake_in_a_profile_is_not_told_again_where_it_is_named() {
    assert_eq!(told_of(&listener("keys = []", "names = [\"b\"]")).len(), 1);
}
