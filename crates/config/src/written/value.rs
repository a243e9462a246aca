//! How values are read: text, numbers, dates, lists.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use schemars::{Schema, SchemaGenerator, json_schema};
use toml::Spanned;
use toml::de::DeValue;

use crate::problem::Problems;
use crate::written::table::At;

/// A value that a person writes.
pub(crate) trait Written: Sized {
    /// What it is, with its article: `an address and port`.
    fn noun() -> String;
    /// An example, as TOML writes it.
    fn example() -> String;
    /// How it is headed where it is a table, or a list of tables: `[authority]`, `[[listener]]`.
    fn header(_key: &str) -> Option<String> {
        None
    }
    /// Its JSON Schema.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
    /// Reads it; where it is wrong, tells so and returns `None`. `label` says whose value it is.
    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self>;
}

/// A value that is written as a string.
pub(crate) trait Text: Sized {
    /// What it is, with its article: `an address and port`.
    const NOUN: &'static str;
    /// An example, without quotes.
    const EXAMPLE: &'static str;
    /// Reads it.
    fn read(text: &str) -> Result<Self, Refused>;
    /// More for its JSON Schema than that it is a string.
    fn refine(_schema: &mut Schema) {}
}

/// Why a text was refused.
#[derive(Debug)]
pub(crate) struct Refused {
    message: String,
    hint: Option<String>,
}

impl Refused {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// What an error tells that says what is wrong and, after a semicolon, what to do.
    pub(crate) fn with_remedy(error: &impl std::fmt::Display) -> Self {
        let error = error.to_string();
        match error.split_once("; ") {
            Some((message, hint)) => Self::new(message).hint(hint),
            None => Self::new(error),
        }
    }

    /// Advises this instead of an example.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Tells it at this byte, where a `T` should be.
    pub(crate) fn tell<T: Written>(self, at: usize, problems: &mut Problems<'_>) {
        problems.tell(at, self.message, self.hint.unwrap_or_else(advice::<T>));
    }
}

impl<T: Text> Written for T {
    fn noun() -> String {
        T::NOUN.to_owned()
    }

    fn example() -> String {
        format!("\"{}\"", T::EXAMPLE)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let title = T::NOUN.trim_start_matches("an ").trim_start_matches("a ");
        let mut schema = json_schema!({ "type": "string", "title": title, "examples": [T::EXAMPLE] });
        T::refine(&mut schema);
        schema
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        let DeValue::String(text) = value.get_ref() else {
            return wrong_type::<Self, _>(value, label, "a string", problems);
        };
        match T::read(text) {
            Ok(read) => Some(read),
            Err(refused) => {
                refused.tell::<Self>(value.span().start, problems);
                None
            }
        }
    }
}

impl Written for bool {
    fn noun() -> String {
        "true or false".to_owned()
    }

    fn example() -> String {
        "true".to_owned()
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "boolean" })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Boolean(truth) => Some(*truth),
            _ => wrong_type::<Self, _>(value, label, "true or false", problems),
        }
    }
}

/// A whole number from 1 to `MOST`, for example `EXAMPLE`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole<const MOST: usize, const EXAMPLE: usize>(pub(crate) NonZeroUsize);

impl<const MOST: usize, const EXAMPLE: usize> Written for Whole<MOST, EXAMPLE> {
    fn noun() -> String {
        format!("a whole number from 1 to {MOST}")
    }

    fn example() -> String {
        EXAMPLE.to_string()
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": MOST })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        whole::<Self>(value, 1..=MOST, label, problems).and_then(NonZeroUsize::new).map(Self)
    }
}

/// A whole number from 0 to `MOST`, for example `EXAMPLE`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UpTo<const MOST: usize, const EXAMPLE: usize>(pub(crate) usize);

impl<const MOST: usize, const EXAMPLE: usize> Written for UpTo<MOST, EXAMPLE> {
    fn noun() -> String {
        format!("a whole number from 0 to {MOST}")
    }

    fn example() -> String {
        EXAMPLE.to_string()
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": MOST })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        whole::<Self>(value, 0..=MOST, label, problems).map(Self)
    }
}

/// The whole number that a `T` is written as.
fn whole<T: Written>(
    value: &Spanned<DeValue<'_>>,
    within: RangeInclusive<usize>,
    label: &str,
    problems: &mut Problems<'_>,
) -> Option<usize> {
    let DeValue::Integer(integer) = value.get_ref() else {
        return wrong_type::<T, _>(value, label, "a whole number", problems);
    };
    let number = usize::from_str_radix(integer.as_str(), integer.radix()).ok();
    let number = number.filter(|number| within.contains(number));
    if number.is_none() {
        problems.tell(value.span().start, format!("{label} can't be {integer}"), advice::<T>());
    }
    number
}

impl Written for Date {
    fn noun() -> String {
        "a date without quotes".to_owned()
    }

    fn example() -> String {
        "2027-03-31".to_owned()
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date", "title": "date" })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        let written = match value.get_ref() {
            DeValue::Datetime(written) if written.time.is_none() => written.date,
            _ => return wrong_type::<Self, _>(value, label, "a date", problems),
        };
        let number = |number: u8| i8::try_from(number).ok();
        let date = written.and_then(|date| {
            Self::new(i16::try_from(date.year).ok()?, number(date.month)?, number(date.day)?).ok()
        });
        if date.is_none() {
            problems.tell(
                value.span().start,
                format!("{label} is not a day of the calendar"),
                advice::<Self>(),
            );
        }
        date
    }
}

/// A list.
#[derive(Clone, Debug)]
pub(crate) struct List<T>(pub(crate) Vec<At<T>>);

impl<T: Written> Written for List<T> {
    fn noun() -> String {
        "a list".to_owned()
    }

    fn example() -> String {
        format!("[{}]", T::example())
    }

    fn header(key: &str) -> Option<String> {
        T::header(key).map(|header| format!("[{header}]"))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": T::schema(generator) })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        let at = value.span().start;
        match value.get_ref() {
            DeValue::Array(list) => {
                let label = format!("each of {label}");
                // All are read before any is missed, so that each tells its problem.
                let read: Vec<Option<At<T>>> = list
                    .iter()
                    .map(|entry| {
                        let at = entry.span().start;
                        T::decode(entry, &label, problems).map(|value| At { key: at, at, value })
                    })
                    .collect();
                read.into_iter().collect::<Option<Vec<_>>>().map(Self)
            }
            other => match Self::header(label.trim_matches('`')) {
                Some(header) => {
                    let message = format!("{label} must be a list of tables, not {}", kind(other));
                    problems.tell(at, message, format!("write each under a header {header}"));
                    None
                }
                None => wrong_type::<Self, _>(value, label, "a list", problems),
            },
        }
    }
}

fn wrong_type<T: Written, R>(
    value: &Spanned<DeValue<'_>>,
    label: &str,
    wanted: &str,
    problems: &mut Problems<'_>,
) -> Option<R> {
    let message = format!("{label} must be {wanted}, not {}", kind(value.get_ref()));
    problems.tell(value.span().start, message, advice::<T>());
    None
}

fn advice<T: Written>() -> String {
    format!("write {}, such as {}", T::noun(), T::example())
}

/// The kind of a value, with its article.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
