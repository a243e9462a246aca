//! Enumerations that the database keeps as words.

/// An enumeration whose values are kept, shown and read as words.
macro_rules! words {
    ($(#[$about:meta])* pub enum $name:ident { $($(#[$of:meta])* $value:ident = $word:literal),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $word)] $value),*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$value),*];

            /// Its word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$value => $word),* }
            }

            /// The value of this word; `None` where there is none.
            pub fn of_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.word())
            }
        }

        impl From<$name> for $crate::engine::Value {
            fn from(value: $name) -> Self {
                Self::Text(value.word().to_owned())
            }
        }

        impl $crate::engine::Taken for $name {
            const KIND: &'static str = stringify!($name);

            fn taken(value: $crate::engine::Value) -> Option<Self> {
                Self::of_word(&String::taken(value)?)
            }
        }
    };
}
pub(crate) use words;
