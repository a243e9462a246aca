//! What is wrong in the shape: keys, types, single values.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{parsed, told, told_of};
use crate::schema;

#[test]
fn a_text_that_is_no_toml_tells_where_it_breaks() {
    assert_eq!(told("a = 1\na = 2\n"), ["2:1: not valid TOML: duplicate key"],);
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_text() {
    let text = "[[upstream]]\nname = \"x\"\nendpoints = []\n[authority]\nlifetime = \"1s\"\n[[listener]]\npolcy = 1\n";
    let lines: Vec<String> =
        told(text).iter().map(|told| told.split(": ").next().unwrap().to_owned()).collect();
    assert_eq!(lines, ["3:13", "5:12", "6:1", "6:1", "6:1", "7:1"]);
}

#[test]
fn columns_count_characters() {
    assert_eq!(
        told("upstream = [{ name = \"…\", polcy = 1, endpoints = [\"é:1\"] }]")[1],
        "1:27: unknown key `polcy` in [[upstream]]; the keys are name, endpoints, mode, tls, cleartext, \
         proxy_protocol, policy_document, http2, connect_timeout, response_timeout"
    );
}

#[test]
fn an_unknown_key_is_told_with_its_nearest() {
    assert_eq!(told_of("dat = \"x\""), ["1:1: unknown key `dat`; did you mean `data`?"]);
    let listener = "[[listener]]\nname = \"b\"\nbind = \"127.0.0.1:1\"\nnames = [\"b\"]\npolcy = \"\"\n[[route]]\nlistener = \"b\"\nto = \"app\"";
    assert_eq!(told_of(listener), ["5:1: unknown key `polcy` in [[listener]]; did you mean `policy`?"]);
}

#[test]
fn a_table_that_nobody_knows_is_told_with_those_that_are() {
    assert_eq!(
        told_of("[[control]]\nid = \"c1\""),
        [
            "1:3: unknown table `[[control]]`; the tables are [keys], [scan], [[token]], [authority], [[profile]], \
          [[hook]], [[listener]], [[route]], [[upstream]], [[hop]], [[flow]], [[requirement]], [[exception]]"
        ]
    );
}

#[test]
fn a_missing_key_is_told_with_an_example() {
    assert_eq!(
        told_of("[[flow]]\npath = [\"client\", \"edge\"]"),
        ["1:1: `name` is missing in [[flow]]; add a name: `name = \"edge\"`"]
    );
    assert_eq!(
        told_of("[[upstream]]\nname = \"u\"\nendpoints = [\"u:1\"]\ntls = { identity = \"edge\" }"),
        [
            "4:7: `trust` is missing in tls; add \"authority\", \"system\" or a PEM file: `trust = \"authority\"`"
        ]
    );
}

#[test]
fn a_wrong_type_says_what_is_wanted_and_what_is_there() {
    assert_eq!(
        told_of("data = 1\nworkers = \"2\"\ndrain = 30\nauthority = true\n"),
        [
            "1:8: `data` must be a string, not a whole number; write a path, such as \"path/to/file\"",
            "2:11: `workers` must be a whole number, not a string; write a whole number from 1 to 1024, such as 2",
            "3:9: `drain` must be a string, not a whole number; write a duration, such as \"30s\"",
            "4:13: `authority` must be a table, not true or false; write its keys under a header [authority]",
        ]
    );
    assert_eq!(
        told("[listener]\nname = \"edge\""),
        ["1:1: `listener` must be a list of tables, not a table; write each under a header [[listener]]"]
    );
    assert_eq!(
        told_of("[[flow]]\nname = \"f\"\npath = [\"client\", 7]"),
        ["3:19: each of `path` must be a string, not a whole number; write a name, such as \"edge\""]
    );
    assert_eq!(
        told_of("[[upstream]]\nname = \"u\"\nendpoints = \"u:1\"\nhttp2 = \"yes\"\ntls = \"on\""),
        [
            "3:13: `endpoints` must be a list, not a string; write a list, such as [\"app.internal:8443\"]",
            "4:9: `http2` must be true or false, not a string; write true or false, such as true",
            "5:7: `tls` must be a table, not a string; write it as { trust = \"authority\" }",
        ]
    );
}

#[test]
fn a_duration_has_units_and_bounds() {
    assert_eq!(
        told_of("drain = \"30\"\n[authority]\nlifetime = \"4m\""),
        [
            "1:9: `30` is not a duration; write numbers with their units y, d, h, m and s, such as \"30s\" or \"1h30m\"",
            "3:12: `4m` is out of bounds; write a duration from 5m to 1y",
        ]
    );
}

#[test]
fn a_number_has_bounds() {
    assert_eq!(
        told_of("workers = 0"),
        ["1:11: `workers` can't be 0; write a whole number from 1 to 1024, such as 2"]
    );
    assert_eq!(
        told_of("workers = 99_999_999_999_999_999_999"),
        ["1:11: `workers` can't be 99999999999999999999; write a whole number from 1 to 1024, such as 2"]
    );
}

#[test]
fn a_trust_domain_is_lower_case() {
    assert_eq!(
        told_of("[authority]\ntrust_domain = \"Shop\""),
        ["2:16: `Shop` is not a trust domain: lower-case letters, digits, dots, hyphens, underscores; \
          write a trust domain, such as \"hermetic.internal\""]
    );
}

/// Every key of every table. What is wrong in it is not that a key is unknown.
const ALL_KEYS: &str = r#"
data = "d"
store = "postgres://u@h"
workers = 1
access_log = "a"
admin = "[::1]:1"
drain = "1s"
[keys]
encryption = { file = "f", passphrase_file = "p", passphrase_env = "P", credential = "c", token = "t", key = "k" }
[scan]
interval = "1h"
at_once = 1
[[token]]
name = "t"
module = "/m"
label = "l"
pin_file = "p"
pin_env = "P"
[authority]
trust_domain = "t"
lifetime = "1h"
issuer = "i"
publish = "[::1]:2"
url = "http://u"
crl_lifetime = "1d"
ocsp_lifetime = "1d"
renew_at = "1/2"
expiry_warning = "1d"
[[profile]]
name = "p"
like = "both"
keys = ["P-256"]
lifetime = { least = "1d", usual = "1d", most = "1d" }
allow = [{ exact = "e", subdomain = "s", wildcard = "w", ip = "i", uri = "u" }]
deny = []
export = true
[[hook]]
name = "h"
on = ["issue"]
run = ["/r"]
webhook = "https://w"
tls = { trust = "system", name = "h", pin = [], identity = "l", profile = "p", issuer = "i", policy = "mozilla/modern" }
timeout = "1s"
retries = 0
[[listener]]
name = "l"
policy_document = { file = "p", service = "s3", region = "r", account = "111122223333" }
credentials = "c"
bind = "[::]:1"
protocol = "https"
policy = "mozilla/modern"
names = ["n"]
certificate = { cert = "c", key = "k" }
certificates = [{ stored = "s" }]
profile = "p"
issuer = "i"
unknown_sni = "first"
clients = "optional"
client_ca = "system"
client_crl = ["c"]
allow = ["a"]
hsts = "1y"
guard = { hsts = { action = "fix", reason = "r", owner = "o", until = 2027-01-01 }, client-fingerprint = { action = "deny", allow = [], deny = [] } }
redirect = "l"
users = { file = "u" }
auth_query = { user = "u", password_file = "p", database = "d", query = "q" }
binding = "none"
cleartext_cancel = { reason = "r", owner = "o", until = 2027-01-01 }
public_port = 1
proxy_protocol = { from = ["127.0.0.1"], others = "direct" }
handshake_timeout = "1s"
idle_timeout = "1s"
limits = { connections = 1, connections_per_client = 1, connection_rate_per_client = "1/s", handshakes = 1, handshakes_per_client = 1, requests = 1, requests_per_client = 1, request_rate_per_client = { rate = "1/s", burst = 1 }, header_bytes = "1KiB", header_fields = 1, body_bytes = 0, body_timeout = "1s", body_rate = "0B", stream_timeout = "1s" }
[[route]]
listener = "l"
host = "n"
alpn = ["h2"]
passthrough = true
path = "/"
to = "u"
policy_document = "p"
show = "path"
[[upstream]]
name = "u"
endpoints = ["u:1"]
tls = { trust = "system", name = "u", pin = [], identity = "l", profile = "p", issuer = "i", policy = "mozilla/modern", sslnegotiation = "direct" }
cleartext = { reason = "r", owner = "o", until = 2027-01-01 }
proxy_protocol = "v2"
mode = "observe"
policy_document = "p"
http2 = true
connect_timeout = "1s"
response_timeout = "1s"
[[hop]]
from = "l"
to = "h"
endpoint = "tls://h:1"
tls = { trust = "system", name = "h", policy = "mozilla/modern" }
evidence = ["probe", { log = "l", format = "envoy", view = "client" }, { pg_stat_ssl = "postgres://u@h", password_file = "p" }]
interval = "1s"
[[flow]]
name = "f"
path = ["client", "l"]
tags = ["t"]
[[requirement]]
flows = ["f"]
tags = ["t"]
tls = "1.3"
verified = true
post_quantum = true
mutual = true

[[requirement]]
frameworks = ["fsbp"]
controls = ["S3.5"]
parameters = { allow_service_exemption = false }
severity = "high"
fail_on = "never"
[[exception]]
control = "S3.5"
resource = "Legacy*"
reason = "the partner's uploader speaks HTTP"
owner = "payments"
until = 2027-03-31
"#;

#[test]
fn the_schema_has_the_keys_that_are_read_and_no_others() {
    assert!(!told(ALL_KEYS).iter().any(|told| told.contains("unknown")), "{:#?}", told(ALL_KEYS));
    let schema = schema();
    let defs = schema["$defs"].as_object().unwrap();
    let tables = defs.values().chain([&schema]);
    let in_schema: BTreeSet<&str> = tables
        .flat_map(|table| table["properties"].as_object().unwrap().keys())
        .map(String::as_str)
        .collect();
    let words = ALL_KEYS.split(|c: char| c.is_whitespace() || "[]{},".contains(c));
    let in_text: BTreeSet<&str> = words.filter(|word| in_schema.contains(word)).collect();
    assert_eq!(in_schema, in_text);
    assert!(defs.values().chain([&schema]).all(|table| table["additionalProperties"] == false));
}

#[test]
fn the_schema_says_which_keys_must_be_there() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["$defs"]["Listener"]["required"], serde_json::json!(["name", "bind"]));
    assert_eq!(schema["required"], serde_json::Value::Null);
}

proptest! {
    #[test]
    fn no_text_panics(text: String) {
        let _ = parsed(&text);
    }

    /// Lines of a configuration torn apart and put together again.
    #[test]
    fn no_mixture_of_lines_panics(picked in proptest::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let lines: Vec<&str> = ALL_KEYS.lines().chain(super::BASE.lines()).collect();
        let text: Vec<&str> = picked.iter().map(|index| *index.get(&lines)).collect();
        let once = told(&text.join("\n"));
        prop_assert_eq!(once, told(&text.join("\n")));
    }

    /// Each place that is told is a place of the text.
    #[test]
    fn every_place_is_in_the_text(text in "([a-zé]{1,5} = [a-z0-9\"\\[\\]…]{0,6}\n){0,5}") {
        if let Err(crate::ConfigurationError::Invalid { problems, .. }) = parsed(&text) {
            for problem in problems {
                let line = text.split('\n').nth(problem.line - 1);
                prop_assert!(line.is_some_and(|line| problem.column <= line.chars().count() + 1));
            }
        }
    }
}
