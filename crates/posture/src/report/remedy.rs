//! What to do, with the resource's own names filled in.

use serde::Serialize;

use super::family;
use super::naming::Names;
use super::target::Target;
use crate::control::Control;
use crate::graph::{Graph, Resource};

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
    pub(super) fn of(control: &Control, resource: &Resource, graph: &Graph) -> Self {
        let text = control.remedy.for_type(&resource.kind);
        let family = family::of(resource).unwrap_or_else(|| control.remedy.family.to_string());
        let target = Target::of(resource, graph);
        let filled = |text: &str, names: &Names| {
            let text = target.fill(text.trim(), names.language()).replace("{family}", &family);
            names.fill(&text)
        };
        Self {
            cloudformation: filled(&text.cloudformation, &Names::in_cloudformation(resource)),
            terraform: filled(&text.terraform, &Names::in_terraform(resource)),
            cli: filled(&text.cli, &Names::in_account(resource)),
        }
    }
}

/// What to do, in words.
pub(super) fn words(control: &Control, resource: &Resource) -> String {
    Names::in_account(resource).fill(&control.remedy.for_type(&resource.kind).text)
}

#[cfg(test)]
mod tests;
