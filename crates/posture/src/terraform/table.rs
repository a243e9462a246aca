//! How Terraform's types become CloudFormation's: the tables in `types/`.
//!
//! Most attributes need no line: `ssl_policy` is `SslPolicy` because the CloudFormation schema has a property of that
//! name. A table has only what differs.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use serde::Deserialize;

use crate::path::{Path, PathError};

/// What becomes of one Terraform type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// The CloudFormation type.
    pub kind: Kind,
    /// Other Terraform types that are the same.
    #[serde(default)]
    aliases: Vec<Box<str>>,
    /// The property that all attributes go into.
    pub root: Option<Path>,
    /// What Terraform does not say because its type does.
    #[serde(default)]
    pub with: Vec<With>,
    /// Where attributes go whose property is called otherwise, by their path in Terraform.
    #[serde(default)]
    at: HashMap<Box<str>, Rules>,
    /// Whether only the attributes in `at` go anywhere.
    #[serde(default)]
    pub only: bool,
    /// What others read of it, in CloudFormation's words, where that is not as for most types. Empty is `Ref`.
    #[serde(default)]
    pub returns: HashMap<Box<str>, Box<str>>,
    /// What it declares besides itself.
    #[serde(default)]
    pub also: Vec<Also>,
    /// The attribute that names the resource whose properties these are in CloudFormation.
    pub into: Option<Box<str>>,
    /// The name by which elements of its lists find those of the resource that they become part of.
    pub join: Option<Box<str>>,
    /// Whether each element of its lists makes a resource of its own.
    #[serde(default)]
    pub spread: bool,
    /// Whether it is judged alone where that resource is declared elsewhere.
    #[serde(default)]
    pub alone: bool,
    /// `at`, by blocks.
    #[serde(skip)]
    pub block: Block,
}

/// A CloudFormation type, or one for each value of an attribute.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Kind {
    /// This one.
    One(Box<str>),
    /// It hangs on an attribute.
    By {
        /// The attribute.
        by: Box<str>,
        /// The types by the attribute's values.
        of: HashMap<Box<str>, Box<str>>,
    },
}

impl Kind {
    /// The type, where it hangs on nothing.
    pub fn one(&self) -> Option<&str> {
        match self {
            Self::One(kind) => Some(kind),
            Self::By { .. } => None,
        }
    }
}

/// A property that has the same value whatever is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct With {
    /// Where it is.
    pub to: Path,
    /// What it is.
    pub value: toml::Value,
}

/// A resource that another declares besides itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Also {
    /// The CloudFormation type.
    pub kind: Box<str>,
    /// The attribute that must be there for it.
    #[serde(rename = "if")]
    pub condition: Box<str>,
    /// The type that has it apart: where one of these points at the resource by this attribute, that one holds.
    pub unless: Option<(Box<str>, Box<str>)>,
    /// The property that points at the resource that declares it.
    pub of: Path,
    /// Whose attribute it is: none for what `Ref` gives.
    pub of_attribute: Option<Box<str>>,
    /// Where its attributes go.
    at: HashMap<Box<str>, Rules>,
    /// `at`, by blocks.
    #[serde(skip)]
    pub block: Block,
}

/// One rule for an attribute, or one for each place that it goes to.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Rules {
    One(Rule),
    Many(Vec<Rule>),
}

/// Where an attribute goes, and how it is changed on the way.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct Rule {
    /// The property below what the enclosing block has become; none where it goes nowhere.
    pub to: Goes,
    /// How it is read.
    pub form: Form,
    /// Which element of a list on the way has it.
    pub index: usize,
    /// The key under which it is listed: `LoadBalancerAttributes` and its like are lists of keys and values.
    pub key: Option<Box<str>>,
    /// What its values are called in CloudFormation, where they differ.
    pub values: HashMap<Box<str>, toml::Value>,
}

/// Where an attribute goes.
#[derive(Clone, Debug)]
pub(super) enum Goes {
    /// Nowhere: CloudFormation's property of that name is something else.
    Nowhere,
    /// The block is dissolved: what is in it goes where the enclosing block's attributes go.
    Here,
    /// To this property.
    To(Path),
}

