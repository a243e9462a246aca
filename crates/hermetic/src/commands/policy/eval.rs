//! `hermetic policy eval`.

use std::path::{Path, PathBuf};

use anstyle::AnsiColor;
use hermetic_iam::document::AccountId;
use hermetic_iam::{Attached, Decided, Decision, Document, Kind};
use serde::Serialize;

use super::request;
use crate::arguments::{Evaluate, Format};
use crate::exit::{Exit, Failure};
use crate::output;

/// `hermetic.policy-decision/1`.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    #[serde(flatten)]
    decision: Decision,
}

pub fn run(arguments: &Evaluate) -> Result<Exit, Failure> {
    let read = |text: &String| {
        let (kind, file) = attached(text);
        super::document(&file).map(|document| (kind, super::name(&file), document))
    };
    let documents: Vec<(Kind, String, Document)> =
        arguments.policies.iter().map(read).collect::<Result<_, _>>()?;
    let request = request::read(&arguments.request)?;
    let attached: Vec<Attached<'_>> =
        documents.iter().map(|(kind, name, document)| Attached { kind: *kind, name, document }).collect();
    let account = arguments.account.clone().or_else(|| AccountId::of_arn(&request.resource));
    let decision = hermetic_iam::decide(&request, &attached, account.as_ref());
    let exit = Exit::of(decision.effect != Decided::Allow);
    match arguments.format {
        Format::Json => output::print_json(&Report { schema: "hermetic.policy-decision/1", decision })?,
        Format::Table => output::print(&line(&decision))?,
    }
    Ok(exit)
}

fn line(decision: &Decision) -> String {
    let (word, tone) = match decision.effect {
        Decided::Allow => ("ALLOW", AnsiColor::Green.on_default()),
        Decided::ExplicitDeny => ("EXPLICIT DENY", AnsiColor::Red.on_default().bold()),
        Decided::ImplicitDeny => ("IMPLICIT DENY", AnsiColor::Red.on_default()),
    };
    format!("{tone}{word}{tone:#}  {}\n", output::plain(&decision.reason))
}

/// A file behind what it is attached to; of a resource where nothing is said.
fn attached(text: &str) -> (Kind, PathBuf) {
    let kind = |word: &str| match word {
        "resource" => Some(Kind::Resource),
        "identity" => Some(Kind::Identity),
        "boundary" => Some(Kind::Boundary),
        "session" => Some(Kind::Session),
        "endpoint" => Some(Kind::Endpoint),
        "scp" => Some(Kind::ServiceControl),
        "rcp" => Some(Kind::ResourceControl),
        _ => None,
    };
    match text.split_once(':').and_then(|(word, file)| Some((kind(word)?, file))) {
        Some((kind, file)) => (kind, Path::new(file).to_owned()),
        None => (Kind::Resource, Path::new(text).to_owned()),
    }
}
