//! Where the certificates of a listener come from that the authority does not issue for it.

use std::path::PathBuf;

use schemars::{Schema, SchemaGenerator, json_schema};
use toml::Spanned;
use toml::de::DeValue;

use super::table::{self, Required, table};
use super::value::{Refused, Text, Written};
use crate::model::StoredCertificate;
use crate::problem::Problems;

table! {
    /// A certificate and its key, in PEM files.
    CertificateFiles in "certificate" {
        /// The certificate and the intermediates behind it.
        #[schemars(extend("examples" = ["certs/edge.pem"]))]
        cert: Required<PathBuf>,
        /// Its private key.
        #[schemars(extend("examples" = ["certs/edge.key"]))]
        key: Required<PathBuf>,
    }
}

table! {
    /// A certificate in the store, whoever made it: imported, issued, or made for tests. What is issued here is
    /// renewed while it is served.
    InStore in "certificate in the store" {
        /// A name in it (`shop.example.com`, `ip:…`, `spiffe://…`), by which the one is meant that lasts
        /// longest, and then whatever is renewed or imported in its place; or `serial:` and its serial number,
        /// by which that one alone is.
        stored: Required<StoredCertificate>,
    }
}

/// A certificate that is brought: in files, or in the store.
#[derive(Debug)]
pub(crate) enum Certificate {
    Files(CertificateFiles),
    Stored(InStore),
}

impl Written for Certificate {
    fn noun() -> String {
        "a table".to_owned()
    }

    fn example() -> String {
        CertificateFiles::example()
    }

    fn header(key: &str) -> Option<String> {
        CertificateFiles::header(key)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let files = generator.subschema_for::<CertificateFiles>();
        let stored = generator.subschema_for::<InStore>();
        json_schema!({ "anyOf": [files, stored] })
    }

    /// The kind is told by the key that only it has.
    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) if table.contains_key("stored") => {
                Some(Self::Stored(table::read(table, value.span().start, problems)))
            }
            _ => CertificateFiles::decode(value, label, problems).map(Self::Files),
        }
    }
}

impl Text for StoredCertificate {
    const NOUN: &'static str = "a name or serial number";
    const EXAMPLE: &'static str = "shop.example.com";

    fn read(text: &str) -> Result<Self, Refused> {
        text.parse().map_err(|error: crate::model::StoredCertificateError| Refused::with_remedy(&error))
    }
}
