//! What a listener may tell the guard.

use hermetic_guard::{Action, RuleId, Settings};
use jiff::Timestamp;

use super::{told_of, valid_with};

/// A second listener with these lines from line 5 on, and a route from it.
fn listener(lines: &str) -> String {
    format!(
        "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\nnames = [\"b\"]\n{lines}\n\
         [[route]]\nlistener = \"second\"\nto = \"app\""
    )
}

fn told_of_guard(guard: &str) -> Vec<String> {
    told_of(&listener(&format!("guard = {{ {guard} }}")))
}

fn settings(lines: &str) -> Settings {
    let configuration = valid_with(&listener(lines));
    let second = configuration.listener(&"second".parse().unwrap()).unwrap();
    second.termination().unwrap().guard.as_ref().clone()
}

fn at(text: &str) -> impl Fn() -> Timestamp {
    let now: Timestamp = text.parse().unwrap();
    move || now
}

#[test]
fn a_rule_does_what_is_written_and_the_others_what_they_do_by_default() {
    let settings = settings("guard = { insecure-origin = \"deny\", hsts = \"count\" }");
    let action = |rule| settings.action(rule, at("2026-07-15T12:00:00Z"));
    assert_eq!(action(RuleId::InsecureOrigin), Some(Action::Deny));
    assert_eq!(action(RuleId::Hsts), Some(Action::Count));
    assert_eq!(action(RuleId::InsecureRedirectUri), Some(Action::Count));
    assert_eq!(action(RuleId::SecureCookies), Some(Action::Fix));
}

#[test]
fn an_exception_ends_with_its_last_day() {
    let settings = settings(
        "guard = { misdirected = { action = \"count\", reason = \"r\", owner = \"o\", until = 2026-12-31 } }",
    );
    let action = |now| settings.action(RuleId::Misdirected, at(now));
    assert_eq!(action("2026-12-31T23:00:00Z"), Some(Action::Count));
    assert_eq!(action("2027-01-01T00:00:00Z"), Some(Action::Deny));
}

#[test]
fn what_does_less_than_by_default_is_told_with_by_whose_leave() {
    let lines =
        "guard = { misdirected = { action = \"count\", reason = \"r\", owner = \"o\", until = 2026-12-31 } }";
    let configuration = valid_with(&listener(lines));
    let [weakened] = configuration.weakened.as_slice() else { panic!("{:?}", configuration.weakened) };
    assert_eq!((weakened.listener.as_str(), weakened.rule), ("second", RuleId::Misdirected));
    assert_eq!((weakened.exception.reason.as_str(), weakened.exception.owner.as_str()), ("r", "o"));
}

#[test]
fn where_cleartext_may_come_a_clear_earlier_hop_is_counted() {
    let cleartext = "cleartext = { reason = \"r\", owner = \"o\", until = 2026-12-31 }";
    let action = |lines: &str| settings(lines).action(RuleId::ClearEarlierHop, at("2026-07-15T12:00:00Z"));
    assert_eq!(action(""), Some(Action::Deny));
    assert_eq!(action(&format!("mode = \"observe\"\n{cleartext}")), Some(Action::Count));
    let strict = format!("mode = \"observe\"\n{cleartext}\nguard = {{ clear-earlier-hop = \"deny\" }}");
    assert_eq!(action(&strict), Some(Action::Deny));
}

#[test]
fn fingerprints_are_read_as_a_list() {
    let ja4 = "t13d1516h2_8daaf6152771_e5627efa2ab1";
    let settings = settings(&format!("guard = {{ client-fingerprint = {{ deny = [\"{ja4}\"] }} }}"));
    assert!(!settings.fingerprints().admit(&ja4.parse().unwrap()));
    assert_eq!(settings.action(RuleId::ClientFingerprint, at("2026-07-15T12:00:00Z")), Some(Action::Deny));
}

#[test]
fn a_rule_that_is_not_there_is_told_with_the_nearest() {
    assert_eq!(
        told_of_guard("secure-cookie = \"fix\""),
        ["5:11: no rule of the guard is called `secure-cookie`; did you mean `secure-cookies`?"]
    );
    assert_eq!(
        told_of_guard("everything = \"deny\""),
        ["5:11: no rule of the guard is called `everything`; `hermetic guard` lists the rules"]
    );
}

