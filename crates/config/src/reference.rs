//! The JSON Schema of `hermetic.toml`, and the reference page of the book made from it.

#![expect(clippy::indexing_slicing, reason = "indexing a JSON value that is not there gives null")]

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::written::certificate::InStore;
use crate::written::hook::HookTls;
use crate::written::hop::{HopTls, LogSource, PgStatSslSource};
use crate::written::keys::Encryption;
use crate::written::policy_document::StatedDocument;
use crate::written::profile::LifetimeBounds;
use crate::written::table::Table;
use crate::written::{
    Authority, Burst, CertificateFiles, Cleartext, Exception, File, FingerprintRule, Flow, GuardRule, Hook,
    Hop, Keys, Limits, Listener, NameRule, Profile, ProxyProtocol, Requirement, Route, Scan, Tls, Token,
    Upstream,
};

const OPENING: &str = "\
<!-- Generated from the types of crates/config; don't edit. UPDATE_DOCS=1 cargo test -p hermetic-config -->

# hermetic.toml

All keys of the configuration. An unknown key is an error, and so is anything else that can't be
meant: `hermetic check` tells all of it at once, each with its place and what to do. Durations are
numbers with units: `y` (365 days), `d`, `h`, `m`, `s`, as in `30s` or `1h30m`. `hermetic config
schema` prints a JSON Schema by which editors complete and check the file.
";

/// The JSON Schema (draft 2020-12) of `hermetic.toml`, by which editors complete it.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<File>();
    schema.insert("title".to_owned(), "hermetic.toml".into());
    schema.to_value()
}

/// The reference page, in Markdown: every table, every key.
pub fn reference() -> String {
    let schema = schema();
    let sections = [
        section::<File>(&schema, &schema),
        table::<Keys>(&schema),
        table::<Encryption>(&schema),
        table::<Scan>(&schema),
        table::<Token>(&schema),
        table::<Authority>(&schema),
        table::<Profile>(&schema),
        table::<LifetimeBounds>(&schema),
        table::<NameRule>(&schema),
        table::<Hook>(&schema),
        table::<HookTls>(&schema),
        table::<Listener>(&schema),
        table::<CertificateFiles>(&schema),
        table::<InStore>(&schema),
        table::<ProxyProtocol>(&schema),
        table::<Limits>(&schema),
        table::<Burst>(&schema),
        table::<GuardRule>(&schema),
        table::<FingerprintRule>(&schema),
        table::<StatedDocument>(&schema),
        table::<Route>(&schema),
        table::<Upstream>(&schema),
        table::<Tls>(&schema),
        table::<Cleartext>(&schema),
        table::<Hop>(&schema),
        table::<HopTls>(&schema),
        table::<LogSource>(&schema),
        table::<PgStatSslSource>(&schema),
        table::<Flow>(&schema),
        table::<Requirement>(&schema),
        table::<Exception>(&schema),
    ];
    format!("{OPENING}\n{}", sections.join("\n"))
}

fn table<T: Table + JsonSchema>(root: &Value) -> String {
    section::<T>(root, &root["$defs"][T::schema_name().as_ref()])
}

fn section<T: Table>(root: &Value, schema: &Value) -> String {
    let heading = if T::TITLE.is_empty() { "At the top".to_owned() } else { format!("`{}`", T::TITLE) };
    let head = "| key | value | default | what it is |\n|---|---|---|---|\n";
    let mut page = format!("## {heading}\n\n{}\n\n{head}", prose(schema));
    for key in T::KEYS {
        let property = &schema["properties"][key.name];
        let default = match (&property["default"], key.required) {
            (Value::Null, true) => "required".to_owned(),
            (Value::Null, false) => String::new(),
            (default, _) => format!("`{default}`"),
        };
        let kind = kind(root, property);
        let example = example(property).map(|value| format!(" Example: `{} = {value}`.", key.name));
        let meaning = format!("{}{}", prose(property), example.unwrap_or_default());
        page.push_str(&format!("| `{}` | {kind} | {default} | {meaning} |\n", key.name));
    }
    page
}

/// The description, on one line.
fn prose(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().replace('\n', " ")
}

/// What may be written, in words.
fn kind(root: &Value, property: &Value) -> String {
    if let Some(definition) = property["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        let title = root["$defs"][definition]["title"].as_str().unwrap_or_default();
        return format!("[`{title}`](#{})", anchor(title));
    }
    if let Some(words) = property["oneOf"].as_array() {
        let word = |word: &Value| format!("`{}`: {}", word["const"], prose(word));
        return words.iter().map(word).collect::<Vec<_>>().join("; ");
    }
    if let (None, Some(kinds)) = (property["title"].as_str(), property["anyOf"].as_array()) {
        return kinds.iter().map(|of| kind(root, of)).collect::<Vec<_>>().join(" or ");
    }
    if let Some(word) = property["const"].as_str() {
        return format!("`{word}`");
    }
    match (property["title"].as_str(), property["type"].as_str()) {
        (Some(title), _) => title.to_owned(),
        (None, Some("array")) => format!("list: {}", kind(root, &property["items"])),
        (None, Some("integer")) => format!("number from {} to {}", property["minimum"], property["maximum"]),
        (None, Some("boolean")) => "`true` or `false`".to_owned(),
        (None, other) => other.unwrap_or_default().to_owned(),
    }
}

/// The anchor that mdBook gives to a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || "_- ".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// An example of a key without a default: its own before that of its kind.
fn example(property: &Value) -> Option<String> {
    if !property["default"].is_null() {
        return None;
    }
    match (&property["examples"][0], &property["items"]["examples"][0]) {
        (Value::Null, Value::Null) => None,
        (Value::Null, of_items) => Some(format!("[{of_items}]")),
        (Value::Array(list), _) => {
            let entries: Vec<String> = list.iter().map(Value::to_string).collect();
            Some(format!("[{}]", entries.join(", ")))
        }
        (own, _) => Some(own.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::reference;

    /// `UPDATE_DOCS=1` writes the page anew.
    #[test]
    fn the_page_of_the_book_is_what_the_types_say() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/reference/configuration.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(page.parent().unwrap()).unwrap();
            std::fs::write(&page, reference()).unwrap();
        }
        let committed = std::fs::read_to_string(&page).unwrap_or_default();
        assert!(committed == reference(), "stale; run: UPDATE_DOCS=1 cargo test -p hermetic-config");
    }
}
