//! `hermetic scan`: what an endpoint accepts, and what that is worth.

use std::net::TcpListener;
use std::process::Output;

use serde_json::Value;

use crate::harness::{Hermetic, Origin, folder, hermetic};

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// An edge with this policy, and what a scan of it by that policy gives.
fn scanned(policy: &str, more: &[&str]) -> Output {
    let origin = Origin::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let edge = Hermetic::configured(|ports, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\npolicy = \"{policy}\"\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n",
            ports.edge(),
            origin.port
        )
    });
    let target = format!("https://127.0.0.1:{}", edge.ports.edge());
    let trust = edge.ca().to_str().unwrap().to_owned();
    let common = ["scan", &target, "--sni", "localhost", "--trust", &trust];
    edge.hermetic(&[&common[..], more].concat())
}

#[test]
fn our_own_edge_accepts_what_its_policy_says_and_nothing_else() {
    let output = scanned("mozilla/intermediate", &["--format", "json"]);
    let report = json(&output);
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!((&report["verdict"], &report["evidence"]), (&"sealed".into(), &"probed".into()), "{report}");
    assert_eq!(
        (&report["policy"]["within"], &report["policy"]["unknown"]),
        (&true.into(), &Value::Array(vec![]))
    );
    assert_eq!(report["post_quantum"]["readiness"], "ready", "{report}");
    let spoken: Vec<_> = report["protocols"].as_array().unwrap().iter().map(|it| &it["support"]).collect();
    assert_eq!(spoken, ["no", "no", "no", "no", "yes", "yes"], "{report}");
    let vulnerable =
        report["weaknesses"].as_array().unwrap().iter().filter(|it| it["conclusion"] != "not vulnerable");
    assert_eq!(vulnerable.count(), 0, "{report}");
    assert!(report["connections"].as_u64().unwrap() < 60, "{report}");
}

#[test]
fn certificates_http_and_the_grade_stand_beside_the_handshakes() {
    let report = json(&scanned("mozilla/intermediate", &["--format", "json"]));
    let chain = &report["certificates"][0];
    assert_eq!((&chain["for_name"], &chain["trust"][0]["store"]), (&true.into(), &"given".into()), "{chain}");
    let trusted: Vec<_> = chain["trust"].as_array().unwrap().iter().map(|it| &it["trusted"]).collect();
    assert_eq!(trusted[0], true, "{chain}");
    assert!(trusted.len() >= 2 && trusted[1..].iter().all(|trusted| **trusted == false), "{chain}");
    assert_eq!(report["certificates"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(
        (&report["web"]["site"]["verified"], &report["dns"]),
        (&true.into(), &Value::Null),
        "{report}"
    );
    let grade = &report["grade"];
    assert_eq!((&grade["grade"], &grade["sure"]), (&grade["with_trust_ignored"], &true.into()), "{grade}");
    assert!(["A+", "A", "A-"].contains(&grade["grade"].as_str().unwrap()), "{grade}");

    let page = String::from_utf8_lossy(&scanned("mozilla/intermediate", &[]).stdout).into_owned();
    for told in ["Grade of SSL Labs", "Certificates\n", "trusted by given", "not by mozilla", "HTTP\n"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let fast = json(&scanned("mozilla/intermediate", &["--fast", "--format", "json"]));
    assert_eq!((&fast["grade"], &fast["web"]), (&Value::Null, &Value::Null), "{fast}");
}

#[test]
fn what_is_accepted_beyond_the_policy_that_is_asked_for_makes_the_hop_weak() {
    let output = scanned("mozilla/intermediate", &["--policy", "mozilla/modern"]);
    let page = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{page}");
    let told = "WEAK (probed), it also accepts TLSv1.2, which mozilla/modern does not have";
    assert!(page.lines().next().unwrap().ends_with(told), "{page}");
    assert!(page.contains("accepted beyond it: TLSv1.2"), "{page}");
}

#[test]
fn a_port_that_speaks_cleartext_is_told_as_that() {
    use std::io::{Read, Write};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            if stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
            }
        }
    });
    let folder = folder();
    let output = hermetic(folder.path(), &["scan", &target, "--format", "json"]);
    let report = json(&output);
    // On the loopback nobody else reads it.
    assert_eq!((output.status.code(), &report["verdict"]), (Some(0), &"local".into()), "{report}");
    assert_eq!(report["post_quantum"]["reason"], "it speaks cleartext", "{report}");
    let page = hermetic(folder.path(), &["scan", &target]);
    let page = String::from_utf8_lossy(&page.stdout).into_owned();
    assert!(page.contains("whoever is on this host can read it") && !page.contains("on the way"), "{page}");
}

