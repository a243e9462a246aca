//! What the code says of an attribute whose value is not known yet.

use crate::scan::{Cursor, Json};

/// What the code says of a block or an attribute.
#[derive(Clone, Copy)]
pub(super) enum Written<'e, 't> {
    /// The code is not at hand: a state has none, and a plan leaves out `dynamic` blocks.
    Unseen,
    /// Nothing: the provider or the service decides.
    Nothing,
    /// The arguments of a block.
    Block(&'e Json<'t>),
    /// The blocks of that name.
    Blocks(&'e [Json<'t>]),
    /// An expression.
    Expression(&'e Json<'t>),
}

impl<'e, 't> Written<'e, 't> {
    /// What is said of the attribute of that name.
    pub fn of(self, name: &str) -> Self {
        match self {
            Self::Block(arguments) => match arguments.entry(name) {
                None => Self::Nothing,
                Some(Json::List(blocks)) => Self::Blocks(blocks),
                Some(expression) if is_expression(expression) => Self::Expression(expression),
                Some(block) => Self::Block(block),
            },
            Self::Blocks([block]) => Self::Block(block).of(name),
            Self::Blocks(_) => Self::Unseen,
            other => other,
        }
    }

    /// Whether the value itself stands in the code, rather than a name for it; unknown where the code is not at hand.
    pub fn is_in_code(self) -> Option<bool> {
        match self {
            Self::Nothing => Some(false),
            Self::Expression(expression) if expression.entry("constant_value").is_some() => Some(true),
            Self::Expression(expression) if expression.entry("references").is_some() => Some(false),
            Self::Expression(_) | Self::Unseen | Self::Block(_) | Self::Blocks(_) => None,
        }
    }

    /// What is said of what is in a block; blocks that are there and not in the code come from a `dynamic` one.
    pub fn inside(self) -> Self {
        match self {
            Self::Nothing => Self::Unseen,
            other => other,
        }
    }

    /// Which of the blocks made this element. A set has another order than the code, so its constants tell.
    pub fn element(self, element: Cursor<'t>) -> Self {
        let Self::Blocks(blocks) = self else { return self.inside() };
        let mut cursor = element;
        let Ok(element) = cursor.json() else { return Self::Unseen };
        let mut fitting = blocks.iter().filter(|block| fits(block, &element));
        match (fitting.next(), fitting.next()) {
            (Some(block), None) => Self::Block(block),
            _ => Self::Unseen,
        }
    }
}

fn is_expression(json: &Json<'_>) -> bool {
    match json {
        Json::Map(entries) => {
            entries.is_empty() || json.entry("references").is_some() || json.entry("constant_value").is_some()
        }
        _ => false,
    }
}

fn fits(block: &Json<'_>, element: &Json<'_>) -> bool {
    let Json::Map(arguments) = block else { return false };
    arguments.iter().all(|(name, argument)| {
        let constant = argument.entry("constant_value");
        constant.is_none_or(|constant| element.entry(name).is_some_and(|value| alike(constant, value)))
    })
}

/// Terraform turns numbers into text, and back, as the argument needs it; lists may be sets.
fn alike(constant: &Json<'_>, value: &Json<'_>) -> bool {
    match (constant, value) {
        (Json::Number(number), Json::Text(text)) | (Json::Text(text), Json::Number(number)) => {
            text.parse() == Ok(*number)
        }
        (Json::List(_) | Json::Map(_), _) => true,
        _ => constant == value,
    }
}
