//! What is wrong with flows and requirements.

use hermetic_tls::ProtocolVersion;

use super::{told, told_of, valid_with};

#[test]
fn a_flow_has_two_parties() {
    assert_eq!(
        told_of("[[flow]]\nname = \"f\"\npath = [\"client\"]"),
        ["3:8: a flow leads from one party to another, so it has at least two; \
          write the parties in order, such as [\"client\", \"edge\", \"app\"]"]
    );
}

#[test]
fn a_pair_that_is_no_hop_is_told_with_those_that_are() {
    assert_eq!(
        told_of("[[flow]]\nname = \"f\"\npath = [\"client\", \"app\", \"edge\"]"),
        [
            "3:19: client → app is no hop; from `client` there are: client → edge; write a [[hop]] if it is not Hermetic's",
            "3:26: app → edge is no hop; no hop leads from `app`; write a [[hop]] if it is not Hermetic's",
        ]
    );
}

#[test]
fn a_party_that_nobody_is_called_is_told_with_its_nearest() {
    assert_eq!(
        told_of("[[flow]]\nname = \"f\"\npath = [\"client\", \"edge\", \"orders-db\"]"),
        [
            "3:27: no listener, no upstream and no party of a [[hop]] is called `orders-db`; from `edge` there are: edge → app"
        ]
    );
    assert_eq!(
        told_of("[[flow]]\nname = \"f\"\npath = [\"client\", \"edg\"]"),
        ["3:19: no listener, no upstream and no party of a [[hop]] is called `edg`; did you mean `edge`?"]
    );
}

#[test]
fn the_hops_of_a_broken_party_are_not_guessed() {
    let text = "[[flow]]\nname = \"f\"\npath = [\"client\", \"edge\", \"app\"]\n\
                [[listener]]\nname = \"edge\"\nbind = \"nowhere\"\nnames = [\"b\"]\n\
                [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
                [[upstream]]\nname = \"app\"\nendpoints = [\"[::1]:1\"]";
    assert_eq!(
        told(text),
        [
            "6:8: `nowhere` is not an IP address and port; write an IP address and port, such as \"0.0.0.0:443\""
        ]
    );
}

const FLOW: &str =
    "[[flow]]\nname = \"checkout\"\npath = [\"client\", \"edge\", \"app\"]\ntags = [\"payments\"]\n";

#[test]
fn a_requirement_names_flows_and_tags_that_are_there() {
    assert_eq!(
        told_of(&format!(
            "{FLOW}[[requirement]]\nverified = true\nflows = [\"chekout\"]\ntags = [\"cards\"]"
        )),
        [
            "7:10: no flow is called `chekout`; did you mean `checkout`?",
            "8:9: no flow has the tag `cards`; there are: payments",
        ]
    );
}

#[test]
fn a_requirement_demands_something() {
    assert_eq!(
        told_of(&format!("{FLOW}[[requirement]]\nverified = false")),
        ["5:1: this requirement demands nothing; \
          add `tls = \"1.2\"`, `verified = true`, `mutual = true` or `post_quantum = true`"]
    );
}

#[test]
fn a_requirement_needs_a_flow() {
    assert_eq!(
        told_of("[[requirement]]\nverified = true"),
        [
            "1:1: there is no flow of which this could be demanded; add a [[flow]] with `path = [\"client\", …]`"
        ]
    );
}

#[test]
fn a_version_is_one_of_tls() {
    assert_eq!(
        told_of(&format!("{FLOW}[[requirement]]\ntls = \"1.4\"")),
        ["6:7: `1.4` is not a TLS version; write \"1.2\" or \"1.3\""]
    );
}

#[test]
fn what_is_demanded_is_kept() {
    let configuration =
        valid_with(&format!("{FLOW}[[requirement]]\ntags = [\"payments\"]\ntls = \"1.3\"\nmutual = true"));
    let [requirement] = configuration.requirements.as_slice() else { panic!() };
    assert_eq!(requirement.tls, Some(ProtocolVersion::TLS1_3));
    assert!(requirement.mutual && !requirement.verified && !requirement.post_quantum);
    assert_eq!(configuration.flows[0].hops().count(), 2);
}
