//! The picture as text for Graphviz.

use std::fmt::Write as _;

use hermetic_hop::{Report, Verdict};

use super::lane::{Chain, Lane, lanes};
use super::leg::Leg;
use super::plan::FACT;
use super::svg;

/// What holds for all of the graph.
const DEFAULTS: &str = r##"  graph [rankdir=LR, labelloc=t, labeljust=l, fontname="Helvetica", bgcolor="#ffffff", ranksep=1.2];
  node [shape=box, style="rounded,filled", fillcolor="#f1f5f9", color="#94a3b8", fontname="Helvetica-Bold", height=0.6];
  edge [fontname="Helvetica", fontsize=11, penwidth=2];
"##;

/// How wide what is told of a hop may be, in pixels, before it is broken.
const EDGE: i32 = 230;

/// The flows of a report in the language of Graphviz: a cluster for each flow, and one for other hops.
pub fn dot(report: &Report) -> String {
    let made = report.at.strftime("%Y-%m-%d %H:%M UTC");
    let label = [svg::TITLE.to_owned(), format!("{}, Hermetic, {made}", svg::summary(report))];
    let mut text = format!("digraph hermetic {{\n{DEFAULTS}  label={};\n", lefthand(&label));
    // From left to right, Graphviz piles clusters up from the bottom: the first shall be on top.
    for (number, lane) in lanes(report).iter().enumerate().rev() {
        cluster(&mut text, number, lane);
    }
    text.push_str("}\n");
    text
}

fn cluster(text: &mut String, number: usize, lane: &Lane) {
    let verdict = lane.verdict.map(|verdict| format!(": {verdict}")).unwrap_or_default();
    let mut lines = vec![format!("{}{verdict}", lane.title())];
    lines.extend(lane.weakest.iter().chain(&lane.shortfalls).cloned());
    let _ = writeln!(text, "  subgraph cluster_{number} {{");
    let _ = writeln!(text, "    label={}; color=\"#cbd5e1\"; style=rounded;", lefthand(&lines));
    for (branch, chain) in lane.chains.iter().enumerate() {
        parties(text, &format!("l{number}_{branch}"), chain);
    }
    text.push_str("  }\n");
}

/// A flow that passes a party twice shows it twice, in path order.
fn parties(text: &mut String, id: &str, chain: &Chain) {
    let _ = writeln!(text, "    {id}_0 [label={}];", quoted(chain.from.as_str()));
    for (at, leg) in chain.legs.iter().enumerate() {
        let next = at + 1;
        let _ = writeln!(text, "    {id}_{next} [label={}];", quoted(leg.name.to.as_str()));
        let _ = writeln!(text, "    {id}_{at} -> {id}_{next} [{}];", attributes(leg));
    }
}

fn attributes(leg: &Leg) -> String {
    let mut lines = Vec::new();
    lines.extend(leg.weakest.then(|| "weakest hop".to_owned()));
    lines.push(leg.judged());
    lines.extend(leg.facts.iter().flat_map(|fact| FACT.wrap(&fact.text(), EDGE, usize::MAX)));
    let ink = if leg.is_at_fault() { svg::RED } else { svg::ink(leg.verdict) };
    let style = match leg.verdict {
        Verdict::Clear => "dashed",
        Verdict::Unknown => "dotted",
        _ => "solid",
    };
    let width = if leg.is_at_fault() { ", penwidth=3" } else { "" };
    format!(
        "label={}, tooltip={}, color=\"{ink}\", fontcolor=\"{ink}\", style={style}{width}",
        quoted(&lines.join("\n")),
        quoted(&leg.full())
    )
}

/// Lines that begin below each other, as a quoted string.
fn lefthand(lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| escaped(line) + "\\l").collect();
    format!("\"{lines}\"")
}

/// A quoted string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Text inside quotes: backslashes and quotes escaped, and `&`, as Graphviz reads entities in labels.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '&' => escaped.push_str("&amp;"),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_does_not_end_a_label_and_a_backslash_does_not_escape_it() {
        assert_eq!(quoted("a\"b\\\"c\nd&\0"), r#""a\"b\\\"c\nd&amp;�""#);
    }
}
