//! What the parameters of a template are: given, their default, one of a set, or not known.

use std::collections::HashMap;
use std::sync::Arc;

use super::compared::Compared;
use super::distribute::leaves;
use super::given::Given;
use super::text::taken_apart;
use crate::plain::plain;
use crate::span::Span;
use crate::subject::text_of;
use crate::value::{Choice, Map, Node, PartId, Switch, Unknown, Value};

/// The other side of a comparison, as a choice tells it.
const ELSE: &str = "anything else";

/// All parameters of a template and the pseudo parameters, by name.
pub(super) struct Parameters {
    values: HashMap<Arc<str>, Value>,
    /// What a value that is not known is not, since that has an arm of its own.
    excluded: Vec<(Unknown, Vec<Arc<str>>)>,
}

impl Parameters {
    /// Those that a template declares. What a parent stack passes or the user gives comes first.
    pub(super) fn of(
        declared: &Map,
        passed: Option<&HashMap<Arc<str>, Value>>,
        given: &Given,
        compared: &Compared,
        part: PartId,
        nowhere: Span,
    ) -> Self {
        let mut values = HashMap::new();
        for (name, declaration) in &declared.entries {
            let declared = Declared { name: &name.text, declaration, at: name.at };
            let passed_here = passed.and_then(|passed| passed.get(&name.text));
            let value = match (passed_here, passed.is_some(), given.value(&name.text)) {
                (Some(value), ..) => declared.passed(value),
                (None, false, Some(text)) => declared.given(text),
                (None, is_nested, _) => declared.left_open(compared, part, is_nested),
            };
            values.insert(Arc::clone(&name.text), value);
        }
        for name in PSEUDO {
            let name: &Arc<str> = &(*name).into();
            let open = Declared { name, declaration: &Value::new(Node::Null, nowhere), at: nowhere };
            let value = match given.value(name).cloned().or_else(|| implied(name, given)) {
                Some(text) => Value::text(text, nowhere),
                None => open.one_of_compared(compared, part, Unknown::Parameter(Arc::clone(name))),
            };
            values.insert(Arc::clone(name), value);
        }
        values.insert("AWS::NoValue".into(), Value::new(Node::Null, nowhere));
        values.insert(
            "AWS::NotificationARNs".into(),
            Value::unknown(Unknown::LookedUp("AWS::NotificationARNs".into()), nowhere),
        );
        let excluded = values.values().filter_map(excluded).collect();
        Self { values, excluded }
    }

    /// Whether a value that is not known can't be this text.
    pub(super) fn exclude(&self, unknown: &Unknown, text: &Arc<str>) -> bool {
        self.excluded.iter().any(|(known, texts)| known == unknown && texts.contains(text))
    }

    /// The value of a parameter.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }
}

/// The last arm of a choice that goes on to anything else, and what that is not.
fn excluded(value: &Value) -> Option<(Unknown, Vec<Arc<str>>)> {
    let Node::Switch(switch) = &value.node else { return None };
    let Node::Unknown(unknown) = &switch.arms.last()?.node else { return None };
    Some(((**unknown).clone(), switch.choice.arms.clone()))
}

/// The pseudo parameters that a user may give.
const PSEUDO: &[&str] =
    &["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"];

/// Whether this is a pseudo parameter that a user may give.
pub fn is_pseudo(name: &str) -> bool {
    PSEUDO.contains(&name)
}

/// A Region says in which partition it is, and that under which domain.
fn implied(name: &str, given: &Given) -> Option<Arc<str>> {
    let region = given.value("AWS::Region")?;
    let (partition, suffix) = match &**region {
        region if region.starts_with("cn-") => ("aws-cn", "amazonaws.com.cn"),
        region if region.starts_with("us-gov-") => ("aws-us-gov", "amazonaws.com"),
        region if region.starts_with("us-iso-") => ("aws-iso", "c2s.ic.gov"),
        region if region.starts_with("us-isob-") => ("aws-iso-b", "sc2s.sgov.gov"),
        region if region.starts_with("eusc-") => ("aws-eusc", "amazonaws.eu"),
        _ => ("aws", "amazonaws.com"),
    };
    match name {
        "AWS::Partition" => Some(partition.into()),
        "AWS::URLSuffix" => Some(suffix.into()),
        _ => None,
    }
}

/// A parameter as its template declares it.
struct Declared<'d> {
    name: &'d Arc<str>,
    declaration: &'d Value,
    at: Span,
}

