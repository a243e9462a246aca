//! What stands under a hop: verdict and evidence, version, group, expiry, reason.

use super::leg::{Fact, Leg};
use super::markup::{Anchor, Area, Markup};
use super::plan::{FACT, Grid, MARK, MARK_GAP, QUANTUM, VERDICT, mark_width};
use super::svg::{GREY, INK, RED};

/// The height of a line.
const LINE: i32 = 19;
/// Reasons longer than this many lines are cut: none that is ours is.
const REASON_LINES: usize = 12;

/// The height of what stands under a hop.
pub fn height(leg: &Leg, grid: Grid) -> i32 {
    let lines = leg.facts.iter().map(|fact| match fact {
        Fact::Reason(text) => FACT.wrap(text, grid.hop_room(), REASON_LINES).len(),
        _ => 1,
    });
    LINE * i32::try_from(1 + lines.sum::<usize>()).unwrap_or(i32::MAX / LINE)
}

/// Draws it, centred below a point.
pub fn draw(markup: &mut Markup, leg: &Leg, grid: Grid, (middle, top): (i32, i32), ink: &str) {
    let mut y = top + 13;
    markup.line((middle, y), Anchor::Middle, VERDICT, ink, &VERDICT.cut(&leg.judged(), grid.hop_room()));
    for fact in &leg.facts {
        match fact {
            Fact::Version { text, post_quantum: false } => line(markup, grid, (middle, y + LINE), INK, text),
            Fact::Version { text, post_quantum: true } => marked(markup, grid, (middle, y + LINE), text),
            Fact::Expiry { text, past } => {
                line(markup, grid, (middle, y + LINE), if *past { RED } else { GREY }, text);
            }
            Fact::Group { name, post_quantum: false } => {
                line(markup, grid, (middle, y + LINE), INK, name);
            }
            Fact::Group { name, post_quantum: true } => marked(markup, grid, (middle, y + LINE), name),
            Fact::Reason(text) => {
                let lines = FACT.wrap(text, grid.hop_room(), REASON_LINES);
                for text in &lines {
                    y += LINE;
                    line(markup, grid, (middle, y), ink, text);
                }
                continue;
            }
        }
        y += LINE;
    }
}

fn line(markup: &mut Markup, grid: Grid, at: (i32, i32), ink: &str, text: &str) {
    markup.line(at, Anchor::Middle, FACT, ink, &FACT.cut(text, grid.hop_room()));
}

/// A group or a version with the mark of post-quantum key exchange.
fn marked(markup: &mut Markup, grid: Grid, (middle, y): (i32, i32), name: &str) {
    let mark = mark_width();
    let name = FACT.cut(name, grid.hop_room() - MARK_GAP - mark);
    // The name ends beside the mark, however wide its font makes it.
    let x = middle + (FACT.width(&name) + MARK_GAP - mark) / 2;
    markup.line((x - MARK_GAP, y), Anchor::End, FACT, INK, &name);
    markup.area(Area { x, y: y - 12, width: mark, height: 16 }, 8, r##"fill="#6d28d9""##);
    markup.line((x + mark / 2, y), Anchor::Middle, MARK, "#ffffff", QUANTUM);
}
