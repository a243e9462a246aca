//! What `hermetic audit` prints for others than people, read as they read it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::audit::{SOUND, failing, ran};
use crate::harness::folder;
use crate::renewing::held_against_ocsf;
use crate::scan_formats::read;

/// With something of each kind: what fails, is unknown, is excepted, can't be read, and passes.
fn shop() -> TempDir {
    let folder = folder();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let template = SOUND
        .replace("redirect-to-https", "allow-all")
        .replace("Action: sqs:*", "Action: sqs:SendMessage")
        .replace("HealthCheckProtocol: HTTPS", "HealthCheckProtocol: !ImportValue elsewhere");
    write("shop, the first: 100%.yaml", &template);
    write("broken.yaml", "AWSTemplateFormatVersion: x\nResources:\n  A: [\n");
    let exception = "[[exception]]\ncontrol = \"sqs-queue-policy-secure-transport\"\nreason = \"<b>old\"\n\
                     owner = \"shop\"\nuntil = 2999-12-31\n";
    write("hermetic.toml", &format!("{exception}[[requirement]]\nverified = true\n"));
    folder
}

/// A file with what an audit prints.
fn kept(shop: &TempDir, file: &str, arguments: &[&str]) -> PathBuf {
    let path = shop.path().join(file);
    fs::write(&path, ran(shop.path(), &[&["audit"], arguments].concat()).1).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn every_report_keeps_to_the_schema_that_is_printed() {
    let shop = shop();
    let schema = kept(&shop, "schema.txt", &["--schema"]);
    let plain = kept(&shop, "plain.txt", &["--format", "json"]);
    let all = kept(&shop, "all.txt", &["--format", "json", "--all", "--baseline", "plain.txt"]);
    assert_eq!(read("json", &[text(&schema), text(&plain), text(&all)]), "");
    let report: Value = serde_json::from_str(&fs::read_to_string(&all).unwrap()).unwrap();
    for status in ["fail", "unknown", "excepted", "pass", "not-applicable"] {
        let mut findings = report["findings"].as_array().unwrap().iter();
        assert!(findings.any(|finding| finding["status"] == status), "{status}");
    }
    for list in ["flows", "shortfalls", "problems"] {
        assert_ne!(report[list], Value::Array(Vec::new()), "{list}");
    }
}

#[test]
fn each_line_of_a_stream_is_a_finding_of_the_schema() {
    let shop = shop();
    let mut schema: Value = serde_json::from_str(&ran(shop.path(), &["audit", "--schema"]).1).unwrap();
    schema = serde_json::json!({"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": "#/$defs/finding"});
    let finding = shop.path().join("finding.txt");
    fs::write(&finding, schema.to_string()).unwrap();
    let lines = kept(&shop, "lines.txt", &["--format", "jsonl"]);
    assert_eq!(read("jsonl", &[text(&finding), text(&lines)]), "");
    let count = fs::read_to_string(&lines).unwrap().lines().count();
    let report: Value = serde_json::from_str(&ran(shop.path(), &["audit", "--format", "json"]).1).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), count);
}

