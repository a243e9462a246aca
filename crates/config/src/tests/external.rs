//! Hops that are not ours.

use std::path::Path;
use std::time::Duration;

use hermetic_hop::Scheme;
use tempfile::TempDir;

use super::{BASE, Noon, told, told_of, valid, valid_with};
use crate::{ConfigurationError, End, EvidenceSource, ExternalHop, LogFormat, PgStatSsl, Trust, parse};

const POSTGRES: &str = "endpoint = \"postgres://db.internal\"";

/// A hop from `app` to `orders-db`, with these lines from line 4 on.
fn hop(lines: &str) -> String {
    format!("[[hop]]\nfrom = \"app\"\nto = \"orders-db\"\n{lines}\n")
}

fn told_of_hop(lines: &str) -> Vec<String> {
    told(&hop(lines))
}

fn valid_hop(lines: &str) -> ExternalHop {
    let mut configuration = valid(&hop(lines));
    configuration.external.remove(0)
}

#[test]
fn an_endpoint_alone_is_probed_within_the_defaults() {
    let hop = valid_hop(POSTGRES);
    assert_eq!(hop.name.to_string(), "app → orders-db");
    let endpoint = hop.endpoint.unwrap();
    assert_eq!((endpoint.scheme, endpoint.port), (Scheme::Postgres, 5432));
    assert_eq!(hop.expected.unwrap().to_string(), "dns:db.internal");
    assert!(matches!(hop.trust, Trust::System));
    assert_eq!(hop.policy.full_name(), "mozilla/intermediate");
    assert_eq!(hop.evidence, [EvidenceSource::Probe]);
    assert_eq!(hop.interval, Duration::from_secs(60));
}

#[test]
fn who_the_far_end_should_be_is_as_written() {
    let hop = valid_hop(
        "endpoint = \"tls://10.0.0.7:8883\"\ninterval = \"10m\"\n\
         tls = { trust = \"authority\", name = \"spiffe://shop/db\", policy = \"mozilla/modern\" }",
    );
    assert_eq!(hop.expected.unwrap().to_string(), "spiffe://shop/db");
    assert!(matches!(hop.trust, Trust::Authority));
    assert_eq!(hop.policy.full_name(), "mozilla/modern");
    assert_eq!(hop.interval, Duration::from_secs(600));
}

#[test]
fn an_address_is_expected_to_be_in_the_certificate() {
    let hop = valid_hop("endpoint = \"rediss://[::1]\"");
    assert_eq!(hop.expected.unwrap().to_string(), "ip:::1");
}

#[test]
fn a_log_shows_a_hop_without_an_endpoint() {
    let hop =
        valid_hop("evidence = [{ log = \"/var/log/envoy.log\", format = \"envoy\", view = \"client\" }]");
    assert_eq!((hop.endpoint, hop.expected), (None, None));
    let path = Path::new("/var/log/envoy.log").to_owned();
    assert_eq!(hop.evidence, [EvidenceSource::Log { path, format: LogFormat::Envoy, view: End::Client }]);
}

#[test]
fn a_log_is_the_servers_and_starts_at_the_folder() {
    let hop = valid_hop("evidence = [{ log = \"tls.log\", format = \"haproxy\" }]");
    let path = Path::new("/etc/hermetic/tls.log").to_owned();
    assert_eq!(hop.evidence, [EvidenceSource::Log { path, format: LogFormat::Haproxy, view: End::Server }]);
}

#[test]
fn a_server_that_is_asked_is_who_tls_says_or_its_host() {
    let evidence = "evidence = [{ pg_stat_ssl = \"postgres://monitor@10.0.0.5:5433/orders\" }]";
    let asked = |lines: &str| match valid_hop(lines).evidence.as_slice() {
        [EvidenceSource::PgStatSsl(server)] => server.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        asked(evidence),
        PgStatSsl {
            host: "10.0.0.5".to_owned(),
            port: 5433,
            user: "monitor".to_owned(),
            database: "orders".to_owned(),
            password_file: None,
            expected: "ip:10.0.0.5".parse().unwrap(),
        }
    );
    let named = asked(&format!("{evidence}\ntls = {{ name = \"db.internal\" }}"));
    assert_eq!(named.expected.to_string(), "dns:db.internal");
}

