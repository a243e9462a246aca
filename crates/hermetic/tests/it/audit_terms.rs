//! What an audit is measured by: exceptions, requirements, controls of one's own, and earlier audits.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::audit::{SOUND, failing, ran};
use crate::harness::folder;

/// Two resources that each fail a control of their own.
const TEMPLATE: &str = "\
Resources:
  Drop:
    Type: AWS::S3::Bucket
  Tasks:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: { Port: 80, Protocol: HTTP, HealthCheckProtocol: HTTPS }
";

const S3: &str = "s3-bucket-ssl-requests-only";
const TARGETS: &str = "elbv2-targetgroup-protocol-encrypted";

struct Shop(TempDir);

impl Shop {
    fn new(template: &str) -> Self {
        let shop = Self(folder());
        shop.write("shop.yaml", template);
        shop
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    /// The exit status, and the report.
    fn audited(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let (status, json, errors) =
            ran(self.0.path(), &[&["audit", "shop.yaml", "--format", "json"], arguments].concat());
        (status, serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}{errors}")))
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let (status, _, errors) = ran(self.0.path(), &[&["audit", "shop.yaml"], arguments].concat());
        assert_eq!(status, Some(2), "{errors}");
        errors
    }
}

fn exception(control: &str, resource: &str, until: &str) -> String {
    format!(
        "[[exception]]\ncontrol = \"{control}\"\nresource = '{resource}'\nreason = \"x\"\nowner = \"y\"\nuntil = {until}\n"
    )
}

#[test]
fn an_exception_of_the_configuration_counts_to_its_last_day() {
    let shop = Shop::new(TEMPLATE);
    let only = ["--control", "S3.5"];
    assert_eq!(shop.audited(&only).0, Some(1));
    shop.write("hermetic.toml", &exception("S3.5", "D*", "2999-12-31"));
    let (status, report) = shop.audited(&only);
    assert_eq!((status, &report["findings"][0]["exception"]["owner"]), (Some(0), &"y".into()));
    shop.write("hermetic.toml", &exception("CKV_AWS_000", "Drop", "2999-12-31"));
    assert_eq!(shop.audited(&only).0, Some(1));
    shop.write("hermetic.toml", &exception("S3.5", "Drop", "2020-12-31"));
    let (status, report) = shop.audited(&only);
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(status == Some(1) && message.contains("the exception of y ended with 2020-12-31"), "{message}");
}

#[test]
fn a_configuration_that_is_wrong_is_told_with_its_line_and_an_exception_for_no_control_is_warned_of() {
    let shop = Shop::new(TEMPLATE);
    shop.write("hermetic.toml", &exception("S3.5", "Drop", "2999-12-31").replace("owner", "ownr"));
    let errors = shop.refused(&[]);
    assert!(errors.contains("hermetic.toml:5:1") && errors.contains("did you mean `owner`?"), "{errors}");
    shop.write("hermetic.toml", &exception("S3.55", "Drop", "2999-12-31"));
    let (_, _, errors) = ran(shop.0.path(), &["audit", "shop.yaml"]);
    assert!(errors.contains("hermetic.toml:2:11: no control is called `S3.55`"), "{errors}");
}

#[test]
fn an_exception_names_instances_of_terraform_by_their_address() {
    let shop = Shop::new("");
    let bucket = |key: &str| {
        format!(
            r#"{{"address":"aws_lb_target_group.app[\"{key}\"]","mode":"managed","type":"aws_lb_target_group","name":"app","index":"{key}","values":{{"name":"app","port":80,"protocol":"HTTP","target_type":"ip"}}}}"#
        )
    };
    let plan = format!(
        r#"{{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{{"root_module":{{"resources":[{},{}]}}}}}}"#,
        bucket("eu"),
        bucket("us")
    );
    shop.write("plan.json", &plan);
    let failing_with = |resource: &str| {
        shop.write("hermetic.toml", &exception(TARGETS, resource, "2999-12-31"));
        let arguments = ["audit", "plan.json", "--control", TARGETS, "--format", "json"];
        let report: Value = serde_json::from_str(&ran(shop.0.path(), &arguments).1).unwrap();
        failing(&report).len()
    };
    assert_eq!(failing_with("aws_lb_target_group.app[\"eu\"]"), 1);
    assert_eq!(failing_with("aws_lb_target_group.app[*]"), 0);
    assert_eq!(failing_with("aws_lb_target_group.app"), 0);
    assert_eq!(failing_with("aws_lb_target_group.ap"), 2);
}

#[test]
fn an_exception_beside_a_resource_counts_and_a_broken_one_is_told_where_it_stands() {
    let beside = |until: &str| {
        TEMPLATE.replace(
            "    Type: AWS::S3::Bucket\n",
            &format!(
                "    Type: AWS::S3::Bucket\n    Metadata:\n      Hermetic:\n        Exceptions:\n          - Control: S3.5\n            Reason: x\n            Owner: y\n            Until: {until}\n"
            ),
        )
    };
    let (status, _) = Shop::new(&beside("\"2999-12-31\"")).audited(&["--control", "S3.5"]);
    assert_eq!(status, Some(0));
    let (status, report) = Shop::new(&beside("tomorrow")).audited(&["--control", "S3.5"]);
    let problem = &report["problems"][0];
    assert_eq!((status, &problem["line"]), (Some(1), &10.into()), "{report:#}");
    assert!(problem["message"].as_str().unwrap().contains("`tomorrow` is no day"), "{problem}");
}

#[test]
fn an_exception_beside_a_resource_counts_in_small_letters_and_what_is_strange_in_it_is_told() {
    let beside = |metadata: &str| {
        TEMPLATE.replace(
            "    Type: AWS::S3::Bucket\n",
            &format!("    Type: AWS::S3::Bucket\n    Metadata: {metadata}\n"),
        )
    };
    let small = "{hermetic: {exceptions: [{control: S3.5, reason: x, owner: y, until: 2999-12-31}]}}";
    let (status, report) = Shop::new(&beside(small)).audited(&["--control", "S3.5"]);
    assert_eq!((status, &report["exceptions"][0]["state"]), (Some(0), &"holds".into()), "{report:#}");
    for (metadata, told) in [
        ("{hermetic: {exception: []}}", "`Hermetic` has no `exception`"),
        ("{Hermetic: {Exceptions: [], note: x}}", "`Hermetic` has no `note`"),
        (&small.replace("owner", "ownr"), "an exception has no `ownr`"),
    ] {
        let (_, report) = Shop::new(&beside(metadata)).audited(&["--control", "S3.5"]);
        let problems = report["problems"].to_string();
        assert!(problems.contains(told), "{told}: {problems}");
    }
}

#[test]
fn an_exception_that_covers_nothing_or_has_ended_is_told_on_standard_error_and_in_the_report() {
    let shop = Shop::new(TEMPLATE);
    let state = |exception: &str, arguments: &[&str]| {
        shop.write("hermetic.toml", exception);
        let state = shop.audited(arguments).1["exceptions"][0]["state"].as_str().unwrap().to_owned();
        (state, ran(shop.0.path(), &[&["audit", "shop.yaml"], arguments].concat()).2)
    };
    assert_eq!(state(&exception("S3.5", "Drop", "2999-12-31"), &[]), ("holds".to_owned(), String::new()));
    for resource in ["Dropp", "Tasks"] {
        let (state, errors) = state(&exception("S3.5", resource, "2999-12-31"), &[]);
        assert_eq!(state, "covers-nothing");
        assert!(
            errors.contains("hermetic.toml:2:11: the exception from S3.5 covers nothing here"),
            "{errors}"
        );
    }
    let (ended, errors) = state(&exception("S3.5", "Drop", "2020-12-31"), &[]);
    assert!(
        ended == "ended" && errors.contains("the exception of y from S3.5 ended with 2020-12-31"),
        "{errors}"
    );
    // Whoever asks for one control asks nothing of the exceptions from others.
    let other = state(&exception("S3.5", "Dropp", "2999-12-31"), &["--control", TARGETS]);
    assert_eq!(other, ("not-judged".to_owned(), String::new()));
}

#[test]
fn only_what_is_new_since_a_baseline_falls_short_wherever_it_has_moved() {
    let shop = Shop::new(TEMPLATE);
    let (_, known) = shop.audited(&["--control", "S3.5", "--control", TARGETS]);
    shop.write("known.json", &known.to_string());
    let baseline = ["--control", "S3.5", "--control", TARGETS, "--baseline", "known.json"];
    assert_eq!(shop.audited(&baseline).0, Some(0));

    let (head, resources) = TEMPLATE.split_once("  Drop:").unwrap();
    let (first, second) = resources.split_once("  Tasks:").unwrap();
    let turned = format!("# moved\n\n{head}  Tasks:{second}  Drop:{first}");
    shop.write("shop.yaml", &turned);
    assert_eq!(shop.audited(&baseline).0, Some(0));

    shop.write("shop.yaml", &format!("{turned}  Another:\n    Type: AWS::S3::Bucket\n"));
    let (status, report) = shop.audited(&baseline);
    let new: Vec<_> =
        report["findings"].as_array().unwrap().iter().filter(|it| it["falls_short"] == true).collect();
    assert_eq!((status, new.len(), &new[0]["resource"]), (Some(1), 1, &"Another".into()));
}

#[test]
fn what_fails_in_more_scenarios_than_before_is_new() {
    let template = "\
Parameters:
  Env: { Type: String, AllowedValues: [dev, prod] }
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Tasks:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: { Port: 80, Protocol: !If [IsProd, HTTPS, HTTP], HealthCheckProtocol: HTTPS }
";
    let shop = Shop::new(template);
    let (_, known) = shop.audited(&["--control", TARGETS]);
    shop.write("known.json", &known.to_string());
    let baseline = ["--control", TARGETS, "--baseline", "known.json"];
    assert_eq!(shop.audited(&baseline).0, Some(0));
    shop.write("shop.yaml", &template.replace("[IsProd, HTTPS, HTTP]", "[IsProd, HTTP, HTTP]"));
    assert_eq!(shop.audited(&baseline).0, Some(1));
}

#[test]
fn requirements_of_the_configuration_say_what_is_judged_and_what_falls_short() {
    let shop = Shop::new(TEMPLATE);
    shop.write("hermetic.toml", "[[requirement]]\nframeworks = [\"CIS\"]\n");
    let (status, report) = shop.audited(&[]);
    assert_eq!((status, failing(&report)), (Some(1), vec![S3]));
    // The command line comes first.
    assert_eq!(failing(&shop.audited(&["--control", TARGETS]).1), [TARGETS]);

    let never = "[[requirement]]\nframeworks = [\"CIS\"]\nfail_on = \"never\"\n";
    shop.write("hermetic.toml", never);
    let (status, report) = shop.audited(&[]);
    assert_eq!((status, failing(&report)), (Some(0), vec![S3]));
    shop.write(
        "hermetic.toml",
        &format!("{never}[[requirement]]\ncontrols = [\"{TARGETS}\"]\nseverity = \"critical\"\n"),
    );
    let (status, report) = shop.audited(&[]);
    assert_eq!((status, failing(&report)), (Some(1), vec![TARGETS, S3]));
    assert_eq!(report["findings"][0]["severity"], "critical");
}

#[test]
fn a_framework_that_there_is_not_is_told_with_its_line_and_the_nearest() {
    let shop = Shop::new(TEMPLATE);
    shop.write("hermetic.toml", "[[requirement]]\nframeworks = [\"pci-dss-44\"]\n");
    let errors = shop.refused(&[]);
    assert!(
        errors.contains("hermetic.toml:2:15") && errors.contains("did you mean `pci-dss-4`?"),
        "{errors}"
    );
    let errors = shop.refused(&["--config", "shop.toml"]);
    assert!(errors.contains("shop.toml"), "{errors}");
    fs::remove_file(shop.0.path().join("hermetic.toml")).unwrap();
    let errors = shop.refused(&["--framework", "hippa"]);
    assert!(errors.contains("did you mean `hipaa`?") && errors.contains("iso-27001"), "{errors}");
}

#[test]
fn what_is_required_of_flows_holds_for_those_that_an_audit_follows() {
    let shop = Shop::new(SOUND);
    let demanding = |requirement: &str| {
        shop.write("hermetic.toml", &format!("[[requirement]]\n{requirement}\n"));
        shop.audited(&[]).1["shortfalls"].as_array().unwrap().clone()
    };
    let told = demanding("verified = true");
    let wanted =
        |line: &&Value| line["hop"] == "Alb → Shop" && line["reason"] == "the far end is not verified";
    assert!(told.iter().any(|line| wanted(&line)) && told.iter().all(|line| line["hop"] != "client → Cdn"));
    assert_eq!(demanding("flows = [\"elsewhere\"]\nverified = true"), Vec::<Value>::new());
    let told = demanding("mutual = true");
    assert!(told.iter().all(|line| line["status"] == "unknown"), "{told:?}");
}

#[test]
fn a_control_of_ones_own_is_judged_and_its_mistakes_are_told_with_their_place() {
    let control = "id = \"our-names\"\ntitle = \"Buckets have our prefix\"\nservice = \"ours\"\nseverity = \"low\"\n\
                   hop = \"client-service\"\ntypes = [\"AWS::S3::Bucket\"]\nevidence = [\"template\"]\n\
                   condition = \"x\"\nrationale = \"x\"\nsource = \"x\"\n[[require]]\npath = \"BucketName\"\n\
                   must = { start_with = [\"shop-\"] }\nmessage = \"BucketName is {value}\"\n";
    let shop = Shop::new(TEMPLATE);
    let own = ["--control-file", "own.toml"];
    shop.write("own.toml", control);
    assert!(failing(&shop.audited(&own).1).contains(&"our-names"));
    for (right, wrong, told) in [
        ("\"low\"", "\"lo\"", "own.toml:4:12"),
        ("must = {", "must {", "own.toml:13:6"),
        ("BucketName\"", "BuketName\"", "AWS::S3::Bucket has no BuketName"),
        ("our-names", S3, "there is a control"),
        ("message =", "massage =", "own.toml:14:1"),
    ] {
        shop.write("own.toml", &control.replacen(right, wrong, 1));
        let errors = shop.refused(&own);
        assert!(errors.contains(told), "{wrong}: {errors}");
    }
}

#[test]
fn a_requirement_sets_what_a_control_is_judged_by() {
    let listener = |policy: &str| {
        format!(
            "Resources:\n  Https:\n    Type: AWS::ElasticLoadBalancingV2::Listener\n    \
             Properties: {{ Protocol: HTTPS, SslPolicy: {policy} }}\n"
        )
    };
    let shop = Shop::new(&listener("ELBSecurityPolicy-TLS13-1-2-2021-06"));
    assert_eq!(shop.audited(&["--control", "ELB.17"]).0, Some(1));
    let required = "[[requirement]]\ncontrols = [\"ELB.17\"]\n\
                    parameters = { ssl_policies = [\"ELBSecurityPolicy-TLS13-1-2-2021-06\"] }\n";
    shop.write("hermetic.toml", required);
    assert_eq!(shop.audited(&[]).0, Some(0));
    assert_eq!(shop.audited(&["--control", "ELB.17"]).0, Some(0));
    shop.write("hermetic.toml", &required.replace("ssl_policies", "ssl_policy"));
    let errors = shop.refused(&[]);
    assert!(
        errors.contains("hermetic.toml:3:16") && errors.contains("did you mean `ssl_policies`?"),
        "{errors}"
    );
}

#[test]
fn fedramp_asks_for_modules_of_fips_140_on_the_command_line_and_as_a_requirement() {
    let listener = "Resources:\n  Https:\n    Type: AWS::ElasticLoadBalancingV2::Listener\n    \
                    Properties: { Protocol: HTTPS, SslPolicy: ELBSecurityPolicy-TLS13-1-3-2021-06 }\n";
    let shop = Shop::new(listener);
    let fips = |arguments: &[&str]| {
        let (_, report) = shop.audited(arguments);
        let findings = report["findings"].as_array().unwrap().clone();
        findings.iter().any(|finding| finding["control"] == "elbv2-listener-fips-policy")
    };
    assert!(!fips(&["--framework", "pci-dss-4"]));
    assert!(fips(&["--framework", "fedramp"]));
    shop.write("hermetic.toml", "[[requirement]]\nframeworks = [\"fedramp\"]\n");
    assert!(fips(&[]));
}
