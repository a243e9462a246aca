//! `guard` of a listener: what its rules do.

use hermetic_guard::{Action, RuleId};
use hermetic_tls::Ja4;
use jiff::civil::Date;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::de::DeValue;

use super::table::{self, At, Optional, Required, table};
use super::text::Line;
use super::value::{List, Refused, Text, Written, kind};
use crate::nearest::nearest;
use crate::problem::Problems;

table! {
    /// What a rule of the guard does, with the exception that it needs where that is less than it does
    /// by default.
    GuardRule in "rule of guard" {
        /// What it does with what offends it.
        action: Required<Action>,
        /// Why less is accepted.
        #[schemars(extend("examples" = ["old clients reuse connections"]))]
        reason: Optional<Line>,
        /// Who answers for it.
        #[schemars(extend("examples" = ["web"]))]
        owner: Optional<Line>,
        /// The last day on which it counts (UTC), without quotes: `2027-03-31`.
        until: Optional<Date>,
    }
}

table! {
    /// Which clients may come, by the JA4 fingerprint of their hello. The access log tells it of every
    /// client.
    FingerprintRule in "client-fingerprint of guard" {
        /// What happens to the others.
        #[schemars(extend("default" = "deny"))]
        action: Optional<Action>,
        /// Only these may come.
        allow: Optional<List<Ja4>>,
        /// None of these may come.
        deny: Optional<List<Ja4>>,
    }
}

/// What rules of the guard do, in the order in which they are written.
#[derive(Debug)]
pub(crate) struct Guard(pub(crate) Vec<At<(RuleId, Told)>>);

/// What is said of one rule.
#[derive(Debug)]
pub(crate) enum Told {
    Rule(GuardRule),
    Fingerprints(FingerprintRule),
    /// An action alone, and where it stands.
    Action(At<Action>),
}

impl Written for Guard {
    fn noun() -> String {
        "a table of rules".to_owned()
    }

    fn example() -> String {
        "{ insecure-origin = \"deny\" }".to_owned()
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let rule = generator.subschema_for::<GuardRule>();
        let fingerprints = generator.subschema_for::<FingerprintRule>();
        let property = |id: RuleId| {
            let actions: Vec<&str> = id.rule().allowed.iter().map(|action| action.as_str()).collect();
            let of = match id {
                RuleId::ClientFingerprint => json!({ "anyOf": [fingerprints] }),
                _ => json!({ "anyOf": [{ "enum": actions }, rule] }),
            };
            (id.to_string(), of)
        };
        let properties: Map<String, Value> = RuleId::ALL.into_iter().map(property).collect();
        json_schema!({
            "type": "object",
            "title": "table of rules and actions",
            "properties": properties,
            "additionalProperties": false,
        })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            let message = format!("{label} must be a table, not {}", kind(value.get_ref()));
            problems.tell(value.span().start, message, format!("write {}", Self::example()));
            return None;
        };
        let read: Vec<Option<At<(RuleId, Told)>>> = table
            .iter()
            .map(|(key, value)| {
                let rule = named(key.get_ref(), key.span().start, problems);
                let told = told(rule?, value, problems)?;
                Some(At { key: key.span().start, at: value.span().start, value: (rule?, told) })
            })
            .collect();
        // One that is wrong has been told; the others may be wrong for other reasons.
        let mut rules: Vec<_> = read.into_iter().flatten().collect();
        rules.sort_by_key(|rule| rule.key);
        Some(Self(rules))
    }
}

fn named(name: &str, at: usize, problems: &mut Problems<'_>) -> Option<RuleId> {
    let rule = name.parse().ok();
    if rule.is_none() {
        let hint = match nearest(name, RuleId::ALL.into_iter().map(RuleId::as_str)) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "`hermetic guard` lists the rules".to_owned(),
        };
        problems.tell(at, format!("no rule of the guard is called `{name}`"), hint);
    }
    rule
}

fn told(rule: RuleId, value: &Spanned<DeValue<'_>>, problems: &mut Problems<'_>) -> Option<Told> {
    let at = value.span().start;
    match (rule, value.get_ref()) {
        (RuleId::ClientFingerprint, DeValue::Table(table)) => {
            Some(Told::Fingerprints(table::read(table, at, problems)))
        }
        (_, DeValue::Table(table)) => Some(Told::Rule(table::read(table, at, problems))),
        (RuleId::ClientFingerprint, _) => {
            let hint = format!("write {{ deny = [\"{}\"] }}, or `allow`", Ja4::EXAMPLE);
            problems.tell(at, "`client-fingerprint` needs a list of fingerprints", hint);
            None
        }
        (_, DeValue::String(text)) => match Action::read(text) {
            Ok(action) => Some(Told::Action(At { key: at, at, value: action })),
            Err(refused) => {
                refused.tell::<Action>(at, problems);
                None
            }
        },
        (_, other) => {
            let message = format!("`{rule}` must be an action or a table, not {}", kind(other));
            problems.tell(at, message, format!("write {}, such as {}", Action::NOUN, Action::example()));
            None
        }
    }
}

impl Text for Action {
    const NOUN: &'static str = "\"deny\", \"fix\" or \"count\"";
    const EXAMPLE: &'static str = "deny";

    fn read(text: &str) -> Result<Self, Refused> {
        text.parse().map_err(|error: hermetic_guard::UnknownWord| {
            let refused = Refused::new(error.to_string());
            if ["off", "none", "allow"].contains(&text) {
                return refused.hint("no rule is ever off; \"count\" lets pass, and tells");
            }
            match nearest(text, Self::ALL.map(Self::as_str)) {
                Some(nearest) => refused.hint(format!("did you mean \"{nearest}\"?")),
                None => refused.hint("choose from \"deny\", \"fix\", \"count\""),
            }
        })
    }

    fn refine(schema: &mut Schema) {
        *schema = json_schema!({
            "type": "string",
            "oneOf": [
                { "const": "deny", "description": "refuses" },
                { "const": "fix", "description": "mends" },
                { "const": "count", "description": "lets pass and tells" },
            ],
        });
    }
}

impl Text for Ja4 {
    const NOUN: &'static str = "a JA4 fingerprint";
    const EXAMPLE: &'static str = "t13d1516h2_8daaf6152771_e5627efa2ab1";

    fn read(text: &str) -> Result<Self, Refused> {
        text.parse().map_err(|_| Refused::new(format!("`{text}` is not a JA4 fingerprint")))
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^[0-9a-zA-Z]{10}_[0-9a-f]{12}_[0-9a-f]{12}$".into());
    }
}
