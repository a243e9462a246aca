//! An entry as a line for people: number, time, kind, who, result, and what else it says.

use hermetic_store::JournalEntry;
use serde_json::{Map, Value};

use crate::output;

/// The widths of all columns but the last, so that lines which come later stand below the others.
const WIDTHS: [usize; 5] = [7, 19, 27, 20, 8];

/// What is told first of a body.
const FIRST: [&str; 6] = ["name", "authority", "generation", "subject", "serial", "reason"];

/// How much of a serial number or hash is shown.
const DIGITS: usize = 12;

/// The heading of the columns.
pub fn heading() -> String {
    let style = output::heading();
    let columns = columns(["ENTRY", "TIME (UTC)", "KIND", "WHO", "RESULT"].map(str::to_owned), "WHAT");
    format!("{style}{columns}{style:#}\n")
}

/// The line of an entry, cut to the terminal where there is one.
pub fn of(entry: &JournalEntry, width: Option<usize>) -> String {
    let nothing = Map::new();
    let body = entry.body.as_object().unwrap_or(&nothing);
    let cells = [
        entry.number.to_string(),
        entry.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        entry.kind.clone(),
        who(body),
        body.get("result").map(word).unwrap_or_default(),
    ];
    let line = output::plain(&columns(cells, &what(body)));
    match width.filter(|width| line.chars().count() > *width) {
        Some(width) => line.chars().take(width.saturating_sub(1)).chain("…\n".chars()).collect(),
        None => line + "\n",
    }
}

fn columns(cells: [String; 5], last: &str) -> String {
    let cells = cells.iter().zip(WIDTHS).map(|(cell, width)| format!("{cell:<width$}  "));
    let line = cells.collect::<String>() + last;
    line.trim_end().to_owned()
}

/// `alice@host`, `hermetic@host`, `spiffe://…@10.0.0.1`.
fn who(body: &Map<String, Value>) -> String {
    let who = body.get("who");
    let named = |key: &str| who.and_then(|who| who.get(key)).filter(|value| !value.is_null()).map(word);
    let name = ["user", "uid", "instance", "identity"].into_iter().find_map(named).unwrap_or_default();
    match body.get("from").map(word) {
        Some(from) if !name.is_empty() => format!("{name}@{from}"),
        from => from.unwrap_or(name),
    }
}

/// The rest of the body, as `subject=edge serial=3f0a7c21b4de`.
fn what(body: &Map<String, Value>) -> String {
    let first = FIRST.iter().filter_map(|key| body.get_key_value(*key));
    let rest = body.iter().filter(|(key, _)| {
        !FIRST.contains(&key.as_str()) && !["who", "from", "result"].contains(&key.as_str())
    });
    let told = first.chain(rest).filter(|(_, value)| !value.is_null());
    told.map(|(key, value)| format!("{key}={}", shown(key, value))).collect::<Vec<_>>().join(" ")
}

fn shown(key: &str, value: &Value) -> String {
    let is_long = key == "serial" || key.ends_with("_sha256") || key.ends_with("fingerprint");
    match value {
        Value::String(text) if is_long => text.chars().take(DIGITS).collect(),
        Value::String(text) if text.is_empty() || text.contains(' ') => format!("{text:?}"),
        Value::Array(items) => items.iter().map(word).collect::<Vec<_>>().join(","),
        other => word(other),
    }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(kind: &str, body: Value) -> JournalEntry {
        JournalEntry {
            number: 42,
            at: "2026-11-24T02:20:11.5Z".parse().unwrap(),
            kind: kind.to_owned(),
            body,
            previous: String::new(),
            hash: String::new(),
        }
    }

    #[test]
    fn a_line_tells_who_did_what_to_which_and_how_it_went() {
        let revoked = entry(
            "certificate.revoked",
            json!({"serial": "3f0a7c21b4de5590a1c2", "subject": "edge", "authority": "intermediate",
                "reason": "keyCompromise", "shard": 3, "result": "done", "from": "db1",
                "who": {"user": "alice", "uid": 1000, "pid": 7}}),
        );
        let failed = entry(
            "renewal.failed",
            json!({"subject": "a\u{1b}[2Jb", "identities": ["dns:a", "dns:b"], "reason": "disk is full",
                "result": "failed", "from": "db1", "who": {"instance": "hermetic", "pid": 7}}),
        );
        let shown = [of(&revoked, None), of(&failed, None), of(&failed, Some(60))].concat();
        insta::assert_snapshot!(anstream::adapter::strip_str(&(heading() + &shown)).to_string(), @r#"
        ENTRY    TIME (UTC)           KIND                         WHO                   RESULT    WHAT
        42       2026-11-24 02:20:11  certificate.revoked          alice@db1             done      authority=intermediate subject=edge serial=3f0a7c21b4de reason=keyCompromise shard=3
        42       2026-11-24 02:20:11  renewal.failed               hermetic@db1          failed    subject=a�[2Jb reason="disk is full" identities=dns:a,dns:b
        42       2026-11-24 02:20:11  renewal.failed               …
        "#);
    }
}