#[test]
fn a_sarif_log_keeps_to_its_standard_and_a_finding_is_known_again_where_it_moves() {
    let shop = shop();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sarif-2.1.0.schema.json");
    let log = |arguments: &[&str]| {
        let log = kept(&shop, "log.txt", &[arguments, &["--format", "sarif"]].concat());
        assert_eq!(read("json", &[text(&schema), text(&log)]), "");
        let log: Value = serde_json::from_str(&fs::read_to_string(&log).unwrap()).unwrap();
        log["runs"][0]["results"].as_array().unwrap().clone()
    };
    let fingerprints = |results: &[Value]| -> Vec<Value> {
        results.iter().map(|result| result["partialFingerprints"].clone()).collect()
    };
    let before = log(&[]);
    let place = &before[0]["locations"][0]["physicalLocation"];
    let code = SOUND.lines().position(|line| line.contains("redirect-to-https")).unwrap() + 1;
    assert_eq!(place["artifactLocation"]["uri"], "shop%2C%20the%20first:%20100%25.yaml");
    assert_eq!(place["region"]["startLine"], code);
    let file = shop.path().join("shop, the first: 100%.yaml");
    // However it is named, and wherever its lines are.
    assert_eq!(fingerprints(&log(&[text(&file)])), fingerprints(&before));
    fs::write(&file, format!("# moved\n\n{}", fs::read_to_string(&file).unwrap())).unwrap();
    let moved = log(&[]);
    assert_eq!(fingerprints(&moved), fingerprints(&before));
    assert_eq!(moved[0]["locations"][0]["physicalLocation"]["region"]["startLine"], code + 2);
    // What is not below this folder can't be told from here.
    let elsewhere = folder();
    let far = ran(elsewhere.path(), &["audit", text(&file), "--format", "sarif"]).1;
    let far: Value = serde_json::from_str(&far).unwrap();
    let uri =
        far["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone();
    assert!(uri.as_str().unwrap().starts_with("file:///"), "{uri}");
}

#[test]
fn a_sarif_log_says_what_is_open_what_is_suppressed_and_what_passes() {
    let shop = shop();
    let template = fs::read_to_string(shop.path().join("shop, the first: 100%.yaml")).unwrap();
    let beside = "  Drop:\n    Type: AWS::S3::Bucket\n    Metadata:\n      hermetic:\n        exceptions:\n          - \
                  { control: S3.5, reason: x, owner: y, until: 2999-12-31 }\n";
    let template = template.replacen("Resources:\n", &format!("Resources:\n{beside}"), 1);
    fs::write(shop.path().join("shop, the first: 100%.yaml"), template).unwrap();
    let log = kept(&shop, "log.txt", &["--format", "sarif", "--all"]);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sarif-2.1.0.schema.json");
    assert_eq!(read("json", &[text(&schema), text(&log)]), "");
    let log: Value = serde_json::from_str(&fs::read_to_string(&log).unwrap()).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    for kind in ["open", "pass", "notApplicable"] {
        let mut of_kind = results.iter().filter(|result| result["kind"] == kind).peekable();
        assert!(of_kind.peek().is_some() && of_kind.all(|result| result["level"] == "none"), "{kind}");
    }
    let suppressed = |control: &str| {
        let mut of_control = results.iter().filter(|result| result["ruleId"] == control);
        of_control.find_map(|result| Some(result.get("suppressions")?[0]["kind"].clone()))
    };
    assert_eq!(suppressed("sqs-queue-policy-secure-transport"), Some("external".into()));
    assert_eq!(suppressed("s3-bucket-ssl-requests-only"), Some("inSource".into()));
}

#[test]
fn spreadsheets_and_ci_read_the_same_findings() {
    let shop = shop();
    let csv = kept(&shop, "audit.csv", &["--format", "csv"]);
    assert!(read("csv", &[text(&csv)]).contains("high cloudfront-viewer-policy-https true"));
    let junit = kept(&shop, "audit.xml", &["--format", "junit"]);
    let told = read("junit", &[text(&junit)]);
    for outcome in [
        "failure cloudfront-viewer-policy-https high",
        "error read",
        "skipped sqs-queue-policy-secure-transport",
    ] {
        assert!(told.contains(outcome), "{outcome}: {told}");
    }
    let junit = fs::read_to_string(junit).unwrap();
    assert!(junit.contains("100%.yaml:") && !junit.contains(" line=\""), "the schema has no line: {junit}");
    let known = kept(&shop, "known.txt", &["--format", "json"]);
    let known = ["--format", "junit", "--baseline", text(&known)];
    assert!(!read("junit", &[text(&kept(&shop, "audit.xml", &known))]).contains("failure"));
}

#[test]
fn a_name_can_not_become_a_formula_or_end_an_annotation() {
    let folder = folder();
    let template = "Resources:\n  '=cmd|x,\"y': { Type: 'AWS::S3::Bucket' }\n  \"a\\n::error::b\": { Type: 'AWS::S3::Bucket' }\n";
    fs::write(folder.path().join("a,b:c%.yaml"), template).unwrap();
    let form = |form: &str| ran(folder.path(), &["audit", "--control", "S3.5", "--format", form]).1;
    let csv = form("csv");
    assert!(csv.contains(",\"'=cmd|x,\"\"y\",") && csv.ends_with("\r\n"), "{csv}");
    let annotations = form("github");
    assert_eq!(annotations.lines().count(), 2, "{annotations}");
    for line in annotations.lines() {
        assert!(line.starts_with("::error file=a%2Cb%3Ac%25.yaml,line="), "{line}");
    }
    assert!(annotations.contains("::a%0A::error::b: "), "{annotations}");
}

#[test]
fn security_hub_and_its_successors_take_the_findings() {
    let shop = shop();
    let ocsf = ran(shop.path(), &["audit", "--format", "ocsf"]).1;
    assert!(
        ocsf.contains("cloudfront-viewer-policy-https") && ocsf.contains("NIST.800-53.r5 SC-8"),
        "{ocsf}"
    );
    assert_eq!(held_against_ocsf(ocsf.as_bytes()), "");
    let (status, _, errors) = ran(shop.path(), &["audit", "--format", "asff"]);
    assert!(status == Some(2) && errors.contains("--account"), "{errors}");
    let account = ["audit", "--format", "asff", "--account", "111122223333", "--region", "eu-central-1"];
    let (status, asff, errors) = ran(shop.path(), &account);
    let findings: Value = serde_json::from_str(&asff).unwrap();
    assert_eq!((status, &findings[0]["AwsAccountId"]), (Some(1), &"111122223333".into()));
    let kept = kept(&shop, "asff.txt", &account[1..]);
    assert_eq!(read("asff", &[text(&kept)]), "");
    let viewers = findings
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["GeneratorId"] == "hermetic/cloudfront-viewer-policy-https");
    let viewers = viewers.unwrap();
    assert_eq!(viewers["Resources"][0]["Type"], "AwsCloudFrontDistribution");
    assert_eq!(viewers["Compliance"]["SecurityControlId"], "CloudFront.3");
    let related = viewers["Compliance"]["RelatedRequirements"].as_array().unwrap();
    assert!(related.contains(&"PCI DSS v4.0.1/4.2.1".into()), "{related:?}");
    let regulations = "Software and Configuration Checks/Industry and Regulatory Standards";
    let types = viewers["FindingProviderFields"]["Types"].as_array().unwrap();
    assert!(types.contains(&format!("{regulations}/NIST 800-53 Controls (USA)").into()), "{types:?}");
    // What has no place in a form is told beside it.
    assert!(errors.contains("not read: broken.yaml:"), "{errors}");
}

