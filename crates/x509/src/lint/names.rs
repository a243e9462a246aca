//! Whom it names, and who issues it (RFC 5280 sections 4.1.2.4, 4.1.2.6, 4.2.1.6 and 4.2.1.10).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::intended::Intended;
use super::{Lint, Problem};
use crate::certificate::LeafDraft;
use crate::distinguished_name::DistinguishedName;
use crate::name::CanonicalName;
use crate::profile::Naming;
use crate::self_signed::is_marked;
use crate::subject::faults;

impl Lint<'_> {
    pub(super) fn names(&mut self) {
        self.issuer();
        self.subject();
        let written = self.extension::<SubjectAltName>().map(|SubjectAltName(names)| names);
        if let Some(written) = &written {
            self.add(written.is_empty(), Problem::NamesEmpty);
            let is_again = |(index, name)| written.iter().take(index).any(|before| before == name);
            self.add(written.iter().enumerate().any(is_again), Problem::NamesTwice);
        }
        let written = written.unwrap_or_default();
        self.name_constraints(&written);
        if let Intended::Leaf(draft) = self.intended {
            let read = written.iter().map(CanonicalName::of_general_name).collect::<Result<Vec<_>, _>>();
            let are_meant = read.is_ok_and(|read| read == draft.names);
            self.add(!written.is_empty() && !are_meant, Problem::NamesOther);
            let subject = self.subject_of_profile(draft);
            let breaches = draft.profile.breaches_of_names(&subject, draft.names);
            let profile = draft.profile.name();
            let problem = |breach| Problem::Profile { profile: profile.to_owned(), breach };
            self.problems.extend(breaches.into_iter().map(problem));
        }
    }

    /// What the profile judges as the subject. That of a self-signed certificate is the mark that it has to
    /// have; only who is named by the subject alone is named by that.
    fn subject_of_profile(&mut self, draft: &LeafDraft<'_>) -> DistinguishedName {
        let subject = self.certificate.subject.clone();
        let is_self_signed = self.issuers.is_empty();
        self.add(is_self_signed && !subject.is_empty() && !is_marked(&subject), Problem::Unmarked);
        let is_named_otherwise = draft.profile.kind().naming() != Naming::Subject;
        if is_self_signed && is_named_otherwise { DistinguishedName::default() } else { subject }
    }

    fn issuer(&mut self) {
        let certificate = self.certificate;
        let expected = self.issuers.first().map_or(&certificate.subject, |issuer| issuer.subject());
        self.add(certificate.issuer.is_empty(), Problem::IssuerEmpty);
        self.add(certificate.issuer != *expected, Problem::IssuerOther);
    }

    fn subject(&mut self) {
        let subject = &self.certificate.subject;
        let is_issuer = self.issuers.first().is_some_and(|issuer| issuer.subject() == subject);
        let is_authority = matches!(self.intended, Intended::Authority(_));
        // A root without a name has an issuer without a name, too, which is told above.
        self.add(is_authority && subject.is_empty() && !self.issuers.is_empty(), Problem::SubjectEmpty);
        self.add(is_issuer, Problem::SubjectIsIssuer);
        self.add(subject != self.intended.subject(), Problem::SubjectOther);
        self.problems.extend(faults(subject).into_iter().map(Problem::Subject));
    }

    /// Those of every authority above bind it.
    fn name_constraints(&mut self, names: &[GeneralName]) {
        for issuer in self.issuers {
            let Some(constraints) = issuer.name_constraints() else { continue };
            let breaches = constraints.breaches(&self.certificate.subject, names);
            let authority = issuer.subject().to_string();
            let problem = |breach| Problem::NameConstraint { authority: authority.clone(), breach };
            self.problems.extend(breaches.into_iter().map(problem));
        }
    }
}