/// How an attribute is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    /// As it is.
    #[default]
    Plain,
    /// Text that is JSON.
    Json,
    /// A list of names and values that is a map in CloudFormation.
    Pairs,
    /// Text in Base64.
    Base64,
    /// A list whose elements have lists where CloudFormation has an element for each.
    Spread,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Short(String),
    Long {
        to: String,
        #[serde(default, rename = "as")]
        form: Form,
        #[serde(default)]
        index: usize,
        key: Option<Box<str>>,
        #[serde(default)]
        values: HashMap<Box<str>, toml::Value>,
    },
}

/// The rules for the attributes of one block.
#[derive(Debug, Default)]
pub(super) struct Block {
    fields: HashMap<Box<str>, Field>,
}

/// The rules for an attribute, and those for what is in it.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// For itself; none where it goes where the schema has its name.
    pub rules: Vec<Rule>,
    /// For what is in it.
    pub block: Block,
}

/// What becomes of a Terraform type; none for types that CloudFormation does not have.
pub(super) fn entry(kind: &str) -> Option<&'static Entry> {
    entries().get(kind).copied()
}

/// The CloudFormation types that others become part of.
pub(super) fn wholes() -> HashSet<&'static str> {
    let parts = tables().iter().filter(|(_, entry)| entry.into.is_some());
    parts.filter_map(|(_, entry)| entry.kind.one()).collect()
}

/// The types that others have within themselves, with the attribute that points at those.
pub(super) fn apart() -> HashMap<&'static str, &'static str> {
    let also = tables().iter().flat_map(|(_, entry)| &entry.also);
    also.filter_map(|also| also.unless.as_ref()).map(|(kind, by)| (&**kind, &**by)).collect()
}

fn entries() -> &'static HashMap<&'static str, &'static Entry> {
    static ENTRIES: OnceLock<HashMap<&'static str, &'static Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| {
        let own = tables().iter().map(|(kind, entry)| (&**kind, entry));
        let aliases =
            tables().iter().flat_map(|(_, entry)| entry.aliases.iter().map(move |alias| (&**alias, entry)));
        own.chain(aliases).collect()
    })
}

fn tables() -> &'static [(Box<str>, Entry)] {
    static TABLES: OnceLock<Vec<(Box<str>, Entry)>> = OnceLock::new();
    // A test reads each of them; a table that did not read would be missing here, and its test fails.
    TABLES.get_or_init(|| FILES.iter().filter_map(|text| read(text).ok()).flatten().collect())
}

fn read(text: &str) -> Result<Vec<(Box<str>, Entry)>, toml::de::Error> {
    let mut entries: HashMap<Box<str>, Entry> = toml::from_str(text)?;
    for entry in entries.values_mut() {
        entry.block = Block::of(&entry.at);
        for also in &mut entry.also {
            also.block = Block::of(&also.at);
        }
    }
    Ok(entries.into_iter().collect())
}

impl Block {
    /// The field of that name, where a rule is about it or about what is in it.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }

    /// All fields.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.fields.iter().map(|(name, field)| (&**name, field))
    }

    fn of(rules: &HashMap<Box<str>, Rules>) -> Self {
        let mut whole = Self::default();
        for (path, rules) in rules {
            let mut names = path.split('.');
            let first = names.next().unwrap_or_default();
            let mut field = whole.fields.entry(first.into()).or_default();
            for name in names {
                field = field.block.fields.entry(name.into()).or_default();
            }
            field.rules = match rules {
                Rules::One(rule) => vec![rule.clone()],
                Rules::Many(rules) => rules.clone(),
            };
        }
        whole
    }
}

impl TryFrom<Written> for Rule {
    type Error = PathError;

    fn try_from(written: Written) -> Result<Self, PathError> {
        let (to, form, index, key, values) = match written {
            Written::Short(to) => (to, Form::Plain, 0, None, HashMap::new()),
            Written::Long { to, form, index, key, values } => (to, form, index, key, values),
        };
        let to = match to.as_str() {
            "." => Goes::Here,
            "-" => Goes::Nowhere,
            path => Goes::To(path.parse()?),
        };
        Ok(Self { to, form, index, key, values })
    }
}

