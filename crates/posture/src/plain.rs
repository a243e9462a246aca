//! What a word without quotes is: YAML 1.1's booleans and nulls, as CloudFormation takes them, and numbers.

use crate::value::Node;

/// What a word without quotes is.
pub(crate) fn plain(text: &str) -> Node {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Node::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Node::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Node::Bool(false),
        _ => number(text).unwrap_or_else(|| Node::Text(text.into())),
    }
}

/// A number, where it is written as numbers are told. `8.0`, `010` and `1e3` stay text, so that versions and account
/// ids keep what was written; as text they still compare as numbers.
pub(crate) fn number(text: &str) -> Option<Node> {
    if !text.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    (number.to_string() == text).then_some(Node::Number(number))
}
