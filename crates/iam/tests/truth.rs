//! Policies whose truth is known, each with the text of AWS's that decides it.
#![allow(clippy::unwrap_used)]

use hermetic_iam::document::Document;
use hermetic_iam::{Proof, Question, prove};
use serde_json::Value as Json;

const POLICIES: &str = include_str!("truth/policies.json");

#[test]
fn every_policy_of_the_truth_table_is_proved_as_aws_decides() {
    let cases: Vec<Json> = serde_json::from_str(POLICIES).unwrap();
    assert!(cases.len() > 100);
    let mut wrong = Vec::new();
    for case in cases {
        let document = Document::read(&case["policy"].to_string()).unwrap();
        let floor = case["floor"].as_str().map(|floor| floor.parse().unwrap());
        let resource = case["resource"].as_str().unwrap();
        let proof = prove(&Question { documents: &[&document], resource, account: None, floor }).unwrap();
        let (verdict, why) = match &proof {
            Proof::Denied => ("denied", String::new()),
            Proof::Open(open) => ("open", open.reason.clone()),
            Proof::Unknown(reason) => ("unknown", reason.clone()),
        };
        if case["verdict"] != verdict {
            wrong.push(format!(
                "{}: {verdict}, not {}: {} ({why})",
                case["id"], case["verdict"], case["because"]
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
