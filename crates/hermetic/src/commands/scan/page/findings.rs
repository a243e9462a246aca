//! What falls short, the worst first, and what to do about it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use hermetic_hop::Severity;
use hermetic_probe::findings::Configuration;
use hermetic_probe::judge::standards::{Answer, Standing};

use super::super::judged::{Judged, Shown};
use super::title;
use crate::output::plain;
use crate::output::table::{Cell, Column, Table};

/// The width of the column of severities.
const SEVERITY: usize = 17;

/// The findings, and what to do about them.
pub(super) fn findings(page: &mut String, judged: &Judged, width: Option<usize>) {
    if !judged.findings.is_empty() {
        title(page, "Findings");
        judged.findings.iter().for_each(|shown| finding(page, shown, width));
        title(page, "What to do");
        remedies(page, judged, width);
    }
    if !judged.gone.is_empty() {
        title(page, "Gone since the earlier scan");
        judged.gone.iter().for_each(|gone| {
            let _ = writeln!(page, "  {}", plain(gone));
        });
    }
}

fn finding(page: &mut String, shown: &Shown, width: Option<usize>) {
    let finding = &shown.found.finding;
    let style = if shown.is_known() { Style::new().dimmed() } else { style(finding.severity) };
    let severity = finding.severity.as_str();
    let known = if shown.is_known() { " (known)" } else { "" };
    let text = format!("{}{known}: {}", finding.control, plain(&finding.reason));
    let lines = wrapped(&text, width, SEVERITY);
    for (place, line) in lines.into_iter().enumerate() {
        let before = if place == 0 { severity } else { "" };
        let _ = writeln!(page, "  {style}{before:<width$}{style:#}{line}", width = SEVERITY - 2);
    }
}

/// Each once, with the findings that it mends.
fn remedies(page: &mut String, judged: &Judged, width: Option<usize>) {
    let mut told: Vec<(&str, Option<&Configuration>)> = Vec::new();
    for shown in judged.findings.iter().filter(|shown| shown.found.finding.falls_short()) {
        let remedy = (shown.found.finding.remedy.as_str(), shown.found.configuration.as_ref());
        if told.contains(&remedy) {
            continue;
        }
        told.push(remedy);
        let (words, configuration) = remedy;
        for (place, line) in wrapped(&plain(words), width, 4).into_iter().enumerate() {
            let _ = writeln!(page, "  {}{line}", if place == 0 { "- " } else { "  " });
        }
        let Some(Configuration { software, place, lines, needs }) = configuration else { continue };
        let needs = if needs.is_empty() { String::new() } else { format!("; needs {needs}") };
        let _ = writeln!(page, "    {}, {place}{needs}", software.name());
        // Not wrapped: it is to be copied.
        lines.iter().for_each(|line| {
            let _ = writeln!(page, "      {}", plain(line));
        });
    }
    if told.is_empty() {
        let _ = writeln!(page, "  nothing has to be done");
    }
}

/// Which standards are met.
pub(super) fn standards(page: &mut String, standings: &[Standing], width: Option<usize>) {
    title(page, "Standards");
    let mut table = Table::new([Column::keep("  STANDARD"), Column::keep("MET"), Column::cut("BECAUSE")]);
    for standing in standings {
        let answer = match standing.answer {
            Answer::Met => Cell::styled("yes", AnsiColor::Green.on_default()),
            Answer::NotMet => Cell::styled("no", AnsiColor::Red.on_default()),
            Answer::CouldNotTell => Cell::styled("could not tell", AnsiColor::Yellow.on_default()),
        };
        let because = match standing.because.as_slice() {
            [] => standing.step.unwrap_or_default().to_owned(),
            [one] => one.clone(),
            [first, others @ ..] => format!("{first}, and {} more", others.len()),
        };
        table.row([Cell::from(format!("  {}", standing.standard.title)), answer, Cell::from(because)]);
    }
    page.push_str(&table.render(width));
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High | Severity::Medium => AnsiColor::Red.on_default(),
        Severity::Low => AnsiColor::Yellow.on_default(),
        Severity::Informational => Style::new(),
    }
}

/// Text in lines that fit behind an indent; all in one where there is no width.
fn wrapped(text: &str, width: Option<usize>, indent: usize) -> Vec<String> {
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(indent).max(20));
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_between_words_and_only_where_there_is_a_width() {
        assert_eq!(wrapped("one two three", None, 4), ["one two three"]);
        assert_eq!(wrapped("a word and another one here", Some(24), 4), ["a word and another", "one here"]);
        let long = "x".repeat(40);
        assert_eq!(wrapped(&format!("a {long} b"), Some(30), 4), ["a", &long, "b"]);
    }
}
