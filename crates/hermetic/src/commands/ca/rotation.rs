//! How far the roll-over of an authority is, as reports have it.

use hermetic_authority::RollOver;
use hermetic_hop::relative;
use jiff::Timestamp;
use serde::Serialize;

/// How far a roll-over is.
#[derive(Serialize)]
pub(super) struct Rotation {
    /// The generation that signs.
    signing: Option<u32>,
    /// The one that will.
    successor: Option<u32>,
    /// The step that comes next; `None` where it waits for somebody.
    next: Option<Next>,
    /// Whether a running instance takes that step by itself then.
    by_itself: bool,
}

/// The step that comes next.
#[derive(Serialize)]
struct Next {
    step: &'static str,
    due: Timestamp,
}

impl Rotation {
    pub(super) fn of(roll_over: &RollOver) -> Self {
        let generation = |authority: &std::sync::Arc<hermetic_authority::CertificateAuthority>| {
            authority.generation().generation
        };
        Self {
            signing: roll_over.signing.as_ref().map(generation),
            successor: roll_over.successor.as_ref().map(generation),
            next: roll_over.next.map(|(step, due)| Next { step: step.word(), due }),
            by_itself: roll_over.by_itself,
        }
    }

    /// What comes next, in words.
    pub(super) fn words(&self, now: Timestamp) -> Option<String> {
        let Next { step, due } = self.next.as_ref()?;
        let who = if self.by_itself { "" } else { ", once somebody does it" };
        let when = if *due <= now { "now".to_owned() } else { relative(*due, now).to_string() };
        Some(match self.successor {
            Some(generation) => format!("{step} generation {generation}, {when}{who}"),
            None => format!("{step} the next generation, {when}{who}"),
        })
    }
}
