//! What stands in an extension, by its kind.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod distribution;
mod name_constraints;
mod policies;
mod timestamps;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_CERTIFICATE_ISSUER,
    ID_CE_CERTIFICATE_POLICIES, ID_CE_CRL_DISTRIBUTION_POINTS, ID_CE_CRL_NUMBER, ID_CE_CRL_REASONS,
    ID_CE_DELTA_CRL_INDICATOR, ID_CE_EXT_KEY_USAGE, ID_CE_FRESHEST_CRL, ID_CE_HOLD_INSTRUCTION_CODE,
    ID_CE_INHIBIT_ANY_POLICY, ID_CE_INVALIDITY_DATE, ID_CE_ISSUER_ALT_NAME, ID_CE_ISSUING_DISTRIBUTION_POINT,
    ID_CE_KEY_USAGE, ID_CE_NAME_CONSTRAINTS, ID_CE_POLICY_CONSTRAINTS, ID_CE_POLICY_MAPPINGS,
    ID_CE_PRIVATE_KEY_USAGE_PERIOD, ID_CE_SUBJECT_ALT_NAME, ID_CE_SUBJECT_KEY_IDENTIFIER,
    ID_PE_AUTHORITY_INFO_ACCESS, ID_PE_SUBJECT_INFO_ACCESS,
};
use const_oid::db::rfc6960::ID_PKIX_OCSP_NOCHECK;

use super::general_name::{self, Directory};
use super::object::long_name;
use super::printable::printable;
use super::value::{self, Value, tag};
use super::{hex, name, time};

const TLS_FEATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.24");
const TIMESTAMPS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2");
const NETSCAPE_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.113730.1.1");

/// Netscape's extensions that are one string, such as a comment.
const NETSCAPE_STRINGS: [&str; 7] = ["2", "3", "4", "7", "8", "12", "13"];

const KEY_USAGES: [&str; 9] = [
    "Digital Signature",
    "Non Repudiation",
    "Key Encipherment",
    "Data Encipherment",
    "Key Agreement",
    "Certificate Sign",
    "CRL Sign",
    "Encipher Only",
    "Decipher Only",
];

const NETSCAPE_TYPES: [&str; 8] = [
    "SSL Client",
    "SSL Server",
    "S/MIME",
    "Object Signing",
    "Unused",
    "SSL CA",
    "S/MIME CA",
    "Object Signing CA",
];

const REASONS: [&str; 11] = [
    "Unspecified",
    "Key Compromise",
    "CA Compromise",
    "Affiliation Changed",
    "Superseded",
    "Cessation Of Operation",
    "Certificate Hold",
    "7",
    "Remove From CRL",
    "Privilege Withdrawn",
    "AA Compromise",
];

/// What an extension says; `None` where its kind is not known, or it is not written as it should be.
pub(super) fn value(oid: ObjectIdentifier, content: &[u8], indent: usize) -> Option<String> {
    if oid == TIMESTAMPS {
        return timestamps::list(value::one(content)?.bytes(tag::OCTET_STRING)?, indent);
    }
    let value = value::one(content)?;
    let indented = |text: String| format!("{:indent$}{text}", "");
    match oid {
        ID_CE_BASIC_CONSTRAINTS => Some(values(basic_constraints(value)?, indent)),
        ID_CE_KEY_USAGE => Some(values(flags(value, &KEY_USAGES)?, indent)),
        NETSCAPE_TYPE => Some(values(flags(value, &NETSCAPE_TYPES)?, indent)),
        ID_CE_EXT_KEY_USAGE => {
            let purposes =
                value.within(tag::SEQUENCE)?.into_iter().map(|purpose| purpose.object().map(long_name));
            Some(values(purposes.collect::<Option<_>>()?, indent))
        }
        ID_CE_SUBJECT_ALT_NAME | ID_CE_ISSUER_ALT_NAME | ID_CE_CERTIFICATE_ISSUER => {
            Some(values(general_name::list(&value.within(tag::SEQUENCE)?, Directory::Slashes)?, indent))
        }
        ID_CE_SUBJECT_KEY_IDENTIFIER => Some(indented(hex::upper(value.bytes(tag::OCTET_STRING)?, ":"))),
        ID_CE_AUTHORITY_KEY_IDENTIFIER => Some(lines(authority_key(value)?, indent)),
        ID_PE_AUTHORITY_INFO_ACCESS | ID_PE_SUBJECT_INFO_ACCESS => Some(lines(access(value)?, indent)),
        ID_CE_CRL_DISTRIBUTION_POINTS | ID_CE_FRESHEST_CRL => distribution::points(value, indent),
        ID_CE_ISSUING_DISTRIBUTION_POINT => distribution::issuing_point(value, indent),
        ID_CE_CERTIFICATE_POLICIES => policies::list(value, indent),
        ID_CE_POLICY_MAPPINGS => Some(values(policies::mappings(value)?, indent)),
        ID_CE_POLICY_CONSTRAINTS => Some(values(policies::constraints(value)?, indent)),
        ID_CE_NAME_CONSTRAINTS => name_constraints::both(value, indent),
        ID_CE_INHIBIT_ANY_POLICY | ID_CE_CRL_NUMBER | ID_CE_DELTA_CRL_INDICATOR => {
            Some(indented(value::number(value.bytes(tag::INTEGER)?)))
        }
        ID_CE_CRL_REASONS => {
            let reason = usize::from(*value.bytes(tag::ENUMERATED)?.first()?);
            Some(indented(REASONS.get(reason).map_or_else(|| reason.to_string(), |name| (*name).to_owned())))
        }
        ID_CE_HOLD_INSTRUCTION_CODE => Some(indented(long_name(value.object()?))),
        ID_CE_INVALIDITY_DATE => Some(indented(time::generalized(value.content)?)),
        ID_CE_PRIVATE_KEY_USAGE_PERIOD => Some(indented(period(value)?)),
        TLS_FEATURE => Some(values(features(value)?, indent)),
        ID_PKIX_OCSP_NOCHECK => Some(String::new()),
        other => netscape_string(other, value).map(indented),
    }
}

