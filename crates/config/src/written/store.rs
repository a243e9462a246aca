//! `store`: the PostgreSQL database of a fleet.

use hermetic_store::{PostgresUrl, PostgresUrlError};
use schemars::Schema;

use super::value::{Refused, Text};

impl Text for PostgresUrl {
    const NOUN: &'static str = "a PostgreSQL URL";
    const EXAMPLE: &'static str = "postgres://hermetic@db.internal/hermetic";

    fn read(text: &str) -> Result<Self, Refused> {
        text.parse().map_err(|error: PostgresUrlError| Refused::with_remedy(&error))
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^postgres(ql)?://[^:@/?]+@[^@]+$".into());
    }
}
