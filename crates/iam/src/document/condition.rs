//! One test of a condition: a key of the request, an operator, and the values that it is held against.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;

use super::operator::{Comparison, Operator};
use super::resource::ArnPattern;
use crate::error::Problem;
use crate::json::{Place, Span};
use crate::pattern::{Pattern, Reading};

/// One test. It has all values of its key: they are alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// The operator.
    pub operator: Operator,
    /// How several values of the request count.
    pub quantifier: Option<Quantifier>,
    /// Whether it holds where the request has no such key.
    pub if_exists: bool,
    /// The key.
    pub key: Key,
    /// The values.
    pub operands: Vec<Operand>,
    /// Where its values stand.
    pub span: Span,
    /// Where its key stands.
    pub place: Place,
}

/// How several values of the request count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// `ForAllValues`: each must do; none does, too.
    All,
    /// `ForAnyValue`: one must do.
    Any,
}

/// A condition key, such as `aws:SecureTransport`. Capitals don't count.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

/// A value that a test holds a key against, read once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A text, with or without wildcards.
    Text(Pattern),
    /// An ARN; `None` of a text that is none, and matches nothing.
    Arn(Option<ArnPattern>),
    /// A number; `None` of a text that is none.
    Number(Option<Number>),
    /// An instant; `None` of a text that is none.
    Date(Option<Timestamp>),
    /// True or false; `None` of a text that is neither.
    Bool(Option<bool>),
    /// Bytes, as Base64 has them.
    Binary(String),
    /// A block of addresses; `None` of a text that is none.
    Block(Option<Block>),
}

/// A decimal number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

impl Eq for Number {}

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its first address.
    pub first: IpAddr,
    /// How many bits its addresses share.
    pub bits: u8,
}

impl Key {
    /// Reads a key.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let is_key =
            text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        match is_key {
            true => Ok(Self(text.to_ascii_lowercase())),
            false => Err(Problem::Key(text.to_owned())),
        }
    }

    /// A key of ours.
    pub fn of(text: &'static str) -> Self {
        Self(text.to_ascii_lowercase())
    }

    /// In lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::request::written(&self.0))
    }
}

impl Operand {
    /// Reads a value. Texts that a comparison can do nothing with are kept, and match nothing: so AWS does it.
    pub fn read(text: &str, operator: Operator, variables: bool) -> Result<Self, Problem> {
        let reading =
            Reading { wildcards: operator.has_wildcards(), variables: variables && operator.has_variables() };
        Ok(match operator.comparison {
            Comparison::Text | Comparison::TextFolded | Comparison::Like => {
                Self::Text(Pattern::read(text, reading)?)
            }
            Comparison::Arn => Self::Arn(ArnPattern::read(text, reading)?),
            Comparison::Number(_) => Self::Number(Number::read(text)),
            Comparison::Date(_) => Self::Date(date(text)),
            Comparison::Bool | Comparison::Null => Self::Bool(boolean(text)),
            Comparison::Binary => Self::Binary(text.to_owned()),
            Comparison::Address => Self::Block(Block::read(text)),
        })
    }
}

impl Number {
    /// Reads a number; `None` of a text that is none.
    pub fn read(text: &str) -> Option<Self> {
        let is_number = text.bytes().any(|byte| byte.is_ascii_digit())
            && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        is_number.then(|| text.parse().ok()).flatten().map(Self)
    }
}

/// Reads an instant: a profile of ISO 8601, or seconds since 1970.
pub fn date(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    // 2026-11-23 and 2026-11-23T10:15Z are profiles of the W3C, too.
    let text = text.strip_suffix('Z').unwrap_or(text);
    let day = text.parse::<jiff::civil::DateTime>().ok();
    let day = day.or_else(|| text.parse::<jiff::civil::Date>().ok().map(|day| day.at(0, 0, 0, 0)));
    let day =
        day.or_else(|| format!("{text}-01").parse::<jiff::civil::Date>().ok().map(|day| day.at(0, 0, 0, 0)));
    jiff::tz::Offset::UTC.to_timestamp(day?).ok()
}

/// Reads true or false, in any case.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

impl Block {
    /// Reads a block, or one address.
    pub fn read(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            None => (text, None),
            Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        };
        let first: IpAddr = address.parse().ok()?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { first, bits })
    }

    /// Whether this address is in it. One of IPv4 is in no block of IPv6.
    pub fn has(&self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u8| {
            let other = width - self.bits.min(width);
            other >= 128 || (a ^ b) >> other == 0
        };
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                same(u32::from(first).into(), u32::from(address).into(), 32)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => same(first.into(), address.into(), 128),
            _ => false,
        }
    }
}
