//! The picture as SVG.

use std::collections::BTreeMap;

use hermetic_hop::{Report, Verdict};

use super::lane::{Lane, lanes};
use super::leg::Leg;
use super::lettering::Face;
use super::markup::{Anchor, Area, Markup, escaped};
use super::plan::{Grid, LONG_PARTY, PARTY, Span};
use super::{caption, lock};

/// What the picture is called.
pub const TITLE: &str = "Encryption in transit";

/// Text.
pub const INK: &str = "#0f172a";
/// Text of less weight.
pub const GREY: &str = "#475569";
/// What falls short, where a flow does for it.
pub const RED: &str = "#b91c1c";

/// Fonts that systems bring along. Single quotes, as it stands in an attribute.
const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/// The space around the lanes, and inside them.
const MARGIN: i32 = 24;
/// The space between a row's upper edge and its arrows.
const ABOVE: i32 = 50;
/// Half the height of a party's box.
const HALF_PARTY: i32 = 24;
/// The height of a line of a long name, and how many have room in a box.
const PARTY_LINE: i32 = 14;
const PARTY_LINES: usize = 3;
/// The radius of the disc that a hop's sign stands on.
const DISC: i32 = 17;
/// The space between two rows of a flow, for the line that joins them.
const BETWEEN: i32 = 26;
/// The face of notes, and how many lines each may have.
const NOTE: Face = Face::regular(13);
const NOTE_LINES: usize = 4;

/// The flows of a report as a picture that stands alone: one SVG element with its own background, without
/// script, style sheet, font or anything else from elsewhere. The same report gives the same bytes.
pub fn svg(report: &Report) -> String {
    let lanes = lanes(report);
    let grid = Grid::of(&lanes);
    let mut markup = Markup::default();
    let mut y = heading(&mut markup, report);
    for lane in &lanes {
        y = draw_lane(&mut markup, lane, grid, y) + 16;
    }
    let (width, height) = (grid.lane + 4 * MARGIN, y + MARGIN - 16);
    let mut ground = Markup::default();
    ground.area(
        Area { x: 0, y: 0, width, height },
        16,
        r##"fill="#f8fafc" stroke="#e2e8f0" stroke-width="1""##,
    );
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FONTS}">
<title>{TITLE}</title>
<desc>{}</desc>
{}{}</svg>
"#,
        escaped(&description(report, &lanes)),
        ground.into_text(),
        markup.into_text()
    )
}

/// The colour of a verdict.
pub fn ink(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Clear => RED,
        Verdict::Weak => "#c2410c",
        Verdict::Unknown => "#a16207",
        Verdict::Local => "#0e7490",
        Verdict::Sealed => "#15803d",
    }
}

/// How many hops have which verdict, the worst last: `5 hops: 3 sealed, 1 unknown, 1 clear`.
pub fn summary(report: &Report) -> String {
    let mut tally: BTreeMap<Verdict, usize> = BTreeMap::new();
    for hop in &report.hops {
        *tally.entry(hop.verdict).or_default() += 1;
    }
    let tally: Vec<_> = tally.iter().rev().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    match report.hops.len() {
        0 => "no hops".to_owned(),
        1 => format!("1 hop: {}", tally.join(", ")),
        several => format!("{several} hops: {}", tally.join(", ")),
    }
}

fn heading(markup: &mut Markup, report: &Report) -> i32 {
    let made = report.at.strftime("%Y-%m-%d %H:%M UTC");
    markup.line((MARGIN, 46), Anchor::Start, Face::bold(22), INK, TITLE);
    let under = format!("{} \u{b7} Hermetic, {made}", summary(report));
    markup.line((MARGIN, 70), Anchor::Start, Face::regular(14), GREY, &under);
    88
}

