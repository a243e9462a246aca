//! Any text is a policy document or an error with its place; what is read is linted, proved and mended without a
//! panic, and what was mended is proved.

#![no_main]

use hermetic_iam::{Document, FixError, Proof, Question, fix, lint, prove};
use libfuzzer_sys::fuzz_target;

const RESOURCE: &str = "arn:aws:s3:::b";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let document = match Document::read(text) {
        Ok(document) => document,
        Err(error) => return assert!(error.place.line <= text.matches('\n').count() + 1),
    };
    lint::lint(&document);
    let question = Question { documents: &[&document], resource: RESOURCE, account: None, floor: None };
    assert!(prove(&question).is_ok());
    match fix(text, RESOURCE, None) {
        Ok(fixed) => {
            let document = Document::read(&fixed.text).unwrap();
            let question = Question { documents: &[&document], ..question };
            assert!(prove(&question) == Ok(Proof::Denied));
        }
        Err(error) => assert!(matches!(error, FixError::StillOpen(_))),
    }
});
