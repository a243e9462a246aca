//! What goes into a statement and comes out of it: whole numbers, text, bytes, or nothing.

use jiff::Timestamp;

use crate::error::{Fault, StoreError};

/// A value of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// None.
    Null,
    /// A whole number; a truth as 0 or 1; an instant as microseconds since 1970.
    Integer(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The values of a statement, in the order of its `$1`, `$2` …
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::engine::Value::from($value)),*] };
}
pub(crate) use values;

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u64> for Value {
    /// None of ours comes near the limit: they are counted from 0 or 1.
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Integer(truth.into())
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Integer(at.as_microsecond())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<&Vec<u8>> for Value {
    fn from(bytes: &Vec<u8>) -> Self {
        Self::Bytes(bytes.clone())
    }
}

impl From<[u8; 32]> for Value {
    fn from(bytes: [u8; 32]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<&Option<Vec<u8>>> for Value {
    fn from(bytes: &Option<Vec<u8>>) -> Self {
        bytes.as_ref().map_or(Self::Null, Into::into)
    }
}

/// Refuses a text that not every database can keep.
pub(crate) fn writable(values: &[Value]) -> Result<(), Fault> {
    let has_nul = |value: &Value| matches!(value, Value::Text(text) if text.contains('\0'));
    match values.iter().any(has_nul) {
        true => Err(StoreError::Database("a text with a NUL character can't be kept".to_owned()).into()),
        false => Ok(()),
    }
}

/// A row of an answer; its columns are taken one after the other, as the statement names them.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(columns: Vec<Value>) -> Self {
        Self(columns.into_iter())
    }

    /// The columns that were not taken yet.
    pub(crate) fn rest(self) -> Vec<Value> {
        self.0.collect()
    }

    /// The next column; an error where it is of another kind.
    pub(crate) fn take<T: Taken>(&mut self) -> Result<T, Fault> {
        let value = self.0.next().unwrap_or(Value::Null);
        T::taken(value).ok_or_else(|| {
            let reason = format!("a column is no {}; the database was changed by hand", T::KIND);
            StoreError::Database(reason).into()
        })
    }
}

/// What a column can be taken as.
pub(crate) trait Taken: Sized {
    /// Its name in an error.
    const KIND: &'static str;

    /// The value as this; `None` where it is another kind.
    fn taken(value: Value) -> Option<Self>;
}

impl Taken for i64 {
    const KIND: &'static str = "number";

    fn taken(value: Value) -> Option<Self> {
        if let Value::Integer(number) = value { Some(number) } else { None }
    }
}

impl Taken for u64 {
    const KIND: &'static str = "count";

    fn taken(value: Value) -> Option<Self> {
        i64::taken(value)?.try_into().ok()
    }
}

impl Taken for u32 {
    const KIND: &'static str = "small count";

    fn taken(value: Value) -> Option<Self> {
        i64::taken(value)?.try_into().ok()
    }
}

impl Taken for bool {
    const KIND: &'static str = "truth";

    fn taken(value: Value) -> Option<Self> {
        Some(i64::taken(value)? != 0)
    }
}

impl Taken for Timestamp {
    const KIND: &'static str = "instant";

    fn taken(value: Value) -> Option<Self> {
        Timestamp::from_microsecond(i64::taken(value)?).ok()
    }
}

impl Taken for String {
    const KIND: &'static str = "text";

    fn taken(value: Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text) } else { None }
    }
}

impl Taken for Vec<u8> {
    const KIND: &'static str = "bytes";

    fn taken(value: Value) -> Option<Self> {
        if let Value::Bytes(bytes) = value { Some(bytes) } else { None }
    }
}

impl Taken for [u8; 32] {
    const KIND: &'static str = "hash";

    fn taken(value: Value) -> Option<Self> {
        Vec::taken(value)?.try_into().ok()
    }
}

impl<T: Taken> Taken for Option<T> {
    const KIND: &'static str = T::KIND;

    fn taken(value: Value) -> Option<Self> {
        if value == Value::Null { Some(None) } else { T::taken(value).map(Some) }
    }
}

/// An instant of at most microseconds: finer ones are cut, so that what is read is what was written.
pub(crate) fn to_the_microsecond(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}
