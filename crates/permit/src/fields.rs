//! The fields of a request's body or query, where the name of what it is about stands.
//!
//! Readers differ: of a field that stands twice, a service may take the other one, and some take names for the same
//! that differ in case. So a field that counts must stand once, spelled as its service does.

mod json;

use std::collections::HashSet;

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
    /// Anything else, and whatever nobody asks for.
    Other,
}

/// The most fields that are read of a request; no service takes near as many.
const MOST: usize = 10_000;

/// The fields of which anybody asks for the value. Records and items are the most of a body, and none of these.
pub(crate) const ASKED_FOR: &[&str] = &[
    "Action",
    "AliasName",
    "BackupArn",
    "ConditionCheck",
    "ConsumerARN",
    "Delete",
    "DestinationArn",
    "DestinationKeyId",
    "ExportArn",
    "Get",
    "ImportArn",
    "IndexName",
    "KeyId",
    "Name",
    "Put",
    "QueueName",
    "QueueUrl",
    "RequestItems",
    "ResourceARN",
    "ResourceArn",
    "SourceArn",
    "SourceKeyId",
    "Statement",
    "Statements",
    "StreamARN",
    "StreamArn",
    "StreamName",
    "TableArn",
    "TableName",
    "TargetArn",
    "TargetKeyId",
    "TargetTableName",
    "TopicArn",
    "TransactItems",
    "TransactStatements",
    "Update",
];

impl Fields {
    /// Of a JSON object.
    pub fn of_json(body: &[u8]) -> Result<Self, Unmapped> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        match json::read(body)? {
            Value::Object(fields) => Ok(fields),
            _ => Err(Unmapped::Body("it is no JSON object".into())),
        }
    }

    /// Of a query and a form, together.
    pub fn of_forms(texts: [&str; 2]) -> Result<Self, Unmapped> {
        let decoded = |part: &str| percent_decoded(&part.replace('+', " ")).ok_or(Unmapped::Form);
        let (mut fields, mut names) = (Vec::new(), HashSet::new());
        for pair in texts.into_iter().flat_map(|text| text.split('&')).filter(|pair| !pair.is_empty()) {
            // It was a separator once (HTML 4.01, B.2.2), and is to some readers still.
            if pair.contains(';') || fields.len() == MOST {
                return Err(Unmapped::Form);
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name)?;
            if !names.insert(name.clone()) {
                return Err(Unmapped::Twice(shown(&name)));
            }
            let value = if is_asked_for(&name) { Value::Text(decoded(value)?) } else { Value::Other };
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// Their names.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there is one of this name, or of one that some readers take for it.
    pub fn have(&self, name: &str) -> bool {
        self.keys().any(|known| are_alike(known, name))
    }

    /// A text; `None` where there is none.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, Unmapped> {
        match self.value(name)? {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Unmapped::Field(name)),
        }
    }

    /// A name or an ARN; `None` where there is none. What is in no name is refused: some readers leave it away.
    pub fn name(&self, name: &'static str) -> Result<Option<&str>, Unmapped> {
        let text = self.text(name)?;
        match text.is_none_or(is_name) {
            true => Ok(text),
            false => Err(Unmapped::Field(name)),
        }
    }

    /// A list of objects; empty where there is none.
    pub fn list<'a>(&'a self, name: &'static str) -> Result<Vec<&'a Self>, Unmapped> {
        let object = |value: &'a Value| match value {
            Value::Object(fields) => Ok(fields),
            _ => Err(Unmapped::Field(name)),
        };
        match self.value(name)? {
            None => Ok(Vec::new()),
            Some(Value::List(values)) => values.iter().map(object).collect(),
            Some(_) => Err(Unmapped::Field(name)),
        }
    }

    /// An object; `None` where there is none.
    pub fn inner(&self, name: &'static str) -> Result<Option<&Self>, Unmapped> {
        match self.value(name)? {
            None => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(fields)),
            Some(_) => Err(Unmapped::Field(name)),
        }
    }

    /// The names in an object.
    pub fn names(&self, name: &'static str) -> Result<Vec<&str>, Unmapped> {
        let names: Vec<&str> = self.inner(name)?.into_iter().flat_map(Self::keys).collect();
        match names.iter().all(|name| is_name(name)) {
            true => Ok(names),
            false => Err(Unmapped::Field(name)),
        }
    }

    fn value(&self, name: &'static str) -> Result<Option<&Value>, Unmapped> {
        let mut alike = self.0.iter().filter(|(known, _)| are_alike(known, name));
        match (alike.next(), alike.next()) {
            (None, _) => Ok(None),
            (Some((known, value)), None) if known == name => Ok(Some(value)),
            (Some((known, _)), None) => Err(Unmapped::Spelling(shown(known))),
            (Some(_), Some(_)) => Err(Unmapped::Twice(name.to_owned())),
        }
    }
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_asked_for(name: &str) -> bool {
    ASKED_FOR.iter().any(|known| are_alike(known, name))
}

