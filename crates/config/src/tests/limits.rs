//! What is wrong with limits.

use std::time::Duration;

use super::{told_of, valid_with};
use crate::{Limits, Rate};

/// An `https` listener with these limits, which begin at line 5, column 10.
fn listener(limits: &str) -> String {
    format!(
        "[[listener]]\nname = \"second\"\nbind = \"127.0.0.1:1\"\nnames = [\"b\"]\nlimits = {limits}\n\
         [[route]]\nlistener = \"second\"\nto = \"app\""
    )
}

fn limits(written: &str) -> Limits {
    valid_with(&listener(written)).listener(&"second".parse().unwrap()).unwrap().limits.clone()
}

#[test]
fn a_listener_without_limits_has_the_usual_ones() {
    assert_eq!(limits("{}"), Limits::default());
    assert_eq!(limits("{}").connections.get(), 50_000);
    assert_eq!(limits("{}").connections_per_client, None);
}

#[test]
fn what_is_written_is_what_holds() {
    let held = limits(
        "{ connections = 100, connections_per_client = 10, handshakes = 20, requests_per_client = 5, \
         header_bytes = \"8KiB\", header_fields = 50, body_bytes = 1000, body_timeout = \"10s\", body_rate = \"0B\" }",
    );
    assert_eq!((held.connections.get(), held.connections_per_client.unwrap().get()), (100, 10));
    assert_eq!((held.handshakes.unwrap().get(), held.requests_per_client.unwrap().get()), (20, 5));
    assert_eq!((held.header_bytes, held.header_fields.get()), (8192, 50));
    assert_eq!((held.body_bytes, held.body_rate), (Some(1000), 0));
    assert_eq!(held.body_timeout, Duration::from_secs(10));
}

#[test]
fn a_rate_lets_through_at_once_what_it_says_for_its_unit_or_what_burst_says() {
    let rate = |written: &str| {
        let Rate { interval, burst } =
            limits(&format!("{{ request_rate_per_client = {written} }}")).request_rate_per_client.unwrap();
        (interval, burst.get())
    };
    assert_eq!(rate("\"100/s\""), (Duration::from_millis(10), 100));
    assert_eq!(rate("\"30/m\""), (Duration::from_secs(2), 30));
    assert_eq!(rate("{ rate = \"10/h\", burst = 1 }"), (Duration::from_secs(360), 1));
}

#[test]
fn what_is_no_rate_is_told_with_an_example() {
    let hint = "write a whole number for each second, minute or hour, such as \"100/s\" or \"30/m\"";
    for rate in ["100", "0/s", "1.5/s", "-1/s", "+1/s", "10/d", "/s", "2000000/s"] {
        assert_eq!(
            told_of(&listener(&format!("{{ request_rate_per_client = \"{rate}\" }}"))),
            [format!("5:38: `{rate}` is not a rate; {hint}")]
        );
    }
    assert_eq!(
        told_of(&listener("{ request_rate_per_client = 100 }")),
        ["5:38: `request_rate_per_client` must be a rate, not a whole number; \
          write \"100/s\", or `{ rate = \"100/s\", burst = 200 }`"]
    );
}

#[test]
fn what_is_no_number_of_bytes_is_told_with_its_bounds() {
    let hint = "write a number of bytes from 1KiB to 256KiB, such as \"64KiB\"";
    for (written, told) in [("\"64K\"", "`64K`"), ("\"2MiB\"", "`2MiB`"), ("12", "12"), ("-1", "-1")] {
        assert_eq!(
            told_of(&listener(&format!("{{ header_bytes = {written} }}"))),
            [format!("5:27: `header_bytes` can't be {told}; {hint}")]
        );
    }
}

#[test]
fn one_client_has_no_more_than_all_together() {
    assert_eq!(
        told_of(&listener("{ connections = 10, connections_per_client = 20 }")),
        [
            "5:55: one client may have 20 connections, and all together 10, so `connections_per_client` has no \
          meaning; write at most 10, or raise `connections`"
        ]
    );
}

#[test]
fn limits_of_what_a_listener_does_not_speak_are_told() {
    let http = "[[listener]]\nname = \"plain\"\nbind = \"127.0.0.1:1\"\nprotocol = \"http\"\nredirect = \"edge\"\n\
                limits = { connections_per_client = 9, handshakes = 9 }";
    assert_eq!(
        told_of(http),
        [
            "6:40: `handshakes` has no meaning on an http listener; take it out, or write `protocol = \"https\"`"
        ]
    );
    let postgres = "[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:1\"\nprotocol = \"postgres\"\nnames = [\"b\"]\n\
                    limits = { handshakes = 9, requests = 9 }\n[[route]]\nlistener = \"db\"\nto = \"app\"";
    let told = told_of(postgres);
    let expected = "6:28: `requests` has no meaning on a postgres listener; take it out";
    assert!(told.contains(&expected.to_owned()), "{told:#?}");
    let tcp = "[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:1\"\nprotocol = \"tcp\"\n\
               limits = { stream_timeout = \"1d\", requests = 9, header_fields = 9 }\n\
               [[route]]\nlistener = \"db\"\nto = \"app\"";
    assert_eq!(
        told_of(tcp),
        [
            "5:35: `requests` has no meaning on a tcp listener; take it out",
            "5:49: `header_fields` has no meaning on a tcp listener; take it out",
        ]
    );
}

#[test]
fn a_key_that_is_no_limit_is_told_with_its_nearest() {
    assert_eq!(
        told_of(&listener("{ connection = 10 }")),
        ["5:12: unknown key `connection` in limits; did you mean `connections`?"]
    );
}

#[test]
fn what_is_no_table_is_told_how_one_looks() {
    assert_eq!(
        told_of(&listener("5")),
        ["5:10: `limits` must be a table, not a whole number; write it as { connections = 10000 }"]
    );
}
