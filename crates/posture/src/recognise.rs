//! What a file is, by looking at it: names and endings say little.

use crate::cloudformation::MANIFEST;
use crate::terraform;

use std::path::Path;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A CloudFormation or SAM template, perhaps a broken one.
    CloudFormation,
    /// The manifest of a cloud assembly, which the CDK writes into `cdk.out`.
    CdkOut,
    /// A file of Terraform.
    Terraform(terraform::Kind),
    /// Values for the parameters of a template.
    Parameters,
    /// Nothing of these.
    Other,
}

/// What a file is, by its first bytes: the more of them there are, the surer it is. All of it is best.
pub fn recognise(path: &Path, bytes: &[u8]) -> Kind {
    if let Some(kind) = terraform::recognise(bytes) {
        return Kind::Terraform(kind);
    }
    // What is no UTF-8 still may have the words that are looked for; the reader then says what is wrong with it.
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let is_json = text.trim_start().starts_with(['{', '[']);
    let named = |name: &str| match is_json {
        true => text.contains(&format!("\"{name}\"")),
        false => has_line(text, name),
    };
    if is_template(text, &named) {
        Kind::CloudFormation
    } else if path.file_name().is_some_and(|name| name == MANIFEST) && named("artifacts") && named("version")
    {
        Kind::CdkOut
    } else if is_json && text.contains("\"ParameterKey\"") {
        Kind::Parameters
    } else {
        Kind::Other
    }
}

/// Resources with types such as `AWS::S3::Bucket`, or what only a template says of itself.
fn is_template(text: &str, named: &dyn Fn(&str) -> bool) -> bool {
    let typed = || ["AWS::", "Custom::", "Alexa::"].iter().any(|start| text.contains(start));
    named("AWSTemplateFormatVersion") || (named("Resources") && typed())
}

/// Whether a line of YAML begins with a name, bare or in quotes.
fn has_line(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches(['"', '\'']);
        let rest = line.strip_prefix(name).map(|rest| rest.trim_start_matches(['"', '\'']).trim_start());
        rest.is_some_and(|rest| rest.starts_with(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, text: &str) -> Kind {
        recognise(Path::new(name), text.as_bytes())
    }

    #[test]
    fn templates_are_known_in_yaml_and_json_whatever_the_name() {
        let yaml = "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Condition: !If [A, b, c]\n";
        assert_eq!(kind("notes.txt", yaml), Kind::CloudFormation);
        assert_eq!(kind("x", "'Resources' : {A: {Type: 'Custom::Thing'}}\n"), Kind::CloudFormation);
        assert_eq!(kind("x", "\u{feff}AWSTemplateFormatVersion: 2010-09-09\n"), Kind::CloudFormation);
        assert_eq!(kind("x", r#"{"Resources": {"A": {"Type": "AWS::S3::Bu"#), Kind::CloudFormation);
    }

    #[test]
    fn what_only_speaks_of_resources_is_no_template() {
        assert_eq!(kind("deploy.yaml", "kind: Pod\nspec:\n  Resources: AWS::S3::Bucket\n"), Kind::Other);
        assert_eq!(kind("a.yaml", "Resources:\n  - https://example.com\n"), Kind::Other);
        assert_eq!(kind("package.json", r#"{"name": "x", "version": "1"}"#), Kind::Other);
    }

    #[test]
    fn a_manifest_of_the_cdk_is_known_by_name_and_words() {
        let manifest = r#"{"version": "36.0.0", "artifacts": {}}"#;
        assert_eq!(kind("cdk.out/manifest.json", manifest), Kind::CdkOut);
        assert_eq!(kind("other.json", manifest), Kind::Other);
    }

    #[test]
    fn plans_states_and_parameters_are_known() {
        let plan = r#"{"format_version": "1.2", "planned_values": {}}"#;
        assert_eq!(kind("p", plan), Kind::Terraform(terraform::Kind::Plan));
        assert_eq!(kind("p", r#"[{"ParameterKey": "A", "ParameterValue": "b"}]"#), Kind::Parameters);
    }
}
