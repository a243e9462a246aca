//! The fields of a request's body or query, where the name of what it is about stands.
//!
//! A field that stands twice is refused: of two, the service may take the other one.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::call::{Unmapped, shown};
use crate::text::percent_decoded;

/// Fields by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fields(Vec<(String, Value)>);

/// The value of a field, as far as anybody asks for it.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Text(String),
    List(Vec<Self>),
    Object(Fields),
    Other,
}

impl Fields {
    /// Of a JSON object.
    pub fn of_json(body: &[u8]) -> Result<Self, Unmapped> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err(Unmapped::Body(Cow::Borrowed("it is no JSON object"))),
            Err(error) => Err(Unmapped::Body(Cow::Owned(shown(&error.to_string())))),
        }
    }

    /// Of a form, or of a query.
    pub fn of_form(text: &str) -> Result<Self, Unmapped> {
        let decoded = |part: &str| percent_decoded(&part.replace('+', " ")).ok_or(Unmapped::Path);
        let mut fields = Vec::new();
        let mut names = HashSet::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            if !names.insert(name.clone()) {
                return Err(Unmapped::Twice(shown(&name)));
            }
            fields.push((name, Value::Text(value)));
        }
        Ok(Self(fields))
    }

    /// These and those; none of them twice.
    pub fn and(mut self, others: Self) -> Result<Self, Unmapped> {
        for (name, value) in others.0 {
            if self.value(&name).is_some() {
                return Err(Unmapped::Twice(shown(&name)));
            }
            self.0.push((name, value));
        }
        Ok(self)
    }

    /// With this text in the place of a field that is not there.
    pub fn or(mut self, name: &str, text: &str) -> Self {
        if self.value(name).is_none() {
            self.0.push((name.to_owned(), Value::Text(text.to_owned())));
        }
        self
    }

    /// Their names.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// A text; `None` where there is none.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, Unmapped> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Unmapped::Field(name)),
        }
    }

    /// A list of objects; empty where there is none.
    pub fn list<'a>(&'a self, name: &'static str) -> Result<Vec<&'a Self>, Unmapped> {
        let object = |value: &'a Value| match value {
            Value::Object(fields) => Ok(fields),
            _ => Err(Unmapped::Field(name)),
        };
        match self.value(name) {
            None => Ok(Vec::new()),
            Some(Value::List(values)) => values.iter().map(object).collect(),
            Some(_) => Err(Unmapped::Field(name)),
        }
    }

    /// An object; `None` where there is none.
    pub fn inner(&self, name: &'static str) -> Result<Option<&Self>, Unmapped> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(fields)),
            Some(_) => Err(Unmapped::Field(name)),
        }
    }

    /// The names in an object.
    pub fn names(&self, name: &'static str) -> Result<impl Iterator<Item = &str>, Unmapped> {
        Ok(self.inner(name)?.into_iter().flat_map(Self::keys))
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let (mut fields, mut names) = (Vec::new(), HashSet::new());
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format_args!("`{}` stands twice", shown(&name))));
            }
            // Records are the most of a body, and nobody asks for what is in them.
            let value = match name.as_str() {
                "Data" | "Item" | "Records" | "MessageBody" | "CiphertextBlob" | "Plaintext" => {
                    map.next_value::<IgnoredAny>()?;
                    Value::Other
                }
                _ => map.next_value()?,
            };
            fields.push((name, value));
        }
        Ok(Value::Object(Fields(fields)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_field_that_stands_twice_is_refused() {
        assert!(Fields::of_json(br#"{"QueueUrl": "a", "QueueUrl": "b"}"#).is_err());
        assert!(Fields::of_json(br#"{"RequestItems": {"t": 1, "\u0074": 2}}"#).is_err());
        assert_eq!(Fields::of_form("Action=a&%41ction=b"), Err(Unmapped::Twice("Action".to_owned())));
        let (one, other) = (Fields::of_form("a=1").unwrap(), Fields::of_form("a=2").unwrap());
        assert!(one.and(other).is_err());
    }

    #[test]
    fn texts_are_decoded_and_other_types_are_told() {
        let form = Fields::of_form("QueueUrl=http%3A%2F%2Fh%2F1%2Fq&Message=a+b").unwrap();
        assert_eq!(form.text("QueueUrl"), Ok(Some("http://h/1/q")));
        assert_eq!(form.text("Message"), Ok(Some("a b")));
        let json = Fields::of_json(br#"{"TableName": 7, "Items": [{"A": "b"}, 1]}"#).unwrap();
        assert_eq!(json.text("TableName"), Err(Unmapped::Field("TableName")));
        assert_eq!(json.list("Items"), Err(Unmapped::Field("Items")));
        assert_eq!(json.text("None"), Ok(None));
    }

    #[test]
    fn nesting_ends() {
        let deep = format!("{}{}", "{\"a\":[".repeat(500), "]}".repeat(500));
        assert!(Fields::of_json(deep.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200), text in "[ -~]{0,60}") {
            let _ = Fields::of_json(&body);
            let _ = Fields::of_form(&text);
        }
    }
}