#[test]
fn several_kinds_of_evidence_stand_beside_each_other() {
    let hop =
        valid_hop(&format!("{POSTGRES}\nevidence = [\"probe\", {{ log = \"a\", format = \"nginx\" }}]"));
    assert_eq!(hop.evidence.len(), 2);
}

#[test]
fn hops_and_flows_alone_are_a_configuration() {
    let text = format!(
        "{}[[hop]]\nfrom = \"client\"\nto = \"app\"\nendpoint = \"https://shop.example.com\"\n\
         [[flow]]\nname = \"checkout\"\npath = [\"client\", \"app\", \"orders-db\"]\n\
         [[requirement]]\nverified = true",
        hop(POSTGRES)
    );
    let configuration = valid(&text);
    assert_eq!((configuration.external.len(), configuration.flows.len()), (2, 1));
}

#[test]
fn a_wish_is_no_declaration() {
    let declared = |hops: Vec<hermetic_hop::Declared>| hops.len();
    assert_eq!(declared(valid_with(&hop(POSTGRES)).hops()), declared(valid(BASE).hops()));
}

#[test]
fn a_flow_may_lead_over_our_hops_and_others() {
    let lines = format!(
        "{}[[flow]]\nname = \"f\"\npath = [\"client\", \"edge\", \"app\", \"orders-db\"]",
        hop(POSTGRES)
    );
    assert_eq!(valid_with(&lines).flows[0].hops().count(), 3);
}

#[test]
fn the_parties_of_a_hop_may_be_what_was_meant() {
    let lines = format!("{}[[flow]]\nname = \"f\"\npath = [\"app\", \"order-db\"]", hop(POSTGRES));
    assert_eq!(
        told_of(&lines),
        ["7:16: no listener, no upstream and no party of a [[hop]] is called `order-db`; \
          did you mean `orders-db`?"]
    );
}

#[test]
fn a_mistake_in_a_hop_is_not_told_again_in_a_flow() {
    let flow = "[[flow]]\nname = \"f\"\npath = [\"app\", \"orders-db\"]";
    assert_eq!(told(&format!("{}{flow}", hop("interval = \"0s\"\nendpoint = \"tls://h:1\""))).len(), 1);
    assert_eq!(
        told(&format!("[[hop]]\nfrom = \"app\"\n{POSTGRES}\n{flow}")),
        ["1:1: `to` is missing in [[hop]]; add a name: `to = \"edge\"`"]
    );
}

#[test]
fn a_hop_that_is_ours_is_told() {
    let lines = "[[hop]]\nfrom = \"edge\"\nto = \"app\"\nendpoint = \"https://app.internal\"";
    assert_eq!(
        told_of(lines),
        ["3:6: edge → app is Hermetic's own hop already; \
          take this [[hop]] out: Hermetic sees its own handshakes"]
    );
}

#[test]
fn two_hops_of_one_name_are_refused() {
    assert_eq!(
        told(&format!("{}{}", hop(POSTGRES), hop(POSTGRES))),
        ["5:1: a second [[hop]] app → orders-db; the first is in line 1; \
          give the first one all of its `evidence`"]
    );
}

#[test]
fn a_hop_leads_to_somebody_else() {
    assert_eq!(
        told(&format!("[[hop]]\nfrom = \"app\"\nto = \"app\"\n{POSTGRES}")),
        ["3:6: this hop leads from `app` to itself; name the party at the far end"]
    );
    assert_eq!(
        told(&format!("[[hop]]\nfrom = \"app\"\nto = \"client\"\n{POSTGRES}")),
        ["3:6: no hop leads to `client`: that is whoever connects from outside; \
          name the party that is connected to"]
    );
}

