//! The guard's rules, by real clients and real servers.

mod earlier_hops;
mod hellos;
mod requests;
mod responses;

use std::process::Output;

use crate::harness::{Hermetic, Origin, curl, eventually, folder, python};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// An edge called `localhost` before this port, with these lines on its listener.
fn edge(port: u16, lines: &str) -> Hermetic {
    edge_for(&["localhost", "127.0.0.1"], port, lines)
}

/// The same with these names.
fn edge_for(names: &[&str], port: u16, lines: &str) -> Hermetic {
    edge_in(folder(), names, port, lines)
}

/// The same in a folder that has files already.
fn edge_in(folder: tempfile::TempDir, names: &[&str], port: u16, lines: &str) -> Hermetic {
    Hermetic::configured_in(folder, |own, _| {
        format!(
            "workers = 1\naccess_log = \"access.jsonl\"\nadmin = \"127.0.0.1:{}\"\n\
             [[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = {names:?}\n{lines}\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{port}\"]\n",
            own.nth(464),
            own.edge(),
        )
    })
}

/// An edge before an origin that answers `ok`.
fn edge_before_ok(lines: &str) -> (Hermetic, Origin) {
    let origin = Origin::answering(OK);
    (edge(origin.port, lines), origin)
}

/// The exception by which a rule only counts.
fn only_counted(rule: &str) -> String {
    format!(
        "guard = {{ {rule} = {{ action = \"count\", reason = \"r\", owner = \"o\", until = 9999-12-31 }} }}"
    )
}

/// The status of a request by curl.
fn status(edge: &Hermetic, arguments: &[&str]) -> String {
    let url = format!("https://localhost:{}/", edge.ports.edge());
    status_of(edge, &[arguments, &[&url]].concat())
}

fn status_of(edge: &Hermetic, arguments: &[&str]) -> String {
    let output = curl(edge, &[&["-o", "/dev/null", "-w", "%{http_code}"], arguments].concat());
    text(&output)
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// How often a rule did something.
fn count(edge: &Hermetic, rule: &str, action: &str) -> u64 {
    let metrics = text(&curl(edge, &[&format!("http://127.0.0.1:{}/metrics", edge.ports.nth(464))]));
    let start = format!("hermetic_guard_total{{listener=\"edge\",rule=\"{rule}\",action=\"{action}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&start)).map_or(0, |count| count.parse().unwrap())
}

/// Waits until a rule has done something so often.
#[track_caller]
fn counts(edge: &Hermetic, rule: &str, action: &str, times: u64) {
    eventually("the count", || (count(edge, rule, action) >= times).then_some(()));
    assert_eq!(count(edge, rule, action), times, "{rule} {action}");
}

/// Waits for the first access record that tells of a rule.
fn record(edge: &Hermetic, rule: &str) -> serde_json::Value {
    eventually("the record", || {
        let log = std::fs::read_to_string(edge.folder.path().join("access.jsonl")).unwrap();
        let records = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let tells = |record: &serde_json::Value| {
            record["guard"].as_array().is_some_and(|fired| fired.iter().any(|fired| fired["rule"] == rule))
        };
        records.into_iter().find(tells)
    })
}

/// Runs a Python client that is told where the edge and its authority are.
fn client(edge: &Hermetic, script: &str) -> String {
    let start = format!("PORT, CA = {}, {:?}\n", edge.ports.edge(), edge.ca());
    let output = python().args(["-c", &(start + script)]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    text(&output).trim().to_owned()
}
