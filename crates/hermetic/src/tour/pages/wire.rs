//! The page that shows the wire.

use hermetic_gateway::path::escape;
use hermetic_hop::Verdict;

use super::form::Token;
use super::html::document;
use crate::part::protocol::Captured;
use crate::tour::dump;
use crate::tour::wire::{LENGTHS, Outcome, Wire};

/// So many rows of each passage are shown; of the control all.
const ROWS: usize = 6;
const ROWS_OF_CONTROL: usize = 32;

/// The box for a secret.
pub(super) fn form(token: &Token) -> String {
    let (least, most) = (LENGTHS.start(), LENGTHS.end());
    format!(
        "<h2>See the wire</h2>\n<form method=\"post\" action=\"/tour/wire\" class=\"wire\">{}\
         <label for=\"secret\">A secret, {least} to {most} bytes</label>\
         <input id=\"secret\" name=\"secret\" required minlength=\"{least}\" maxlength=\"{most}\" autocomplete=\"off\">\
         <button>Send it</button></form>\n",
        token.field(),
    )
}

/// What the relays on the hops captured.
pub(super) fn page(wire: &Wire, secret: &str, token: &Token) -> String {
    let hops: String =
        wire.hops.iter().map(|hop| section(&hop.hop.to_string(), hop.outcome, &hop.captured, ROWS)).collect();
    let (verdict, title) = match wire.outcome {
        Outcome::NotFound => (Verdict::Sealed, "NOT FOUND"),
        Outcome::Found => (Verdict::Clear, "FOUND"),
        Outcome::Inconclusive => (Verdict::Unknown, "INCONCLUSIVE"),
    };
    let control = if wire.control.found > 0 { Outcome::Found } else { Outcome::Inconclusive };
    let content = format!(
        "<p>Sent: <code>{}</code>. In short: {}.</p>\n{hops}{}{}{}\
         <footer><p><a href=\"/tour\">All hops</a>. The same in a terminal: <code>hermetic tour wire</code>.</p></footer>\n",
        escape(secret),
        escape(&wire.reason),
        no_database(wire),
        section("control, in cleartext", control, &wire.control, ROWS_OF_CONTROL),
        form(token),
    );
    document(verdict, title, &content)
}

/// Why one hop less is seen than there could be.
fn no_database(wire: &Wire) -> String {
    let told = |reason| format!("<p>No hop to a database: {}.</p>\n", escape(reason));
    wire.no_database.as_deref().map(told).unwrap_or_default()
}

fn section(name: &str, outcome: Outcome, captured: &Captured, rows: usize) -> String {
    let class = match outcome {
        Outcome::NotFound => Verdict::Sealed,
        Outcome::Found => Verdict::Clear,
        Outcome::Inconclusive => Verdict::Unknown,
    };
    // What can be read needs no click to be seen.
    let open = if captured.found > 0 { " open" } else { "" };
    let dump: String = captured.passages.iter().map(|passage| lines(&dump::passage(passage, rows))).collect();
    format!(
        "<section class=\"{class}\">\n<h2>{} <em>{}</em></h2>\n<p>{}</p>\n\
         <details{open}><summary>the latest bytes</summary><pre>{dump}</pre></details>\n</section>\n",
        escape(name),
        outcome.as_str(),
        escape(&dump::summary(captured)),
    )
}

/// Line by line, since what is escaped has no line ends.
fn lines(text: &str) -> String {
    text.lines().map(|line| escape(line) + "\n").collect()
}
