//! Values as text, whole: what is not known before it is deployed gets a name of its own, the same each time.

use crate::graph::Resource;
use crate::subject::{Subject, text_of};
use crate::value::{Node, Reference, Unknown, Value};

use super::names::{Naming, Place, Referred, made_up, naming_of, plain};

/// What text that stands for something unknown begins with.
pub(crate) const UNKNOWN: &str = "hermetic-unknown-";

/// Names that lead to each other are followed so far.
const DEEPEST: usize = 8;

/// Writes values of one scenario as text.
pub(crate) struct Renderer<'g> {
    subject: Subject<'g>,
    /// Where everything is.
    pub(crate) place: Place,
}

impl<'g> Renderer<'g> {
    /// One that writes what holds in the subject's scenario.
    pub(crate) fn new(subject: Subject<'g>, place: Place) -> Self {
        Self { subject, place }
    }

    /// A value as text.
    pub(crate) fn text(&self, value: &'g Value) -> String {
        self.text_within(value, DEEPEST)
    }

    /// A value as JSON, in the form in which it is written.
    pub(crate) fn json(&self, value: &'g Value) -> serde_json::Value {
        let value = self.subject.resolve(value);
        match &value.node {
            Node::Null => serde_json::Value::Null,
            Node::Bool(known) => (*known).into(),
            // `AWS::NoValue` takes away what it stands for.
            Node::List(elements) => elements
                .iter()
                .map(|element| self.json(element))
                .filter(|element| !element.is_null())
                .collect(),
            Node::Map(map) => {
                let entries = map.entries.iter().map(|(key, value)| (key.text.to_string(), self.json(value)));
                serde_json::Value::Object(entries.filter(|(_, value)| !value.is_null()).collect())
            }
            _ => self.text(value).into(),
        }
    }

    /// The name of a resource: what is written, or one that is made up.
    pub(crate) fn name(&self, resource: &'g Resource) -> String {
        self.name_within(resource, DEEPEST)
    }

    /// Whether the code says what a resource is called.
    pub(crate) fn is_named(&self, resource: &'g Resource) -> bool {
        self.own_name(resource, &naming_of(&resource.kind)).is_some()
    }

    /// The ARN of a resource.
    pub(crate) fn arn(&self, resource: &'g Resource) -> String {
        naming_of(&resource.kind).arn_of(&self.name(resource), &self.place)
    }

    fn text_within(&self, value: &'g Value, deepest: usize) -> String {
        let value = self.subject.resolve(value);
        match &value.node {
            Node::Pieces(pieces) => pieces.iter().map(|piece| self.text_within(piece, deepest)).collect(),
            Node::Reference(reference) => self.referenced(reference, deepest),
            Node::Import(name) => format!("{UNKNOWN}import-{}", plain(name)),
            Node::Unknown(why) => self.unknown(why, value),
            _ => text_of(value).map_or_else(|_| self.unplaced(value), |text| text.to_string()),
        }
    }

    /// What a parameter stands for is the same everywhere; of other unknowns nobody knows whether they are equal.
    fn unknown(&self, why: &Unknown, value: &Value) -> String {
        match why {
            Unknown::Parameter(name) => match &**name {
                "AWS::AccountId" => self.place.account.clone(),
                "AWS::Region" => self.place.region.clone(),
                "AWS::Partition" => self.place.partition.clone(),
                "AWS::URLSuffix" => "amazonaws.com".to_owned(),
                // Whatever they are, they are text without wildcards, and the same in the whole template.
                "AWS::StackName" | "AWS::StackId" => plain(name),
                _ => format!("{UNKNOWN}parameter-{}", plain(name)),
            },
            Unknown::LookedUp(what) | Unknown::LookedUpIn { what, .. } => {
                format!("{UNKNOWN}looked-up-{}", plain(what))
            }
            _ => self.unplaced(value),
        }
    }

    fn unplaced(&self, value: &Value) -> String {
        format!("{UNKNOWN}at-{}-{}", value.at.line, value.at.column)
    }

    fn referenced(&self, reference: &Reference, deepest: usize) -> String {
        let graph = self.subject.graph;
        let Some(resource) = graph.target(reference).and_then(|id| graph.resource(id)) else {
            let attribute = reference.attribute.as_deref().unwrap_or("ref");
            return format!("{}-{}", plain(&reference.name), plain(attribute));
        };
        match reference.attribute.as_deref() {
            None => self.referred_within(resource, deepest),
            Some("StreamArn") => {
                let naming = naming_of(&resource.kind);
                format!("{}/stream/label", naming.arn_of(&self.name_within(resource, deepest), &self.place))
            }
            Some(attribute) if attribute.ends_with("Arn") || attribute.ends_with("ARN") => {
                naming_of(&resource.kind).arn_of(&self.name_within(resource, deepest), &self.place)
            }
            Some(attribute) if attribute.ends_with("Name") || attribute.ends_with("Id") => {
                self.name_within(resource, deepest)
            }
            Some("QueueUrl") => self.referred_within(resource, deepest),
            Some(attribute) => format!("{}-{}", self.name_within(resource, deepest), plain(attribute)),
        }
    }

    fn referred_within(&self, resource: &'g Resource, deepest: usize) -> String {
        let naming = naming_of(&resource.kind);
        let name = self.name_within(resource, deepest);
        match naming.referred {
            Referred::Name => name,
            Referred::Arn => naming.arn_of(&name, &self.place),
            Referred::QueueUrl => {
                format!("https://sqs.{}.amazonaws.com/{}/{name}", self.place.region, self.place.account)
            }
        }
    }

    fn name_within(&self, resource: &'g Resource, deepest: usize) -> String {
        let own = self.own_name(resource, &naming_of(&resource.kind));
        match (own, deepest.checked_sub(1)) {
            (Some(value), Some(deepest)) => self.text_within(value, deepest),
            _ => made_up(resource),
        }
    }

    fn own_name(&self, resource: &'g Resource, naming: &Naming) -> Option<&'g Value> {
        let value = self.subject.resolve(&resource.properties).entry(naming.name)?;
        let value = self.subject.resolve(value);
        (value.node != Node::Null).then_some(value)
    }
}