#[test]
fn a_hop_has_something_that_shows_it() {
    let add = "add `endpoint = \"postgres://db.internal:5432\"`";
    assert_eq!(
        told_of_hop(""),
        [format!(
            "1:1: nothing would show how this hop is protected; {add} to probe, or a log as `evidence`"
        )]
    );
    assert_eq!(
        told_of_hop("evidence = [\"probe\"]"),
        [format!("4:13: there is no endpoint to probe; {add}, or `tls://host:port`")]
    );
    assert_eq!(
        told_of_hop(&format!("{POSTGRES}\nevidence = []")),
        ["5:12: an empty `evidence` shows nothing; write `evidence = [\"probe\"]`, or a log"]
    );
    assert_eq!(
        told_of_hop(&format!("{POSTGRES}\nevidence = [\"probe\", \"probe\"]")),
        ["5:22: this evidence is in the list already; take it out"]
    );
}

#[test]
fn an_endpoint_has_a_scheme_a_host_and_a_port() {
    let usual = format!(
        "write SCHEME://HOST:PORT, the port where it is not the usual one, without user, password or path; \
         the schemes are {}",
        Scheme::list()
    );
    for endpoint in ["db:5432", "gopher://db", "tls://db", "https://db/x", "https://*.db"] {
        assert_eq!(
            told_of_hop(&format!("endpoint = \"{endpoint}\"")),
            [format!("4:12: `{endpoint}` is not an endpoint; {usual}")]
        );
    }
    assert_eq!(
        told_of_hop("endpoint = \"https://10.0.0\""),
        ["4:12: `10.0.0` is not an IP address; \
          write an endpoint with its scheme, such as \"postgres://db.internal:5432\""]
    );
    assert_eq!(
        told_of_hop("endpoint = 5432"),
        ["4:12: `endpoint` must be a string, not a whole number; \
          write an endpoint with its scheme, such as \"postgres://db.internal:5432\""]
    );
}

#[test]
fn a_password_is_never_repeated() {
    assert_eq!(
        told_of_hop("endpoint = \"postgres://app:s3cr3t@db:5433\""),
        ["4:12: an endpoint has no user and no password; leave them out: \"postgres://db:5433\""]
    );
    assert_eq!(
        told_of_hop("evidence = [{ pg_stat_ssl = \"postgres://monitor:s3cr3t@db/postgres\" }]"),
        ["4:29: a password has no place in a configuration; \
          write it into a file of its own, and name that with `password_file`"]
    );
}

#[test]
fn a_server_to_ask_is_a_url_with_a_user() {
    let example = "write \"postgres://monitor@db.internal:5432/postgres\"";
    for (url, told) in [
        ("db:5432", format!("this is not a PostgreSQL URL; {example}")),
        ("postgres://db:5432", format!("this URL names no user to ask as; {example}")),
        ("postgres://m@db:0", format!("`db:0` is not a host and port; {example}")),
        (
            "postgres://m@10.0/x",
            "`10.0` is not an IP address; write a PostgreSQL URL, such as \
          \"postgres://monitor@db.internal:5432/postgres\""
                .to_owned(),
        ),
        (
            "postgres://m@db/x?sslmode=disable",
            "this URL has parameters, which have no meaning here; \
             leave out what begins with `?`; `tls` of the hop says how the server is verified"
                .to_owned(),
        ),
        (
            "postgres://m%@db",
            "the user in this URL can't be read; \
             write what is neither a letter nor a digit as `%` and two hexadecimal digits"
                .to_owned(),
        ),
    ] {
        assert_eq!(
            told_of_hop(&format!("evidence = [{{ pg_stat_ssl = \"{url}\" }}]")),
            [format!("4:29: {told}")]
        );
    }
}