#[test]
fn a_page_has_the_picture_and_the_findings_and_runs_nothing() {
    let page = ran(shop().path(), &["audit", "--format", "html"]).1;
    for part in [
        "<svg",
        "cloudfront-viewer-policy-https",
        "<details>",
        "broken.yaml",
        "&lt;b&gt;old",
        "requirement not met by Alb → Shop",
        "default-src 'none'",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script") && !page.contains("<b>old"));
}

#[test]
fn a_list_is_a_table_or_json_and_nothing_else() {
    let folder = folder();
    let listed = |form: &str| ran(folder.path(), &["audit", "--list", "--format", form]);
    assert!(listed("table").1.contains("s3-bucket-ssl-requests-only"));
    let json: Value = serde_json::from_str(&listed("json").1).unwrap();
    assert_eq!(json["schema"], "hermetic.controls/1");
    let json: Value = serde_json::from_str(
        &ran(folder.path(), &["audit", "--list", "--framework", "nist-800-53", "--format", "json"]).1,
    )
    .unwrap();
    let asked_by = |id: &str| {
        let mut controls = json["controls"].as_array().unwrap().iter();
        controls.find(|control| control["id"] == id).map(|control| control["asked_by"].clone())
    };
    assert_eq!(asked_by("s3-bucket-ssl-requests-only"), Some(serde_json::json!(["SC-8"])));
    assert_eq!(asked_by("cloudfront-viewer-mtls"), Some(serde_json::json!(["SC-23"])));
    let table = ran(folder.path(), &["audit", "--list", "--framework", "SC-23"]).1;
    assert!(table.contains("selects controls about verification, certificates"), "{table}");
    for form in ["sarif", "csv", "junit", "github", "html", "jsonl"] {
        assert_eq!(listed(form).0, Some(2), "{form}");
    }
}

#[test]
fn a_check_that_is_mistaken_for_one_of_transport_leads_to_that_and_is_told() {
    let folder = folder();
    fs::write(folder.path().join("shop.yaml"), "Resources: {Drop: {Type: 'AWS::S3::Bucket'}}\n").unwrap();
    let mistaken = ["audit", "--control", "CKV_AWS_20", "--format", "json"];
    let (status, json, errors) = ran(folder.path(), &mistaken);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((status, failing(&report)), (Some(1), vec!["s3-bucket-ssl-requests-only"]));
    assert!(errors.contains("public ACLs") && errors.contains("CKV_AWS_379"), "{errors}");
    assert!(!report["findings"][0]["ids"].to_string().contains("\"CKV_AWS_20\""), "{report:#}");
    let (status, told, _) = ran(folder.path(), &["explain", "CKV_AWS_20"]);
    assert!(status == Some(0) && told.starts_with("s3-bucket-ssl-requests-only"), "{told}");
    // Where it would count for longer than one call, it is to be written right.
    fs::write(folder.path().join("hermetic.toml"), "[[requirement]]\ncontrols = [\"CKV_AWS_20\"]\n").unwrap();
    let (status, _, errors) = ran(folder.path(), &["audit"]);
    assert!(status == Some(2) && errors.contains("write CKV_AWS_379"), "{errors}");
}

#[test]
fn the_page_of_a_control_in_the_book_says_what_explain_says() {
    let folder = folder();
    let page = include_str!("../../../../docs/src/reference/controls/s3-bucket-ssl-requests-only.md");
    let told = ran(folder.path(), &["explain", "CKV_AWS_379"]).1;
    let (status, json, _) = ran(folder.path(), &["explain", "S3.5", "--format", "json"]);
    let controls: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(status, Some(0));
    for fact in ["condition", "rationale"] {
        let fact = controls[0][fact].as_str().unwrap();
        assert!(told.contains(fact), "{fact}: {told}");
        assert!(
            page.contains(
                &fact.replace('*', "\\*").replace('_', "\\_").replace('<', "&lt;").replace('|', "\\|")
            ),
            "{fact}"
        );
    }
}
