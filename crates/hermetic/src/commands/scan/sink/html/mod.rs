//! A page of its own, to send to somebody: what is bad first, with pictures. It holds no script and loads nothing.

mod card;
mod picture;

use std::fmt::Write as _;
use std::ops::ControlFlow;

use hermetic_hop::Verdict;
use hermetic_probe::certificates::SharedKey;
use jiff::Timestamp;

use super::{Fate, KeysMet, Report, Sink};
use crate::exit::Failure;
use crate::output;
use crate::picture::page;

const STYLE: &str = include_str!("page.css");

/// The cards so far, which are held until all are there: the worst come first.
#[derive(Debug, Default)]
pub struct Html {
    cards: Vec<(Verdict, String)>,
    at: Option<Timestamp>,
}

impl Sink for Html {
    fn take(&mut self, report: &Report, _: Fate) -> Result<ControlFlow<()>, Failure> {
        self.at = Some(report.at());
        self.cards.push((report.verdict(), card::card(report)));
        Ok(ControlFlow::Continue(()))
    }

    fn end(self: Box<Self>, keys: &KeysMet) -> Result<(), Failure> {
        output::print(&self.page(&keys.shared()))
    }
}

impl Html {
    fn page(mut self, shared: &[SharedKey]) -> String {
        // Verdicts are ordered, the worst first.
        self.cards.sort_by_key(|(verdict, _)| *verdict);
        let summary = self.summary();
        let made = self.at.map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
        let shared = card::shared_keys(shared);
        let cards: String = self.cards.into_iter().map(|(_, card)| card).collect();
        let when = made.map(|made| format!(" on {made}")).unwrap_or_default();
        let body = format!(
            r#"<h1>{summary}</h1>
<p class="grey">Encryption in transit, as Hermetic saw it on the wire{when}.</p>
<main>
{cards}{shared}</main>
<footer>What nobody could tell is said, and is no finding. A verdict is worth what was looked at, at the time it was looked at.</footer>
"#
        );
        page(&format!("Scan: {summary}"), STYLE, &body)
    }

    /// How many endpoints have which verdict: `3 endpoints: 1 weak, 2 sealed`.
    fn summary(&self) -> String {
        let all = self.cards.len();
        let mut text = format!("{all} endpoint{}", if all == 1 { "" } else { "s" });
        let verdicts = [Verdict::Clear, Verdict::Weak, Verdict::Unknown, Verdict::Local, Verdict::Sealed];
        let counts =
            verdicts.into_iter().map(|it| (it, self.cards.iter().filter(|(of, _)| *of == it).count()));
        for (place, (verdict, count)) in counts.filter(|(_, count)| *count > 0).enumerate() {
            let _ = write!(text, "{} {count} {verdict}", if place == 0 { ":" } else { "," });
        }
        text
    }
}