#[test]
fn evidence_is_a_probe_a_log_or_a_server() {
    let log = "`{ log = \"…\", format = \"…\" }`";
    let server = "`{ pg_stat_ssl = \"…\" }`";
    for (evidence, told) in [
        ("\"prob\"", format!("`prob` is no evidence; write \"probe\", {log} or {server}")),
        (
            "\"log\"",
            "`log` is no evidence; write `{ log = \"/var/log/nginx/tls.log\", format = \"nginx\" }`"
                .to_owned(),
        ),
        (
            "{ file = \"x\" }",
            format!("this evidence has neither `log` nor `pg_stat_ssl`; write {log} or {server}"),
        ),
        (
            "7",
            "each of `evidence` must be \"probe\" or a table, not a whole number; \
             write \"probe\", or a table with `log` or `pg_stat_ssl`"
                .to_owned(),
        ),
    ] {
        assert_eq!(told_of_hop(&format!("evidence = [{evidence}]")), [format!("4:13: {told}")]);
    }
}

#[test]
fn a_log_has_a_format_that_is_known() {
    assert_eq!(
        told_of_hop("evidence = [{ log = \"a\" }, { log = \"b\", format = \"enovy\", formt = 1 }]"),
        [
            "4:13: `format` is missing in log; \
             add \"nginx\" or \"envoy\" or \"haproxy\": `format = \"nginx\"`",
            "4:50: `enovy` is not known here; did you mean \"envoy\"?",
            "4:59: unknown key `formt` in log; did you mean `format`?",
        ]
    );
}

#[test]
fn only_envoy_logs_the_tls_to_its_upstreams() {
    for (format, column) in [("nginx", 51), ("haproxy", 53)] {
        let evidence = format!("evidence = [{{ log = \"a\", format = \"{format}\", view = \"client\" }}]");
        assert_eq!(
            told_of_hop(&evidence),
            [format!(
                "4:{column}: only Envoy logs the TLS of its connections to upstreams; \
                 take `view` out, or name the log of the end that it connects to"
            )]
        );
    }
}

#[test]
fn what_tls_should_be_is_told_where_it_can_not_be() {
    assert_eq!(
        told_of_hop(&format!(
            "{POSTGRES}\ntls = {{ trust = \"sytem\", name = \"*.internal\", identity = \"app\" }}"
        )),
        [
            "5:17: /etc/hermetic/sytem can't be read: No such file or directory (os error 2); \
             did you mean \"system\"?",
            "5:33: `*.internal` is not one identity; write the whole name, without `*`",
            "5:47: unknown key `identity` in tls of a [[hop]]; the keys are trust, name, policy",
        ]
    );
}

#[test]
fn the_password_is_in_a_file_that_is_there() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("monitor"), "s3cr3t\n").unwrap();
    let read = |file: &str| {
        let lines =
            format!("evidence = [{{ pg_stat_ssl = \"postgres://m@db\", password_file = \"{file}\" }}]");
        parse(&hop(&lines), &folder.path().join("hermetic.toml"), &Noon)
    };
    let configuration = read("monitor").unwrap();
    let [EvidenceSource::PgStatSsl(server)] = configuration.external[0].evidence.as_slice() else { panic!() };
    assert_eq!(server.password_file, Some(folder.path().join("monitor")));
    assert!(!format!("{configuration:?}").contains("s3cr3t"));
    let Err(ConfigurationError::Invalid { problems, .. }) = read("nowhere") else { panic!() };
    assert_eq!(
        problems[0].to_string().replace(&format!("{}/", folder.path().display()), ""),
        "4:64: nowhere can't be read: No such file or directory (os error 2); \
         write the password alone into a file that this user may read"
    );
}

#[test]
fn a_hop_may_be_measured_by_a_policy_that_the_gateway_does_not_serve() {
    let text = "[[hop]]\nfrom = \"client\"\nto = \"balancer\"\nendpoint = \"https://shop.example.com\"\n\
                tls = { policy = \"elb/ELBSecurityPolicy-2016-08\" }\n";
    let configuration = valid(text);
    let policies: Vec<String> = configuration.external.iter().map(|hop| hop.policy.full_name()).collect();
    assert_eq!(policies, ["elb/ELBSecurityPolicy-2016-08"]);
}
