//! Where things stand: one grid for the whole picture, so that parties of all flows stand in columns.

use super::lane::{Chain, Lane};
use super::leg::{Fact, Leg};
use super::lettering::Face;

/// The face of a party's name.
pub const PARTY: Face = Face::bold(15);
/// The face of a party's name that has no room in one line.
pub const LONG_PARTY: Face = Face::bold(12);
/// The face of a verdict.
pub const VERDICT: Face = Face::bold(13);
/// The face of what is known of a hop.
pub const FACT: Face = Face::regular(13);
/// The face of the post-quantum mark.
pub const MARK: Face = Face::bold(10);
/// What the mark says.
pub const QUANTUM: &str = "PQ";
/// The space between a group's name and its mark, and inside the mark.
pub const MARK_GAP: i32 = 6;

/// The widest that lanes may be; longer flows go on in a next row.
const WIDEST: i32 = 1360;
/// The widest that a hop is.
const WIDEST_HOP: i32 = 230;
/// The narrowest that lanes are, so that what stands above them can be read.
const NARROWEST: i32 = 560;
/// In how many lines a reason would like to stand.
const FEW_LINES: i32 = 5;
/// The space beside text, inside a party's box and beside a hop's facts.
const BESIDE: i32 = 16;
/// The space between hops that are not joined.
const APART: i32 = 28;

/// The columns of the picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The width of each party.
    pub party: i32,
    /// The width of each hop.
    pub hop: i32,
    /// The width of each lane, without its padding.
    pub lane: i32,
}

/// A part of a chain that stands in one row.
#[derive(Debug)]
pub struct Span<'a> {
    /// The left edge.
    pub x: i32,
    /// The name of the first party.
    pub from: &'a str,
    /// Whether that party stands at the end of the row above already.
    pub goes_on: bool,
    /// The hops.
    pub legs: &'a [Leg],
}

impl Grid {
    /// The grid for these lanes.
    pub fn of(lanes: &[Lane]) -> Self {
        let chains = || lanes.iter().flat_map(|lane| &lane.chains);
        let legs = || chains().flat_map(|chain| &chain.legs);
        let froms = chains().map(|chain| chain.from.as_str());
        let names = froms.chain(legs().map(|leg| leg.name.to.as_str()));
        let party = names.map(|name| PARTY.width(name)).max().unwrap_or(0) + 2 * BESIDE;
        let hop = legs().map(width).max().unwrap_or(0) + 2 * BESIDE;
        let grid = Self { party: party.clamp(88, 150), hop: hop.clamp(170, WIDEST_HOP), lane: WIDEST };
        let grid = if legs().any(Leg::has_reason) { grid.widened(lanes) } else { grid };
        let widest = lanes.iter().flat_map(|lane| grid.rows(lane)).map(|row| grid.width(&row)).max();
        Self { lane: widest.unwrap_or(0).clamp(NARROWEST, WIDEST), ..grid }
    }

    /// The same with hops as wide as they may be without another row: a reason reads better in fewer lines.
    fn widened(self, lanes: &[Lane]) -> Self {
        let rows = |grid: &Self| lanes.iter().map(|lane| grid.rows(lane).len()).sum::<usize>();
        let as_few = rows(&self);
        let mut wider = (self.hop..=WIDEST_HOP).rev().map(|hop| Self { hop, ..self });
        wider.find(|grid| rows(grid) <= as_few).unwrap_or(self)
    }

    /// The room for text in a party's box.
    pub fn party_room(self) -> i32 {
        self.party - 2 * BESIDE + 8
    }

    /// The room for text beside a hop.
    pub fn hop_room(self) -> i32 {
        self.hop - BESIDE
    }

    /// The rows of a lane.
    pub fn rows<'a>(self, lane: &'a Lane) -> Vec<Vec<Span<'a>>> {
        match (&lane.flow, lane.chains.as_slice()) {
            (Some(_), chains) => chains.iter().flat_map(|chain| self.broken(chain)).collect(),
            (None, chains) => self.packed(chains),
        }
    }

    /// A flow in as few rows as it needs, of about the same length.
    fn broken(self, chain: &Chain) -> Vec<Vec<Span<'_>>> {
        let span = |from, goes_on, legs| vec![Span { x: 0, from, goes_on, legs }];
        let Some(first) = chain.legs.first() else {
            return vec![span(chain.from.as_str(), false, &chain.legs)];
        };
        let rows = chain.legs.len().div_ceil(self.fitting(self.party, self.party + self.hop));
        let rows = chain.legs.chunks(chain.legs.len().div_ceil(rows));
        rows.map(|legs| {
            let from = &legs.first().unwrap_or(first).name.from;
            span(from.as_str(), !std::ptr::eq(legs.as_ptr(), chain.legs.as_ptr()), legs)
        })
        .collect()
    }

    /// Single hops, side by side.
    fn packed(self, chains: &[Chain]) -> Vec<Vec<Span<'_>>> {
        let step = 2 * self.party + self.hop + APART;
        let rows = chains.chunks(self.fitting(-APART, step));
        rows.map(|row| {
            let lefts = std::iter::successors(Some(0), |x| Some(x + step));
            let spans = row.iter().zip(lefts);
            spans
                .map(|(chain, x)| Span { x, from: chain.from.as_str(), goes_on: false, legs: &chain.legs })
                .collect()
        })
        .collect()
    }

    /// How many steps have room beside what is always there; at least one.
    fn fitting(self, always: i32, step: i32) -> usize {
        usize::try_from((WIDEST - always) / step).unwrap_or(0).max(1)
    }

    fn width(self, row: &[Span<'_>]) -> i32 {
        row.iter().map(|span| span.x + self.length(span)).max().unwrap_or(0)
    }

    /// The width of a span.
    pub fn length(self, span: &Span<'_>) -> i32 {
        let hops = i32::try_from(span.legs.len()).unwrap_or(i32::MAX);
        self.party.saturating_add(hops.saturating_mul(self.party + self.hop))
    }
}

/// The width of the mark of a post-quantum group.
pub fn mark_width() -> i32 {
    MARK.width(QUANTUM) + 2 * MARK_GAP
}

/// The room that a hop would like. A reason is broken, into a few lines where that is possible.
fn width(leg: &Leg) -> i32 {
    let facts = leg.facts.iter().map(|fact| match fact {
        Fact::Reason(text) => FACT.width(text) / FEW_LINES,
        Fact::Group { name: text, post_quantum: true } | Fact::Version { text, post_quantum: true } => {
            FACT.width(text) + MARK_GAP + mark_width()
        }
        Fact::Group { name: text, .. } | Fact::Version { text, .. } | Fact::Expiry { text, .. } => {
            FACT.width(text)
        }
    });
    facts.chain([VERDICT.width(&leg.judged())]).max().unwrap_or(0)
}
