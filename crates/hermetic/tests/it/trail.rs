//! The journal as an auditor meets it: read, exported, kept elsewhere, and tampered with behind our back.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;

use crate::harness::{Hermetic, folder, hermetic, openssl};

/// A folder whose store has a journal: two authorities, and a certificate for each name.
fn audited(names: &[&str]) -> tempfile::TempDir {
    let folder = folder();
    names.iter().for_each(|name| issue(folder.path(), name));
    folder
}

fn issue(folder: &Path, name: &str) {
    let output = hermetic(folder, &["cert", "issue", "--name", name]);
    assert!(output.status.success(), "{output:?}");
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Where the journal ends, as an operator would note it down.
fn head(folder: &Path) -> String {
    let output = hermetic(folder, &["trail", "verify", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "hermetic.trail/1");
    assert_eq!(report["entries"], report["head"]["number"]);
    format!("{}:{}", report["head"]["number"], report["head"]["hash"].as_str().unwrap())
}

/// Does this to the journal as somebody would who has the file, and the SQLite library.
fn behind_the_back(folder: &Path, sql: &str) {
    let database = Connection::open(folder.join(".hermetic/hermetic.db")).unwrap();
    database.execute_batch("DROP TRIGGER journal_keeps; DROP TRIGGER journal_stays;").unwrap();
    database.execute_batch(sql).unwrap();
}

/// What the verification of a journal finds after this was done to it.
fn found_after(sql: &str) -> String {
    let folder = audited(&["one.internal", "two.internal"]);
    behind_the_back(folder.path(), sql);
    let output = hermetic(folder.path(), &["trail", "verify"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    text(&output)
}

#[test]
fn an_entry_that_was_changed_is_found() {
    let folder = audited(&["one.internal", "two.internal"]);
    let last = head(folder.path());
    let last = last.split(':').next().unwrap();
    let change = "UPDATE journal SET body = replace(body, 'two.internal', 'one.internal')";
    behind_the_back(folder.path(), &format!("{change} WHERE number = {last}"));
    let output = hermetic(folder.path(), &["trail", "verify"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(text(&output), format!("altered  entry {last} does not match its hash\n"));
}

#[test]
fn an_entry_that_was_removed_is_found() {
    let found = found_after("DELETE FROM journal WHERE number = 3");
    assert!(found.contains("entry 3 is missing"), "{found}");
}

#[test]
fn an_entry_that_was_removed_and_the_others_moved_up_is_found() {
    let found = found_after(
        "DELETE FROM journal WHERE number = 3;
         UPDATE journal SET number = -number WHERE number > 3;
         UPDATE journal SET number = -number - 1 WHERE number < 0;",
    );
    assert!(found.contains("entry 3 does not match its hash"), "{found}");
}

#[test]
fn entries_in_another_order_are_found() {
    let found = found_after(
        "UPDATE journal SET number = -1 WHERE number = 3;
         UPDATE journal SET number = 3 WHERE number = 4;
         UPDATE journal SET number = 4 WHERE number = -1;",
    );
    assert!(found.contains("entry 3 does not match its hash"), "{found}");
}

#[test]
fn an_end_that_was_cut_off_is_found_by_a_hash_that_was_kept() {
    let folder = audited(&["one.internal"]);
    let kept = head(folder.path());
    let number: u64 = kept.split(':').next().unwrap().parse().unwrap();
    let verify = |expected: &str| hermetic(folder.path(), &["trail", "verify", "--expect", expected]);
    issue(folder.path(), "two.internal");
    assert_eq!(verify(&kept).status.code(), Some(0), "what came later is fine");

    behind_the_back(folder.path(), &format!("DELETE FROM journal WHERE number >= {number}"));
    head(folder.path());
    let cut = verify(&kept);
    assert_eq!(cut.status.code(), Some(1), "{cut:?}");
    assert!(text(&cut).contains(&format!("the entries from {number} on are missing")), "{cut:?}");

    // The gap is filled with entries of one's own making, by somebody who has taken the witness away, too.
    std::fs::remove_file(folder.path().join(".hermetic/witness")).unwrap();
    issue(folder.path(), "three.internal");
    let replaced = verify(&kept);
    assert_eq!(replaced.status.code(), Some(1), "{replaced:?}");
    assert!(text(&replaced).contains(&format!("entry {number} has another hash")), "{replaced:?}");
    assert_eq!(verify("soon").status.code(), Some(2));
}

#[test]
fn each_line_of_an_export_can_be_checked_by_others_hands() {
    let folder = audited(&["one.internal"]);
    let output = hermetic(folder.path(), &["trail", "export", "--out", "trail.jsonl"]);
    assert!(output.status.success(), "{output:?}");
    let export = std::fs::read_to_string(folder.path().join("trail.jsonl")).unwrap();
    assert!(export.lines().count() >= 4, "{export}");
    let mut previous = "0".repeat(64);
    for line in export.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["previous"], previous.as_str());
        let canonical = jq(line);
        let digest = openssl(&["dgst", "-sha256", "-r"], &canonical);
        let digest = text(&digest).split(' ').next().unwrap().to_owned();
        assert_eq!(entry["hash"], digest.as_str(), "{line}");
        previous = digest;
    }
    assert_eq!(previous, head(folder.path()).split_once(':').unwrap().1);
    assert_eq!(text(&hermetic(folder.path(), &["trail", "export"])), export);
    let again = hermetic(folder.path(), &["trail", "export", "--out", "trail.jsonl"]);
    assert_eq!(again.status.code(), Some(2), "{again:?}");
}

/// What an entry's hash is made over.
fn jq(line: &str) -> Vec<u8> {
    use std::io::Write;
    let mut jq = Command::new("jq")
        .args(["-cSj", "del(.hash)"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("jq is needed; `cargo xtask test` installs it");
    jq.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    jq.wait_with_output().unwrap().stdout
}

#[test]
fn an_export_is_verified_without_the_store() {
    let folder = audited(&["one.internal"]);
    let kept = head(folder.path());
    let export = text(&hermetic(folder.path(), &["trail", "export", "--from", "2"]));
    let lines: Vec<&str> = export.lines().collect();
    let verify = |lines: &[&str], more: &[&str]| {
        std::fs::write(folder.path().join("export"), lines.join("\n")).unwrap();
        let arguments = [&["trail", "verify", "--file", "export"], more].concat();
        let output = hermetic(folder.path(), &arguments);
        (output.status.code().unwrap(), text(&output))
    };
    let (code, told) = verify(&lines, &["--expect", &kept]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("from entry 2 on") && told.contains(&kept), "{told}");

    let swapped = [&lines[..1], &[lines[2], lines[1]], &lines[3..]].concat();
    assert_eq!(verify(&swapped, &[]), (1, "altered  entry 3 is missing\n".to_owned()));
    let removed = [&lines[..1], &lines[2..]].concat();
    assert_eq!(verify(&removed, &[]), (1, "altered  entry 3 is missing\n".to_owned()));
    let changed = lines[1].replace("\"kind\":\"", "\"kind\":\"x");
    let changed = [&[lines[0], changed.as_str()], &lines[2..]].concat();
    assert_eq!(verify(&changed, &[]), (1, "altered  entry 3 does not match its hash\n".to_owned()));
    // A second `kind` hashes as one; a reader may take either.
    let twice = lines[1].replace("\"kind\":", "\"kind\":\"x\",\"kind\":");
    let twice = [&[lines[0], twice.as_str()], &lines[2..]].concat();
    assert_eq!(verify(&twice, &[]), (1, "altered  entry 3 does not match its hash\n".to_owned()));
    let (code, told) = verify(&lines[..lines.len() - 1], &["--expect", &kept]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("are missing"), "{told}");
    assert_eq!(verify(&["no entry"], &[]).0, 2);
}

#[test]
fn the_tail_shows_the_latest_of_a_kind_with_who_and_how_it_went() {
    let folder = audited(&["one.internal", "two.internal"]);
    let tail = |more: &[&str]| text(&hermetic(folder.path(), &[&["trail", "tail"], more].concat()));
    let table = tail(&["--kind", "certificate.*", "-n", "3"]);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(lines[0].contains("KIND") && lines[0].contains("WHO"), "{table}");
    assert!(lines[3].contains("certificate.issued") && lines[3].contains("subject=two.internal"), "{table}");
    assert!(lines[3].contains("@") && lines[3].contains("done"), "{table}");
    let json = tail(&["--format", "json", "--kind", "certificate.issued", "-n", "2"]);
    assert_eq!(json.lines().count(), 2, "{json}");
    for line in json.lines() {
        assert_eq!(serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"], "certificate.issued");
    }
}

#[test]
fn the_tail_follows_what_a_running_instance_does() {
    let tour = Hermetic::tour();
    let mut tail = Command::new(env!("CARGO_BIN_EXE_hermetic"))
        .current_dir(tour.folder.path())
        .args(["trail", "tail", "-n", "0", "--follow", "--kind", "certificate.issued", "--format", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    // It shows nothing of before; whether it looked already, it can't tell, so there is something new until
    // it has.
    let (sender, seen) = std::sync::mpsc::channel();
    let reading = std::thread::spawn(move || sender.send(lines.next().unwrap().unwrap()).unwrap());
    let line = (0..)
        .find_map(|n| {
            issue(tour.folder.path(), &format!("later{n}.internal"));
            seen.try_recv().ok()
        })
        .unwrap();
    tail.kill().unwrap();
    tail.wait().unwrap();
    reading.join().unwrap();
    assert!(line.contains("\"subject\":\"later"), "{line}");
}
