//! What to do, with the resource's own names filled in.

use serde::Serialize;

use crate::control::Control;
use crate::graph::Resource;
use crate::value::Node;

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
        let filled = |text: &str| fill(text.trim(), resource);
        Self {
            cloudformation: filled(&control.remedy.cloudformation),
            terraform: filled(&control.remedy.terraform),
            cli: filled(&control.remedy.cli),
        }
    }
}

/// What to do, in words.
pub(super) fn words(control: &Control, resource: &Resource) -> String {
    fill(&control.remedy.text, resource)
}

fn fill(text: &str, resource: &Resource) -> String {
    let name = physical_name(resource).unwrap_or_else(|| placeholder(&resource.name));
    text.replace("{logical}", &resource.name)
        .replace("{arn}", &format!("ARN-OF-{}", placeholder(&resource.name)))
        .replace("{name}", &name)
}

/// The name that the code gives it. Types call it by their own noun: `BucketName`, `QueueName`, `Name`.
fn physical_name(resource: &Resource) -> Option<String> {
    let noun = resource.kind.rsplit("::").next()?;
    let candidates = [format!("{noun}Name"), format!("{noun}Identifier"), "Name".to_owned()];
    let text = |name: &String| match &resource.properties.entry(name)?.node {
        Node::Text(text) => Some(text.to_string()),
        _ => None,
    };
    candidates.iter().find_map(text)
}

fn placeholder(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '-' }).collect()
}
