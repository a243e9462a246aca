//! What a resource is called in a template, in Terraform and in the account.

use crate::graph::{Origin, Resource};
use crate::terraform::{Address, declaring};
use crate::value::Node;

/// Whose words names are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// A template's.
    CloudFormation,
    /// Terraform's.
    Terraform,
    /// Words and the AWS CLI.
    Account,
}

/// The names of a resource in one language.
pub(super) struct Names {
    language: Language,
    logical: String,
    name: String,
    arn: String,
    id: String,
    mesh: String,
}

impl Names {
    /// As a language takes them.
    pub(super) fn of(resource: &Resource, language: Language) -> Self {
        match language {
            Language::CloudFormation => Self::in_cloudformation(resource),
            Language::Terraform => Self::in_terraform(resource),
            Language::Account => Self::in_account(resource),
        }
    }

    /// Whose words they are.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// The logical name, the physical one, and the ARN.
    pub(super) fn into_parts(self) -> (String, String, String) {
        (self.logical, self.name, self.arn)
    }

    /// As CloudFormation takes them: a logical id has letters and digits alone.
    pub(super) fn in_cloudformation(resource: &Resource) -> Self {
        let language = Language::CloudFormation;
        Self { language, logical: logical_id(resource), ..Self::in_account(resource) }
    }

    /// As Terraform takes them, within quotes too. What it declares is best called by a reference.
    pub(super) fn in_terraform(resource: &Resource) -> Self {
        let known = Self::in_account(resource);
        match &resource.origin {
            Origin::Terraform(kind) => {
                let Address { block, key, .. } = Address::of(declaring(kind, &resource.name));
                let logical = block.rsplit('.').next().unwrap_or(block).to_owned();
                // A policy's resource has no ARN of its own.
                let arn =
                    if kind.ends_with("_policy") { known.arn } else { format!("${{{block}{key}.arn}}") };
                let name = physical_name(resource).unwrap_or_else(|| format!("${{{block}{key}.id}}"));
                let (language, id) = (Language::Terraform, format!("${{{block}{key}.id}}"));
                Self { language, logical, name, arn, id, ..known }
            }
            Origin::CloudFormation | Origin::Cdk(_) => {
                Self { language: Language::Terraform, logical: resource.name.to_string(), ..known }
            }
        }
    }

    /// As words and the AWS CLI take them.
    pub(super) fn in_account(resource: &Resource) -> Self {
        let declared = match &resource.origin {
            Origin::Terraform(kind) => declaring(kind, &resource.name),
            Origin::CloudFormation | Origin::Cdk(_) => &resource.name,
        };
        let placeholder = placeholder(declared);
        let arn = bucket_arn(resource).unwrap_or_else(|| format!("ARN-OF-{placeholder}"));
        let id = format!("ID-OF-{placeholder}");
        let name = physical_name(resource).unwrap_or(placeholder);
        let mesh = text(resource, "MeshName").unwrap_or_else(|| "MESH".to_owned());
        let language = Language::Account;
        Self { language, logical: resource.name.to_string(), name, arn, id, mesh }
    }

    /// A text with these names in their places.
    pub(super) fn fill(&self, text: &str) -> String {
        let places = [
            ("{logical}", &self.logical),
            ("{arn}", &self.arn),
            ("{name}", &self.name),
            ("{id}", &self.id),
            ("{mesh}", &self.mesh),
        ];
        places.into_iter().fold(text.to_owned(), |text, (place, own)| text.replace(place, own))
    }
}

fn logical_id(resource: &Resource) -> String {
    let Origin::Terraform(kind) = &resource.origin else { return resource.name.to_string() };
    let Address { block, key, .. } = Address::of(declaring(kind, &resource.name));
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
    let shorter = noun.strip_prefix("Cluster").unwrap_or(noun);
    let candidates =
        [format!("{noun}Name"), format!("{shorter}Name"), format!("{noun}Identifier"), "Name".to_owned()];
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
