//! Fields from JSON: those that anybody asks for are kept, all others passed over.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Fields, MOST, Value, is_asked_for};
use crate::call::{Unmapped, shown};

/// Reads a body.
pub(super) fn read(body: &[u8]) -> Result<Value, Unmapped> {
    let wrong = |error: serde_json::Error| Unmapped::Body(shown(&error.to_string()).into());
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = Reader { left: &Cell::new(MOST) }.deserialize(&mut json).map_err(wrong)?;
    json.end().map_err(wrong)?;
    Ok(value)
}

/// Reads a value, as long as this many may be read.
#[derive(Clone, Copy)]
struct Reader<'a> {
    left: &'a Cell<usize>,
}

impl Reader<'_> {
    fn count<E: serde::de::Error>(self) -> Result<(), E> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.ok_or_else(|| E::custom("it has too many fields"))?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
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
        while let Some(value) = seq.next_element_seed(self)? {
            self.count()?;
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let (mut fields, mut names) = (Vec::new(), HashSet::new());
        while let Some(name) = map.next_key::<String>()? {
            self.count()?;
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format_args!("`{}` stands twice", shown(&name))));
            }
            let value = if is_asked_for(&name) {
                map.next_value_seed(self)?
            } else {
                map.next_value::<IgnoredAny>()?;
                Value::Other
            };
            fields.push((name, value));
        }
        Ok(Value::Object(Fields(fields)))
    }
}
