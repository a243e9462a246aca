//! `hermetic policy`: documents proved, linted, evaluated, mended and written.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::harness::{Page, folder, hermetic};

const OBJECTS_ALONE: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Objects",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:*",
      "Resource": "arn:aws:s3:::shop/*",
      "Condition": { "Bool": { "aws:SecureTransport": "false" } }
    }
  ]
}
"#;

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The exit status, standard output and standard error.
fn ran(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = hermetic(Path::new("."), arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn what_is_open_is_shown_by_a_request_that_the_evaluator_lets_through() {
    let folder = folder();
    let file = written(folder.path(), "policy.json", OBJECTS_ALONE);
    let (status, json, errors) =
        ran(&["policy", "prove", &file, "--resource", "s3://shop", "--format", "json"]);
    assert_eq!(status, Some(1), "{json}{errors}");
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&report["verdict"], &report["counterexample"]["action"]),
        (&"open".into(), &"s3:ListBucket".into())
    );
    assert!(
        report["reason"].as_str().unwrap().contains("\"Objects\" (line 4) is about other resources"),
        "{json}"
    );
    // With an Allow of everything beside it, that very request is allowed.
    let request = written(folder.path(), "request.json", &report["counterexample"].to_string());
    let all =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let all = format!("identity:{}", written(folder.path(), "all.json", all));
    let (status, line, _) =
        ran(&["policy", "eval", "--policy", &file, "--policy", &all, "--request", &request]);
    assert!(status == Some(0) && line.starts_with("ALLOW"), "{line}");
    let over_tls = report["counterexample"]
        .to_string()
        .replace("s3:ListBucket", "s3:GetObject")
        .replace("shop\"", "shop/x\"");
    let request = written(folder.path(), "request.json", &over_tls);
    let (status, line, _) =
        ran(&["policy", "eval", "--policy", &file, "--policy", &all, "--request", &request]);
    assert!(status == Some(1) && line.starts_with("EXPLICIT DENY  statement \"Objects\""), "{line}");
}

#[test]
fn a_file_is_mended_in_place_and_is_proved_then() {
    let folder = folder();
    let file = written(folder.path(), "policy.json", OBJECTS_ALONE);
    let fix = ["policy", "fix", &file, "--resource", "s3://shop", "--floor", "1.2", "--write"];
    let (status, out, told) = ran(&fix);
    assert!(
        status == Some(0) && out.is_empty() && told.contains("\"Sid\": \"DenyCleartext\""),
        "{out}{told}"
    );
    let prove = ["policy", "prove", &file, "--resource", "arn:aws:s3:::shop", "--floor", "1.2"];
    let (status, page, _) = ran(&prove);
    assert!(status == Some(0) && page.starts_with("DENIED  "), "{page}");
    assert!(fs::read_to_string(&file).unwrap().starts_with(OBJECTS_ALONE.trim_end_matches("\n  ]\n}\n")));
    assert!(ran(&fix).2.starts_with("nothing is open"));
}

#[test]
fn a_link_stays_and_what_it_points_to_is_mended() {
    let folder = folder();
    let file = written(folder.path(), "policy.json", OBJECTS_ALONE);
    let link = folder.path().join("link.json");
    std::os::unix::fs::symlink("policy.json", &link).unwrap();
    let (status, ..) = ran(&["policy", "fix", link.to_str().unwrap(), "--resource", "s3://shop", "--write"]);
    assert!(status == Some(0) && link.is_symlink());
    assert_eq!(ran(&["policy", "prove", &file, "--resource", "s3://shop"]).0, Some(0));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    let (status, out, told) = ran(&["policy", "fix", "-", "--resource", "s3://shop", "--write"]);
    assert!(status == Some(2) && out.is_empty() && !told.contains("added"), "{told}");
}

#[test]
fn what_is_generated_is_read_from_standard_input_and_proved() {
    let folder = folder();
    let (status, text, _) =
        ran(&["policy", "generate", "--for", "arn:aws:sqs:eu-west-1:111122223333:orders"]);
    assert_eq!(status, Some(0));
    let file = written(folder.path(), "queue.json", &text);
    let (status, ..) =
        ran(&["policy", "prove", &file, "--resource", "arn:aws:sqs:eu-west-1:111122223333:orders"]);
    assert_eq!(status, Some(0), "{text}");
}

#[test]
fn a_trap_is_told_with_its_line_and_what_to_do() {
    let folder = folder();
    let text = OBJECTS_ALONE
        .replace(r#""false" } }"#, r#""false" }, "NumericLessThan": { "s3:TlsVersion": "1.2" } }"#);
    let file = written(folder.path(), "policy.json", &text);
    let (status, lines, _) = ran(&["policy", "lint", &file]);
    assert_eq!(status, Some(1));
    assert!(lines.contains(":10:32: hole: it denies only what meets both"), "{lines}");
    assert!(lines.contains("[transport-keys-joined]"), "{lines}");
}

#[test]
fn a_broken_document_is_told_with_its_line_and_an_unknown_service_with_those_that_are_known() {
    let folder = folder();
    let file = written(folder.path(), "policy.json", &OBJECTS_ALONE.replace("\"Action\"", "\"Actions\""));
    let (status, out, told) = ran(&["policy", "prove", &file, "--resource", "s3://shop"]);
    assert!(status == Some(2) && out.is_empty(), "{out}");
    assert!(told.contains("a statement has no element `Actions`; did you mean `Action`?"), "{told}");
    assert!(told.contains("policy.json:8:7"), "{told}");
    let file = written(folder.path(), "policy.json", OBJECTS_ALONE);
    let (status, _, told) = ran(&["policy", "prove", &file, "--resource", "arn:aws:nothing:::x"]);
    assert!(status == Some(2) && told.contains("known are s3, "), "{told}");
}

/// The how-to, as it is typed.
#[test]
fn a_bucket_policy_that_is_open_is_closed_as_the_page_says() {
    let (folder, page) = (folder(), Page::how_to("close-a-bucket-policy"));
    written(folder.path(), "bucket-policy.json", page.other("DenyInsecure"));
    let ran = page.run(folder.path());
    let ends: Vec<_> = ran.iter().map(|output| output.status.code().unwrap()).collect();
    assert_eq!(ends, [1, 1, 0, 0], "{ran:?}");
    let said = |number: usize| String::from_utf8_lossy(&ran[number].stdout).into_owned();
    assert!(said(0).starts_with("OPEN  ") && said(3).starts_with("DENIED  "), "{ran:?}");
    assert!(said(1).contains("half-the-resources") && said(1).contains("transport-keys-joined"), "{ran:?}");
}