impl Declared<'_> {
    fn kind(&self) -> &str {
        match self.declaration.entry("Type").map(|kind| &kind.node) {
            Some(Node::Text(kind)) => kind,
            _ => "String",
        }
    }

    /// Its value is looked up in the parameter store; what is written is but the name there.
    fn is_looked_up(&self) -> bool {
        self.kind().starts_with("AWS::SSM::Parameter::Value<")
    }

    fn is_hidden(&self) -> bool {
        let says = self.declaration.entry("NoEcho").and_then(|value| crate::subject::bool_of(value).ok());
        says.unwrap_or(false)
    }

    fn is_list(&self) -> bool {
        self.kind() == "CommaDelimitedList" || self.kind().starts_with("List<")
    }

    fn passed(&self, value: &Value) -> Value {
        if self.is_looked_up() {
            return self.looked_up(value);
        }
        let node = leaves(value, &|leaf| match &leaf.node {
            Node::Text(text) => self.typed(text),
            // A stack passes a list as text with commas between.
            Node::Pieces(_) if self.is_list() => taken_apart(",", leaf, leaf.at),
            Node::Reference(_) if self.is_list() => Node::List(Arc::new([leaf.clone()])),
            node => node.clone(),
        });
        Value::new(node, value.at)
    }

    fn given(&self, text: &Arc<str>) -> Value {
        // Whoever hides a value does not want it in a report.
        if self.is_hidden() {
            let why = format!("{} is NoEcho: its value is kept out of reports", self.name);
            return Value::unknown(Unknown::Because(why.into()), self.at);
        }
        let value = Value::text(Arc::clone(text), self.at);
        if self.is_looked_up() {
            return self.looked_up(&value);
        }
        let allowed = self.allowed();
        // In YAML, `yes` without quotes is true.
        let is_true = match plain(text) {
            Node::Bool(is) if !allowed.is_empty() && !allowed.contains(text) => Some(is.to_string()),
            _ => None,
        };
        Value::new(self.typed(&is_true.map_or_else(|| Arc::clone(text), Arc::from)), self.at)
    }

    fn left_open(&self, compared: &Compared, part: PartId, is_nested: bool) -> Value {
        let default = self.declaration.entry("Default");
        if self.is_looked_up() {
            let why = default.map_or_else(|| Unknown::Parameter(Arc::clone(self.name)), looked_up);
            return self.one_of_compared(compared, part, why);
        }
        let allowed = self.allowed();
        let settled = is_nested && default.is_some();
        if allowed.len() > 1 && !settled && !self.is_list() {
            let arms = allowed.iter().map(|text| Value::new(self.typed(text), self.at)).collect();
            return self.switch(part, allowed, arms);
        }
        match default.map(|value| (value, text_of(value))) {
            Some((_, Ok(text))) => Value::new(self.typed(&text), self.at),
            Some((Value { node: Node::List(elements), .. }, _)) => {
                Value::new(Node::List(Arc::clone(elements)), self.at)
            }
            _ if allowed.len() == 1 => allowed
                .first()
                .map_or(Value::new(Node::Null, self.at), |text| Value::text(Arc::clone(text), self.at)),
            Some(_) => Value::text("", self.at),
            None => self.one_of_compared(compared, part, Unknown::Parameter(Arc::clone(self.name))),
        }
    }

    /// A value that nobody knows, told apart as far as the template compares it.
    fn one_of_compared(&self, compared: &Compared, part: PartId, why: Unknown) -> Value {
        let unknown = Value::unknown(why, self.at);
        let Some((mut texts, others)) = compared.with(self.name) else { return unknown };
        let mut arms: Vec<Value> = texts.iter().map(|text| Value::new(self.typed(text), self.at)).collect();
        if others {
            texts.push(ELSE.into());
            arms.push(unknown);
        }
        self.switch(part, texts, arms)
    }

    fn switch(&self, part: PartId, words: Vec<Arc<str>>, arms: Vec<Value>) -> Value {
        let choice = Arc::new(Choice { part, name: Arc::clone(self.name), arms: words });
        Value::new(Node::Switch(Arc::new(Switch { choice, arms })), self.at)
    }

    fn allowed(&self) -> Vec<Arc<str>> {
        let Some(Node::List(values)) = self.declaration.entry("AllowedValues").map(|values| &values.node)
        else {
            return Vec::new();
        };
        let mut texts: Vec<Arc<str>> = Vec::new();
        for text in values.iter().filter_map(|value| text_of(value).ok()) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }

    fn typed(&self, text: &Arc<str>) -> Node {
        if self.is_list() {
            let element = |text: &str| Value::text(text.trim(), self.at);
            return Node::List(text.split(',').map(element).collect());
        }
        match self.kind() {
            "Number" => crate::plain::number(text.trim()).unwrap_or_else(|| Node::Text(Arc::clone(text))),
            _ => Node::Text(Arc::clone(text)),
        }
    }

    fn looked_up(&self, name: &Value) -> Value {
        Value::unknown(looked_up(name), self.at)
    }
}

fn looked_up(name: &Value) -> Unknown {
    let name = text_of(name).unwrap_or_else(|_| "the parameter".into());
    Unknown::LookedUp(format!("{name} in the parameter store").into())
}
