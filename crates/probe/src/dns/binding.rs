//! TLSA: which certificates are an endpoint's (DANE, RFC 6698 and RFC 7671). Only what DNSSEC authenticates means
//! anything.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use bytes::{Buf, Bytes};

use super::Answered;
use super::message::{Record, kind};
use super::resolver::Asking;

/// What a record binds (RFC 7218 section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// PKIX-TA: an authority in the chain, which must be trusted as well.
    PkixAuthority,
    /// PKIX-EE: the leaf, which must be trusted as well.
    PkixLeaf,
    /// DANE-TA: an authority in the chain, whoever else trusts it.
    DaneAuthority,
    /// DANE-EE: the leaf, whoever else trusts it.
    DaneLeaf,
    /// One that is not known.
    Other(u8),
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What it binds.
    pub usage: Usage,
    /// 0 for the whole certificate, 1 for its key.
    pub selector: u8,
    /// 0 for the bytes themselves, 1 for their SHA-256, 2 for their SHA-512.
    pub matching: u8,
    /// What they must be.
    pub data: Bytes,
}

pub(super) async fn look(
    name: &str,
    port: u16,
    asking: Asking<'_>,
) -> Result<Answered<Vec<Binding>>, String> {
    let Answered { records, authenticated } =
        asking.records(&format!("_{port}._tcp.{name}"), kind::TLSA).await?;
    Ok(Answered { records: records.iter().filter_map(Binding::of).collect(), authenticated })
}

impl Binding {
    /// Reads a record; `None` where it is too short to be one.
    pub fn of(record: &Record) -> Option<Self> {
        let mut data = record.data.clone();
        let (usage, selector, matching) =
            (data.try_get_u8().ok()?, data.try_get_u8().ok()?, data.try_get_u8().ok()?);
        let usage = match usage {
            0 => Usage::PkixAuthority,
            1 => Usage::PkixLeaf,
            2 => Usage::DaneAuthority,
            3 => Usage::DaneLeaf,
            other => Usage::Other(other),
        };
        Some(Self { usage, selector, matching, data })
    }

    /// Whether a certificate is what it binds, by its DER and that of its key.
    pub fn is_of(&self, certificate: &[u8], key: &[u8]) -> bool {
        let selected = match self.selector {
            0 => certificate,
            1 => key,
            _ => return false,
        };
        match self.matching {
            0 => self.data == selected,
            1 => self.data == digest(&SHA256, selected).as_ref(),
            2 => self.data == digest(&SHA512, selected).as_ref(),
            _ => false,
        }
    }
}

impl std::fmt::Display for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let usage = match self.usage {
            Usage::PkixAuthority => 0,
            Usage::PkixLeaf => 1,
            Usage::DaneAuthority => 2,
            Usage::DaneLeaf => 3,
            Usage::Other(other) => other,
        };
        write!(f, "{usage} {} {} ", self.selector, self.matching)?;
        self.data.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(data: &[u8]) -> Option<Binding> {
        Binding::of(&Record { name: "a".into(), kind: kind::TLSA, data: Bytes::copy_from_slice(data) })
    }

    #[test]
    fn a_record_binds_a_certificate_or_its_key_in_three_ways() {
        for (head, bound) in [
            ([3, 0, 0], b"certificate".to_vec()),
            ([3, 1, 1], digest(&SHA256, b"key").as_ref().to_vec()),
            ([2, 0, 2], digest(&SHA512, b"certificate").as_ref().to_vec()),
        ] {
            let binding = of(&[&head[..], &bound].concat()).unwrap();
            assert!(binding.is_of(b"certificate", b"key"), "{head:?}");
            assert!(!binding.is_of(b"another", b"other"), "{head:?}");
        }
        assert!(!of(&[3, 7, 0, 1]).unwrap().is_of(&[1], &[1]), "a selector to come");
        assert_eq!(of(&[3, 1]), None);
        assert_eq!(of(&[3, 1, 1, 0xab]).unwrap().to_string(), "3 1 1 ab");
    }
}
