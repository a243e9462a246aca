//! Functions over values that hang on choices: worked out for each arm, so that the result hangs on the same choices.

use std::cell::Cell;
use std::sync::Arc;

use crate::scenario::MOST_SCENARIOS;
use crate::span::Span;
use crate::value::{Choice, Map, Node, Switch, Unknown, Value};

/// A function that gives nothing as long as it hangs on an argument that is a Switch.
type Decided<'f> = &'f dyn Fn(&[Value]) -> Option<Node>;

/// Works a function out for each combination of arms of its arguments: it sees no Switch at their top. More
/// combinations than are followed are [`Unknown::TooManyChoices`].
pub(super) fn distribute(arguments: &[Value], at: Span, function: &dyn Fn(&[Value]) -> Node) -> Node {
    let decided = |arguments: &[Value]| {
        let hangs = arguments.iter().any(|argument| matches!(argument.node, Node::Switch(_)));
        (!hangs).then(|| function(arguments))
    };
    distribute_until(arguments, at, &decided)
}

/// The same for a function that may know its result before every argument is settled.
pub(super) fn distribute_until(arguments: &[Value], at: Span, decided: Decided<'_>) -> Node {
    let left = Cell::new(MOST_SCENARIOS);
    over(arguments, at, decided, &left)
}

/// The same for one argument.
pub(super) fn distribute_one(argument: Value, at: Span, function: &dyn Fn(&Value) -> Node) -> Node {
    distribute(&[argument], at, &|arguments| match arguments {
        [argument] => function(argument),
        _ => Node::Null,
    })
}

fn over(arguments: &[Value], at: Span, decided: Decided<'_>, left: &Cell<usize>) -> Node {
    let Some(rest) = left.get().checked_sub(1) else { return too_many() };
    left.set(rest);
    let open = || arguments.iter().find_map(choice_of);
    let choice = match (decided(arguments), open()) {
        (Some(result), _) => return result,
        (None, Some(choice)) => choice,
        (None, None) => return Node::Null,
    };
    let arms = (0..choice.arms.len()).map(|arm| {
        let settled: Vec<Value> = arguments.iter().map(|argument| taken(argument, &choice, arm)).collect();
        over(&settled, at, decided, left)
    });
    switch(&choice, arms.collect(), at)
}

/// A Switch, unless all its arms are the same known thing.
pub(super) fn switch(choice: &Arc<Choice>, arms: Vec<Node>, at: Span) -> Node {
    let plain = |node: &Node| matches!(node, Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::Null);
    match arms.split_first() {
        Some((first, rest)) if plain(first) && rest.iter().all(|arm| arm == first) => first.clone(),
        _ => {
            let arms = arms.into_iter().map(|node| Value::new(node, at)).collect();
            Node::Switch(Arc::new(Switch { choice: Arc::clone(choice), arms }))
        }
    }
}

/// What becomes of each leaf of a Switch; the leaf itself where it is none.
pub(super) fn leaves(value: &Value, of: &dyn Fn(&Value) -> Node) -> Node {
    match &value.node {
        Node::Switch(inner) => {
            let arms = inner.arms.iter().map(|arm| leaves(arm, of)).collect();
            switch(&inner.choice, arms, value.at)
        }
        _ => of(value),
    }
}

/// A value in which every Switch, however deep, stands at the top.
pub(super) fn hoisted(value: &Value, function: &dyn Fn(&Value) -> Node) -> Node {
    let left = Cell::new(MOST_SCENARIOS);
    hoist(value.clone(), function, &left)
}

fn hoist(value: Value, function: &dyn Fn(&Value) -> Node, left: &Cell<usize>) -> Node {
    let Some(choice) = deep_choice(&value) else {
        let Some(rest) = left.get().checked_sub(1) else { return too_many() };
        left.set(rest);
        return function(&value);
    };
    let arms = (0..choice.arms.len()).map(|arm| hoist(deeply_taken(&value, &choice, arm), function, left));
    switch(&choice, arms.collect(), value.at)
}

fn too_many() -> Node {
    Node::Unknown(Arc::new(Unknown::TooManyChoices))
}

fn choice_of(value: &Value) -> Option<Arc<Choice>> {
    match &value.node {
        Node::Switch(switch) => Some(Arc::clone(&switch.choice)),
        _ => None,
    }
}

/// A value where this arm of the choice is taken: other choices of the tree stay.
fn taken(value: &Value, choice: &Arc<Choice>, arm: usize) -> Value {
    match &value.node {
        Node::Switch(switch) if switch.choice == *choice => {
            switch.arms.get(arm).map_or_else(|| value.clone(), |value| taken(value, choice, arm))
        }
        Node::Switch(switch) => {
            let arms = switch.arms.iter().map(|value| taken(value, choice, arm)).collect();
            let switch = Switch { choice: Arc::clone(&switch.choice), arms };
            Value::new(Node::Switch(Arc::new(switch)), value.at)
        }
        _ => value.clone(),
    }
}

fn deep_choice(value: &Value) -> Option<Arc<Choice>> {
    match &value.node {
        Node::Switch(switch) => Some(Arc::clone(&switch.choice)),
        Node::List(values) | Node::Pieces(values) => values.iter().find_map(deep_choice),
        Node::Map(map) => map.entries.iter().find_map(|(_, value)| deep_choice(value)),
        _ => None,
    }
}

fn deeply_taken(value: &Value, choice: &Arc<Choice>, arm: usize) -> Value {
    let within = |value: &Value| deeply_taken(value, choice, arm);
    let node = match &value.node {
        Node::Switch(switch) if switch.choice == *choice => {
            return switch.arms.get(arm).map_or_else(|| value.clone(), within);
        }
        Node::Switch(switch) => {
            let arms = switch.arms.iter().map(within).collect();
            Node::Switch(Arc::new(Switch { choice: Arc::clone(&switch.choice), arms }))
        }
        Node::List(values) => Node::List(values.iter().map(within).collect()),
        Node::Pieces(values) => Node::Pieces(values.iter().map(within).collect()),
        Node::Map(map) => {
            let entries = map.entries.iter().map(|(key, value)| (key.clone(), within(value)));
            Node::Map(Arc::new(Map { entries: entries.collect() }))
        }
        node => node.clone(),
    };
    Value::new(node, value.at)
}
