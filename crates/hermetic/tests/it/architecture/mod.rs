//! The sample architecture of `examples/architecture`: sound, broken in twelve ways, and in three forms that must be
//! judged alike. Its page of the book, its pictures and its broken templates are written where `UPDATE_DOCS` is set.

mod form;
mod page;
mod variants;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use form::Form;
use variants::VARIANTS;

use crate::harness::{folder, hermetic};

/// The report on a text in a file of this name, and the picture.
fn audited(text: &str, name: &str) -> (Value, String) {
    let folder = folder();
    fs::write(folder.path().join(name), text).unwrap();
    let run = |format: &str| {
        let output = hermetic(folder.path(), &["audit", name, "--flows", "--format", format]);
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (json, errors) = run("json");
    let report = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}{errors}"));
    (report, run("svg").0)
}

/// A form, read from its file.
fn report(form: Form, text: &str) -> Value {
    let name = Path::new(form.path()).file_name().unwrap().to_str().unwrap();
    audited(text, name).0
}

/// The controls that do not pass, each with how it stands.
fn findings(report: &Value) -> BTreeSet<(&str, &str)> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|it| (it["control"].as_str().unwrap(), it["status"].as_str().unwrap())).collect()
}

fn hops(report: &Value) -> impl Iterator<Item = &Value> {
    report["flows"].as_array().unwrap().iter().flat_map(|flow| flow["hops"].as_array().unwrap())
}

/// All that is judged of each hop, by the names that the template gives its parties.
fn judged(report: &Value, form: Form) -> BTreeSet<String> {
    let judged = |hop: &Value| {
        let party = |name: &str| form.party(hop[name].as_str().unwrap());
        let facts = ["verdict", "transport", "lowest_version", "verified", "post_quantum"]
            .map(|fact| hop[fact].to_string());
        format!("{} → {}: {}", party("from"), party("to"), facts.join(", "))
    };
    hops(report).map(judged).collect()
}

#[test]
fn the_sound_architecture_has_no_finding_and_says_which_hop_nobody_verifies() {
    let report = report(Form::CloudFormation, &Form::CloudFormation.code());
    assert_eq!(findings(&report), BTreeSet::new());
    let weak: Vec<&Value> = hops(&report).filter(|hop| hop["verdict"] != "sealed").collect();
    assert!(
        !weak.is_empty() && weak.iter().all(|hop| hop["from"] == "Alb" && hop["to"] == "Shop"),
        "{weak:#?}"
    );
    assert!(weak[0]["reason"].as_str().unwrap().contains("never verifies its targets"), "{weak:#?}");
}

#[test]
fn each_way_to_break_the_architecture_is_found_at_its_control_and_its_hop() {
    for variant in &VARIANTS {
        let (report, _) = audited(&variant.template(), "broken.yaml");
        let fails: Vec<&str> = findings(&report).into_iter().map(|(control, _)| control).collect();
        let expected: Vec<&str> = variant.control.into_iter().collect();
        assert!(expected.iter().all(|control| fails.contains(control)), "{}: {fails:?}", variant.name);
        assert_eq!(fails.is_empty(), expected.is_empty(), "{}: {fails:?}", variant.name);
        let (from, to, verdict) = variant.hop;
        let hop = hops(&report).find(|hop| hop["from"] == from && hop["to"] == to);
        let hop = hop.unwrap_or_else(|| panic!("{}: {from} → {to}: {report:#}", variant.name));
        assert_eq!(hop["verdict"], verdict, "{}: {hop:#}", variant.name);
    }
}

#[test]
fn template_cdk_and_terraform_are_judged_alike_sound_and_broken() {
    let alike = |told: &str, texts: [String; 3]| {
        let reports: Vec<(Form, Value)> =
            Form::ALL.into_iter().zip(texts).map(|(form, text)| (form, report(form, &text))).collect();
        let (first, others) = reports.split_first().unwrap();
        for (form, other) in others {
            assert_eq!(judged(&first.1, first.0), judged(other, *form), "{told}: {form:?}");
            assert_eq!(findings(&first.1), findings(other), "{told}: {form:?}");
        }
    };
    alike("sound", Form::ALL.map(Form::code));
    for variant in &VARIANTS {
        alike(variant.name, Form::ALL.map(|form| variant.of(form)));
    }
}

#[test]
fn a_plan_judges_the_hops_that_it_shows_as_the_template_does_and_says_what_it_cannot_know() {
    let plan = fs::read_to_string(form::folder().join("terraform/plan.json")).unwrap();
    let plan = report(Form::Terraform, &plan);
    let sound = report(Form::CloudFormation, &Form::CloudFormation.code());
    let (shown, all) = (judged(&plan, Form::Terraform), judged(&sound, Form::CloudFormation));
    // What its text refers to is known before the text is: the hop is there, and how it travels unknown.
    let pair = |line: &String| line.split(": ").next().map(str::to_owned);
    let pairs: Vec<Option<String>> = all.iter().map(pair).collect();
    let is_told =
        |line: &String| all.contains(line) || (line.contains(": \"unknown\"") && pairs.contains(&pair(line)));
    assert!(shown.len() >= 6 && shown.iter().all(is_told), "{shown:#?} {all:#?}");
    assert!(findings(&plan).iter().all(|(_, status)| *status == "unknown"), "{plan:#}");
}

#[test]
fn the_assembly_of_the_cdk_is_found_by_its_folder() {
    let output = hermetic(&form::folder(), &["audit", "cdk", "--flows", "--format", "json"]);
    let whole: Value = serde_json::from_slice(&output.stdout).unwrap();
    let alone = report(Form::Cdk, &Form::Cdk.code());
    assert_eq!(judged(&whole, Form::Cdk), judged(&alone, Form::Cdk));
}

#[test]
fn the_page_the_pictures_and_the_broken_templates_are_what_an_audit_says() {
    let stale = page::all().into_iter().filter(|(path, text)| !page::is_kept(path, text));
    let stale: Vec<String> = stale.map(|(path, _)| path.display().to_string()).collect();
    assert!(stale.is_empty(), "stale; run `cargo xtask docs`: {stale:#?}");
}
