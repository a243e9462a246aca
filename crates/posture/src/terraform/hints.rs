//! What is known of a value before it is read: what of it is unknown or secret, and what the code says of it.

use super::written::Written;
use crate::scan::{Cursor, Json};

/// What is known of a value before it is read: what of it is unknown, and what the code says of it.
#[derive(Clone, Copy)]
pub(super) struct Hints<'e, 't> {
    /// What of it is known only after apply.
    pub unknown: Option<&'e Json<'t>>,
    /// What the code says of it.
    pub written: Written<'e, 't>,
    /// What of it Terraform holds back.
    pub sensitive: Option<&'e Json<'t>>,
    /// Whether its name says that it is a secret.
    pub secret: bool,
    /// Whether its name says that it names another resource.
    pub pointer: bool,
    /// Whether the attribute is called an ARN: `[each.key]` hides which attribute of the other resource is meant.
    pub arn: bool,
}

impl<'e, 't> Hints<'e, 't> {
    /// Nothing is known of it.
    pub const NONE: Self = Self {
        unknown: None,
        written: Written::Unseen,
        sensitive: None,
        secret: false,
        pointer: false,
        arn: false,
    };

    /// Nothing is known yet of a block, and this is what the code says of it.
    pub fn new(
        unknown: Option<&'e Json<'t>>,
        written: Option<&'e Json<'t>>,
        sensitive: Option<&'e Json<'t>>,
    ) -> Self {
        let written = written.map_or(Written::Unseen, Written::Block);
        Self { unknown, written, sensitive, ..Self::NONE }
    }

    /// What is known of the attribute of that name.
    pub fn of(self, name: &str) -> Self {
        let unknown = self.unknown.and_then(|unknown| unknown.entry(name));
        let arn = name.ends_with("arn") || name.ends_with("arns");
        let sensitive = self.sensitive.and_then(|sensitive| sensitive.entry(name).or(all(sensitive)));
        Self {
            unknown,
            written: self.written.of(name),
            sensitive,
            secret: is_secret(name),
            pointer: is_pointer(name),
            arn,
        }
    }

    /// What is known of an element.
    pub fn element(self, index: usize, element: Cursor<'t>) -> Self {
        let unknown = self.unknown.and_then(|unknown| unknown.elements().get(index));
        // Which block it was matters only where something of it is not known.
        let written = match self.written {
            Written::Blocks(_) if unknown.is_some() => self.written.element(element),
            Written::Blocks(_) => Written::Unseen,
            other => other.inside(),
        };
        let sensitive =
            self.sensitive.and_then(|sensitive| sensitive.elements().get(index).or(all(sensitive)));
        Self { unknown, written, sensitive, ..self }
    }

    /// Whether nobody may see it.
    pub fn is_secret(self) -> bool {
        self.secret || self.sensitive.and_then(all).is_some()
    }

    /// Whether it is known only after apply.
    pub fn is_unknown(self) -> bool {
        matches!(self.unknown, Some(Json::Bool(true)))
    }
}

/// What holds for all that is in it.
fn all<'e, 't>(json: &'e Json<'t>) -> Option<&'e Json<'t>> {
    (*json == Json::Bool(true)).then_some(json)
}

/// A state says of none of its attributes that it is a secret, so their names must.
fn is_secret(name: &str) -> bool {
    name.ends_with("password")
        || name.ends_with("auth_token")
        || name.ends_with("hec_token")
        || name.ends_with("private_key")
        || name.ends_with("preshared_key")
        || name.ends_with("access_key")
        || name.ends_with("secret_string")
}

/// `engine = "postgres"` is no parameter group of that name.
fn is_pointer(name: &str) -> bool {
    let one = name.strip_suffix('s').unwrap_or(name);
    one.ends_with("_id")
        || one.ends_with("_arn")
        || one.ends_with("_name")
        || name.ends_with("_url")
        || name.ends_with("bucket")
        || name.ends_with("role")
        || name.ends_with("repository")
        || name.ends_with("cluster")
}
