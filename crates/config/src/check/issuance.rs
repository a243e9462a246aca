//! By whom and as what certificates are issued that this configuration needs, and whether they may be.

use hermetic_hop::PartyName;
use hermetic_tls::{Identity, SpiffeId};
use hermetic_x509::publication::AuthorityName;
use hermetic_x509::{CanonicalName, Naming, Profile, Purpose};

use super::Check;
use crate::model::{Issuance, Name, Presented};
use crate::written::default;
use crate::written::table::{At, Optional};

impl Check<'_, '_> {
    /// By whom a certificate is issued, and as what; `usual` is the profile where none is written. `at` is
    /// what needs it.
    pub(super) fn issuance(
        &mut self,
        profile: &Optional<Name>,
        issuer: &Optional<AuthorityName>,
        usual: &'static str,
        purpose: Purpose,
    ) -> Option<Issuance> {
        let issuer = issuer.or(self.issuer.clone());
        let profile = match profile {
            Optional::Absent => Some(Name::known(usual)),
            Optional::Wrong => None,
            Optional::Written(profile) => self.profile_for(profile, purpose),
        };
        Some(Issuance { issuer: issuer?, profile: profile? })
    }

    /// The profile, if there is one of that name, and its certificates are of use here.
    fn profile_for(&mut self, written: &At<Name>, purpose: Purpose) -> Option<Name> {
        let name = &written.value;
        if self.profiles.is_broken(name) {
            return None;
        }
        let Some(profile) = self.profiles.named(name) else {
            let hint = self.profiles.hint(name);
            self.problems.tell(written.at, format!("no profile is called `{name}`"), hint);
            return None;
        };
        let purposes = profile.kind().purposes();
        if purposes.contains(purpose) {
            return Some(name.clone());
        }
        let (of, instead) = match purpose {
            Purpose::Server => ("a server", "`server` or `both`"),
            _ => ("a client", "`client`, `both` or `mesh`"),
        };
        let message = format!("a certificate of profile `{name}` is of no use to {of}: it is for {purposes}");
        self.problems.tell(
            written.at,
            message,
            format!("name {instead}, or a profile that is like one of them"),
        );
        None
    }

    /// As whom we present ourselves; `Some(None)`: no certificate is.
    pub(super) fn presented(
        &mut self,
        identity: &Optional<PartyName>,
        profile: &Optional<Name>,
        issuer: &Optional<AuthorityName>,
    ) -> Option<Option<Presented>> {
        let identity = match identity {
            Optional::Absent => {
                for (key, written) in [("profile", profile.place()), ("issuer", issuer.place())] {
                    if let Some(written) = written.written() {
                        let message = format!("no certificate is presented here, so `{key}` has no meaning");
                        self.problems.tell(written.key, message, "add `identity`, or take it out");
                    }
                }
                return Some(None);
            }
            Optional::Wrong => return None,
            Optional::Written(identity) => identity,
        };
        let issuance = self.issuance(profile, issuer, default::IDENTITY_PROFILE, Purpose::Client);
        let Ok(id) = SpiffeId::new(&self.trust_domain, identity.value.as_str()) else {
            let message = format!("`{}` can't be the end of a SPIFFE ID", identity.value);
            self.problems.tell(identity.at, message, "choose a name with a letter in it");
            return None;
        };
        let presented = Presented { party: identity.value.clone(), issuance: issuance? };
        self.certifiable(&presented.issuance, &Identity::Spiffe(id), identity.at)?;
        self.issued_alike(&presented, identity.at);
        Some(Some(presented))
    }

    /// An identity has one certificate, wherever it is presented.
    fn issued_alike(&mut self, presented: &Presented, at: usize) {
        let party = &presented.party;
        match self.presented.iter().find(|(known, _)| known.party == *party) {
            Some((known, first)) if known.issuance != presented.issuance => {
                let Issuance { issuer, profile } = &known.issuance;
                let line = self.problems.line(*first);
                let message = format!(
                    "`{party}` is issued by `{issuer}` as `{profile}` in line {line}, and here by `{}` as `{}`",
                    presented.issuance.issuer, presented.issuance.profile
                );
                self.problems.tell(at, message, "write the same in both places, or another `identity`");
            }
            Some(_) => {}
            None => self.presented.push((presented.clone(), at)),
        }
    }

    /// Whether this name may be certified so; else tells why not.
    pub(super) fn certifiable(&mut self, issuance: &Issuance, name: &Identity, at: usize) -> Option<()> {
        let profile = self.profiles.named(&issuance.profile)?;
        let name = match CanonicalName::try_from(name.clone()) {
            Ok(name) => name,
            Err(error) => {
                let hint = "no certificate has such a name; take another, or bring a certificate";
                self.problems.tell(at, error.to_string(), hint);
                return None;
            }
        };
        let Err(refusal) = judge(profile, &name) else { return Some(()) };
        let message = format!("profile `{}` does not certify this: {refusal}", issuance.profile);
        self.problems.tell(at, message, "name another `profile`, or change what this one allows");
        None
    }

    /// Whether the profile of this issuance certifies the name.
    pub(super) fn certifies(&self, issuance: &Issuance, name: &Identity) -> bool {
        let profile = self.profiles.named(&issuance.profile);
        let name = CanonicalName::try_from(name.clone()).ok();
        profile.zip(name).is_some_and(|(profile, name)| judge(profile, &name).is_ok())
    }
}

fn judge(profile: &Profile, name: &CanonicalName) -> Result<(), String> {
    match profile.kind().naming() {
        Naming::SpiffeId if !matches!(name.identity(), Identity::Spiffe(_)) => {
            return Err(format!("{name} is no SPIFFE ID"));
        }
        Naming::Names { wildcards: false } if name.is_wildcard() => {
            return Err(format!("{name} is a wildcard"));
        }
        Naming::Subject => return Err("it certifies subjects, and no names".to_owned()),
        Naming::SpiffeId | Naming::Names { .. } => {}
    }
    profile.names().judge(name).map_err(|refusal| refusal.to_string())
}
