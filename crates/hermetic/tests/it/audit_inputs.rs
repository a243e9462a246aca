//! What a user may give to an audit by mistake: each is told with what to do, and nothing hides what else there is.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use serde_json::Value;

use crate::audit::{SOUND, failing, ran};
use crate::harness::folder;

const BAD: &str = "Resources:\n  Tasks:\n    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n    Properties: { Port: 80, Protocol: HTTP, HealthCheckProtocol: HTTPS }\n";
const TARGETS: &str = "elbv2-targetgroup-protocol-encrypted";

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// What is told of this folder, which has nothing to be judged.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let (status, out, errors) = ran(folder, &[&["audit"], arguments].concat());
    assert_eq!(status, Some(2), "{out}{errors}");
    errors + &out
}

#[test]
fn where_there_is_nothing_to_judge_it_is_said_what_to_do() {
    let folder = folder();
    let here = folder.path();
    assert!(refused(here, &[]).contains("there is no infrastructure code here"));
    write(here, "deploy.yaml", "kind: Deployment\nspec: {}\n");
    assert!(refused(here, &[]).contains("name a CloudFormation template"));
    assert!(refused(here, &["deploy.yaml"]).contains("there are no `Resources` here"));
    write(here, "pod.yaml", "apiVersion: v1\nkind: Pod\nspec: {}\n");
    assert!(refused(here, &["pod.yaml"]).contains("a manifest of Kubernetes"));
    let missing = refused(here, &["nosuch.yaml"]);
    assert!(missing.contains("at: nosuch.yaml") && missing.contains("do: check its path"), "{missing}");
    write(here, "cdk.json", "{\"app\": \"node x\"}");
    assert!(refused(here, &[]).contains("run `cdk synth`"));
    write(here, "main.tf", "resource \"aws_lb\" \"x\" {}\n");
    for arguments in [&[][..], &["main.tf"]] {
        assert!(refused(here, arguments).contains("`terraform show -json plan.out > plan.json`"));
    }
    assert!(refused(here, &["--param", "Env=prod", "-"]).contains("the file is empty"));
}

#[test]
fn each_broken_file_is_told_and_hides_no_other() {
    let folder = folder();
    let here = folder.path();
    write(here, "good.yaml", BAD);
    let head = "AWSTemplateFormatVersion: \"2010-09-09\"\n";
    let laughs = (0..9).fold("a: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
        let alias = vec![format!("*a{level}"); 9].join(", ");
        format!("{text}b{level}: &a{} [{alias}]\n", level + 1)
    });
    for (name, bytes, told) in [
        ("half.json", br#"{"Resources": {"A": {"Type": "AWS::S3::Bu"#.to_vec(), "half.json:1:"),
        (
            "type.yaml",
            format!("{head}Resources:\n  A:\n    Type: [1]\n").into_bytes(),
            "the Type of A is no text",
        ),
        (
            "laughs.yaml",
            format!("{head}{laughs}Resources:\n  A: {{Type: AWS::S3::Bucket}}\n").into_bytes(),
            "laughs.yaml:",
        ),
        (
            "latin.yaml",
            [head.as_bytes(), b"Description: caf\xe9\nResources: {}\n"].concat(),
            "this is no text in UTF-8",
        ),
        (
            "plan.json",
            br#"{"format_version":"9.0","terraform_version":"3.0.0","planned_values":{}}"#.to_vec(),
            "plan.json:1:",
        ),
        (
            "deep.json",
            format!(
                "{{\"Resources\": {{\"A\": {{\"Type\": \"AWS::S3::Bucket\", \"Properties\": {}",
                "[".repeat(100_000)
            )
            .into_bytes(),
            "deep.json:1:",
        ),
    ] {
        write(here, name, &bytes);
        let (status, json, errors) = ran(here, &["audit", "--format", "json", "--control", TARGETS]);
        let report: Value =
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{name}: {error}: {errors}"));
        assert_eq!((status, failing(&report)), (Some(1), vec![TARGETS]), "{name}");
        let told_of = |problem: &Value| {
            format!("{}:{}: {}", problem["file"].as_str().unwrap(), problem["line"], problem["message"])
        };
        let problems: Vec<String> = report["problems"].as_array().unwrap().iter().map(told_of).collect();
        assert!(
            problems.iter().any(|problem| problem.contains(told) && problem.starts_with(name)),
            "{name}: {problems:?}"
        );
        // Alone it ends with 2, and tells the same.
        assert!(refused(here, &[name]).contains(told), "{name}");
        fs::remove_file(here.join(name)).unwrap();
    }
}

