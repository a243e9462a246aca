//! What a configuration says to an audit.

use std::path::Path;

use hermetic_hop::{FailOn, Severity};

use super::{told, told_of, valid_with};
use crate::{AuditTerms, ConfigurationError, parse_audit_terms};

const EXCEPTION: &str = "[[exception]]\ncontrol = \"S3.5\"\nreason = \"old uploader\"\nowner = \"shop\"\n";

fn terms(text: &str) -> AuditTerms {
    parse_audit_terms(text, Path::new("hermetic.toml")).unwrap_or_else(|error| panic!("{error}"))
}

fn told_to_an_audit(text: &str) -> Vec<String> {
    match parse_audit_terms(text, Path::new("hermetic.toml")) {
        Ok(_) => Vec::new(),
        Err(ConfigurationError::Invalid { problems, .. }) => {
            problems.iter().map(ToString::to_string).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn an_exception_is_for_every_resource_unless_it_names_some() {
    let all = terms(&format!("{EXCEPTION}until = 2027-03-31\n"));
    let [accepted] = all.accepted.as_slice() else { panic!("{all:?}") };
    assert_eq!((accepted.control.name.as_str(), accepted.resource.as_str()), ("S3.5", "*"));
    assert_eq!((accepted.control.line, accepted.control.column), (2, 11));
    assert_eq!(accepted.exception.until.to_string(), "2027-03-31");
    let one = terms(&format!("{EXCEPTION}until = 2027-03-31\nresource = 'aws_s3_bucket.drop[\"eu\"]'\n"));
    assert_eq!(one.accepted[0].resource, "aws_s3_bucket.drop[\"eu\"]");
}

#[test]
fn an_exception_without_an_end_or_with_quotes_around_it_is_told_with_its_place() {
    let missing = "1:1: `until` is missing in [[exception]]; add a date without quotes: `until = 2027-03-31`";
    assert_eq!(told_to_an_audit(EXCEPTION), [missing]);
    let quoted = told_to_an_audit(&format!("{EXCEPTION}until = \"2027-03-31\"\n"));
    assert!(quoted[0].starts_with("5:9: ") && quoted[0].contains("without quotes"), "{quoted:?}");
}

#[test]
fn an_audit_needs_nothing_else_of_a_configuration_to_hold() {
    let text = "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:1\"\ncertificate = { files = [] }\n";
    assert_ne!(told(text), Vec::<String>::new());
    let elsewhere = format!(
        "[[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:1\"]\ntls = {{ trust = \"no-such-file.pem\" }}\n{EXCEPTION}until = 2027-03-31\n"
    );
    assert_eq!(terms(&elsewhere).accepted.len(), 1);
}

#[test]
fn a_requirement_weighs_the_controls_of_frameworks() {
    let text = "[[requirement]]\nframeworks = [\"pci-dss-4\"]\nseverity = \"high\"\n\
                [[requirement]]\ncontrols = [\"S3.5\"]\nfail_on = \"never\"\n\
                [[requirement]]\ntls = \"1.3\"\n";
    let terms = terms(text);
    let [first, second] = terms.requirements.as_slice() else { panic!("{terms:?}") };
    assert_eq!((first.frameworks[0].name.as_str(), first.severity), ("pci-dss-4", Some(Severity::High)));
    assert_eq!((second.controls[0].line, second.fail_on), (5, Some(FailOn::Never)));
    assert_eq!(terms.of_flows.len(), 1);
}

#[test]
fn a_requirement_of_controls_needs_no_flow_and_names_none() {
    let of_controls = "[[requirement]]\nframeworks = [\"fsbp\"]\n";
    assert_eq!(valid_with(of_controls).requirements, []);
    let told = told_of(&format!("{of_controls}tls = \"1.2\"\n"));
    let wanted = "3:1: this requirement is about controls of an audit, and `tls` is about hops; \
                  write a second [[requirement]]";
    assert_eq!(told, [wanted]);
    assert_eq!(
        told_of("[[requirement]]\ncontrols = []\n"),
        ["2:12: this names no control; leave it out, or write which"]
    );
}

#[test]
fn a_requirement_sets_parameters_of_the_controls_that_it_names() {
    let text = "[[requirement]]\ncontrols = [\"ELB.17\"]\n\
                parameters = { ssl_policies = [\"a\", \"b\"], strict = true, days = 30 }\n";
    let terms = terms(text);
    let parameters = &terms.requirements[0].parameters;
    let named = |name: &str| parameters.iter().find(|(known, _)| known.name == name).unwrap();
    assert_eq!(named("ssl_policies").1, vec!["a", "b"].into());
    assert_eq!((&named("strict").1, &named("days").1), (&true.into(), &30.into()));
    assert_eq!(named("strict").0.line, 3);
    let told = told_of("[[requirement]]\nframeworks = [\"fsbp\"]\nparameters = { days = 1 }\n");
    assert_eq!(
        told,
        ["3:1: parameters are of controls, and this requirement names none; write which in `controls`"]
    );
    let told = told_of("[[requirement]]\ncontrols = [\"S3.5\"]\nparameters = { days = { a = 1 } }\n");
    assert_eq!(
        told,
        [
            "3:23: parameter `days` can't be a table; write a string, a number, true or false, or a list of these"
        ]
    );
}

#[test]
fn a_severity_that_there_is_not_is_told_with_its_nearest() {
    let told = told_of("[[requirement]]\nfail_on = \"hihg\"\n");
    assert_eq!(told, ["2:11: `hihg` is not known here; did you mean \"high\"?"]);
}
