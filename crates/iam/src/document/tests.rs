use super::{Document, Effect, Version};
use crate::error::Problem;

fn problem(text: &str) -> (String, Problem) {
    let error = Document::read(text).unwrap_err();
    (error.place.to_string(), error.problem)
}

const WHOLE: &str = r#"{
  "version": "2012-10-17",
  "Statement": {
    "Effect": "Deny", "NotPrincipal": {"AWS": ["111122223333", "*"], "Service": "sns.amazonaws.com"},
    "notaction": ["S3:Get*"], "NotResource": "arn:aws:s3:::a/${aws:username}",
    "Condition": {"forallvalues:stringlikeifexists": {"aws:TagKeys": ["a*"]}, "bool": {"AWS:SecureTransport": false}}
  }
}"#;

#[test]
fn elements_operators_and_keys_are_known_in_any_case() {
    let document = Document::read(WHOLE).unwrap();
    assert_eq!(document.version, Version::V2012);
    let statement = &document.statements[0];
    assert_eq!(statement.effect, Effect::Deny);
    assert!(statement.actions.all_but && statement.resources.as_ref().unwrap().all_but);
    assert_eq!(statement.tests[1].key.as_str(), "aws:securetransport");
    assert_eq!(statement.tests[1].key.to_string(), "aws:SecureTransport");
}

#[test]
fn an_unknown_element_is_named_with_its_place_and_what_may_be_meant() {
    let (place, problem) = problem("{\"Statement\": [{\"Effect\": \"Deny\",\n \"Actions\": \"*\"}]}");
    assert_eq!(place, "2:2");
    let suggestion = Some("Action");
    assert_eq!(problem, Problem::Unknown { parent: "a statement", name: "Actions".to_owned(), suggestion });
}

#[test]
fn an_element_and_its_opposite_exclude_each_other() {
    let text = r#"{"Statement": {"Effect": "Deny", "Action": "*", "NotAction": "s3:*", "Resource": "*"}}"#;
    assert_eq!(problem(text), ("1:49".to_owned(), Problem::Both("Action", "NotAction")));
}

#[test]
fn the_same_key_in_other_capitals_stands_twice() {
    let text = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false", "aws:securetransport": "true"}}}}"#;
    assert_eq!(problem(text).1, Problem::Twice("aws:securetransport".to_owned()));
    let text = r#"{"Statement": {"Effect": "Deny", "effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    assert_eq!(problem(text).1, Problem::Twice("effect".to_owned()));
}

#[test]
fn an_effect_in_other_capitals_is_refused_as_aws_does() {
    let text = r#"{"Statement": {"Effect": "deny", "Action": "*", "Resource": "*"}}"#;
    assert_eq!(problem(text).1, Problem::Effect("deny".to_owned()));
}

#[test]
fn null_takes_no_modifier() {
    let text = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"NullIfExists": {"aws:SourceVpc": "true"}}}}"#;
    assert!(matches!(problem(text).1, Problem::Modifier(_)));
}

#[test]
fn an_operator_that_there_is_not_is_told_with_the_one_that_is_meant() {
    let text = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"Boolean": {"aws:SecureTransport": "false"}}}}"#;
    assert_eq!(problem(text).1, Problem::Operator { name: "Boolean".to_owned(), suggestion: Some("Bool") });
}

#[test]
fn a_variable_is_text_in_a_document_of_2008() {
    let text = r#"{"Version": "2008-10-17", "Statement": {"Effect": "Deny", "Action": "*",
        "Resource": "arn:aws:s3:::a/${aws:${x"}}"#;
    assert!(Document::read(text).is_ok());
    assert!(Document::read(&text.replace("2008", "2012")).is_err());
}

#[test]
fn a_document_of_ten_megabytes_is_read() {
    let statement = r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}},"#;
    let many = statement.repeat((10 << 20) / statement.len());
    let text = format!("{{\"Statement\": [{}]}}", many.trim_end_matches(','));
    assert!(Document::read(&text).is_ok());
}
