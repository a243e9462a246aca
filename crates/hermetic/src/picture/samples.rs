//! Reports to draw, for tests.

use hermetic_hop::Report;
use serde_json::{Value, json};

/// When they were made.
const AT: &str = "2026-11-24T02:20:11Z";

/// What a running instance answered: a sealed flow, one in cleartext, and a hop in no flow.
pub fn shop() -> Report {
    serde_json::from_str(include_str!("../output/samples/report.json")).unwrap()
}

/// A report without a hop.
pub fn empty() -> Report {
    report(&[], &[])
}

/// One flow of so many sealed hops.
pub fn long(hops: usize) -> Report {
    let parties: Vec<_> = (0..=hops).map(|n| format!("party-{n}")).collect();
    let legs: Vec<_> = parties.windows(2).map(|pair| sealed(&pair[0], &pair[1])).collect();
    report(&[flow("long", "sealed", &parties.iter().map(String::as_str).collect::<Vec<_>>(), 0)], &legs)
}

/// All verdicts, long names, text that wants out, and requirements that are not met.
pub fn estate() -> Report {
    let mut weak = sealed("app", "orders-db");
    weak["verdict"] = json!("weak");
    weak["evidence"] = json!("probed");
    weak["reason"] = json!("the certificate of orders-db expired 2 days ago; requests are refused");
    weak["tls"]["version"] = json!("TLSv1.2");
    weak["tls"]["group"] = json!("X25519");
    weak["tls"]["post_quantum"] = json!(false);
    weak["tls"]["server"]["not_after"] = json!("2026-11-22T02:20:11Z");
    let long = "a-party-with-quite-a-long-name.shop.example.com";
    let hops = [
        sealed("client", "edge"),
        sealed("edge", "balancer"),
        sealed("balancer", "app"),
        weak,
        bare("app", "cache", "local", "cleartext that can't leave the host"),
        bare("app", long, "clear", "</text><script>alert('&\"')</script> \u{1b}[2J"),
        sealed("orders-db", "backup"),
        bare("edge", "search", "unknown", "no connection was seen yet"),
    ];
    let flows = [
        flow("checkout", "weak", &["client", "edge", "balancer", "app", "orders-db", "backup", "vault"], 3),
        flow("session", "local", &["client", "edge", "balancer", "app", "cache"], 3),
        flow("export", "clear", &["balancer", "app", long], 1),
    ];
    let mut report = report(&flows, &hops);
    report.shortfalls = serde_json::from_value(json!([
        {"flow": "checkout", "hop": {"from": "app", "to": "orders-db"}, "reason": "TLSv1.2 is below TLSv1.3"}
    ]))
    .unwrap();
    report
}

fn report(flows: &[Value], hops: &[Value]) -> Report {
    let report =
        json!({"schema": "hermetic.hops/1", "at": AT, "flows": flows, "hops": hops, "shortfalls": []});
    serde_json::from_value(report).unwrap()
}

fn flow(name: &str, verdict: &str, path: &[&str], weakest: usize) -> Value {
    let weakest = json!({"from": path[weakest], "to": path[weakest + 1]});
    json!({"name": name, "verdict": verdict, "weakest": weakest, "path": path})
}

fn bare(from: &str, to: &str, verdict: &str, reason: &str) -> Value {
    let evidence = (verdict != "unknown").then_some("negotiated");
    json!({
        "from": from, "to": to, "verdict": verdict, "evidence": evidence, "view": evidence.map(|_| "client"),
        "reason": reason, "mode": "require", "policy": "mozilla/intermediate", "tls": null,
        "seen": evidence.map(|_| AT)
    })
}

fn sealed(from: &str, to: &str) -> Value {
    let mut hop = serde_json::to_value(shop().hops[1].clone()).unwrap();
    hop["from"] = json!(from);
    hop["to"] = json!(to);
    hop
}
