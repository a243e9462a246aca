//! Pages for people, a line between them.

use std::ops::ControlFlow;

use super::super::page;
use super::{Fate, KeysMet, Report, Sink};
use crate::exit::Failure;
use crate::output;

/// One page after another.
#[derive(Debug, Default)]
pub struct Pages {
    begun: bool,
}

impl Sink for Pages {
    fn take(&mut self, report: &Report, _: Fate) -> Result<ControlFlow<()>, Failure> {
        let width = output::width();
        let page = page::text(report, width);
        let rule = format!("\n{}\n\n", "─".repeat(width.unwrap_or(80).min(120)));
        let between = if self.begun { rule } else { String::new() };
        self.begun = true;
        output::print_while_read(&(between + &page))
    }

    fn end(self: Box<Self>, keys: &KeysMet) -> Result<(), Failure> {
        let shared = keys.shared();
        if shared.is_empty() { Ok(()) } else { output::print(&page::shared_keys(&shared)) }
    }
}
