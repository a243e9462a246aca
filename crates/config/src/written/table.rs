//! How tables are read: each key by its type, all problems told, nothing unknown let pass.
//!
//! The `table!` macro makes of one declaration the type, its reader and its JSON Schema, so that
//! what is documented and what is accepted can't differ.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::nearest::nearest;
use crate::problem::Problems;
use crate::written::value::Written;

/// A value, and where it was written: the bytes at which its key and itself begin. In a list both
/// are its own.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) key: usize,
    pub(crate) at: usize,
    pub(crate) value: T,
}

/// A key that must be there. `None` where it is missing or wrong, which has been told already.
#[derive(Debug)]
pub(crate) struct Required<T>(Option<At<T>>);

/// A key that may be there.
#[derive(Debug)]
pub(crate) enum Optional<T> {
    /// It isn't.
    Absent,
    /// It is, with a value that can't be used, which has been told already.
    Wrong,
    /// It is.
    Written(At<T>),
}

/// A table that a person writes.
pub(crate) trait Table: Sized {
    /// How it is named in messages: `[[listener]]`.
    const TITLE: &'static str;
    /// Its keys, in the order of the documentation.
    const KEYS: &'static [KeyFacts];
    /// Reads all keys.
    fn take(entries: &mut Entries<'_, '_, '_>) -> Self;
}

/// What is known of a key before anything is read.
#[derive(Debug)]
pub(crate) struct KeyFacts {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    /// Its header where it is a table.
    pub(crate) header: fn(&str) -> Option<String>,
    pub(crate) example: fn() -> String,
}

/// A key's type: required or optional.
pub(crate) trait Key: Sized {
    /// What stands at the key.
    type Value: Written;
    const REQUIRED: bool;
    fn take(entries: &mut Entries<'_, '_, '_>, name: &'static str) -> Self;
}

/// A table that is being read.
#[derive(Debug)]
pub(crate) struct Entries<'a, 'p, 't> {
    table: &'a DeTable<'a>,
    at: usize,
    title: &'static str,
    problems: &'p mut Problems<'t>,
}

/// Reads a table that begins at this byte.
pub(crate) fn read<T: Table>(table: &DeTable<'_>, at: usize, problems: &mut Problems<'_>) -> T {
    let mut entries = Entries { table, at, title: T::TITLE, problems };
    let read = T::take(&mut entries);
    entries.refuse_others(T::KEYS);
    read
}

impl Entries<'_, '_, '_> {
    fn value<T: Written>(&mut self, name: &str) -> Optional<T> {
        let Some((key, value)) = self.table.get_key_value(name) else { return Optional::Absent };
        match T::decode(value, &format!("`{name}`"), self.problems) {
            Some(decoded) => {
                Optional::Written(At { key: key.span().start, at: value.span().start, value: decoded })
            }
            None => Optional::Wrong,
        }
    }

    fn refuse_others(&mut self, known: &[KeyFacts]) {
        for (key, value) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if !known.iter().any(|known| known.name == name) {
                let (message, hint) = self.unknown(name, value.get_ref(), known);
                self.problems.tell(key.span().start, message, hint);
            }
        }
    }

    fn unknown(&self, name: &str, value: &DeValue<'_>, known: &[KeyFacts]) -> (String, String) {
        let header = match value {
            DeValue::Table(_) => Some(format!("[{name}]")),
            DeValue::Array(list) if list.iter().any(|entry| entry.get_ref().is_table()) => {
                Some(format!("[[{name}]]"))
            }
            _ => None,
        };
        let message = match &header {
            Some(header) if self.title.is_empty() => format!("unknown table `{header}`"),
            _ if self.title.is_empty() => format!("unknown key `{name}`"),
            _ => format!("unknown key `{name}` in {}", self.title),
        };
        if let Some(nearest) = nearest(name, known.iter().map(|known| known.name)) {
            return (message, format!("did you mean `{nearest}`?"));
        }
        let headers: Vec<String> = known.iter().filter_map(|known| (known.header)(known.name)).collect();
        let keys: Vec<&str> = known.iter().map(|known| known.name).collect();
        let hint = match header {
            Some(_) if self.title.is_empty() => format!("the tables are {}", headers.join(", ")),
            _ => format!("the keys are {}", keys.join(", ")),
        };
        (message, hint)
    }
}

impl<T> Required<T> {
    /// The value, where there is one.
    pub(crate) fn written(&self) -> Option<&At<T>> {
        self.0.as_ref()
    }
}

impl<T> Optional<T> {
    /// The value, where there is one.
    pub(crate) fn written(&self) -> Option<&At<T>> {
        match self {
            Self::Written(at) => Some(at),
            Self::Absent | Self::Wrong => None,
        }
    }
}

impl<T> Optional<T> {
    /// Whether and where it is written, whatever it says.
    pub(crate) fn place(&self) -> Optional<()> {
        match self {
            Self::Absent => Optional::Absent,
            Self::Wrong => Optional::Wrong,
            Self::Written(at) => Optional::Written(At { key: at.key, at: at.at, value: () }),
        }
    }
}