/// Draws a lane below `top`; gives its lower edge.
fn draw_lane(markup: &mut Markup, lane: &Lane, grid: Grid, top: i32) -> i32 {
    let (left, mut inside) = (2 * MARGIN, Markup::default());
    let mut y = draw_notes(&mut inside, lane, grid, top + 36);
    let rows = grid.rows(lane);
    let mut last: Option<(i32, i32)> = None;
    for row in &rows {
        if last.is_some() {
            y += BETWEEN;
        }
        let arrows = y + ABOVE;
        for span in row {
            let x = left + span.x;
            if let (true, Some(above)) = (span.goes_on, last) {
                join(&mut inside, above, (x + grid.party / 2, arrows), y - BETWEEN / 2 + 4);
            }
            draw_span(&mut inside, span, grid, (x, arrows));
            last = Some((x + grid.length(span) - grid.party / 2, arrows));
        }
        let legs = || row.iter().flat_map(|span| span.legs);
        let caption = legs().map(|leg| caption::height(leg, grid)).max().unwrap_or(0);
        y = arrows + (DISC + 8 + caption).max(HALF_PARTY) + 10;
    }
    let area = Area { x: MARGIN, y: top, width: grid.lane + 2 * MARGIN, height: y + 8 - top };
    markup.area(area, 12, r##"fill="#ffffff" stroke="#e2e8f0""##);
    markup.append(inside);
    y + 8
}

/// Joins a party to itself in the row above, by a line that turns at `turn`.
fn join(markup: &mut Markup, above: (i32, i32), below: (i32, i32), turn: i32) {
    let (from, to) = (above.1 + HALF_PARTY + 2, below.1 - HALF_PARTY - 2);
    let shape = format!("M{} {from}V{turn}H{}V{to}", above.0, below.0);
    markup.path(&shape, r##"fill="none" stroke="#94a3b8" stroke-width="1.5" stroke-dasharray="2 4""##);
}

/// Draws what stands above a lane's rows; gives where they begin.
fn draw_notes(markup: &mut Markup, lane: &Lane, grid: Grid, mut y: i32) -> i32 {
    let (left, face) = (2 * MARGIN, Face::bold(18));
    let pill_face = Face::bold(13);
    let pill = lane.verdict.map(|verdict| (verdict, pill_face.width(verdict.as_str()) + 20));
    let room = grid.lane - pill.map_or(0, |(_, width)| width + 12);
    let title = face.cut(lane.title(), room);
    markup.group(lane.title(), |markup| markup.line((left, y), Anchor::Start, face, INK, &title));
    if let Some((verdict, width)) = pill {
        let x = left + face.width(&title) + 10;
        let ink = ink(verdict);
        let paint = format!(r#"fill="{ink}""#);
        markup.area(Area { x, y: y - 17, width, height: 23 }, 11, &paint);
        markup.line((x + width / 2, y - 1), Anchor::Middle, pill_face, "#ffffff", verdict.as_str());
    }
    let weakest = lane.weakest.iter().map(|text| (text, GREY));
    for (text, ink) in weakest.chain(lane.shortfalls.iter().map(|text| (text, RED))) {
        markup.group(text, |markup| {
            for line in NOTE.wrap(text, grid.lane, NOTE_LINES) {
                y += 20;
                markup.line((left, y), Anchor::Start, NOTE, ink, &line);
            }
        });
    }
    y + 8
}

fn draw_span(markup: &mut Markup, span: &Span<'_>, grid: Grid, (x, y): (i32, i32)) {
    let mut left = x;
    draw_party(markup, span.from, span.goes_on, grid, (left, y));
    for leg in span.legs {
        left += grid.party;
        markup.group(&leg.full(), |markup| draw_leg(markup, leg, grid, (left, y)));
        left += grid.hop;
        draw_party(markup, leg.name.to.as_str(), false, grid, (left, y));
    }
}

fn draw_party(markup: &mut Markup, name: &str, again: bool, grid: Grid, (x, y): (i32, i32)) {
    let area = Area { x, y: y - HALF_PARTY, width: grid.party, height: 2 * HALF_PARTY };
    let paint = if again {
        r##"fill="#ffffff" stroke="#94a3b8" stroke-width="1.5" stroke-dasharray="4 4""##
    } else {
        r##"fill="#f1f5f9" stroke="#94a3b8" stroke-width="1.5""##
    };
    let ink = if again { GREY } else { INK };
    markup.group(name, |markup| {
        markup.area(area, 10, paint);
        let middle = x + grid.party / 2;
        if PARTY.width(name) <= grid.party_room() {
            return markup.line((middle, y + 5), Anchor::Middle, PARTY, ink, name);
        }
        let lines = LONG_PARTY.folded(name, grid.party_room(), PARTY_LINES);
        let mut baseline = y + 4 - PARTY_LINE * (i32::try_from(lines.len()).unwrap_or(1) - 1) / 2;
        for line in &lines {
            markup.line((middle, baseline), Anchor::Middle, LONG_PARTY, ink, line);
            baseline += PARTY_LINE;
        }
    });
}

/// Draws a hop between two parties: its arrow, its sign, and what is known of it.
fn draw_leg(markup: &mut Markup, leg: &Leg, grid: Grid, (x, y): (i32, i32)) {
    let ink = if leg.is_at_fault() { RED } else { ink(leg.verdict) };
    let middle = x + grid.hop / 2;
    if leg.weakest {
        let height = ABOVE - 4 + DISC + 8 + caption::height(leg, grid) + 4;
        let area = Area { x: x + 5, y: y - ABOVE + 4, width: grid.hop - 10, height };
        let (paint, ink) = if leg.is_at_fault() {
            (r##"fill="#fef2f2" stroke="#fca5a5""##, RED)
        } else {
            (r##"fill="none" stroke="#cbd5e1" stroke-dasharray="3 3""##, "#64748b")
        };
        markup.area(area, 10, paint);
        markup.line((middle, y - DISC - 11), Anchor::Middle, Face::bold(11), ink, "weakest hop");
    }
    let dashes = match leg.verdict {
        Verdict::Sealed | Verdict::Weak | Verdict::Local => "",
        Verdict::Clear => r#" stroke-dasharray="8 5""#,
        Verdict::Unknown => r#" stroke-dasharray="2 5""#,
    };
    let (from, to) = (x + 1, x + grid.hop - 2);
    markup.path(
        &format!("M{from} {y}H{}", to - 8),
        &format!(r#"fill="none" stroke="{ink}" stroke-width="2.5"{dashes}"#),
    );
    markup.path(&format!("M{to} {y}l-11-6v12z"), &format!(r#"fill="{ink}""#));
    let disc = Area { x: middle - DISC, y: y - DISC, width: 2 * DISC, height: 2 * DISC };
    markup.area(disc, DISC, &format!(r##"fill="#ffffff" stroke="{ink}" stroke-width="2""##));
    lock::draw(markup, (middle, y), leg.verdict, ink);
    caption::draw(markup, leg, grid, (middle, y + DISC + 8), ink);
}

/// The picture in words, for those who can't see it.
fn description(report: &Report, lanes: &[Lane]) -> String {
    let lane = |lane: &Lane| {
        let legs = lane.chains.iter().flat_map(|chain| &chain.legs);
        let legs: Vec<_> = legs.map(Leg::full).collect();
        let head = match (&lane.flow, lane.verdict) {
            (Some(flow), Some(verdict)) => format!("Flow {flow} is {verdict}"),
            _ => lane.title().to_owned(),
        };
        let notes = lane.weakest.iter().chain(&lane.shortfalls);
        let notes: String = notes.map(|note| format!(", {note}")).collect();
        format!("{head}{notes}. {}.", legs.join(". "))
    };
    let lanes: Vec<_> = lanes.iter().map(lane).collect();
    format!("{} on {}. {}", summary(report), report.at, lanes.join(" "))
}
