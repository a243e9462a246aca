//! `[[profile]]`: what may be certified, for whom, for how long and with which keys.

use hermetic_keys::{KeyAlgorithm, KeyAlgorithmError};
use schemars::Schema;
use serde_json::json;

use super::table::{Optional, Required, table};
use super::text::Line;
use super::value::{List, Refused, Text};
use crate::model::Name;
use crate::nearest::nearest;
use crate::period::{MINUTE, Period, YEAR};

/// How long a certificate may live at all, in seconds.
pub(crate) type Lifetime = Period<MINUTE, { 100 * YEAR }>;

table! {
    /// What may be certified, for whom, for how long and with which keys. What is not written is as in the
    /// profile that it is `like`. The built-in profiles are `server`, `client`, `both`, `mesh` (one SPIFFE
    /// ID, and no other name), `ocsp` and `code`.
    Profile in "[[profile]]" {
        /// Its name; none of the built-in ones.
        #[schemars(extend("examples" = ["web"]))]
        name: Required<Name>,
        /// The profile that it is like: a built-in one or another `[[profile]]`. What the certificates may be
        /// used for, and how they name their party, comes from there.
        #[schemars(extend("default" = "both"))]
        like: Optional<Name>,
        /// The kinds of keys that it takes. Where the key is made here, it is of the first kind.
        #[schemars(extend("examples" = [["P-256", "Ed25519"]]))]
        keys: Optional<List<KeyAlgorithm>>,
        /// How long its certificates live.
        lifetime: Optional<LifetimeBounds>,
        /// The names that it certifies. Without it, any that are not denied.
        allow: Optional<List<NameRule>>,
        /// The names that it does not certify, whatever `allow` says. A wildcard that stands for one of them
        /// is denied too.
        deny: Optional<List<NameRule>>,
        /// Whether private keys that were made here may be exported.
        #[schemars(extend("default" = false))]
        export: Optional<bool>,
    }
}

table! {
    /// How long the certificates of a profile live: `least` ≤ `usual` ≤ `most`, and `most` no longer than
    /// the built-in profile behind it allows: 397 days for `server`, `client` and `both`, 30 for `mesh` and
    /// `ocsp`, 460 for `code`.
    LifetimeBounds in "lifetime of a [[profile]]" {
        /// The shortest that may be asked for.
        #[schemars(extend("examples" = ["1h"]))]
        least: Optional<Lifetime>,
        /// What is given where nobody asks for another; that of listeners and identities.
        #[schemars(extend("examples" = ["7d"]))]
        usual: Optional<Lifetime>,
        /// The longest that may be asked for.
        #[schemars(extend("examples" = ["90d"]))]
        most: Optional<Lifetime>,
    }
}

table! {
    /// A rule about names: just one of these keys.
    NameRule in "rule about names" {
        /// This name alone: a DNS name, which may be a wildcard, `ip:…` or `spiffe://…`.
        #[schemars(extend("examples" = ["shop.example.com"]))]
        exact: Optional<Line>,
        /// Every DNS name below this one, and not itself; no wildcard.
        #[schemars(extend("examples" = ["internal.example.com"]))]
        subdomain: Optional<Line>,
        /// The wildcard right below this domain: `*.example.com`.
        #[schemars(extend("examples" = ["example.com"]))]
        wildcard: Optional<Line>,
        /// The addresses of this network.
        #[schemars(extend("examples" = ["10.0.0.0/8"]))]
        ip: Optional<Line>,
        /// Every SPIFFE ID that begins so.
        #[schemars(extend("examples" = ["spiffe://shop.example.com/web/"]))]
        uri: Optional<Line>,
    }
}

impl Text for KeyAlgorithm {
    const NOUN: &'static str = "a kind of key";
    const EXAMPLE: &'static str = "P-256";

    fn read(text: &str) -> Result<Self, Refused> {
        text.parse().map_err(|error: KeyAlgorithmError| match nearest(text, Self::ALL.map(Self::name)) {
            Some(nearest) => Refused::new(format!("no kind of key is called `{text}`"))
                .hint(format!("did you mean \"{nearest}\"?")),
            None => Refused::with_remedy(&error),
        })
    }

    fn refine(schema: &mut Schema) {
        // AWS's names are valid too; editors complete ours.
        let names = Self::ALL.map(Self::name);
        schema.insert("anyOf".to_owned(), json!([{ "enum": names }, { "type": "string" }]));
    }
}
