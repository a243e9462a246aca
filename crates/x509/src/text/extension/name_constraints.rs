//! Which names an authority may certify (RFC 5280 section 4.2.1.10).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::super::general_name::{self, Directory};
use super::super::value::{self, Value, tag};

pub(super) fn both(value: Value<'_>, indent: usize) -> Option<String> {
    let mut lists = Vec::new();
    for list in value.within(tag::SEQUENCE)? {
        let title = match list.tag {
            0xa0 => "Permitted",
            0xa1 => "Excluded",
            _ => return None,
        };
        let subtrees: Option<Vec<_>> = value::all(list.content)?.into_iter().map(subtree).collect();
        lists.push(format!("{:indent$}{title}:\n{}", "", super::lines(subtrees?, indent + 2)));
    }
    Some(lists.join("\n"))
}

/// GeneralSubtree; its bounds are those that everybody has.
fn subtree(value: Value<'_>) -> Option<String> {
    let base = *value.within(tag::SEQUENCE)?.first()?;
    match base.tag {
        0x87 => Some(network(base.content)),
        _ => general_name::of(base, Directory::Commas),
    }
}

/// An address and a mask.
fn network(octets: &[u8]) -> String {
    let (address, mask) = octets.split_at(octets.len() / 2);
    match (general_name::address(address), general_name::address(mask)) {
        (Some(address), Some(mask)) => format!("IP:{address}/{mask}"),
        _ => "IP Address:<invalid>".to_owned(),
    }
}
