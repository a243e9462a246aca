//! Colours, by what they mean.

use anstyle::{AnsiColor, Style};
use hermetic_hop::Verdict;

/// The style of a verdict.
pub fn tone(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Clear => AnsiColor::Red.on_default().bold(),
        Verdict::Weak => AnsiColor::Red.on_default(),
        Verdict::Unknown => AnsiColor::Yellow.on_default(),
        Verdict::Local => AnsiColor::Cyan.on_default(),
        Verdict::Sealed => AnsiColor::Green.on_default(),
    }
}

/// The style of headings.
pub fn heading() -> Style {
    Style::new().bold()
}
