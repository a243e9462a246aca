//! What to do, with the resource's own names filled in.

use serde::Serialize;

use super::family;
use super::naming::Names;
use crate::control::Control;
use crate::graph::Resource;

/// What to write, in each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// In a CloudFormation template.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cloudformation: String,
    /// In Terraform.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub terraform: String,
    /// As commands of the AWS CLI.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cli: String,
}

impl Remedy {
    pub(super) fn of(control: &Control, resource: &Resource) -> Self {
        let text = &control.remedy;
        let family = family::of(resource).unwrap_or_else(|| text.family.to_string());
        let filled = |text: &str, names: &Names| names.fill(text.trim()).replace("{family}", &family);
        Self {
            cloudformation: filled(&text.cloudformation, &Names::in_cloudformation(resource)),
            terraform: filled(&text.terraform, &Names::in_terraform(resource)),
            cli: filled(&text.cli, &Names::in_account(resource)),
        }
    }
}

/// What to do, in words.
pub(super) fn words(control: &Control, resource: &Resource) -> String {
    Names::in_account(resource).fill(&control.remedy.text)
}

#[cfg(test)]
mod tests;
