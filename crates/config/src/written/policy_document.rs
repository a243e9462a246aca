//! `policy_document`: a policy document by its file, with what it does not say itself.

use std::path::PathBuf;

use hermetic_iam::document::AccountId;
use hermetic_permit::Service;
use schemars::{Schema, SchemaGenerator, json_schema};
use toml::Spanned;
use toml::de::DeValue;

use super::table::{self, At, Optional, Required, table};
use super::text::Line;
use super::value::{Refused, Text, Written};
use crate::nearest::nearest;
use crate::problem::Problems;

table! {
    /// A policy document, with what it does not say itself.
    StatedDocument in "policy_document" {
        /// Its file.
        #[schemars(extend("examples" = ["bucket-policy.json"]))]
        file: Required<PathBuf>,
        /// The service that is spoken. Without it, the one of its ARNs and actions.
        service: Optional<Service>,
        /// The region in which names become ARNs. Without it, the one of its ARNs.
        #[schemars(extend("examples" = ["eu-west-1"]))]
        region: Optional<Line>,
        /// The account in which names become ARNs. Without it, the one of its ARNs.
        account: Optional<AccountId>,
    }
}

/// A policy document.
#[derive(Debug)]
pub(crate) enum PolicyDocument {
    /// By its file alone.
    File(At<PathBuf>),
    Stated(StatedDocument),
}

impl Written for PolicyDocument {
    fn noun() -> String {
        "a file".to_owned()
    }

    fn example() -> String {
        "\"bucket-policy.json\"".to_owned()
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let (file, stated) = (PathBuf::schema(generator), generator.subschema_for::<StatedDocument>());
        json_schema!({ "anyOf": [file, stated], "examples": ["bucket-policy.json"] })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        let at = value.span().start;
        match value.get_ref() {
            DeValue::Table(table) => Some(Self::Stated(table::read(table, at, problems))),
            _ => PathBuf::decode(value, label, problems)
                .map(|file| Self::File(At { key: at, at, value: file })),
        }
    }
}

impl Text for Service {
    const NOUN: &'static str = "a service";
    const EXAMPLE: &'static str = "s3";

    fn read(text: &str) -> Result<Self, Refused> {
        text.parse().map_err(|error: hermetic_permit::UnknownService| {
            let refused = Refused::with_remedy(&error);
            match nearest(text, Self::ALL.map(Self::as_str)) {
                Some(nearest) => refused.hint(format!("did you mean \"{nearest}\"?")),
                None => refused,
            }
        })
    }

    fn refine(schema: &mut Schema) {
        *schema = json_schema!({ "type": "string", "enum": Self::ALL.map(Self::as_str) });
    }
}

impl Text for AccountId {
    const NOUN: &'static str = "an account's number";
    const EXAMPLE: &'static str = "111122223333";

    fn read(text: &str) -> Result<Self, Refused> {
        Self::read(text).ok_or_else(|| Refused::new(format!("`{text}` is not twelve digits")))
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^[0-9]{12}$".into());
    }
}
