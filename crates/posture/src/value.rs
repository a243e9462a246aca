//! A value of infrastructure code: known, unknown and why, or one of a set; each with its place.

use std::sync::Arc;

use crate::span::Span;

/// A value, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub node: Node,
    /// Where it stands.
    pub at: Span,
}

/// What a value is. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Nothing, as in `null`.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text, all of it known.
    Text(Arc<str>),
    /// Text put together of pieces, of which at least one is not known text.
    Pieces(Arc<[Value]>),
    /// The Base64 of a text.
    Base64(Arc<Value>),
    /// A list.
    List(Arc<[Value]>),
    /// Named values in the order in which they were written.
    Map(Arc<Map>),
    /// What another resource of the same part is or has.
    Reference(Reference),
    /// What another part exports under this name.
    Import(Arc<str>),
    /// Nobody can tell before it is deployed.
    Unknown(Arc<Unknown>),
    /// One of a set, by a choice.
    Switch(Arc<Switch>),
}

/// Named values in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// The names, where they stand, and the values.
    pub entries: Vec<(Key, Value)>,
}

/// The name of a value in a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The name.
    pub text: Arc<str>,
    /// Where it stands.
    pub at: Span,
}

/// A part of the graph that has its own names: one template, or one plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId(pub u32);

/// What points at another resource: `Ref`, `Fn::GetAtt`, or an attribute in Terraform.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The part in which the name holds.
    pub part: PartId,
    /// The logical id, or the address in Terraform.
    pub name: Arc<str>,
    /// The attribute, in CloudFormation's words, such as `Arn`; none for `Ref`.
    pub attribute: Option<Arc<str>>,
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A parameter without a default, and no value was given.
    Parameter(Arc<str>),
    /// What is looked up when it is deployed, such as `{{resolve:ssm:/db/host}}`.
    LookedUp(Arc<str>),
    /// The same in a secret or parameter that the code declares.
    LookedUpIn {
        /// What is looked up.
        what: Arc<str>,
        /// Where.
        store: Reference,
    },
    /// What another stack exports under this name, and that stack was not given.
    Imported(Arc<str>),
    /// Terraform says that it is known after apply.
    AfterApply,
    /// A secret that Terraform holds back; whether the code itself has it, where that is known.
    Withheld {
        /// Whether the code has it, rather than a name for it.
        in_code: Option<bool>,
    },
    /// A function of the language that is not known here, or that can't be worked out.
    Function(Arc<str>),
    /// More combinations of conditions than are followed.
    TooManyChoices,
    /// Anything else, in words.
    Because(Arc<str>),
}

/// What a value hangs on: a parameter whose value is one of a set.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// The part that has it.
    pub part: PartId,
    /// The name of the parameter.
    pub name: Arc<str>,
    /// Its values, in words; a comparison's other side is `anything else`.
    pub arms: Vec<Arc<str>>,
}

/// A value for each arm of a choice.
#[derive(Debug, PartialEq)]
pub struct Switch {
    /// The choice.
    pub choice: Arc<Choice>,
    /// A value an arm, in the choice's order.
    pub arms: Vec<Value>,
}

impl Unknown {
    /// Whether something is surely written there, whatever it will be.
    pub fn is_written(&self) -> bool {
        matches!(self, Self::Parameter(_) | Self::LookedUp(_) | Self::LookedUpIn { .. } | Self::Imported(_))
    }
}

impl Value {
    /// A value at a place.
    pub fn new(node: Node, at: Span) -> Self {
        Self { node, at }
    }

    /// Known text.
    pub fn text(text: impl Into<Arc<str>>, at: Span) -> Self {
        Self::new(Node::Text(text.into()), at)
    }

    /// What nobody can tell.
    pub fn unknown(why: Unknown, at: Span) -> Self {
        Self::new(Node::Unknown(Arc::new(why)), at)
    }

    /// Whether a secret that is held back stands in the code; `None` where this is no such secret.
    pub(crate) fn withheld(&self) -> Option<Option<bool>> {
        match &self.node {
            Node::Pieces(pieces) => pieces.iter().find_map(Self::withheld),
            Node::Unknown(why) => match **why {
                Unknown::Withheld { in_code } => Some(in_code),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value of that name, where this is a map that has it.
    pub fn entry(&self, name: &str) -> Option<&Self> {
        match &self.node {
            Node::Map(map) => map.entry(name),
            _ => None,
        }
    }
}

impl Map {
    /// The value of that name.
    pub fn entry(&self, name: &str) -> Option<&Value> {
        self.entries.iter().find(|(key, _)| &*key.text == name).map(|(_, value)| value)
    }
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Parameter(name) => {
                write!(f, "parameter {name} has no default; give it by --param {name}=VALUE")
            }
            Self::LookedUp(what) | Self::LookedUpIn { what, .. } => {
                write!(f, "{what} is looked up when it is deployed")
            }
            Self::Imported(name) => write!(f, "{name} is imported from a stack that was not given"),
            Self::AfterApply => f.write_str("it is known after apply"),
            Self::Withheld { .. } => f.write_str("it is a secret"),
            Self::Function(name) => write!(f, "{name} can't be worked out here"),
            Self::TooManyChoices => {
                f.write_str("it hangs on more combinations of conditions than are followed")
            }
            Self::Because(why) => f.write_str(why),
        }
    }
}
