//! Mozilla's server-side TLS guidelines: which levels are met.
//!
//! A level is met where nothing beyond it is accepted, as sslyze reads it; what of it is missing takes nothing
//! from that. Guideline 6.0 dropped "old", which is that of 5.8; 5.7 is from before hybrid groups.

use hermetic_tls::SecurityPolicy;

use super::{Standard, Standing, View};
use crate::judge::measure;

const LEVELS: [(Standard, &str); 4] = [
    (Standard { id: "mozilla-modern", title: "Mozilla modern (guideline 6.0)" }, "mozilla/modern"),
    (
        Standard { id: "mozilla-intermediate", title: "Mozilla intermediate (guideline 6.0)" },
        "mozilla/intermediate",
    ),
    (
        Standard { id: "mozilla-5.7-intermediate", title: "Mozilla intermediate (guideline 5.7)" },
        "mozilla-5.7/intermediate",
    ),
    (Standard { id: "mozilla-5.8-old", title: "Mozilla old (guideline 5.8)" }, "mozilla-5.8/old"),
];

pub(super) fn standings(view: &View<'_>) -> Vec<Standing> {
    let policies =
        LEVELS.into_iter().filter_map(|(standard, name)| Some((standard, SecurityPolicy::named(name).ok()?)));
    policies.map(|(standard, policy)| standing(view, standard, policy)).collect()
}

fn standing(view: &View<'_>, standard: Standard, policy: &SecurityPolicy) -> Standing {
    view.rule(standard, |ruling| {
        let measured = measure(ruling.seen, policy);
        let beyond = measured.versions_beyond.iter().map(ToString::to_string);
        let beyond = beyond.chain(measured.suites_beyond.iter().map(ToString::to_string));
        let beyond = beyond.chain(measured.groups_beyond.iter().map(ToString::to_string));
        beyond.for_each(|what| ruling.against(format!("it accepts {what}")));
        measured.unknown.into_iter().for_each(|what| ruling.unseen(what));
        ruling.certificate();
    })
}
