//! What a resource is called in a template, in Terraform and in the account.

use crate::graph::{Origin, Resource};
use crate::terraform::Address;
use crate::value::Node;

/// The names of a resource in one language.
pub(super) struct Names {
    logical: String,
    name: String,
    arn: String,
}

impl Names {
    /// As CloudFormation takes them: a logical id has letters and digits alone.
    pub(super) fn in_cloudformation(resource: &Resource) -> Self {
        Self { logical: logical_id(resource), ..Self::in_account(resource) }
    }

    /// As Terraform takes them, within quotes too. What it declares is best called by a reference.
    pub(super) fn in_terraform(resource: &Resource) -> Self {
        let known = Self::in_account(resource);
        match &resource.origin {
            Origin::Terraform(kind) => {
                let Address { block, key, .. } = Address::of(&resource.name);
                let logical = block.rsplit('.').next().unwrap_or(block).to_owned();
                // A policy's resource has no ARN of its own.
                let arn =
                    if kind.ends_with("_policy") { known.arn } else { format!("${{{block}{key}.arn}}") };
                let name = physical_name(resource).unwrap_or_else(|| format!("${{{block}{key}.id}}"));
                Self { logical, name, arn }
            }
            Origin::CloudFormation | Origin::Cdk(_) => Self { logical: resource.name.to_string(), ..known },
        }
    }

    /// As words and the AWS CLI take them.
    pub(super) fn in_account(resource: &Resource) -> Self {
        let placeholder = placeholder(&resource.name);
        let arn = bucket_arn(resource).unwrap_or_else(|| format!("ARN-OF-{placeholder}"));
        let name = physical_name(resource).unwrap_or(placeholder);
        Self { logical: resource.name.to_string(), name, arn }
    }

    /// A text with these names in their places.
    pub(super) fn fill(&self, text: &str) -> String {
        text.replace("{logical}", &self.logical).replace("{arn}", &self.arn).replace("{name}", &self.name)
    }
}

fn logical_id(resource: &Resource) -> String {
    let Origin::Terraform(_) = resource.origin else { return resource.name.to_string() };
    let Address { block, key, .. } = Address::of(&resource.name);
    let label = block.rsplit('.').next().unwrap_or(block);
    let words = label.split(not_alphanumeric).chain(key.split(not_alphanumeric));
    words.map(capitalized).collect()
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

fn not_alphanumeric(c: char) -> bool {
    !c.is_ascii_alphanumeric()
}

/// The ARN of a bucket, which its name is all of.
fn bucket_arn(resource: &Resource) -> Option<String> {
    let property = match &*resource.kind {
        "AWS::S3::Bucket" => "BucketName",
        "AWS::S3::BucketPolicy" => "Bucket",
        _ => return None,
    };
    text(resource, property).map(|name| format!("arn:aws:s3:::{name}"))
}

/// The name that the code gives it. Types call it by their own noun: `BucketName`, `QueueName`, `Name`.
fn physical_name(resource: &Resource) -> Option<String> {
    let noun = resource.kind.rsplit("::").next()?;
    let candidates = [format!("{noun}Name"), format!("{noun}Identifier"), "Name".to_owned()];
    candidates.iter().find_map(|property| text(resource, property))
}

fn text(resource: &Resource, property: &str) -> Option<String> {
    match &resource.properties.entry(property)?.node {
        Node::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

fn placeholder(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '-' }).collect()
}