/// Values on one line.
fn values(values: Vec<String>, indent: usize) -> String {
    if values.is_empty() {
        return format!("{:indent$}<EMPTY>\n", "");
    }
    format!("{:indent$}{}", "", values.join(", "))
}

/// Values on a line each.
fn lines(values: Vec<String>, indent: usize) -> String {
    let lines: Vec<_> = values.iter().map(|value| format!("{:indent$}{value}", "")).collect();
    lines.join("\n")
}

fn basic_constraints(value: Value<'_>) -> Option<Vec<String>> {
    let within = value.within(tag::SEQUENCE)?;
    let is_authority = within.iter().any(|value| value.bytes(tag::BOOLEAN).is_some_and(|flag| flag != [0]));
    let authority = if is_authority { "CA:TRUE" } else { "CA:FALSE" };
    let length = within.iter().find_map(|value| value.bytes(tag::INTEGER));
    let length = length.map(|length| format!("pathlen:{}", value::number(length)));
    Some(std::iter::once(authority.to_owned()).chain(length).collect())
}

/// The names of the bits that are set.
fn flags(value: Value<'_>, names: &[&str]) -> Option<Vec<String>> {
    let bits = value.bits(tag::BIT_STRING)?;
    let set = bits.into_iter().zip(names).filter(|(is_set, _)| *is_set);
    Some(set.map(|(_, name)| (*name).to_owned()).collect())
}

/// AuthorityKeyIdentifier: only where it has several parts, they are named.
fn authority_key(value: Value<'_>) -> Option<Vec<String>> {
    let within = value.within(tag::SEQUENCE)?;
    let mut parts = Vec::new();
    for part in &within {
        match part.tag {
            0x80 if within.len() == 1 => parts.push(hex::upper(part.content, ":")),
            0x80 => parts.push(format!("keyid:{}", hex::upper(part.content, ":"))),
            0xa1 => parts.extend(general_name::list(&value::all(part.content)?, Directory::Slashes)?),
            0x82 => parts.push(format!("serial:{}", hex::number(part.content, ":"))),
            _ => return None,
        }
    }
    Some(parts)
}

/// AccessDescription: a method, and where.
fn access(value: Value<'_>) -> Option<Vec<String>> {
    let description = |value: Value<'_>| match value.within(tag::SEQUENCE)?.as_slice() {
        [method, location] => {
            let location = general_name::of(*location, Directory::Slashes)?;
            Some(format!("{} - {location}", long_name(method.object()?)))
        }
        _ => None,
    };
    value.within(tag::SEQUENCE)?.into_iter().map(description).collect()
}

/// Features of TLS that a server must have (RFC 7633).
fn features(value: Value<'_>) -> Option<Vec<String>> {
    let feature = |value: Value<'_>| match value.bytes(tag::INTEGER)? {
        [5] => Some("status_request".to_owned()),
        [17] => Some("status_request_v2".to_owned()),
        other => Some(value::number(other)),
    };
    value.within(tag::SEQUENCE)?.into_iter().map(feature).collect()
}

/// PrivateKeyUsagePeriod (RFC 3280 section 4.2.1.4).
fn period(value: Value<'_>) -> Option<String> {
    let end = |part: Value<'_>| match part.tag {
        0x80 => Some(format!("Not Before: {}", time::generalized(part.content)?)),
        0x81 => Some(format!("Not After: {}", time::generalized(part.content)?)),
        _ => None,
    };
    let ends: Option<Vec<_>> = value.within(tag::SEQUENCE)?.into_iter().map(end).collect();
    Some(ends?.join(", "))
}

fn netscape_string(oid: ObjectIdentifier, value: Value<'_>) -> Option<String> {
    let oid = oid.to_string();
    let last = oid.strip_prefix("2.16.840.1.113730.1.")?;
    if NETSCAPE_STRINGS.contains(&last) { name::text(&value).map(|text| printable(&text)) } else { None }
}
