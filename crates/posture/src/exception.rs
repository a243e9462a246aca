//! Accepted departures from controls: which control, for which resource, why, by whose leave and until when.

use std::sync::Arc;

use hermetic_hop::Exception;
use jiff::civil::Date;
use serde::Deserialize;

use crate::control::Control;
use crate::graph::Resource;
use crate::value::{Node, Value};

/// An exception from one control for some resources.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The control, by its id here or in another tool.
    pub control: Arc<str>,
    /// The resource's logical id or address; `*` stands for any run of characters.
    #[serde(default = "anything")]
    pub resource: Arc<str>,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts (UTC).
    pub until: Date,
}

/// What stands beside a resource that is no exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionProblem(pub String);

impl Accepted {
    /// Whether it is about this control and this resource, whether it still counts or not.
    pub fn is_about(&self, control: &Control, resource: &Resource) -> bool {
        control.is_called(&self.control) && fits(&self.resource, &resource.name)
    }

    /// The exception itself.
    pub fn exception(&self) -> Exception {
        Exception { reason: self.reason.clone(), owner: self.owner.clone(), until: self.until }
    }
}

/// The exceptions of a `hermetic.toml`; what else is in it is not read.
///
/// # Errors
/// The text is no TOML, or an `[[exception]]` in it lacks something.
pub fn read(text: &str) -> Result<Vec<Accepted>, toml::de::Error> {
    #[derive(Deserialize)]
    struct Configuration {
        #[serde(default)]
        exception: Vec<Accepted>,
    }
    toml::from_str::<Configuration>(text).map(|read| read.exception)
}

/// The exceptions that a resource's own `Metadata` gives it:
/// `Hermetic: { Exceptions: [{ Control: S3.5, Reason: …, Owner: …, Until: 2027-03-31 }] }`.
pub fn beside(resource: &Resource) -> Vec<Result<Accepted, ExceptionProblem>> {
    let listed =
        resource.metadata.as_ref().and_then(|metadata| metadata.entry("Hermetic")?.entry("Exceptions"));
    match listed.map(|listed| &listed.node) {
        None => Vec::new(),
        Some(Node::List(list)) => list.iter().map(|entry| written(entry, resource)).collect(),
        Some(_) => vec![Err(ExceptionProblem("Exceptions is no list".to_owned()))],
    }
}

fn written(entry: &Value, resource: &Resource) -> Result<Accepted, ExceptionProblem> {
    let part = |name: &str| match entry.entry(name).map(|value| &value.node) {
        Some(Node::Text(text)) if !text.trim().is_empty() => Ok(Arc::clone(text)),
        _ => Err(ExceptionProblem(format!(
            "an exception has no {name}; it needs Control, Reason, Owner and Until"
        ))),
    };
    let until = part("Until")?;
    let until = until
        .parse()
        .map_err(|_| ExceptionProblem(format!("`{until}` is no day; write Until as 2027-03-31")))?;
    Ok(Accepted {
        control: part("Control")?,
        resource: Arc::clone(&resource.name),
        reason: part("Reason")?.to_string(),
        owner: part("Owner")?.to_string(),
        until,
    })
}

fn anything() -> Arc<str> {
    "*".into()
}

/// Whether a name fits a pattern in which `*` stands for any run of characters.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        for (pattern, name) in [("*", "Orders"), ("Ord*", "Orders"), ("*ers", "Orders"), ("O*d*s", "Orders")]
        {
            assert!(fits(pattern, name), "{pattern}");
        }
        for (pattern, name) in [("Order", "Orders"), ("ord*", "Orders"), ("*x*", "Orders"), ("O*x", "Orders")]
        {
            assert!(!fits(pattern, name), "{pattern}");
        }
    }
}