#[test]
fn an_endpoint_that_is_not_there_or_says_nothing_is_no_finding() {
    let folder = folder();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("tls://{}", silent.local_addr().unwrap());
    let output = hermetic(folder.path(), &["scan", &silent, "--timeout", "0.2", "--format", "json"]);
    let report = json(&output);
    assert_eq!((output.status.code(), &report["verdict"]), (Some(3), &"unknown".into()), "{report}");
    let told = report["weaknesses"].as_array().unwrap().iter().all(|it| it["conclusion"] == "could not tell");
    assert!(told && report["policy"].is_null(), "{report}");
    let page = hermetic(folder.path(), &["scan", &silent, "--timeout", "0.2"]);
    let page = String::from_utf8_lossy(&page.stdout).into_owned();
    assert!(page.contains("what it accepts was not to be seen: no handshake could be had"), "{page}");

    let gone = hermetic(folder.path(), &["scan", "127.0.0.1:1"]);
    let page = String::from_utf8_lossy(&gone.stdout).into_owned();
    assert!(gone.status.code() == Some(3) && page.contains("UNKNOWN, no connection: "), "{gone:?}");
    assert!(page.contains("Connection refused"), "{page}");
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_do_and_nothing_is_printed() {
    let folder = folder();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    write("targets.txt", "127.0.0.1:1\n");
    write("hops.json", "{\"schema\": \"hermetic.hops/1\", \"hops\": []}");
    write("empty.json", "");
    for (arguments, told) in [
        (&["a b"][..], "`a b` is not a target"),
        (&["127.0.0.1:1", "b c"], "`b c` is not a target"),
        (&["127.0.0.1:1", "b.test:1", "--policy", "nonsense"], "nonsense"),
        (&["*.example.com"], "write a name that it covers"),
        (&["127.0.0.1:1", "--sni", "*.example.com"], "write a name that it covers"),
        (&["targets.txt"], "write @targets.txt"),
        (&["--watch", "10m", "127.0.0.1:1", "--format", "table"], "write --watch=10m"),
        (&["127.0.0.1:1", "--baseline", "hops.json"], "this is `hermetic.hops/1`, and no scan"),
        (&["127.0.0.1:1", "--baseline", "empty.json"], "there is no report in the earlier scan"),
        (&["127.0.0.1:1", "--fast", "--revocation"], "cannot be used with"),
        (&["127.0.0.1:1", "--fast", "--aia"], "cannot be used with"),
        (&["127.0.0.1:1", "--fast", "--dns", "off"], "cannot be used with"),
        (&["127.0.0.1:1", "--fast", "--http-port", "80"], "cannot be used with"),
    ] {
        let json = if arguments.contains(&"--format") { &[][..] } else { &["--format", "json"] };
        let output = hermetic(folder.path(), &[&["scan"], arguments, json].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(told), "{arguments:?}: {error}");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!((output.status.code(), printed.as_str()), (Some(2), ""), "{arguments:?}");
    }
}

#[test]
fn several_targets_are_a_list_or_a_line_each() {
    let folder = folder();
    let targets = ["scan", "127.0.0.1:1", "vanished.invalid"];
    let output = hermetic(folder.path(), &[&targets[..], &["--format", "json"]].concat());
    let list = json(&output);
    assert_eq!((&list["schema"], &list["count"]), (&"hermetic.scans/1".into(), &2.into()), "{list}");
    let output = hermetic(folder.path(), &[&targets[..], &["--format", "jsonl"]].concat());
    let lines = String::from_utf8(output.stdout).unwrap();
    let mut reports: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    reports.sort_by_key(|report| report["target"].to_string());
    assert_eq!(reports[0]["target"], "https://vanished.invalid:443");
    assert_eq!((&reports[1]["target"], &reports[1]["address"]), (&"tls://127.0.0.1:1".into(), &Value::Null));
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_list_is_scanned_whatever_stands_between_and_the_lines_of_nonsense_are_named() {
    let folder = folder();
    std::fs::write(
        folder.path().join("list.txt"),
        "# ours\ntls://127.0.0.1:1\nwhat is this\n127.0.0.2/31:1\n127.0.0.2:1\n",
    )
    .unwrap();
    let output = hermetic(folder.path(), &["scan", "@list.txt", "--format", "jsonl", "--verbose"]);
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), lines.lines().count()), (Some(2), 3), "{lines}{told}");
    assert!(told.contains("`what is this` is not a target") && told.contains("at: list.txt:3"), "{told}");
    assert!(told.contains("3 scanned by 3 connections: 3 unknown; 0 fall short"), "{told}");

    let missing = hermetic(folder.path(), &["scan", "--targets", "missing.txt"]);
    assert_eq!(missing.status.code(), Some(2), "{missing:?}");
    let large = hermetic(folder.path(), &["scan", "10.0.0.0/8"]);
    let told = String::from_utf8_lossy(&large.stderr).into_owned();
    assert!(large.status.code() == Some(2) && told.contains("write ranges of /16 or smaller"), "{told}");
}

