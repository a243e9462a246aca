//! CAA: who may issue certificates for a name (RFC 8659).

use bytes::Bytes;

use super::Answered;
use super::message::{Record, kind, taken};
use super::resolver::Asking;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Whether an issuer that does not know the property must not issue.
    pub critical: bool,
    /// The property: `issue`, `issuewild`, `iodef` or another.
    pub property: String,
    /// What it says.
    pub value: String,
}

/// The records that count for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorizations {
    /// The name, or the one above it, whose they are; `None` where there are none, and anybody may issue.
    pub name: Option<String>,
    /// The records.
    pub records: Vec<Authorization>,
}

/// Climbs from the name to the root, to the first that has records (section 3).
pub(super) async fn look(name: &str, asking: Asking<'_>) -> Result<Answered<Authorizations>, String> {
    let mut authenticated = true;
    let mut at = Some(name);
    while let Some(name) = at {
        let answered = asking.records(name, kind::CAA).await?;
        authenticated &= answered.authenticated;
        let records: Vec<_> = answered.records.iter().filter_map(Authorization::of).collect();
        if !records.is_empty() {
            let records = Authorizations { name: Some(name.to_owned()), records };
            return Ok(Answered { records, authenticated });
        }
        at = name.split_once('.').map(|(_, above)| above);
    }
    Ok(Answered { records: Authorizations { name: None, records: Vec::new() }, authenticated })
}

impl Authorizations {
    /// The domains of those who may issue, for a wildcard or for one host; `None` where anybody may.
    pub fn issuers(&self, wildcard: bool) -> Option<Vec<&str>> {
        let of = |property: &str| {
            let found: Vec<_> = self.records.iter().filter(|record| record.property == property).collect();
            (!found.is_empty()).then(|| found.into_iter().filter_map(Authorization::issuer).collect())
        };
        // Section 4.3: where there is no `issuewild`, `issue` counts for wildcards, too.
        wildcard.then(|| of("issuewild")).flatten().or_else(|| of("issue"))
    }
}

impl Authorization {
    /// Reads a record; `None` where it breaks the rules of section 4.1.
    pub fn of(record: &Record) -> Option<Self> {
        let mut data: Bytes = record.data.clone();
        let head = taken(&mut data, 2)?;
        let (flags, length) = (*head.first()?, *head.get(1)?);
        let property = taken(&mut data, length.into()).filter(|tag| !tag.is_empty())?;
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        Some(Self {
            critical: flags & 0x80 != 0,
            property: text(&property).to_ascii_lowercase(),
            value: text(&data),
        })
    }

    /// Of `issue` and `issuewild`, the domain of the issuer; `None` where nobody is meant.
    fn issuer(&self) -> Option<&str> {
        let domain = self.value.split(';').next().unwrap_or_default().trim();
        (!domain.is_empty()).then_some(domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(data: &[u8]) -> Option<Authorization> {
        Authorization::of(&Record { name: "a".into(), kind: kind::CAA, data: Bytes::copy_from_slice(data) })
    }

    #[test]
    fn a_record_says_who_may_issue() {
        let read = of(b"\x80\x05ISSUEca.test; account=1").unwrap();
        assert!(read.critical);
        assert_eq!((read.property.as_str(), read.issuer()), ("issue", Some("ca.test")));
        assert_eq!(of(b"\x00\x05issue;").unwrap().issuer(), None, "nobody may");
        for broken in [&b""[..], b"\x00", b"\x00\x05iss", b"\x00\x00x"] {
            assert_eq!(of(broken), None);
        }
    }

    #[test]
    fn wildcards_have_rules_of_their_own_where_there_are_any() {
        let records = vec![of(b"\x00\x05issuea.test").unwrap(), of(b"\x00\x09issuewildb.test").unwrap()];
        let all = Authorizations { name: None, records };
        assert_eq!((all.issuers(false), all.issuers(true)), (Some(vec!["a.test"]), Some(vec!["b.test"])));
        let none = Authorizations { name: None, records: vec![of(b"\x00\x05iodefmailto:a@b").unwrap()] };
        assert_eq!(none.issuers(false), None);
    }
}
