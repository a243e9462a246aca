//! Functions of lists: `Fn::Select`, `Fn::Length`, `Fn::Cidr`.

use std::net::IpAddr;
use std::sync::Arc;

use super::distribute::{distribute, distribute_one};
use super::expression::unworkable;
use super::stack::Stack;
use crate::span::Span;
use crate::subject::{number_of, text_of};
use crate::value::{Node, Value};

/// `Fn::Select`: one element of a list.
pub(super) fn select(stack: &Stack<'_>, argument: &Value, at: Span) -> Node {
    let Node::List(parts) = &argument.node else { return unworkable("Fn::Select") };
    let [index, list] = &**parts else { return unworkable("Fn::Select") };
    distribute(
        &[stack.worked_out(index), present(stack.worked_out(list))],
        at,
        &|arguments| match arguments {
            [index, Value { node: Node::List(elements), .. }] => match number_of(index) {
                Ok(index) => element(elements, index),
                Err(why) => Node::Unknown(why),
            },
            // An element of what a resource says of itself still points at it.
            [_, Value { node: node @ (Node::Reference(_) | Node::Pieces(_)), .. }] => node.clone(),
            [_, Value { node: Node::Unknown(why), .. }] => Node::Unknown(Arc::clone(why)),
            _ => unworkable("Fn::Select"),
        },
    )
}

fn element(elements: &[Value], index: f64) -> Node {
    let found = elements.iter().enumerate().find(|(place, _)| {
        u32::try_from(*place).is_ok_and(|place| (f64::from(place) - index).abs() < f64::EPSILON)
    });
    found.map_or_else(
        || unworkable("Fn::Select beyond the end of its list"),
        |(_, element)| element.node.clone(),
    )
}

/// A list in which an element that is there in some scenarios alone is there or not: it hangs on the choice as a whole.
pub(super) fn present(list: Value) -> Value {
    let Node::List(elements) = &list.node else { return list };
    if !elements.iter().any(may_be_none) {
        return list;
    }
    let at = list.at;
    let node = distribute(elements, at, &|elements| {
        Node::List(elements.iter().filter(|element| element.node != Node::Null).cloned().collect())
    });
    Value::new(node, at)
}

fn may_be_none(element: &Value) -> bool {
    match &element.node {
        Node::Switch(switch) => switch.arms.iter().any(|arm| arm.node == Node::Null || may_be_none(arm)),
        _ => false,
    }
}

/// `Fn::Length`: how many elements a list has.
pub(super) fn length(list: &Value) -> Node {
    distribute_one(present(list.clone()), list.at, &|list| match &list.node {
        Node::List(elements) => {
            u32::try_from(elements.len()).map_or(Node::Null, |length| Node::Number(length.into()))
        }
        Node::Unknown(why) => Node::Unknown(Arc::clone(why)),
        _ => unworkable("Fn::Length"),
    })
}

/// `Fn::Cidr`: a block of addresses in smaller blocks.
pub(super) fn cidr(stack: &Stack<'_>, argument: &Value, at: Span) -> Node {
    let Node::List(parts) = &argument.node else { return unworkable("Fn::Cidr") };
    let parts: Vec<Value> = parts.iter().map(|part| stack.worked_out(part)).collect();
    distribute(&parts, at, &|parts| blocks(parts, at).unwrap_or_else(|| unworkable("Fn::Cidr")))
}

/// CloudFormation gives no more than this many blocks.
const MOST_BLOCKS: f64 = 256.0;

fn blocks(parts: &[Value], at: Span) -> Option<Node> {
    let (block, rest) = parts.split_first()?;
    let (count, bits) = match rest {
        [count] => (number_of(count).ok()?, 8.0),
        [count, bits] => (number_of(count).ok()?, number_of(bits).ok()?),
        _ => return None,
    };
    let text = text_of(block).ok()?;
    let address: IpAddr = text.split_once('/')?.0.parse().ok()?;
    let width: u32 = if address.is_ipv4() { 32 } else { 128 };
    let bits = (0..width).find(|known| f64::from(*known) == bits)?;
    if !(1.0..=MOST_BLOCKS).contains(&count) {
        return None;
    }
    let first = match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    };
    let blocks = (0_u32..).take_while(|block| f64::from(*block) < count).map(|block| {
        let number = first + (u128::from(block) << bits);
        let address = match u32::try_from(number) {
            Ok(number) if width == 32 => IpAddr::from(number.to_be_bytes()),
            _ => IpAddr::from(number.to_be_bytes()),
        };
        Value::text(format!("{address}/{}", width - bits), at)
    });
    Some(Node::List(blocks.collect()))
}
