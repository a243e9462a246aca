//! Version, serial number, and which extensions are there and how (RFC 5280 sections 4.1.2.1, 4.1.2.2 and 4.2).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_CRL_DISTRIBUTION_POINTS,
    ID_CE_EXT_KEY_USAGE, ID_CE_KEY_USAGE, ID_CE_NAME_CONSTRAINTS, ID_CE_SUBJECT_ALT_NAME,
    ID_CE_SUBJECT_KEY_IDENTIFIER, ID_PE_AUTHORITY_INFO_ACCESS,
};
use const_oid::db::rfc6960::ID_PKIX_OCSP_NOCHECK;
use hermetic_tls::Serial;
use x509_cert::certificate::Version;

use super::intended::Intended;
use super::{Lint, Problem};

/// As few bytes as hold 64 bits of chance.
const SHORTEST_SERIAL: usize = 8;

/// As many bytes as clients must be able to read.
const LONGEST_SERIAL: usize = 20;

impl Lint<'_> {
    pub(super) fn form(&mut self, to_be_signed: &[u8]) {
        let again = self.certificate.to_der();
        self.add(again.is_ok_and(|again| again != to_be_signed), Problem::NotDer);
        self.add(self.certificate.version != Version::V3, Problem::Version);
    }

    pub(super) fn serial(&mut self) {
        let bytes = self.certificate.serial_number.as_bytes();
        let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
        let is_zero = bytes.iter().all(|byte| *byte == 0);
        self.add(is_zero, Problem::SerialZero);
        self.add(is_negative, Problem::SerialNegative);
        self.add(bytes.len() > LONGEST_SERIAL, Problem::SerialLong);
        self.add(!is_zero && bytes.len() < SHORTEST_SERIAL, Problem::SerialShort);
        // A number: with a zero before a high bit in DER, and without one in `Serial`.
        self.add(Serial::from_bytes(bytes) != *self.intended.serial(), Problem::SerialOther);
    }

    pub(super) fn extensions(&mut self) {
        let expected = self.expected();
        let written: Vec<_> = self
            .certificate
            .extensions
            .iter()
            .map(|extension| (extension.extn_id, extension.critical))
            .collect();
        for (index, (oid, critical)) in written.iter().enumerate() {
            let is_again = written.iter().take(index).any(|(before, _)| before == oid);
            match expected.iter().find(|(known, _)| known == oid) {
                _ if is_again => self.problems.push(Problem::ExtensionTwice(*oid)),
                Some((_, must)) => {
                    self.add(critical != must, Problem::Criticality { oid: *oid, critical: *must });
                }
                None if self.is_constraint_in_leaf(*oid) => self.problems.push(Problem::ConstraintsInLeaf),
                None => self.problems.push(Problem::ExtensionUnexpected(*oid)),
            }
        }
        for (oid, _) in expected {
            let is_there = written.iter().any(|(known, _)| *known == oid);
            self.add(!is_there, Problem::ExtensionMissing(oid));
        }
    }

    fn is_constraint_in_leaf(&self, oid: ObjectIdentifier) -> bool {
        oid == ID_CE_NAME_CONSTRAINTS && matches!(self.intended, Intended::Leaf(_))
    }

    /// Each extension that it must have, and whether that must be critical. It may have no other.
    fn expected(&self) -> Vec<(ObjectIdentifier, bool)> {
        let mut expected = vec![
            (ID_CE_BASIC_CONSTRAINTS, true),
            (ID_CE_KEY_USAGE, true),
            (ID_CE_SUBJECT_KEY_IDENTIFIER, false),
        ];
        match self.intended {
            Intended::Leaf(draft) => {
                expected.push((ID_CE_EXT_KEY_USAGE, false));
                if !draft.names.is_empty() {
                    expected.push((ID_CE_SUBJECT_ALT_NAME, self.certificate.subject.is_empty()));
                }
            }
            Intended::Authority(draft) if draft.name_constraints.is_some() => {
                expected.push((ID_CE_NAME_CONSTRAINTS, true));
            }
            Intended::Authority(_) => (),
        }
        if !self.issuers.is_empty() {
            expected.push((ID_CE_AUTHORITY_KEY_IDENTIFIER, false));
        }
        expected.extend(self.expected_of_publication());
        expected
    }

    fn expected_of_publication(&self) -> Vec<(ObjectIdentifier, bool)> {
        let publication = self.intended.publication();
        let is_revocable = self.intended.is_revocable();
        let mut expected = Vec::new();
        if is_revocable && publication.revocation_list.is_some() {
            expected.push((ID_CE_CRL_DISTRIBUTION_POINTS, false));
        }
        if publication.issuer.is_some() || is_revocable && publication.ocsp.is_some() {
            expected.push((ID_PE_AUTHORITY_INFO_ACCESS, false));
        }
        if !is_revocable {
            expected.push((ID_PKIX_OCSP_NOCHECK, false));
        }
        expected
    }
}
