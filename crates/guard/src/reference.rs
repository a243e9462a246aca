//! The page of the book that lists the rules, made from them.

use std::fmt::Write;

use crate::rule::{Action, Rule};
use crate::rules::RULES;

const OPENING: &str = "\
<!-- Generated from the rules of crates/guard; don't edit. UPDATE_DOCS=1 cargo test -p hermetic-guard -->

# Guard rules

The guard judges every hello, request and response by these rules, in this order. `hermetic guard` prints them.

A rule does one of three things with what offends it. `deny` refuses it. `fix` lets it pass without what offends, which is taken out, set or rewritten. `count` lets it pass as it is. Each time, the metric `hermetic_guard_total` goes up, and the [access log](access-log.md) tells the rule and what was done; so `count` shows what another action would have done before you choose it.

A listener says what its rules do:

```toml
[[listener]]
name = \"edge\"
bind = \"0.0.0.0:443\"
names = [\"shop.example.com\"]
guard = { insecure-origin = \"deny\", forwarded-claims = \"deny\" }
```

To make a rule weaker than its default is an exception, with a reason, an owner and a last day; past it the default holds again:

```toml
guard = { misdirected = { action = \"count\", reason = \"old clients reuse connections\", owner = \"web\", until = 2027-03-31 } }
```

`client-fingerprint` takes its lists there: `guard = { client-fingerprint = { deny = [\"t13d1516h2_8daaf6152771_e5627efa2ab1\"] } }`.
";

/// The reference page, in Markdown.
pub fn reference() -> String {
    let mut page = format!("{OPENING}\n| rule | phase | default | or |\n|---|---|---|---|\n");
    for rule in RULES {
        let id = rule.id;
        let others = rule.allowed.iter().filter(|action| **action != rule.default);
        let others: Vec<String> = others.map(|action| format!("`{action}`")).collect();
        // A string takes whatever is written to it.
        let _ = writeln!(
            page,
            "| [`{id}`](#{id}) | {} | `{}` | {} |",
            rule.phase,
            rule.default,
            others.join(", ")
        );
    }
    for rule in RULES {
        page.push_str(&section(rule));
    }
    page
}

fn section(rule: &Rule) -> String {
    let does = match rule.default {
        _ if rule.is_fixed() => format!("`{}`, always", rule.default),
        Action::Count => "`count`".to_owned(),
        default => format!("`{default}`"),
    };
    format!("\n## {}\n\nPhase `{}`; {does}.\n\n{}\n\n{}\n", rule.id, rule.phase, rule.what, rule.why)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::reference;

    /// `UPDATE_DOCS=1` writes the page anew.
    #[test]
    fn the_page_of_the_book_is_what_the_rules_say() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/reference/guard-rules.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&page, reference()).unwrap();
        }
        let committed = std::fs::read_to_string(&page).unwrap_or_default();
        assert!(committed == reference(), "stale; run: UPDATE_DOCS=1 cargo test -p hermetic-guard");
    }
}
