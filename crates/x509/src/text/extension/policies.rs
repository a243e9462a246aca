//! Policies of certificates (RFC 5280 sections 4.2.1.4, 4.2.1.5 and 4.2.1.11).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::db::rfc5280::{ID_QT_CPS, ID_QT_UNOTICE};

use super::super::object::long_name;
use super::super::printable::printable;
use super::super::value::{self, Value, tag};

/// CertificatePolicies.
pub(super) fn list(value: Value<'_>, indent: usize) -> Option<String> {
    let policies: Option<Vec<_>> =
        value.within(tag::SEQUENCE)?.into_iter().map(|value| policy(value, indent)).collect();
    Some(policies?.join("\n"))
}

/// PolicyMappings.
pub(super) fn mappings(value: Value<'_>) -> Option<Vec<String>> {
    let mapping = |value: Value<'_>| match value.within(tag::SEQUENCE)?.as_slice() {
        [from, to] => Some(format!("{}:{}", long_name(from.object()?), long_name(to.object()?))),
        _ => None,
    };
    value.within(tag::SEQUENCE)?.into_iter().map(mapping).collect()
}

/// PolicyConstraints.
pub(super) fn constraints(value: Value<'_>) -> Option<Vec<String>> {
    let constraint = |value: Value<'_>| {
        let name = match value.tag {
            0x80 => "Require Explicit Policy",
            0x81 => "Inhibit Policy Mapping",
            _ => return None,
        };
        Some(format!("{name}:{}", value::number(value.content)))
    };
    value.within(tag::SEQUENCE)?.into_iter().map(constraint).collect()
}

fn policy(value: Value<'_>, indent: usize) -> Option<String> {
    let parts = value.within(tag::SEQUENCE)?;
    let (policy, qualifiers) = parts.split_first()?;
    let mut text = format!("{:indent$}Policy: {}", "", long_name(policy.object()?));
    for list in qualifiers {
        for qualifier in list.within(tag::SEQUENCE)? {
            text += "\n";
            text += &self::qualifier(qualifier, indent + 2)?;
        }
    }
    Some(text)
}

fn qualifier(value: Value<'_>, indent: usize) -> Option<String> {
    let parts = value.within(tag::SEQUENCE)?;
    let (kind, value) = parts.split_first()?;
    match kind.object()? {
        ID_QT_CPS => Some(format!("{:indent$}CPS: {}", "", string(*value.first()?))),
        ID_QT_UNOTICE => {
            let notice = notice(*value.first()?, indent + 2)?;
            Some(format!("{:indent$}User Notice:\n{notice}", ""))
        }
        other => Some(format!("{:inside$}Unknown Qualifier: {}", "", long_name(other), inside = indent + 2)),
    }
}

/// UserNotice: a text, or where one is to be found.
fn notice(value: Value<'_>, indent: usize) -> Option<String> {
    let mut lines = Vec::new();
    for part in value.within(tag::SEQUENCE)? {
        match part.within(tag::SEQUENCE) {
            Some(reference) => {
                let [organization, numbers] = reference.as_slice() else { return None };
                let numbers: Vec<_> =
                    numbers.within(tag::SEQUENCE)?.iter().map(|value| value::number(value.content)).collect();
                let plural = if numbers.len() > 1 { "s" } else { "" };
                lines.push(format!("{:indent$}Organization: {}", "", string(*organization)));
                lines.push(format!("{:indent$}Number{plural}: {}", "", numbers.join(", ")));
            }
            None => lines.push(format!("{:indent$}Explicit Text: {}", "", string(part))),
        }
    }
    Some(lines.join("\n"))
}

/// As it stands there, up to its first zero, whatever kind of string it is.
fn string(value: Value<'_>) -> String {
    let bytes: Vec<u8> = value.content.iter().copied().take_while(|byte| *byte != 0).collect();
    printable(&String::from_utf8_lossy(&bytes))
}
