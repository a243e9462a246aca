//! `hermetic audit`: infrastructure code judged, and the data's path through it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::harness::{command, folder, hermetic};

pub const SOUND: &str = include_str!("../../../../examples/architecture/sound.yaml");

/// The exit status, standard output and standard error.
pub fn ran(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = hermetic(folder, arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The report on a template.
fn audited(template: &str, arguments: &[&str]) -> (Option<i32>, Value) {
    let folder = folder();
    fs::write(folder.path().join("shop.yaml"), template).unwrap();
    let arguments: Vec<&str> =
        ["audit", "shop.yaml", "--format", "json"].iter().chain(arguments).copied().collect();
    let (status, json, errors) = ran(folder.path(), &arguments);
    (status, serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}{errors}")))
}

pub fn failing(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["status"] == "fail")
        .map(|finding| finding["control"].as_str().unwrap())
        .collect()
}

fn hop<'r>(report: &'r Value, from: &str, to: &str) -> &'r Value {
    let flows = report["flows"].as_array().unwrap().iter();
    let mut hops = flows.flat_map(|flow| flow["hops"].as_array().unwrap());
    hops.find(|hop| hop["from"] == from && hop["to"] == to)
        .unwrap_or_else(|| panic!("{from} → {to}: {report:#}"))
}

#[test]
fn the_sound_architecture_has_no_hop_in_clear_and_says_which_is_not_verified() {
    let (status, report) = audited(SOUND, &[]);
    assert_eq!((status, failing(&report)), (Some(0), Vec::new()), "{report:#}");
    for (from, to, verdict) in [
        ("client", "Cdn", "sealed"),
        ("Cdn", "Alb", "sealed"),
        ("Alb", "Shop", "weak"),
        ("Shop", "Database", "sealed"),
        ("Shop", "Orders", "sealed"),
        ("Orders", "Ship", "sealed"),
        ("Ship", "Labels", "sealed"),
    ] {
        assert_eq!(hop(&report, from, to)["verdict"], verdict, "{from} → {to}: {}", hop(&report, from, to));
    }
    let targets = hop(&report, "Alb", "Shop");
    assert_eq!(targets["verified"], "no");
    assert!(targets["reason"].as_str().unwrap().contains("never verifies its targets"), "{targets}");
}

#[test]
fn what_hangs_on_a_parameter_says_when_it_fails() {
    let template = "
Parameters:
  Env: { Type: String, AllowedValues: [dev, prod], Default: prod }
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Tasks:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: { Port: 80, Protocol: !If [IsProd, HTTPS, HTTP], HealthCheckProtocol: HTTPS }
";
    let of = |report: &Value| {
        let mut findings = report["findings"].as_array().unwrap().iter();
        findings.find(|finding| finding["control"] == "elbv2-targetgroup-protocol-encrypted").cloned()
    };
    let (status, report) = audited(template, &[]);
    assert_eq!((status, &of(&report).unwrap()["when"]), (Some(1), &"Env = dev".into()));
    assert_eq!(of(&audited(template, &["--param", "Env=prod"]).1), None);
}

#[test]
fn one_bad_file_never_hides_the_others() {
    let folder = folder();
    fs::write(folder.path().join("broken.yaml"), "AWSTemplateFormatVersion: x\nResources:\n  A: [\n")
        .unwrap();
    fs::write(folder.path().join("shop.yaml"), SOUND.replace("redirect-to-https", "allow-all")).unwrap();
    let (status, json, _) = ran(folder.path(), &["audit", "--format", "json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(status, Some(1));
    assert!(failing(&report).contains(&"cloudfront-viewer-policy-https"));
    assert!(report["problems"][0]["file"].as_str().unwrap().ends_with("broken.yaml"), "{report:#}");
}

#[test]
fn a_plan_is_read_from_standard_input_or_a_file_and_a_strange_one_is_told() {
    let folder = folder();
    let plan = r#"{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{"root_module":{"resources":[
      {"address":"aws_lb_target_group.app","mode":"managed","type":"aws_lb_target_group","name":"app","values":{"name":"app","port":80,"protocol":"HTTP","target_type":"ip"}}]}}}"#;
    fs::write(folder.path().join("plan.json"), plan).unwrap();
    let (status, json, errors) = ran(folder.path(), &["audit", "plan.json", "--format", "json"]);
    assert_eq!(status, Some(1), "{errors}");
    let report: Value = serde_json::from_str(&json).unwrap();
    assert!(failing(&report).contains(&"elbv2-targetgroup-protocol-encrypted"), "{report:#}");
    fs::write(folder.path().join("plan.json"), plan.replace("\"1.2\"", "\"9.0\"")).unwrap();
    let (status, _, _) = ran(folder.path(), &["audit", "plan.json"]);
    assert_eq!(status, Some(2));
}

