//! Alternative names and the like.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::net::Ipv4Addr;

use const_oid::ObjectIdentifier;

use super::name;
use super::object::long_name;
use super::printable::printable;
use super::value::{self, Value};

/// How directory names are written: in lists of names with slashes, elsewhere with commas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directory {
    Slashes,
    Commas,
}

/// Kinds of other names that have a name of their own.
const OTHER_NAMES: [(ObjectIdentifier, &str); 5] = [
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.3"), "UPN"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.8.5"), "XmppAddr"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.8.7"), "SRVName"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.8.8"), "NAIRealm"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.8.9"), "SmtpUTF8Mailbox"),
];

/// The DER of one name.
pub(crate) fn general_name(der: &[u8]) -> Option<String> {
    of(value::one(der)?, Directory::Slashes)
}

/// All names within a list.
pub(super) fn list(names: &[Value<'_>], directory: Directory) -> Option<Vec<String>> {
    names.iter().map(|name| of(*name, directory)).collect()
}

/// One name, such as `DNS:example.test`.
pub(super) fn of(name: Value<'_>, directory: Directory) -> Option<String> {
    let text = || printable(&String::from_utf8_lossy(name.content));
    Some(match name.tag {
        0xa0 => other_name(name.content)?,
        0x81 => format!("email:{}", text()),
        0x82 => format!("DNS:{}", text()),
        0xa3 => "X400Name:<unsupported>".to_owned(),
        0xa4 => match directory {
            Directory::Slashes => format!("DirName:{}", name::slashes(name.content)?),
            Directory::Commas => format!("DirName:{}", name::one_line_of(name.content)?),
        },
        0xa5 => "EdiPartyName:<unsupported>".to_owned(),
        0x86 => format!("URI:{}", text()),
        0x87 => format!("IP Address:{}", address(name.content).unwrap_or_else(|| "<invalid>".to_owned())),
        0x88 => format!("Registered ID:{}", long_name(ObjectIdentifier::from_bytes(name.content).ok()?)),
        _ => return None,
    })
}

/// An address; IPv6 with all its zeros.
pub(super) fn address(octets: &[u8]) -> Option<String> {
    if let Ok(octets) = <[u8; 4]>::try_from(octets) {
        return Some(Ipv4Addr::from(octets).to_string());
    }
    let groups = octets.as_chunks().0.iter().map(|pair| format!("{:X}", u16::from_be_bytes(*pair)));
    (octets.len() == 16).then(|| groups.collect::<Vec<_>>().join(":"))
}

fn other_name(content: &[u8]) -> Option<String> {
    let parts = value::all(content)?;
    let [kind, explicit] = parts.as_slice() else { return None };
    let kind = kind.object()?;
    let value = value::one(explicit.bytes(0xa0)?)?;
    let called = OTHER_NAMES.iter().find(|(oid, _)| *oid == kind).map(|(_, name)| (*name).to_owned());
    let called = called.unwrap_or_else(|| long_name(kind));
    // UTF8String and IA5String.
    let text = matches!(value.tag, 0x0c | 0x16).then(|| printable(&String::from_utf8_lossy(value.content)));
    Some(format!("othername: {called}::{}", text.as_deref().unwrap_or("<unsupported>")))
}
