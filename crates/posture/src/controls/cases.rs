//! Every control that infrastructure code can show, judged on the cases beside it.
//!
//! A cases file holds YAML documents between lines of `---`. Each begins with a comment that says how the template
//! stands: `# pass: words`, `# fail: words`, `# fail when Env = dev: words`, `# unknown: words`, `# not-applicable: words`;
//! `# fail with required = true: words` sets a parameter of the control; `# fail of low: words` says how bad it is.

use std::path::Path;

use super::{Entry, SERVICES, read};
use crate::audit::{Finding, audit};
use crate::cloudformation::{self, Surroundings};
use crate::control::Control;
use crate::graph::Graph;
use crate::span::{FileId, Files};
use crate::value::PartId;
use crate::verdict::Standing;

#[test]
fn every_control_stands_in_each_of_its_cases_as_the_case_says() {
    let problems: Vec<String> = entries().flat_map(|(control, cases)| problems(&control, cases)).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn every_control_has_a_case_that_passes_one_that_fails_and_one_that_nobody_can_tell() {
    let lacking: Vec<String> = entries()
        .flat_map(|(control, cases)| {
            let standings: Vec<Option<Standing>> =
                documents(cases).map(|text| case(text).ok().map(|c| c.standing)).collect();
            let wanted = [Standing::Pass, Standing::Fail, Standing::Unknown].into_iter();
            wanted
                .filter(move |standing| !standings.contains(&Some(*standing)))
                .map(move |standing| format!("{} has no case for {standing:?}", control.id))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(lacking.is_empty(), "\n{}", lacking.join("\n"));
}

#[test]
fn cases_are_beside_what_infrastructure_code_can_show_and_nothing_else() {
    for entry in SERVICES.iter().copied().flatten() {
        let control = read(entry).unwrap();
        assert_eq!(entry.cases.is_some(), control.shown_by_code(), "{}", control.id);
    }
}

/// What lies beside each case: a template to be nested.
struct Beside;

impl Surroundings for Beside {
    fn file(&self, path: &Path) -> Option<(FileId, String)> {
        let nested = "Resources: {Topic: {Type: AWS::SNS::Topic}}".to_owned();
        (path == Path::new("nested.yaml")).then_some((FileId::NOWHERE, nested))
    }

    fn part(&self) -> PartId {
        PartId(1)
    }
}

fn entries() -> impl Iterator<Item = (Control, &'static str)> {
    let with_cases = |entry: &'static Entry| Some((read(entry).ok()?, entry.cases?));
    SERVICES.iter().copied().flatten().filter_map(with_cases)
}

struct Case<'t> {
    standing: Standing,
    severity: Option<&'t str>,
    with: toml::Table,
    when: Option<&'t str>,
    words: &'t str,
    template: &'t str,
}

fn documents(cases: &str) -> impl Iterator<Item = &str> {
    cases.split("\n---\n").map(|text| text.trim_start_matches("---\n").trim_start())
}

fn case(text: &str) -> Result<Case<'_>, String> {
    let first = text.lines().next().unwrap_or_default();
    let wrong = || format!("a case begins with `# pass: words` or the like, not with `{first}`");
    let (says, words) = first.strip_prefix("# ").and_then(|line| line.split_once(": ")).ok_or_else(wrong)?;
    let (standing, when) = says.split_once(" when ").map_or((says, None), |(s, when)| (s, Some(when)));
    let (standing, with) = standing.split_once(" with ").unwrap_or((standing, ""));
    let with = toml::from_str(with).map_err(|error| error.to_string())?;
    let (standing, severity) = standing.split_once(" of ").map_or((standing, None), |(s, of)| (s, Some(of)));
    let standing = match standing {
        "pass" => Standing::Pass,
        "fail" => Standing::Fail,
        "unknown" => Standing::Unknown,
        "not-applicable" => Standing::NotApplicable,
        _ => return Err(wrong()),
    };
    Ok(Case { standing, severity, with, when, words, template: text })
}

fn problems(control: &Control, cases: &str) -> Vec<String> {
    let check = |text| case(text).and_then(|case| judge(control, &case));
    documents(cases)
        .filter_map(|text| check(text).err())
        .map(|told| format!("{}: {told}", control.id))
        .collect()
}

fn judge(control: &Control, case: &Case<'_>) -> Result<(), String> {
    let mut files = Files::default();
    let file = files.add("case.yaml");
    let (given, path) = (cloudformation::Given::default(), Path::new("case.yaml"));
    let read = cloudformation::read_among(case.template, file, PartId(0), &given, path, &Beside);
    let template = read.map_err(|error| format!("{}: {error}", case.words))?;
    if let Some(problem) = template.problems.first() {
        return Err(format!("{}: {problem}", case.words));
    }
    let mut graph = Graph::new(files, vec![template.part]);
    graph.judged_at = Some("2026-12-01T00:00:00Z".parse().map_err(|error| format!("{error}"))?);
    let mut control = control.clone();
    control.parameters.extend(case.with.clone());
    let findings = audit(&graph, &[&control]);
    let worst = findings.iter().max_by_key(|finding| finding.standing);
    let standing = worst.map_or(Standing::NotApplicable, |finding| finding.standing);
    let when = worst.and_then(|finding| finding.when.as_ref()).map(ToString::to_string);
    let severity = worst.map_or(control.severity, |finding| finding.severity);
    let as_said = standing == case.standing
        && case.when.is_none_or(|said| when.as_deref() == Some(said))
        && severity.as_str() == case.severity.unwrap_or(control.severity.as_str());
    if as_said {
        return Ok(());
    }
    let of = case.severity.map_or(String::new(), |severity| format!(" of {severity}"));
    let said =
        format!("{:?}{of}{}", case.standing, case.when.map_or(String::new(), |when| format!(" when {when}")));
    Err(format!(
        "`{}` should be {said}; found\n{}",
        case.words,
        findings.iter().map(|f| told(&graph, f)).collect::<String>()
    ))
}

fn told(graph: &Graph, finding: &Finding<'_>) -> String {
    let name = graph.resource(finding.resource).map_or("?", |resource| &resource.name);
    let when = finding.when.as_ref().map_or(String::new(), |when| format!(" when {when}"));
    let Finding { standing, message, at, severity, .. } = finding;
    let severity = severity.as_str();
    format!("    {name}: {standing:?} of {severity}{when} at line {} of the case: {message}\n", at.line)
}