#[test]
fn the_flows_are_drawn() {
    let folder = folder();
    fs::write(folder.path().join("shop.yaml"), SOUND).unwrap();
    let (_, svg, errors) = ran(folder.path(), &["audit", "shop.yaml", "--flows", "--format", "svg"]);
    assert!(svg.starts_with("<svg") && svg.contains("client-to-Database"), "{errors}");
}

#[test]
fn the_flows_become_a_configuration_that_can_be_checked() {
    let folder = folder();
    fs::write(folder.path().join("shop.yaml"), SOUND).unwrap();
    let (status, configuration, errors) = ran(folder.path(), &["audit", "shop.yaml", "--emit-config"]);
    assert_eq!(status, Some(0), "{errors}");
    assert!(configuration.contains("endpoint = \"https://shop.example.com\""), "{configuration}");
    assert!(configuration.contains("# endpoint = \"postgres://HOST\""), "{configuration}");
    fs::write(folder.path().join("hermetic.toml"), &configuration).unwrap();
    let (_, json, errors) = ran(folder.path(), &["check", "--format", "json"]);
    let report: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {errors}"));
    assert_eq!((&report["hops"][0]["from"], &report["hops"][0]["to"]), (&"client".into(), &"Cdn".into()));
    let written = fs::File::open(folder.path().join("hermetic.toml")).unwrap();
    let piped =
        command(folder.path()).args(["check", "-", "--format", "json"]).stdin(written).output().unwrap();
    let piped: Value = serde_json::from_slice(&piped.stdout).unwrap();
    assert_eq!((&piped["hops"], &piped["flows"]), (&report["hops"], &report["flows"]));

    let written = configuration.replace("# ", "").replace("HOST", "db.internal");
    let lines = written.lines().filter(|line| {
        line.starts_with(['[', 'f', 't', 'e', 'n', 'p']) && (line.contains('=') || line.starts_with('['))
    });
    fs::write(folder.path().join("hermetic.toml"), lines.collect::<Vec<_>>().join("\n")).unwrap();
    let (_, json, errors) = ran(folder.path(), &["check", "--format", "json"]);
    let report: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {errors}"));
    assert_eq!(report["hops"].as_array().unwrap().len(), 7, "{report:#}");
}

/// What stands on a page between a line of three backticks with this language and the next one.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_tutorial_on_the_datas_path_shows_what_its_reader_will_see() {
    let page = include_str!("../../../../docs/src/tutorial/see-your-datas-path.md");
    let (templates, shown) = (blocks(page, "yaml"), blocks(page, "text"));
    let folder = folder();
    fs::write(folder.path().join("shop.yaml"), templates[0]).unwrap();
    let (status, out, errors) = ran(folder.path(), &["audit", "shop.yaml", "--flows"]);
    assert_eq!(status, Some(1), "{errors}");
    let hops: Vec<&str> =
        shown[0].lines().filter(|line| line.contains('→') || line.contains(" is ")).collect();
    assert!(hops.len() > 4 && hops.iter().all(|hop| out.contains(hop)), "{hops:?}\n{out}");

    let mended = templates[0]
        .replace("      Port: 8080\n      Protocol: HTTP\n", templates[1])
        .replace("sslmode=require", "sslmode=verify-full");
    fs::write(folder.path().join("shop.yaml"), mended).unwrap();
    let (_, out, _) = ran(folder.path(), &["audit", "shop.yaml", "--flows"]);
    for hop in ["weak      Alb → Shop", "sealed    Shop → Database"] {
        assert!(out.contains(hop), "{out}");
    }
}
