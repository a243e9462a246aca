//! Conditions: trees over the choices of parameters, with true, false or unknown at the leaves.

use std::sync::Arc;

use super::distribute::{distribute, distribute_until, leaves};
use super::stack::Stack;
use crate::read_error::ReadError;
use crate::span::Span;
use crate::subject::text_of;
use crate::value::{Choice, Node, Switch, Unknown, Value};

/// How far a condition is worked out.
pub(super) enum Progress {
    /// Its own words are being read: whoever asks for it now goes in a circle.
    Begun,
    Done(Value),
}

impl Stack<'_> {
    /// A condition by name: a Bool, or a Switch with Bools at its leaves. What nobody can tell hangs on the condition
    /// itself, as if it were a parameter that is true or false.
    pub(super) fn condition(&self, name: &Arc<str>, at: Span) -> Value {
        match self.conditions.borrow().get(name) {
            Some(Progress::Done(value)) => return Value { at, ..value.clone() },
            Some(Progress::Begun) => {
                let what = format!("condition {name} hangs on itself");
                self.problem(ReadError::new(at, what, "break the circle"));
                return Value::unknown(
                    Unknown::Because(format!("condition {name} hangs on itself").into()),
                    at,
                );
            }
            None => {}
        }
        let Some(declared) = self.sections.conditions.entry(name) else {
            let why = format!("there is no condition {name} in this template");
            return Value::unknown(Unknown::Because(why.into()), at);
        };
        self.conditions.borrow_mut().insert(Arc::clone(name), Progress::Begun);
        let worked_out = Value::new(self.condition_of(declared), at);
        let told = leaves(&worked_out, &|leaf| match leaf.node {
            Node::Bool(_) => leaf.node.clone(),
            _ => self.either(name, leaf.at),
        });
        let value = Value::new(told, at);
        self.conditions.borrow_mut().insert(Arc::clone(name), Progress::Done(value.clone()));
        value
    }

    fn either(&self, name: &Arc<str>, at: Span) -> Node {
        let choice =
            Choice { part: self.part, name: Arc::clone(name), arms: vec!["true".into(), "false".into()] };
        let arms = vec![Value::new(Node::Bool(true), at), Value::new(Node::Bool(false), at)];
        Node::Switch(Arc::new(Switch { choice: Arc::new(choice), arms }))
    }

    fn condition_of(&self, value: &Value) -> Node {
        let at = value.at;
        let Node::Map(map) = &value.node else { return literal(value) };
        let [(key, argument)] = map.entries.as_slice() else { return not_one(value) };
        let operands = || -> Vec<Value> {
            let operands = match &argument.node {
                Node::List(operands) => operands,
                _ => std::slice::from_ref(argument),
            };
            operands.iter().map(|operand| Value::new(self.condition_of(operand), operand.at)).collect()
        };
        match (&*key.text, &argument.node) {
            ("Condition", Node::Text(name)) => self.condition(name, at).node,
            ("Fn::And", _) => all(&operands(), at),
            ("Fn::Or", _) => not(&all(&operands().iter().map(negated).collect::<Vec<_>>(), at), at),
            ("Fn::Not", _) => not(&all(&operands(), at), at),
            ("Fn::Equals", Node::List(sides)) => {
                let sides: Vec<Value> = sides.iter().map(|side| self.worked_out(side)).collect();
                distribute(&sides, at, &|sides| self.equal(sides))
            }
            _ => literal(&self.worked_out(value)),
        }
    }

    fn equal(&self, sides: &[Value]) -> Node {
        let [one, other] = sides else {
            return Node::Unknown(Arc::new(Unknown::Function("Fn::Equals".into())));
        };
        let differ = |unknown: &Value, text: &Arc<str>| match &unknown.node {
            Node::Unknown(why) => self.parameters.exclude(why, text),
            _ => false,
        };
        match (text_of(one), text_of(other)) {
            (Ok(one), Ok(other)) => Node::Bool(one == other),
            (Err(_), Ok(text)) if differ(one, &text) => Node::Bool(false),
            (Ok(text), Err(_)) if differ(other, &text) => Node::Bool(false),
            _ if is_known(one) && is_known(other) => Node::Bool(same(one, other)),
            (Err(why), _) | (_, Err(why)) => Node::Unknown(why),
        }
    }
}

/// True or false by itself, also as text.
fn literal(value: &Value) -> Node {
    leaves(value, &|leaf| match crate::subject::bool_of(leaf) {
        Ok(is) => Node::Bool(is),
        Err(why) => Node::Unknown(why),
    })
}

fn not_one(value: &Value) -> Node {
    let why = format!("line {} is no condition", value.at.line);
    Node::Unknown(Arc::new(Unknown::Because(why.into())))
}

/// Whether all hold: false as soon as one does not, whatever the others hang on.
pub(super) fn all(operands: &[Value], at: Span) -> Node {
    distribute_until(operands, at, &|operands| {
        if operands.iter().any(|operand| operand.node == Node::Bool(false)) {
            return Some(Node::Bool(false));
        }
        if operands.iter().any(|operand| matches!(operand.node, Node::Switch(_))) {
            return None;
        }
        let unknown = operands.iter().find(|operand| operand.node != Node::Bool(true));
        Some(unknown.map_or(Node::Bool(true), |operand| operand.node.clone()))
    })
}

fn negated(value: &Value) -> Value {
    Value::new(not(&value.node, value.at), value.at)
}

fn not(node: &Node, at: Span) -> Node {
    leaves(&Value::new(node.clone(), at), &|leaf| match &leaf.node {
        Node::Bool(is) => Node::Bool(!is),
        unknown => unknown.clone(),
    })
}

fn is_known(value: &Value) -> bool {
    match &value.node {
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => true,
        Node::List(elements) => elements.iter().all(is_known),
        Node::Map(map) => map.entries.iter().all(|(_, value)| is_known(value)),
        _ => false,
    }
}

fn same(one: &Value, other: &Value) -> bool {
    match (&one.node, &other.node) {
        (Node::List(ones), Node::List(others)) => {
            ones.len() == others.len() && ones.iter().zip(others.iter()).all(|(one, other)| same(one, other))
        }
        (Node::Map(ones), Node::Map(others)) => {
            let found = |(key, value): &(crate::value::Key, Value)| {
                others.entry(&key.text).is_some_and(|other| same(value, other))
            };
            ones.entries.len() == others.entries.len() && ones.entries.iter().all(found)
        }
        _ => match (text_of(one), text_of(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => one.node == other.node,
        },
    }
}
