//! The targets of a scan, one after another as they are read: a list is never held whole.

pub mod configuration;
mod distinct;
mod lines;
mod range;

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hermetic_hop::HopName;
use hermetic_probe::Target;

use super::target::Given;
use crate::arguments::{Addresses, Scan, interval};
use crate::exit::Failure;
use distinct::Known;
use lines::Lines;
use range::Range;

/// A target, and what is known of it beside.
#[derive(Debug)]
pub struct Named {
    /// What is looked at.
    pub target: Target,
    /// The hop of a configuration whose far end it is.
    pub hop: Option<HopOf>,
}

/// A hop of a configuration.
#[derive(Clone, Debug)]
pub struct HopOf {
    /// Its name.
    pub name: HopName,
    /// The data folder of the configuration.
    pub data: Arc<Path>,
}

impl AsRef<Target> for Named {
    fn as_ref(&self) -> &Target {
        &self.target
    }
}

/// What the list says next: a target, or a line that is none.
pub type Next = Result<Named, Failure>;

/// Targets that come one after another.
pub type Targets = Box<dyn Iterator<Item = Next> + Send>;

/// All targets that were asked for. What was typed is looked at now, and what is in files as it is read. What was typed
/// or stands in a list more than once comes once; what a configuration has at one endpoint may differ in whom it trusts.
pub async fn of(arguments: &Scan) -> Result<Targets, Failure> {
    let given = Arc::new(Given::of(arguments)?);
    let known = Known::default();
    let mut all: Targets = Box::new(std::iter::empty());
    for text in &arguments.targets {
        if arguments.watch.is_some() && interval(text).is_ok() {
            return Err(Failure::wrong(format!("`{text}` is an interval, and stands where a target does"))
                .remedy(format!("write --watch={text}")));
        }
        let targets = match is_configuration(text) {
            true => configuration::targets(Path::new(text), &given).await?,
            false => known.without(typed(text, &given)?),
        };
        all = Box::new(all.chain(targets));
    }
    for file in &arguments.lists {
        all = Box::new(all.chain(known.without(list(file, &given)?)));
    }
    Ok(all)
}

/// Whether one target was typed, and can be nothing else than one.
pub fn is_one(arguments: &Scan) -> bool {
    let one = |text: &String| {
        let is_list = text == "-" || text.starts_with('@') || text.ends_with(".toml");
        !is_list && Range::read(text).is_none()
    };
    arguments.lists.is_empty()
        && arguments.ip == Addresses::One
        && matches!(arguments.targets.as_slice(), [text] if one(text))
}

/// Whether a list can be read but once, as standard input and pipes can.
pub fn is_read_once(arguments: &Scan) -> bool {
    let typed =
        arguments.targets.iter().filter_map(|text| text.strip_prefix('@').or((text == "-").then_some("-")));
    let mut lists = typed.map(Path::new).chain(arguments.lists.iter().map(PathBuf::as_path));
    !lists.all(Path::is_file)
}

/// How many targets there are; `None` where that can't be told before they are read.
pub async fn count(arguments: &Scan) -> Option<u64> {
    if is_read_once(arguments) {
        return None;
    }
    let targets = of(arguments).await.ok()?;
    u64::try_from(targets.filter(Result::is_ok).count()).ok()
}

fn is_configuration(text: &str) -> bool {
    !text.starts_with('@') && Path::new(text).extension().is_some_and(|extension| extension == "toml")
}

/// What was typed in one place, and is no configuration.
fn typed(text: &str, given: &Arc<Given>) -> Result<Targets, Failure> {
    if text == "-" {
        return list(Path::new(text), given);
    }
    if let Some(file) = text.strip_prefix('@') {
        return list(Path::new(file), given);
    }
    if Path::new(text).is_file() {
        return Err(Failure::wrong(format!("`{text}` is a file here; as a target it would be a host"))
            .remedy(format!("write @{text} for the targets in it, or https://{text} for the host")));
    }
    written(text, given)
}

/// What stands at one place of a command line or list: a target or a range of them.
fn written(text: &str, given: &Arc<Given>) -> Result<Targets, Failure> {
    match Range::read(text) {
        Some(range) => {
            let given = Arc::clone(given);
            Ok(Box::new(range?.map(move |text| given.target(&text).map(named))))
        }
        None => Ok(Box::new(std::iter::once(Ok(named(given.target(text)?))))),
    }
}

fn named(target: Target) -> Named {
    Named { target, hop: None }
}

/// The list in a file; that of standard input where it is `-`.
fn list(path: &Path, given: &Arc<Given>) -> Result<Targets, Failure> {
    let given = Arc::clone(given);
    if path == Path::new("-") {
        return Ok(Box::new(Lines::new("standard input", BufReader::new(io::stdin()), given)));
    }
    let place = path.display().to_string();
    let file = File::open(path).map_err(|error| {
        Failure::wrong(format!("the list of targets can't be read: {error}")).at(place.clone())
    })?;
    Ok(Box::new(Lines::new(place, BufReader::new(file), given)))
}

#[cfg(test)]
mod tests;