impl<T: Clone> Optional<T> {
    /// The value, or this one where the key isn't there; `None` where it is wrong.
    pub(crate) fn or(&self, default: T) -> Option<T> {
        match self {
            Self::Absent => Some(default),
            Self::Wrong => None,
            Self::Written(at) => Some(at.value.clone()),
        }
    }

    /// The value in `Some`, or `Some(None)` where the key isn't there; `None` where it is wrong.
    pub(crate) fn if_any(&self) -> Option<Option<T>> {
        match self {
            Self::Absent => Some(None),
            Self::Wrong => None,
            Self::Written(at) => Some(Some(at.value.clone())),
        }
    }
}

impl<T: Written> Key for Required<T> {
    type Value = T;
    const REQUIRED: bool = true;

    fn take(entries: &mut Entries<'_, '_, '_>, name: &'static str) -> Self {
        match entries.value(name) {
            Optional::Written(at) => Self(Some(at)),
            Optional::Wrong => Self(None),
            Optional::Absent => {
                let message = format!("`{name}` is missing in {}", entries.title);
                let hint = format!("add {}: `{name} = {}`", T::noun(), T::example());
                entries.problems.tell(entries.at, message, hint);
                Self(None)
            }
        }
    }
}

impl<T: Written> Key for Optional<T> {
    type Value = T;
    const REQUIRED: bool = false;

    fn take(entries: &mut Entries<'_, '_, '_>, name: &'static str) -> Self {
        entries.value(name)
    }
}

macro_rules! schema_of_the_value {
    ($($key:ident),*) => {$(
        impl<T: Written> JsonSchema for $key<T> {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($key).into()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::schema(generator)
            }
        }
    )*};
}

schema_of_the_value!(Required, Optional);

/// Completes a table's schema: its title, and which keys must be there.
pub(crate) fn complete<T: Table>(schema: &mut Schema) {
    schema.insert("title".to_owned(), T::TITLE.into());
    let required: Vec<&str> = T::KEYS.iter().filter(|key| key.required).map(|key| key.name).collect();
    schema.remove("required");
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
}

/// An example of a table: its required keys, or the first where none is.
pub(crate) fn example<T: Table>() -> String {
    let mut keys: Vec<&KeyFacts> = T::KEYS.iter().filter(|key| key.required).collect();
    keys.extend(T::KEYS.first().filter(|_| keys.is_empty()));
    let pairs: Vec<String> = keys.iter().map(|key| format!("{} = {}", key.name, (key.example)())).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// Decodes a table as a value of a key.
pub(crate) fn decode<T: Table>(
    value: &Spanned<DeValue<'_>>,
    label: &str,
    problems: &mut Problems<'_>,
) -> Option<T> {
    match value.get_ref() {
        DeValue::Table(table) => Some(read(table, value.span().start, problems)),
        other => {
            let hint = match T::TITLE.starts_with('[') {
                true => format!("write its keys under a header {}", T::TITLE),
                false => format!("write it as {}", example::<T>()),
            };
            let message = format!("{label} must be a table, not {}", super::value::kind(other));
            problems.tell(value.span().start, message, hint);
            None
        }
    }
}

/// Declares a table: its type, its reader and its schema.
macro_rules! table {
    (
        $(#[$about:meta])*
        $name:ident in $title:literal { $($(#[$key_about:meta])* $key:ident: $type:ty,)+ }
    ) => {
        $(#[$about])*
        #[derive(Debug, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields, transform = $crate::written::table::complete::<$name>)]
        pub(crate) struct $name {
            $($(#[$key_about])* pub(crate) $key: $type,)+
        }

        impl $crate::written::table::Table for $name {
            const TITLE: &'static str = $title;
            const KEYS: &'static [$crate::written::table::KeyFacts] = &[$($crate::written::table::KeyFacts {
                name: stringify!($key),
                required: <$type as $crate::written::table::Key>::REQUIRED,
                header: <<$type as $crate::written::table::Key>::Value as $crate::written::value::Written>::header,
                example: <<$type as $crate::written::table::Key>::Value as $crate::written::value::Written>::example,
            }),+];

            fn take(entries: &mut $crate::written::table::Entries<'_, '_, '_>) -> Self {
                Self { $($key: $crate::written::table::Key::take(entries, stringify!($key)),)+ }
            }
        }

        impl $crate::written::value::Written for $name {
            fn noun() -> String {
                "a table".to_owned()
            }
            fn example() -> String {
                $crate::written::table::example::<Self>()
            }
            fn header(key: &str) -> Option<String> {
                Some(format!("[{key}]"))
            }
            fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                generator.subschema_for::<Self>()
            }
            fn decode(
                value: &toml::Spanned<toml::de::DeValue<'_>>,
                label: &str,
                problems: &mut $crate::problem::Problems<'_>,
            ) -> Option<Self> {
                $crate::written::table::decode(value, label, problems)
            }
        }
    };
}
pub(crate) use table;
