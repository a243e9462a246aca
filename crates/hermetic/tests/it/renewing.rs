//! Certificates renewed by hand, and judged.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Hermetic, Origin, Talking, command, curl, eventually, folder, hermetic, python};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// The serial number that a client is shown.
fn shown(edge: &Hermetic) -> String {
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let output = curl(edge, &["-o", "/dev/null", "-w", "%{certs}", &url]);
    let text = String::from_utf8(output.stdout).unwrap();
    let serial = text.lines().find_map(|line| line.strip_prefix("Serial Number:"));
    serial.unwrap_or_else(|| panic!("{text}")).trim().replace(':', "")
}

#[test]
fn a_certificate_that_is_renewed_by_hand_is_served_at_once() {
    let origin = Origin::answering(OK);
    let edge = Hermetic::configured(|ports, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n",
            ports.edge(),
            origin.port
        )
    });
    let before = shown(&edge);
    let renewed = json(&edge.hermetic(&["cert", "renew", "listener edge", "--format", "json"]));
    assert_eq!((&renewed["schema"], &renewed["replaces"]), (&"hermetic.renewed/1".into(), &before.into()));
    let serial = renewed["serial"].as_str().unwrap();
    eventually("the new one to be served", || (shown(&edge) == serial).then_some(()));
    let watched = edge.hermetic(&["cert", "watch", "--format", "json"]);
    assert_eq!(watched.status.code(), Some(0), "{watched:?}");
    let unknown = edge.hermetic(&["cert", "renew", "nobody.example.com"]);
    assert_eq!(unknown.status.code(), Some(2), "{unknown:?}");
}

#[test]
fn without_an_instance_a_certificate_is_renewed_in_the_store_and_what_lives_too_long_is_found() {
    let folder = folder();
    let run = |arguments: &[&str]| hermetic(folder.path(), arguments);
    assert!(run(&["cert", "issue", "--name", "db.internal", "--lifetime", "300d"]).status.success());
    let watched = run(&["cert", "watch", "--format", "json"]);
    assert_eq!(watched.status.code(), Some(1), "{watched:?}");
    let report = json(&watched);
    assert_eq!(
        (&report["schema"], &report["judged"]),
        (&"hermetic.findings/1".into(), &1.into()),
        "{report}"
    );
    let finding = &report["findings"][0];
    assert_eq!((&finding["control"], &finding["severity"]), (&"certificate-lifetime".into(), &"low".into()));
    assert_eq!(finding["subject"], "db.internal");
    let renewed = json(&run(&["cert", "renew", "db.internal", "--format", "json"]));
    assert_eq!(renewed["replaces"], finding["serial"]);
}

#[test]
fn what_happens_to_certificates_is_told_as_it_happens() {
    let folder = folder();
    let issue = |name: &str| hermetic(folder.path(), &["cert", "issue", "--name", name]);
    assert!(issue("before.internal").status.success());
    let mut watch = command(folder.path());
    let mut watch = Talking::start(watch.args(["cert", "watch", "--follow", "--format", "json"]));
    let (sender, heard) = std::sync::mpsc::channel();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            sender.send(watch.hear()).unwrap();
            drop(watch);
        });
        // Nothing of before is told; when it began to look, nobody else can tell, so there is something new
        // until it has.
        let told = (0..).find_map(|n| {
            assert!(issue(&format!("later{n}.internal")).status.success());
            heard.try_recv().ok()
        });
        let event: Value = serde_json::from_str(&told.unwrap()).unwrap();
        assert_eq!(
            (&event["schema"], &event["event"]),
            (&"hermetic.event/1".into(), &"issue".into()),
            "{event}"
        );
        let subject = event["subject"].as_str().unwrap();
        assert!(subject.starts_with("later"), "{event}");
    });
}

#[test]
fn findings_are_written_for_code_scanning_for_security_hub_and_for_collectors() {
    let folder = folder();
    let run = |arguments: &[&str]| hermetic(folder.path(), arguments);
    assert!(run(&["cert", "issue", "--name", "db.internal", "--lifetime", "300d"]).status.success());
    let sarif = json(&run(&["cert", "watch", "--format", "sarif"]));
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(
        (&result["ruleId"], &result["level"]),
        (&"certificate-lifetime".into(), &"note".into()),
        "{sarif}"
    );
    let hub = ["--aws-account", "123456789012", "--aws-region", "eu-central-1"];
    let asff = json(&run(&[&["cert", "watch", "--format", "asff"], &hub[..]].concat()));
    assert_eq!(asff[0]["GeneratorId"], "hermetic/certificate-lifetime", "{asff}");
    let nobodys = run(&["cert", "watch", "--format", "asff"]);
    assert_eq!(nobodys.status.code(), Some(2), "{nobodys:?}");
    let ocsf = run(&["cert", "watch", "--format", "ocsf"]);
    assert_eq!(json(&ocsf)[0]["compliance"]["control"], "certificate-lifetime", "{ocsf:?}");
    assert_eq!(held_against_ocsf(&ocsf.stdout), "");
}

/// What the schema of OCSF has against these events.
pub fn held_against_ocsf(events: &[u8]) -> String {
    let mut validator = python();
    validator.args(["-c", include_str!("ocsf.py")]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = validator.spawn().unwrap();
    running.stdin.take().unwrap().write_all(events).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
