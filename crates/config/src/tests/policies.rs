//! Policy documents on listeners, routes and upstreams, and who calls.

use std::path::Path;

use tempfile::TempDir;

use super::Noon;
use crate::{Attempt, Configuration, ConfigurationError, Protocol, attempt, parse};

const BUCKET: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
   "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
const QUEUE: &str = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:*",
  "Resource": "arn:aws:sqs:eu-west-1:111122223333:q", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}}"#;
const CALLER: &str = "[[caller]]\nprincipal = \"arn:aws:iam::111122223333:user/ana\"\n";

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in [
        ("bucket.json", BUCKET),
        ("queue.json", QUEUE),
        (
            "any.json",
            r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}"#,
        ),
        (
            "allow.json",
            r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#,
        ),
        ("broken.json", "{\"Statement\": [{\n  \"Effect\": \"deny\", \"Action\": \"s3:*\"}]}"),
        ("tagged.json", &BUCKET.replace("aws:SecureTransport", "aws:PrincipalTag/team")),
        ("named.json", &BUCKET.replace("\"*\"", "{\"AWS\": \"111122223333\"}")),
        ("callers.toml", &format!("{CALLER}access_key_id = \"AKID\"\nsecret_access_key = \"hunter2\"\n")),
        ("wrong.toml", CALLER),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn text(of_listener: &str, of_route: &str, of_upstream: &str) -> String {
    format!(
        "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:1\"\nnames = [\"localhost\"]\n{of_listener}\n\
         [[route]]\nlistener = \"edge\"\nto = \"store\"\n{of_route}\n\
         [[upstream]]\nname = \"store\"\nendpoints = [\"127.0.0.1:2\"]\n{of_upstream}\n"
    )
}

fn parsed(folder: &Path, text: &str) -> Result<Configuration, ConfigurationError> {
    parse(text, &folder.join("hermetic.toml"), &Noon)
}

fn told(of_listener: &str, of_route: &str, of_upstream: &str) -> Vec<String> {
    told_of(&text(of_listener, of_route, of_upstream))
}

fn told_of(text: &str) -> Vec<String> {
    let folder = folder();
    let Err(ConfigurationError::Invalid { problems, .. }) = parsed(folder.path(), text) else {
        return Vec::new();
    };
    let prefix = format!("{}/", folder.path().display());
    problems.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
}

