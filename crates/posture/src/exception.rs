//! Accepted departures from controls: which control, for which resource, why, by whose leave and until when.

use std::sync::Arc;

use hermetic_hop::Exception;

use crate::control::Control;
use crate::graph::Resource;
use crate::read_error::ReadError;
use crate::span::Span;
use crate::value::{Key, Node, Value};

/// An exception from one control for some resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The control, by its id here or in another tool.
    pub control: Arc<str>,
    /// The resource's logical id or its address in Terraform; `*` stands for any run of characters. An address
    /// without a key is that of all instances, and that of a module of all that is in it.
    pub resource: Arc<str>,
    /// Why, by whose leave, and until when.
    pub exception: Exception,
    /// Where it is written.
    pub written: Written,
}

/// Where an exception is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// Beside the resource, in its own metadata.
    Beside(Span),
    /// In a configuration, at this line and column.
    Configuration {
        /// The file.
        file: Arc<str>,
        /// The line; the first is 1.
        line: u32,
        /// The column; the first is 1.
        column: u32,
    },
}

impl Accepted {
    /// Whether it is about this control and this resource, whether it still counts or not.
    pub fn is_about(&self, control: &Control, resource: &Resource) -> bool {
        control.is_called(&self.control) && covers(&self.resource, &resource.name)
    }
}

const SHAPE: &str =
    "write Exceptions as a list of maps with Control, Reason, Owner, and Until such as \"2027-03-31\"";

/// The exceptions that a resource's own `Metadata` gives it, or what is wrong with each:
/// `Hermetic: { Exceptions: [{ Control: S3.5, Reason: …, Owner: …, Until: 2027-03-31 }] }`, in whatever case: what a
/// configuration writes small counts here, too.
pub fn beside(resource: &Resource) -> Vec<Result<Accepted, ReadError>> {
    let Some(ours) = resource.metadata.as_ref().and_then(|metadata| member(metadata, "Hermetic")) else {
        return Vec::new();
    };
    let strange = strange_member(ours, &["Exceptions"])
        .map(|key| Err(ReadError::new(key.at, format!("`Hermetic` has no `{}`", key.text), SHAPE)));
    let listed = match member(ours, "Exceptions").map(|listed| (&listed.node, listed.at)) {
        Some((Node::List(list), _)) => list.iter().map(|entry| read(entry, resource)).collect(),
        Some((_, at)) => vec![Err(ReadError::new(at, "`Exceptions` is no list", SHAPE))],
        // What stands there instead is told already.
        None if strange.is_some() => Vec::new(),
        None => vec![Err(ReadError::new(ours.at, "`Hermetic` has no `Exceptions`", SHAPE))],
    };
    strange.into_iter().chain(listed).collect()
}

/// What a map has under a name, whatever its case.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let Node::Map(map) = &value.node else { return None };
    map.entries.iter().find(|(key, _)| key.text.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The first key of a map that is none of these.
fn strange_member<'v>(value: &'v Value, known: &[&str]) -> Option<&'v Key> {
    let Node::Map(map) = &value.node else { return None };
    let is_known = |key: &Key| known.iter().any(|known| key.text.eq_ignore_ascii_case(known));
    map.entries.iter().map(|(key, _)| key).find(|key| !is_known(key))
}

fn read(entry: &Value, resource: &Resource) -> Result<Accepted, ReadError> {
    if !matches!(entry.node, Node::Map(_)) {
        return Err(ReadError::new(entry.at, "an exception is no map", SHAPE));
    }
    if let Some(key) = strange_member(entry, &["Control", "Reason", "Owner", "Until"]) {
        return Err(ReadError::new(key.at, format!("an exception has no `{}`", key.text), SHAPE));
    }
    let part = |name: &str| match member(entry, name).map(|value| (&value.node, value.at)) {
        Some((Node::Text(text), at)) if !text.trim().is_empty() => Ok((Arc::clone(text), at)),
        Some((_, at)) => Err(ReadError::new(at, format!("{name} of an exception is no text"), SHAPE)),
        None => Err(ReadError::new(entry.at, format!("an exception has no {name}"), SHAPE)),
    };
    let (until, at): (Arc<str>, Span) = part("Until")?;
    let until = until
        .parse()
        .map_err(|_| ReadError::new(at, format!("`{until}` is no day"), "write Until as \"2027-03-31\""))?;
    Ok(Accepted {
        control: part("Control")?.0,
        resource: Arc::clone(&resource.name),
        exception: Exception {
            reason: part("Reason")?.0.to_string(),
            owner: part("Owner")?.0.to_string(),
            until,
        },
        written: Written::Beside(entry.at),
    })
}

/// Whether a name fits a pattern, or is what that has instances or parts of: `aws_lb.shop` covers
/// `aws_lb.shop["eu"]`, and `module.shop` what is in it. Logical ids have neither brackets nor dots.
fn covers(pattern: &str, name: &str) -> bool {
    let within = |rest: &str| rest.is_empty() || rest.starts_with(['[', '.']);
    name.strip_prefix(pattern).is_some_and(within) || fits(pattern, name)
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
            assert!(covers(pattern, name), "{pattern}");
        }
        for (pattern, name) in [("Order", "Orders"), ("ord*", "Orders"), ("*x*", "Orders"), ("O*x", "Orders")]
        {
            assert!(!covers(pattern, name), "{pattern}");
        }
    }

    #[test]
    fn an_address_covers_its_instances_and_what_is_in_its_module_and_no_other() {
        let name = r#"module.shop[0].aws_s3_bucket.drop["eu.west"]"#;
        for pattern in [
            name,
            r"module.shop[0].aws_s3_bucket.drop",
            "module.shop",
            "module.shop[0]",
            r#"module.*.aws_s3_bucket.drop["eu*"]"#,
            "*.aws_s3_bucket.*",
        ] {
            assert!(covers(pattern, name), "{pattern}");
        }
        for pattern in [
            "module.sho",
            "module.shop[1]",
            "aws_s3_bucket.drop",
            r#"module.shop[0].aws_s3_bucket.drop["eu"]"#,
        ] {
            assert!(!covers(pattern, name), "{pattern}");
        }
    }
}