const FILES: &[&str] = &[
    include_str!("types/analytics.toml"),
    include_str!("types/api.toml"),
    include_str!("types/cache.toml"),
    include_str!("types/certificates.toml"),
    include_str!("types/cloudfront.toml"),
    include_str!("types/compute.toml"),
    include_str!("types/containers.toml"),
    include_str!("types/database.toml"),
    include_str!("types/identity.toml"),
    include_str!("types/load_balancing.toml"),
    include_str!("types/messaging.toml"),
    include_str!("types/migration.toml"),
    include_str!("types/network.toml"),
    include_str!("types/other.toml"),
    include_str!("types/storage.toml"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    #[test]
    fn every_table_reads() {
        for text in FILES {
            read(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        }
    }

    /// The types of an entry with where its attributes go.
    fn kinds(entry: &Entry) -> Vec<(&str, Option<&Path>, &Block)> {
        let own: Vec<&str> = match &entry.kind {
            Kind::One(kind) => vec![kind],
            Kind::By { of, .. } => of.values().map(|kind| &**kind).collect(),
        };
        let own = own.into_iter().map(|kind| (kind, entry.root.as_ref(), &entry.block));
        own.chain(entry.also.iter().map(|also| (&*also.kind, None, &also.block))).collect()
    }

    #[test]
    fn every_property_that_a_table_names_is_in_the_schema() {
        let mut wrong = Vec::new();
        for (name, entry) in tables() {
            for (kind, root, block) in kinds(entry) {
                if kind.starts_with("Terraform::") {
                    continue;
                }
                let Some(mut properties) = schema::properties(kind) else {
                    wrong.push(format!("{name}: no type {kind}"));
                    continue;
                };
                if let Some(root) = root {
                    match schema::at(properties, root.steps()).and_then(schema::Shape::properties) {
                        Some(below) => properties = below,
                        None => wrong.push(format!("{name}: {kind} has no {root}")),
                    }
                }
                check(name, properties, block, &mut wrong);
            }
            let kinds: Vec<&str> = kinds(entry).iter().map(|(kind, ..)| *kind).collect();
            for path in entry.with.iter().map(|with| &with.to).chain(entry.also.iter().map(|also| &also.of)) {
                if !kinds.iter().any(|kind| schema::knows(kind, path)) {
                    wrong.push(format!("{name}: no {path}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn check(at: &str, properties: &'static schema::Properties, block: &Block, wrong: &mut Vec<String>) {
        let names = super::super::names::Names::default();
        for (name, field) in block.fields() {
            let at = format!("{at}.{name}");
            for rule in &field.rules {
                match &rule.to {
                    Goes::Nowhere => {}
                    Goes::Here => check(&at, properties, &field.block, wrong),
                    Goes::To(path) => {
                        let keyed = rule.key.is_some();
                        check_shape(&at, schema::at(properties, path.steps()), keyed, &field.block, wrong);
                    }
                }
            }
            if field.rules.is_empty() {
                let shape = names.property(properties, name).map(|(_, shape)| shape);
                check_shape(&at, shape, false, &field.block, wrong);
            }
        }
    }

    fn check_shape(
        at: &str,
        shape: Option<&'static schema::Shape>,
        keyed: bool,
        block: &Block,
        wrong: &mut Vec<String>,
    ) {
        let Some(shape) = shape else {
            wrong.push(format!("{at}: no such property"));
            return;
        };
        let listed = shape.element().and_then(schema::Shape::properties);
        if keyed && !listed.is_some_and(|l| l.contains_key("Key") && l.contains_key("Value")) {
            wrong.push(format!("{at}: no list of keys and values"));
        }
        if block.fields().next().is_some() {
            match shape.element().unwrap_or(shape).properties() {
                Some(below) => check(at, below, block, wrong),
                None => wrong.push(format!("{at}: holds nothing")),
            }
        }
    }
}
