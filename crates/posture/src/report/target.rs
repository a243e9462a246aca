//! What a policy is for, as each language names it: a statement that is added to it is about that.

use super::naming::{Language, Names};
use crate::graph::{Graph, Resource};
use crate::policy::{Referred, naming_of};
use crate::value::{Node, Value};

/// What a policy is for.
pub(super) enum Target<'g> {
    /// A resource of the code.
    Declared(&'g Resource),
    /// What has this ARN or name.
    Named(String),
    /// The code does not say.
    Unknown,
}

impl<'g> Target<'g> {
    /// What a resource is for, where it is a policy.
    pub(super) fn of(resource: &Resource, graph: &'g Graph) -> Self {
        let property = match &*resource.kind {
            "AWS::SQS::QueuePolicy" => "Queues",
            "AWS::SQS::QueueInlinePolicy" => "Queue",
            "AWS::SNS::TopicPolicy" => "Topics",
            "AWS::SNS::TopicInlinePolicy" => "TopicArn",
            "AWS::S3::BucketPolicy" => "Bucket",
            "AWS::SecretsManager::ResourcePolicy" => "SecretId",
            "AWS::Kinesis::ResourcePolicy" => "ResourceArn",
            _ => return Self::Unknown,
        };
        let value = resource.properties.entry(property);
        let target = value.map_or(Self::Unknown, |value| Self::in_value(value, graph));
        if property == "Bucket" { target.into_bucket() } else { target }
    }

    fn in_value(value: &Value, graph: &'g Graph) -> Self {
        match &value.node {
            Node::List(elements) => elements.first().map_or(Self::Unknown, |it| Self::in_value(it, graph)),
            Node::Reference(reference) => {
                let target = graph.target(reference).and_then(|id| graph.resource(id));
                target.map_or(Self::Unknown, Self::Declared)
            }
            Node::Text(text) => Self::Named(text.to_string()),
            _ => Self::Unknown,
        }
    }

    /// A bucket's name is all of its ARN.
    fn into_bucket(self) -> Self {
        match self {
            Self::Named(name) if !name.starts_with("arn:") => Self::Named(format!("arn:aws:s3:::{name}")),
            other => other,
        }
    }

    /// A text with its names in their places.
    pub(super) fn fill(&self, text: &str, language: Language) -> String {
        let (logical, name, arn) = self.names(language);
        let (resource, objects) = self.in_template(&arn);
        [("logical", logical), ("name", name), ("arn", arn), ("resource", resource), ("objects", objects)]
            .into_iter()
            .fold(text.to_owned(), |text, (place, own)| text.replace(&format!("{{of_{place}}}"), &own))
    }

    fn names(&self, language: Language) -> (String, String, String) {
        match self {
            Self::Declared(target) => Names::of(target, language).into_parts(),
            Self::Named(text) => {
                let name = text.rsplit([':', '/']).next().unwrap_or(text).to_owned();
                let arn = if text.starts_with("arn:") { text.clone() } else { "*".to_owned() };
                (name.clone(), name, arn)
            }
            Self::Unknown => ("it".to_owned(), "NAME".to_owned(), "*".to_owned()),
        }
    }

    /// As a template refers to it, and to all that is in it.
    fn in_template(&self, arn: &str) -> (String, String) {
        match self {
            Self::Declared(target) => {
                let (logical, ..) = Names::of(target, Language::CloudFormation).into_parts();
                match naming_of(&target.kind).referred {
                    Referred::Arn => (format!("!Ref {logical}"), format!("!Sub \"${{{logical}}}/*\"")),
                    Referred::Name | Referred::QueueUrl => {
                        (format!("!GetAtt {logical}.Arn"), format!("!Sub \"${{{logical}.Arn}}/*\""))
                    }
                }
            }
            Self::Named(_) | Self::Unknown => (format!("\"{arn}\""), format!("\"{arn}/*\"")),
        }
    }
}