#[test]
fn each_address_behind_a_name_is_looked_at_where_that_is_asked_for() {
    let folder = folder();
    let output = hermetic(folder.path(), &["scan", "localhost:1", "--ip", "all", "--format", "json"]);
    let list = json(&output);
    let reasons: Vec<_> =
        list["scans"].as_array().unwrap().iter().map(|it| it["reason"].to_string()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("127.0.0.1:1: Connection refused")), "{list}");
    assert!(reasons.iter().all(|reason| !reason.contains("; ")), "one address each: {list}");
    let addresses = list["scans"].as_array().unwrap().iter().map(|it| it["address"].as_str().unwrap());
    assert!(addresses.clone().any(|address| address == "127.0.0.1:1"), "{list}");
    let suites = hermetic(folder.path(), &["scan", "localhost:1", "--ip", "all", "--format", "junit"]);
    let suites = String::from_utf8_lossy(&suites.stdout).into_owned();
    assert!(suites.contains("<testsuite name=\"tls://localhost:1 at 127.0.0.1:1\""), "{suites}");
}

#[test]
fn a_fast_scan_of_our_own_edge_takes_three_connections_and_claims_no_more() {
    let output = scanned("mozilla/intermediate", &["--fast", "--format", "json"]);
    let report = json(&output);
    assert_eq!((output.status.code(), &report["depth"]), (Some(0), &"fast".into()), "{report}");
    assert_eq!((&report["verdict"], &report["connections"]), (&"sealed".into(), &3.into()), "{report}");
    assert_eq!(report["post_quantum"]["readiness"], "ready", "{report}");
    let spoken: Vec<_> = report["protocols"].as_array().unwrap().iter().map(|it| &it["support"]).collect();
    assert_eq!(spoken, ["could_not_tell", "no", "no", "no", "yes", "yes"], "{report}");
}

#[test]
fn what_a_scan_of_a_configuration_shows_is_evidence_for_the_instance_that_runs_it() {
    let origin = Origin::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let instance = Hermetic::configured(|ports, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n\
             [[hop]]\nfrom = \"cdn\"\nto = \"edge\"\nendpoint = \"https://127.0.0.1:{}\"\n\
             tls = {{ trust = \"authority\", name = \"localhost\" }}\ninterval = \"1h\"\n",
            ports.edge(),
            origin.port,
            ports.edge()
        )
    });
    assert_eq!(instance.hop("edge", "app")["verdict"], "unknown");
    // Fast: a full scan asks for a page, which the edge would ask the application for itself.
    let output = instance.hermetic(&["scan", "hermetic.toml", "--fast", "--format", "json"]);
    let list = json(&output);
    let told = |target: u16| {
        let of = |it: &&Value| it["target"].to_string().contains(&target.to_string());
        list["scans"].as_array().unwrap().iter().find(of).unwrap()["verdict"].clone()
    };
    assert_eq!((told(instance.ports.edge()), told(origin.port)), ("sealed".into(), "local".into()), "{list}");
    assert_eq!((output.status.code(), &list["count"]), (Some(0), &3.into()), "{list}");
    let app = instance.hop("edge", "app");
    assert_eq!((&app["verdict"], &app["evidence"]), (&"local".into(), &"probed".into()), "{app}");
    assert_eq!(instance.hop("cdn", "edge")["evidence"], "probed");
    assert_eq!(instance.hop("client", "edge")["evidence"], "negotiated", "the scan's own handshakes");
}