#[test]
fn what_is_only_pointed_at_is_unknown_whatever_is_asked_for_and_says_what_to_do() {
    let folder = folder();
    let nested = "Resources:\n  Nested:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: TEMPLATE }\n  \
                  Module: { Type: 'Ours::S3::Bucket::MODULE' }\n";
    write(folder.path(), "parent.yaml", nested.replace("TEMPLATE", "https://b.s3.amazonaws.com/child.yaml"));
    for arguments in [&[][..], &["--control", "S3.5"], &["--framework", "cis-aws"]] {
        let (status, out, errors) = ran(folder.path(), &[&["audit"], arguments].concat());
        assert_eq!(status, Some(3), "{out}{errors}");
        for told in [
            "https://b.s3.amazonaws.com/child.yaml",
            "Module Ours::S3::Bucket::MODULE",
            "with TemplateURL the path of the nested template",
        ] {
            assert!(out.contains(told), "{told}: {out}");
        }
    }
    write(folder.path(), "nested/child.yaml", BAD);
    write(
        folder.path(),
        "parent.yaml",
        nested.replace("TEMPLATE", "nested/child.yaml").replace("::MODULE", ""),
    );
    let (_, json, _) = ran(folder.path(), &["audit", "--control", TARGETS, "--format", "json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((failing(&report), &report["counts"]["unknown"]), (vec![TARGETS], &0.into()), "{report:#}");
}

#[test]
fn a_binary_file_is_told_where_it_is_named_and_passed_over_where_it_is_found() {
    let folder = folder();
    let bytes: Vec<u8> = (0..=255).cycle().take(4096).collect();
    write(folder.path(), "image.json", &bytes);
    write(folder.path(), "good.yaml", BAD);
    write(folder.path(), "wide.yaml", b"\xff\xfeR\0e\0s\0".as_slice());
    assert!(refused(folder.path(), &["image.json"]).contains("this is no text in UTF-8"));
    assert!(refused(folder.path(), &["wide.yaml"]).contains("this is UTF-16"));
    let (status, _, errors) = ran(folder.path(), &["audit"]);
    assert_eq!((status, errors.as_str()), (Some(1), ""));
}

#[test]
fn what_can_not_be_read_is_told_and_the_rest_is_judged() {
    let folder = folder();
    write(folder.path(), "good.yaml", BAD);
    let (status, out, _) = ran(folder.path(), &["audit", "good.yaml", "nosuch.yaml"]);
    assert!(status == Some(1) && out.contains(TARGETS) && out.contains("not read nosuch.yaml"), "{out}");
    write(folder.path(), "good.yaml", "Resources: {A: {Type: 'AWS::S3::Unheard'}}\n");
    assert_eq!(ran(folder.path(), &["audit", "good.yaml", "nosuch.yaml"]).0, Some(2));
    // Whoever is root reads everything.
    let locked = folder.path().join("locked.yaml");
    write(folder.path(), "locked.yaml", BAD);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&locked).is_err() {
        let (status, out, _) = ran(folder.path(), &["audit"]);
        assert!(status == Some(2) && out.contains("not read locked.yaml"), "{out}");
    }
}

#[test]
fn links_in_a_circle_end_and_a_file_that_is_given_twice_is_judged_once() {
    let folder = folder();
    write(folder.path(), "good.yaml", BAD);
    symlink(".", folder.path().join("round")).unwrap();
    symlink("good.yaml", folder.path().join("same.yaml")).unwrap();
    let here = folder.path().to_str().unwrap();
    let (_, json, errors) =
        ran(folder.path(), &["audit", ".", "good.yaml", here, "--control", TARGETS, "--format", "json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((failing(&report), &report["findings"][0]["file"]), (vec![TARGETS], &"good.yaml".into()));
    assert!(errors.contains("round: a link to a folder is not followed"), "{errors}");
}

#[test]
fn a_parameter_that_no_template_has_is_refused_with_the_nearest() {
    let folder = folder();
    let template = format!("Parameters:\n  Stage: {{ Type: String, Default: dev }}\n{BAD}");
    write(folder.path(), "good.yaml", &template);
    let audited = |parameter: &str| ran(folder.path(), &["audit", "--param", parameter]);
    assert_eq!(audited("Stage=prod").0, Some(1));
    assert_eq!(audited("AWS::StackName=shop").0, Some(1));
    let (status, _, errors) = audited("Stag=prod");
    assert!(status == Some(2) && errors.contains("did you mean `Stage`?"), "{errors}");
    write(folder.path(), "values/dev.json", "{\"Other\": \"1\", \"Stage\": \"dev\"}");
    let (status, _, errors) = ran(folder.path(), &["audit", "good.yaml", "--params", "values/dev.json"]);
    assert!(
        status == Some(1) && errors.contains("the parameter `Other`") && !errors.contains("`Stage`"),
        "{errors}"
    );
}

#[test]
fn a_template_of_fifty_mebibytes_is_judged() {
    let folder = folder();
    let text = "x".repeat(1 << 20);
    let mut template = SOUND.to_owned();
    template.push_str("Metadata:\n");
    (0..50).for_each(|part| template.push_str(&format!("  Part{part}: {text}\n")));
    write(folder.path(), "large.yaml", template);
    assert_eq!(ran(folder.path(), &["audit", "large.yaml"]).0, Some(0));
}
