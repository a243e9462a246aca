//! Data providers: each engine has its settings under its own name, and SslMode among them.

use crate::control::Control;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};
use crate::verdict::Judgement;

/// What is reached by other means than SslMode.
const WITHOUT: &[&str] = &["RedshiftSettings"];

/// Judges the settings of whichever engine they are for.
pub(super) fn judge(_: &Control, provider: &Subject<'_>) -> Judgement {
    match provider.value(path!("Settings")) {
        Seen::Known(settings, at) => match &settings.node {
            Node::Map(map) => {
                let settings = map.entries.iter().filter(|(key, _)| !WITHOUT.contains(&&*key.text));
                settings.map(|(key, settings)| judge_engine(provider, &key.text, settings)).collect()
            }
            _ => Judgement::unknown("Settings is no map", at),
        },
        Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("Settings: {why}"), at),
    }
}

fn judge_engine(provider: &Subject<'_>, engine: &str, settings: &Value) -> Judgement {
    let mode = provider.below(settings, path!("SslMode")).into_iter().next();
    match mode.map(|mode| mode.and_then(text_of)) {
        Some(Seen::Known(mode, at)) if &*mode == "none" => {
            Judgement::fail(format!("SslMode of {engine} is none"), at)
        }
        Some(Seen::Known(mode, at)) => Judgement::pass(format!("SslMode of {engine} is {mode}"), at),
        Some(Seen::Absent(at)) => {
            Judgement::fail(format!("SslMode of {engine} is not set, which is none"), at)
        }
        Some(Seen::Unknown(why, at)) => Judgement::unknown(format!("SslMode of {engine}: {why}"), at),
        None => Judgement::not_applicable(),
    }
}
