//! The page of the book that lists the checks, made from them.

use std::fmt::Write;

use super::checks::{About, Check, checks};
use crate::way::Command;

const OPENING: &str = "\
<!-- Generated from the checks of crates/probe; don't edit. UPDATE_DOCS=1 cargo test -p hermetic-probe -->

# Checks of a scan

What `hermetic scan` holds an endpoint against, beside the policy that it is measured by. A check that does not pass is a finding: with what was seen, by which question, what it rests on, and what to do on the server that it seems to be. What nobody could tell is no finding.

A severity is how bad it is at its worst; what was seen may make a finding less bad, such as cleartext that can't leave the host, or an old version that the policy has.

| severity | what it says |
|---|---|
| `critical` | anybody can read or forge what passes, or the endpoint is an outage |
| `high` | an attack is known, or the far end is not who it must be |
| `medium` | it should be mended in days: what is old, or beyond the policy |
| `low` | it can wait |
| `informational` | it is as well to know; nothing falls short |
";

const CONNECTIONS: &str = "
## Connections

A scan is made of commands, each of which asks for one kind of thing. What an answer shows is shared by all of them and asked once, and suites, groups and schemes are not tried one by one: all are offered, and the winner is taken away. Behind a silence or a reset comes a control, which is one more. `--verbose` counts the connections of each.

| command | connections to an endpoint |
|---|---|
";

/// The reference page, in Markdown.
pub fn reference() -> String {
    let mut page = OPENING.to_owned();
    for about in [
        About::Transport,
        About::Versions,
        About::Suites,
        About::Exchange,
        About::Features,
        About::Certificate,
        About::Web,
        About::Names,
    ] {
        // A string takes whatever is written to it.
        let _ = writeln!(page, "\n## {}\n", about.title());
        let _ =
            writeln!(page, "| check | passes where | at worst | seen by | rests on |\n|---|---|---|---|---|");
        checks().filter(|check| check.about == about).for_each(|check| row(&mut page, check));
    }
    page.push_str(CONNECTIONS);
    for command in Command::ALL {
        let _ = writeln!(page, "| {command} | {} |", command.needs());
    }
    page
}

fn row(page: &mut String, check: &Check) {
    let _ = writeln!(
        page,
        "| `{}` | {} | {} | {} | {} |",
        check.control.id,
        check.control.title,
        check.severity.as_str(),
        check.question,
        check.basis.join(", ")
    );
}

impl About {
    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Transport => "Transport",
            Self::Versions => "Versions",
            Self::Suites => "Suites",
            Self::Exchange => "Key exchange",
            Self::Features => "Features",
            Self::Certificate => "Certificate",
            Self::Web => "HTTP",
            Self::Names => "DNS",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::reference;

    /// `UPDATE_DOCS=1` writes the page anew.
    #[test]
    fn the_page_of_the_book_is_what_the_checks_say() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/reference/checks.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&page, reference()).unwrap();
        }
        let committed = std::fs::read_to_string(&page).unwrap_or_default();
        assert!(committed == reference(), "stale; run: UPDATE_DOCS=1 cargo test -p hermetic-probe");
    }
}
