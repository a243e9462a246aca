//! Documents are taken up when they change, and a bad one changes nothing.

use super::{all, document, sealed};
use crate::harness::eventually;

#[test]
fn a_document_that_changes_is_taken_up_and_a_bad_one_changes_nothing() {
    let sealed = sealed("", &[]);
    let file = sealed.hermetic.folder.path().join("s3.json");
    all(&sealed.boto3("s3", "https", "create,put"), "ok");
    std::fs::write(&file, "{\"Statement\": [{\"Effect\": \"deny\", \"Action\": \"*\"}]}").unwrap();
    let output = sealed.hermetic.hermetic(&["reload"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("s3.json:1:27: Effect is `Allow` or `Deny`"), "{said}");
    all(&sealed.boto3("s3", "http", "put,get"), "AccessDenied 403");
    // Nobody says that it changed: it is looked at.
    let document = document("s3", r#"["arn:aws:s3:::shop", "arn:aws:s3:::shop/*"]"#);
    std::fs::write(&file, document.replace("\"s3:*\"", "\"s3:Put*\"")).unwrap();
    eventually("that reading passes", || (sealed.boto3("s3", "http", "get")["get"] == "ok").then_some(()));
    assert_eq!(sealed.boto3("s3", "http", "put")["put"], "AccessDenied 403");
}