/// Whether some reader takes one name for the other: those of Go, for one, take each letter for any that folds to it.
fn are_alike(one: &str, other: &str) -> bool {
    one.chars().map(folded).eq(other.chars().map(folded))
}

fn folded(letter: char) -> char {
    match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        letter => letter.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of_form(text: &str) -> Result<Fields, Unmapped> {
        Fields::of_forms(["", text])
    }

    #[test]
    fn a_field_that_stands_twice_is_refused() {
        assert!(Fields::of_json(br#"{"QueueUrl": "a", "QueueUrl": "b"}"#).is_err());
        assert!(Fields::of_json(br#"{"RequestItems": {"t": 1, "\u0074": 2}}"#).is_err());
        assert_eq!(of_form("Action=a&%41ction=b"), Err(Unmapped::Twice("Action".to_owned())));
        assert_eq!(Fields::of_forms(["a=1", "a=2"]), Err(Unmapped::Twice("a".to_owned())));
    }

    #[test]
    fn a_name_that_some_readers_take_for_another_is_refused() {
        let both = Fields::of_json(br#"{"QueueUrl": "a", "queueurl": "b"}"#).unwrap();
        assert_eq!(both.text("QueueUrl"), Err(Unmapped::Twice("QueueUrl".to_owned())));
        for name in ["STREAMARN", "StreamArn", "\u{17f}treamARN"] {
            let fields = Fields::of_json(format!(r#"{{"{name}": "a"}}"#).as_bytes()).unwrap();
            assert_eq!(fields.text("StreamARN"), Err(Unmapped::Spelling(name.to_owned())));
        }
        // These are names of tables, which differ by case.
        let tables = Fields::of_json(br#"{"RequestItems": {"t": {}, "T": {}}}"#).unwrap();
        assert_eq!(tables.names("RequestItems").unwrap(), ["t", "T"]);
    }

    #[test]
    fn texts_are_decoded_and_other_types_are_told() {
        let form = of_form("QueueUrl=http%3A%2F%2Fh%2F1%2Fq&Action=a+b").unwrap();
        assert_eq!(form.text("QueueUrl"), Ok(Some("http://h/1/q")));
        assert_eq!(form.text("Action"), Ok(Some("a b")));
        let json = Fields::of_json(br#"{"TableName": 7, "Statements": [{"A": "b"}, 1]}"#).unwrap();
        assert_eq!(json.text("TableName"), Err(Unmapped::Field("TableName")));
        assert_eq!(json.list("Statements"), Err(Unmapped::Field("Statements")));
        assert_eq!(json.text("None"), Ok(None));
    }

    #[test]
    fn a_semicolon_that_some_take_for_a_separator_is_refused() {
        assert_eq!(of_form("Message=a;Action=b"), Err(Unmapped::Form));
        assert!(of_form("Message=a%3BAction=b").is_ok());
    }

    #[test]
    fn fields_without_end_are_refused_and_values_that_nobody_asks_for_cost_nothing() {
        let form = |count: usize| (0..count).map(|at| format!("f{at}=&")).collect::<String>();
        assert!(of_form(&form(MOST)).is_ok());
        assert_eq!(of_form(&form(MOST + 1)), Err(Unmapped::Form));
        let json = |name: &str| format!(r#"{{"{name}": [{}0]}}"#, "0,".repeat(MOST));
        assert!(Fields::of_json(json("Statements").as_bytes()).is_err());
        assert!(Fields::of_json(json("Records").as_bytes()).is_ok());
    }

    #[test]
    fn nesting_ends() {
        let deep = format!("{}{}", "{\"Put\":[".repeat(500), "]}".repeat(500));
        assert!(Fields::of_json(deep.as_bytes()).is_err());
    }

    #[test]
    fn nothing_stands_behind_the_object() {
        assert!(Fields::of_json(b"{} {}").is_err());
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200), text in "[ -~]{0,60}") {
            let _ = Fields::of_json(&body);
            let _ = of_form(&text);
        }
    }
}