#[test]
fn one_rule_that_is_wrong_hides_no_other() {
    assert_eq!(told_of_guard("secure-cookies = \"count\", secure-cookie = \"fix\", hsts = \"fix\"").len(), 3);
}

#[test]
fn an_action_that_is_none_or_not_of_this_rule_is_told() {
    for (guard, told) in [
        ("hsts = \"fixx\"", "5:18: `fixx` is not known here; did you mean \"fix\"?"),
        (
            "insecure-origin = \"off\"",
            "5:29: `off` is not known here; no rule is ever off; \"count\" lets pass, and tells",
        ),
        (
            "hsts = 1",
            "5:18: `hsts` must be an action or a table, not a whole number; write \"deny\", \"fix\" or \"count\", such as \"deny\"",
        ),
        ("misdirected = \"fix\"", "5:25: `misdirected` can't `fix`; choose from \"deny\", \"count\""),
        ("framing = \"count\"", "5:21: `framing` can't `count`; take it out: it always does \"deny\""),
        (
            "hsts = \"fix\"",
            "5:18: `hsts` has nothing to set: no age is promised; add `hsts = \"1y\"` to the listener",
        ),
        (
            "client-fingerprint = \"deny\"",
            "5:32: `client-fingerprint` needs a list of fingerprints; write { deny = [\"t13d1516h2_8daaf6152771_e5627efa2ab1\"] }, or `allow`",
        ),
        (
            "client-fingerprint = {}",
            "5:32: `client-fingerprint` has no fingerprint to judge by; add `deny = [\"t13d1516h2_8daaf6152771_e5627efa2ab1\"]`, or `allow`",
        ),
        (
            "client-fingerprint = { deny = [\"t13\"] }",
            "5:42: `t13` is not a JA4 fingerprint; write a JA4 fingerprint, such as \"t13d1516h2_8daaf6152771_e5627efa2ab1\"",
        ),
    ] {
        assert_eq!(told_of_guard(guard), [told]);
    }
    assert_eq!(
        told_of(&listener("guard = \"strict\"")),
        ["5:9: `guard` must be a table, not a string; write { insecure-origin = \"deny\" }"]
    );
}

#[test]
fn less_than_the_default_needs_a_whole_exception() {
    for (guard, told) in [
        (
            "misdirected = \"count\"",
            "5:25: `misdirected` does more by default: `deny`; less needs an exception; \
             write { action = \"count\", reason = \"…\", owner = \"…\", until = 2027-03-31 }",
        ),
        (
            "misdirected = { action = \"count\", owner = \"o\" }",
            "5:25: the exception for `misdirected` lacks `reason` and `until`; \
             an exception has a reason, an owner and a last day",
        ),
        (
            "misdirected = { action = \"count\", reason = \"r\", owner = \"o\", until = 2026-07-14 }",
            "5:80: this exception ended with 2026-07-14; today is 2026-07-15 (UTC); \
             take `misdirected` out, or ask o for a new date",
        ),
        (
            "insecure-origin = { action = \"deny\", reason = \"r\", owner = \"o\", until = 2027-01-01 }",
            "5:29: `insecure-origin = \"deny\"` is no less than its default and needs no exception; \
             write insecure-origin = \"deny\"",
        ),
    ] {
        assert_eq!(told_of_guard(guard), [told]);
    }
}

#[test]
fn where_clients_show_certificates_a_connection_stays_with_its_name() {
    let exception = "{ action = \"count\", reason = \"r\", owner = \"o\", until = 2027-01-01 }";
    let lines = format!("clients = \"required\"\nguard = {{ misdirected = {exception} }}");
    assert_eq!(
        told_of(&listener(&lines)),
        ["6:36: `misdirected` can't be weakened where clients are asked for certificates; \
          take it out: a connection made for one name must not get around what another demands"]
    );
}

#[test]
fn a_stream_is_judged_by_its_hello_alone() {
    let lines = "protocol = \"tls\"\nguard = { no-server-name = \"deny\", secure-cookies = \"fix\" }";
    assert_eq!(
        told_of(&listener(lines)),
        [
            "6:36: `secure-cookies` judges what is sent over HTTP, and this listener passes bytes on; take it out"
        ]
    );
}