fn enforced(of_listener: &str, of_route: &str, of_upstream: &str) -> String {
    let folder = folder();
    let configuration = parsed(folder.path(), &text(of_listener, of_route, of_upstream)).unwrap();
    let Protocol::Https(https) = &configuration.listeners[0].protocol else { panic!() };
    let shown = format!("{:?}", https.routes[0].enforcement);
    shown.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn a_document_may_stand_on_a_listener_a_route_and_an_upstream() {
    let document = "policy_document = \"bucket.json\"";
    let by = |names: &str| format!("Some(Enforcement(s3 by [{names}], None))");
    assert_eq!(enforced(document, "", ""), by("\"bucket.json\""));
    assert_eq!(enforced("", document, ""), by("\"bucket.json\""));
    assert_eq!(enforced("", "", document), by("\"bucket.json\""));
    let stated = "policy_document = { file = \"any.json\", service = \"s3\" }";
    assert_eq!(enforced(document, stated, ""), by("\"bucket.json\", \"any.json\""));
    assert_eq!(enforced("", "", ""), "None");
}

#[test]
fn who_calls_is_read_from_a_file_and_no_secret_is_shown() {
    let listener = "policy_document = \"named.json\"\ncredentials = \"callers.toml\"";
    let shown = enforced(listener, "", "");
    assert_eq!(shown, "Some(Enforcement(s3 by [\"named.json\"], Some(Callers(1 keys, 0 identities))))");
}

#[test]
fn what_is_wrong_with_a_document_is_told_with_its_own_place() {
    let upstream = |file: &str| told("", "", &format!("policy_document = \"{file}\""));
    assert_eq!(
        upstream("broken.json"),
        ["13:19: broken.json:2:13: Effect is `Allow` or `Deny`, written so, not `deny`"]
    );
    assert!(upstream("none.json")[0].starts_with("13:19: none.json can't be read: No such file"));
    assert_eq!(
        upstream("allow.json"),
        ["13:19: allow.json: nothing in it denies, and only a Deny counts here; \
          `hermetic policy fix` adds one for cleartext"]
    );
    assert!(upstream("any.json")[0].starts_with("13:19: any.json: which service is spoken can't be told"));
    let tagged = &upstream("tagged.json")[0];
    assert!(
        tagged.starts_with("13:19: tagged.json:3:79: this Deny depends on `aws:principaltag/team`"),
        "{tagged}"
    );
    assert!(upstream("named.json")[0].contains("named.json:2:3: this Deny is about callers by name"));
}

#[test]
fn documents_for_two_services_on_one_way_are_told() {
    let told = told("policy_document = \"bucket.json\"", "", "policy_document = \"queue.json\"");
    assert_eq!(
        told,
        [
            "13:19: queue.json is for the service `sqs`, and bucket.json on the same way for `s3`; lead them to different routes"
        ]
    );
}

#[test]
fn a_document_that_judges_nothing_is_told() {
    let tls = text("protocol = \"tls\"\npolicy_document = \"bucket.json\"", "", "");
    assert_eq!(told_of(&tls), ["6:1: `policy_document` has no meaning on a tls listener; take it out"]);
    let upstream = text("protocol = \"tls\"", "", "policy_document = \"bucket.json\"");
    assert_eq!(
        told_of(&upstream),
        [
            "13:1: no request goes to `store`, so this document judges nothing; take it out, or add a route from an \
          https listener"
        ]
    );
    let page =
        text("", "", "").replace("to = \"store\"", "show = \"path\"\npolicy_document = \"bucket.json\"");
    assert!(told_of(&page).iter().any(|told| told.contains("the gateway shows this page itself")));
}

#[test]
fn a_document_for_one_path_alone_is_told_since_paths_have_many_spellings() {
    let document = "policy_document = \"bucket.json\"";
    let told_of = told("", &format!("path = \"/b\"\n{document}"), "");
    assert_eq!(
        told_of,
        [
            "10:1: this document is for `/b` as it is spelled here, and the upstream may understand other spellings, by \
          which it would be passed by; put it on the upstream or the listener, where it holds for all paths"
        ]
    );
    assert!(told("", &format!("path = \"/\"\n{document}"), "").is_empty());
    assert!(told("", "path = \"/b\"", document).is_empty());
}

#[test]
fn credentials_that_nobody_asks_for_and_wrong_ones_are_told() {
    assert_eq!(
        told("credentials = \"callers.toml\"", "", ""),
        [
            "5:1: no policy document stands behind this listener, so nobody asks who calls; take it out, or add \
          `policy_document`"
        ]
    );
    let wrong = &told("credentials = \"wrong.toml\"\npolicy_document = \"bucket.json\"", "", "")[0];
    assert!(wrong.starts_with("5:15: wrong.toml:1:1: say by what this caller is known"), "{wrong}");
}

#[test]
fn documents_and_credentials_are_files_to_watch() {
    let folder = folder();
    let path = folder.path().join("hermetic.toml");
    let lines = text("credentials = \"callers.toml\"", "", "policy_document = \"bucket.json\"");
    std::fs::write(&path, lines).unwrap();
    let Attempt { outcome, files } = attempt(&path, &Noon);
    let names: Vec<_> = files.iter().map(|file| file.path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["hermetic.toml", "callers.toml", "bucket.json"]);
    let before = outcome.unwrap();
    std::fs::write(folder.path().join("bucket.json"), BUCKET.replace("s3:*", "s3:Get*")).unwrap();
    assert_ne!(attempt(&path, &Noon).outcome.unwrap(), before);
}

#[test]
fn region_and_account_may_be_stated_and_services_are_told() {
    let wrong =
        told("", "", "policy_document = { file = \"queue.json\", service = \"sqss\", account = \"7\" }");
    assert!(
        wrong[0].starts_with("13:52: requests to `sqss` are not understood")
            && wrong[0].ends_with("did you mean \"sqs\"?"),
        "{wrong:?}"
    );
    assert!(wrong[1].contains("`7` is not twelve digits"), "{wrong:?}");
    let stated =
        "policy_document = { file = \"queue.json\", region = \"eu-west-1\", account = \"111122223333\" }";
    assert_eq!(enforced("", stated, ""), "Some(Enforcement(sqs by [\"queue.json\"], None))");
}
