//! How far the roll-over of an authority is, as reports have it.

use hermetic_authority::{CertificateAuthority, RollOver, Rotated, Step};
use hermetic_hop::relative;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a roll-over is.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Rotation {
    /// The step that was taken just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) step: Option<Step>,
    /// The generation that signs.
    signing: Option<u32>,
    /// The one that will.
    successor: Option<u32>,
    /// The step that comes next; `None` where it waits for somebody.
    next: Option<Next>,
    /// From when on the successor may be activated by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) activation_from: Option<Timestamp>,
    /// Whether a running instance takes the next step by itself when it is due.
    pub(super) by_itself: bool,
}

/// The step that comes next.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Next {
    step: Step,
    due: Timestamp,
}

impl Rotation {
    pub(super) fn of(roll_over: &RollOver) -> Self {
        let generation = |authority: &CertificateAuthority| authority.generation().generation;
        Self {
            step: None,
            signing: roll_over.signing.as_deref().map(generation),
            successor: roll_over.successor.as_deref().map(generation),
            next: roll_over.next.map(|(step, due)| Next { step, due }),
            activation_from: None,
            by_itself: roll_over.by_itself,
        }
    }

    pub(super) fn by(rotated: &Rotated) -> Self {
        let (step, activation_from) = (Some(rotated.step), rotated.activation_from);
        Self { step, activation_from, ..Self::of(&rotated.roll_over) }
    }

    /// What comes next, in words.
    pub(super) fn words(&self, now: Timestamp) -> Option<String> {
        let Next { step, due } = self.next.as_ref()?;
        let step = step.word();
        let who = if self.by_itself { ", by a running instance" } else { ", by hand" };
        let when = if *due <= now { "now".to_owned() } else { relative(*due, now).to_string() };
        Some(match self.successor {
            Some(generation) => format!("{step} generation {generation}, {when}{who}"),
            None => format!("{step} the next generation, {when}{who}"),
        })
    }
}
