//! What is legal in a document, and does not do what its writer means.
//!
//! A rule is a function over one statement with its document; all are in one table, that the reference is made of.

mod conditions;
mod elements;
mod facts;
mod transport;

use serde::Serialize;

use crate::document::{Document, Statement};
use crate::json::Place;
use facts::Facts;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its id.
    pub id: &'static str,
    /// How bad it is.
    pub weight: Weight,
    /// What it looks for.
    pub title: &'static str,
    /// What to do.
    pub remedy: &'static str,
    check: fn(&Facts<'_>, &Statement) -> Vec<(Place, String)>,
}

/// How bad it is. Ordered, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// It may break what should work.
    Risk,
    /// It does something else than it says.
    Trap,
    /// It leaves a way open that it seems to close.
    Hole,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lint {
    /// The rule.
    pub rule: &'static str,
    /// How bad it is.
    pub weight: Weight,
    /// Where.
    #[serde(flatten)]
    pub place: LintPlace,
    /// What was found.
    pub message: String,
    /// What to do.
    pub remedy: &'static str,
}

/// A line and a column, counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LintPlace {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// All rules.
pub const RULES: &[Rule] = &[
    transport::JOINED,
    transport::INVERTED,
    transport::HALF,
    transport::NAMED,
    transport::ALLOWED,
    transport::SERVICES_OF_TRANSPORT,
    conditions::ANY_VALUE,
    conditions::ALL_VALUES,
    conditions::SINGLE,
    conditions::OLD_VERSION,
    conditions::WILDCARD,
    conditions::NO_NUMBER,
    conditions::NO_VALUE,
    conditions::SERVICES_OF_NETWORK,
    elements::NO_RESOURCE,
    elements::NO_ACTION,
    elements::ALLOW_ALL_BUT,
];

/// What all rules find, in the order of the document.
pub fn lint(document: &Document) -> Vec<Lint> {
    let facts = Facts::of(document);
    let mut found = Vec::new();
    for statement in &document.statements {
        for rule in RULES {
            let place = |place: Place| LintPlace { line: place.line, column: place.column };
            found.extend((rule.check)(&facts, statement).into_iter().map(|(at, message)| Lint {
                rule: rule.id,
                weight: rule.weight,
                place: place(at),
                message,
                remedy: rule.remedy,
            }));
        }
    }
    found.sort_by_key(|lint| (lint.place.line, lint.place.column, std::cmp::Reverse(lint.weight)));
    found
}

#[cfg(test)]
mod tests {
    use super::{RULES, lint};
    use crate::document::Document;

    /// The rules that find something in a document with this statement.
    fn found(statement: &str) -> Vec<&'static str> {
        let document =
            Document::read(&format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statement}]}}"))
                .unwrap();
        lint(&document).into_iter().map(|lint| lint.rule).collect()
    }

    fn deny(condition: &str) -> String {
        format!(
            r#"{{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {{{condition}}}}}"#
        )
    }

    #[test]
    fn the_usual_statement_is_right() {
        assert!(found(&deny(r#""Bool": {"aws:SecureTransport": "false"}"#)).is_empty());
        assert!(found(&deny(r#""NumericLessThan": {"s3:TlsVersion": 1.2}"#)).is_empty());
    }

    #[test]
    fn every_rule_finds_what_it_is_for() {
        let allow = |condition: &str| deny(condition).replace("Deny", "Allow");
        let clear = r#""Bool": {"aws:SecureTransport": "false"}"#;
        let cases = [
            (
                "transport-keys-joined",
                deny(
                    r#""Bool": {"aws:SecureTransport": "false"}, "NumericLessThan": {"s3:TlsVersion": "1.2"}"#,
                ),
            ),
            ("transport-inverted", deny(r#""Bool": {"aws:SecureTransport": "true"}"#)),
            ("transport-inverted", allow(clear)),
            ("half-the-resources", deny(clear).replace(r#""arn:aws:s3:::b", "#, "")),
            ("half-the-resources", deny(clear).replace(r#", "arn:aws:s3:::b/*""#, "")),
            (
                "deny-of-some-principals",
                deny(clear).replace(r#""Principal": "*""#, r#""Principal": {"AWS": "111122223333"}"#),
            ),
            ("allow-where-deny-is-meant", allow(r#""Bool": {"aws:SecureTransport": "true"}"#)),
            ("services-lack-transport-keys", deny(r#""BoolIfExists": {"aws:SecureTransport": "false"}"#)),
            ("any-value-of-none", deny(r#""ForAnyValue:StringEquals": {"aws:TagKeys": "a"}"#)),
            ("all-values-of-none", allow(r#""ForAllValues:StringEquals": {"aws:TagKeys": "a"}"#)),
            ("set-operator-on-one-value", deny(r#""ForAnyValue:StringEquals": {"aws:SourceVpc": "vpc-1"}"#)),
            ("wildcard-taken-literally", deny(r#""StringEquals": {"aws:UserAgent": "curl*"}"#)),
            ("version-is-no-number", deny(r#""NumericLessThan": {"s3:TlsVersion": "TLSv1.2"}"#)),
            ("value-never-matches", deny(r#""IpAddress": {"aws:SourceIp": "10.0.0.0/64"}"#)),
            ("services-not-exempt", deny(r#""StringNotEquals": {"aws:SourceVpc": "vpc-1"}"#)),
            ("resource-never-matches", deny(clear).replace("arn:aws:s3:::b/*", "arn:aws:s3")),
            ("action-is-unknown", deny(clear).replace("s3:*", "s3:GetObjects")),
            (
                "allow-of-all-but",
                deny("")
                    .replace("Deny", "Allow")
                    .replace(r#""Principal": "*""#, r#""NotPrincipal": {"AWS": "111122223333"}"#),
            ),
        ];
        for (rule, statement) in &cases {
            assert!(found(statement).contains(rule), "{rule} in {statement}: {:?}", found(statement));
        }
        let old = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}"}}"#;
        assert_eq!(lint(&Document::read(old).unwrap())[0].rule, "variable-in-an-old-version");
        let tested = |id| id == "variable-in-an-old-version" || cases.iter().any(|(rule, _)| *rule == id);
        assert!(RULES.iter().all(|rule| tested(rule.id)));
    }

    #[test]
    fn a_document_of_ten_thousand_statements_is_linted_in_no_time_that_counts() {
        let one = |number: usize| {
            deny(r#""Bool": {"aws:SecureTransport": "false"}"#).replace(":::b", &format!(":::b{number}*"))
        };
        let many = (0..10_000).map(one).collect::<Vec<_>>().join(", ");
        let begun = std::time::Instant::now();
        found(&many);
        assert!(begun.elapsed() < std::time::Duration::from_secs(60));
    }

    #[test]
    fn what_is_found_has_its_line() {
        let text = "{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\",\n \"Condition\": \
                    {\"NumericLessThan\":\n  {\"s3:TlsVersion\": \"TLSv1.2\"}}}]}";
        let found = lint(&Document::read(text).unwrap());
        assert_eq!((found[0].place.line, found[0].place.column), (3, 4));
    }
}
