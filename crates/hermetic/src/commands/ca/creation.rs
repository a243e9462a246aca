//! An authority that is to be made, as a running instance is asked for it.

use std::time::Duration;

use hermetic_authority::{Authority, AuthorityName, KeyPlace, NewAuthority, Policy, SignedBy, State};
use hermetic_keys::KeyAlgorithm;
use hermetic_tls::{Clock, SystemClock};
use hermetic_x509::crl::Shards;
use hermetic_x509::{DistinguishedName, NameConstraints, NameSubtree};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::order::Written;
use crate::arguments::Create;
use crate::exit::Failure;

/// An authority that is to be made.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Creation {
    name: Written<AuthorityName>,
    signer: Signer,
    key: Written<KeyAlgorithm>,
    /// The token that its key is made in.
    token: Option<String>,
    subject: Option<Written<DistinguishedName>>,
    lifetime: Option<Duration>,
    path_length: Option<u8>,
    permitted: Vec<Written<NameSubtree>>,
    excluded: Vec<Written<NameSubtree>>,
    shards: Option<u32>,
}

/// Who signs it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Signer {
    Itself,
    Authority(Written<AuthorityName>),
    Elsewhere,
    /// The root, where there is but one.
    TheRoot,
}

impl Creation {
    /// What was typed.
    pub(super) fn of(arguments: &Create) -> Self {
        let signer = match &arguments.under {
            Some(above) => Signer::Authority(Written(above.clone())),
            None if arguments.root => Signer::Itself,
            None if arguments.signed_elsewhere => Signer::Elsewhere,
            None => Signer::TheRoot,
        };
        let written = |subtrees: &[NameSubtree]| subtrees.iter().cloned().map(Written).collect();
        Self {
            name: Written(arguments.name.clone()),
            signer,
            key: Written(arguments.key),
            token: arguments.key_in.clone(),
            subject: arguments.subject.clone().map(Written),
            lifetime: arguments.lifetime,
            path_length: arguments.path_length,
            permitted: written(&arguments.permit),
            excluded: written(&arguments.exclude),
            shards: arguments.shards.map(|shards| shards.count().into()),
        }
    }

    /// The same for the authority that makes it.
    pub(super) fn wanted(&self, authority: &Authority) -> Result<NewAuthority, Failure> {
        let Written(name) = self.name.clone();
        let usual = match &self.signer {
            Signer::Itself => NewAuthority::root(name),
            Signer::Authority(Written(above)) => NewAuthority::under(name, above.clone()),
            Signer::TheRoot => NewAuthority::under(name.clone(), the_root(authority, &name)?),
            Signer::Elsewhere => NewAuthority::signed_elsewhere(name),
        };
        let shards = self.shards.map(Shards::new).transpose().map_err(|error| wrong(&error))?;
        let place = self.token.clone().map_or(KeyPlace::Store, KeyPlace::Token);
        let policy = self.policy(&usual)?;
        let shards = shards.unwrap_or(usual.shards);
        Ok(NewAuthority { key: self.key.0, place, policy, shards, ..usual })
    }

    fn policy(&self, usual: &NewAuthority) -> Result<Policy, Failure> {
        let lifetime = self.lifetime.map(SignedDuration::try_from).transpose();
        let lifetime = lifetime.map_err(|error| wrong(&error))?;
        let subtrees = |written: &[Written<NameSubtree>]| {
            written.iter().map(|Written(subtree)| subtree.clone()).collect()
        };
        let is_constrained = !self.permitted.is_empty() || !self.excluded.is_empty();
        let constraints =
            is_constrained.then(|| NameConstraints::new(subtrees(&self.permitted), subtrees(&self.excluded)));
        Ok(Policy {
            subject: self.subject.as_ref().map(|Written(subject)| subject.to_string()),
            lifetime: lifetime.unwrap_or(usual.policy.lifetime),
            path_length: self.path_length.or(usual.policy.path_length),
            name_constraints: constraints.transpose().map_err(|error| wrong(&error))?,
            ..usual.policy.clone()
        })
    }
}

/// The one root that signs, where nobody said who should.
fn the_root(authority: &Authority, name: &AuthorityName) -> Result<AuthorityName, Failure> {
    let now = SystemClock.now();
    let mut roots: Vec<AuthorityName> = Vec::new();
    for one in authority.authorities() {
        let is_root = one.signed_by() == SignedBy::Itself && one.state(now) == State::Active;
        if is_root && one.name() != name && !roots.contains(one.name()) {
            roots.push(one.name().clone());
        }
    }
    match roots.as_slice() {
        [root] => Ok(root.clone()),
        [] => Err(Failure::wrong(format!("there is no root yet that could sign `{name}`")).remedy(format!(
            "`hermetic ca create {name} --root` has it sign itself; with --signed-elsewhere somebody else signs it"
        ))),
        several => {
            let names: Vec<_> = several.iter().map(AuthorityName::as_str).collect();
            let remedy = format!("name one with --under: {}; or make it one itself with --root", names.join(", "));
            Err(Failure::wrong(format!("several roots could sign `{name}`")).remedy(remedy))
        }
    }
}

fn wrong(error: &dyn std::fmt::Display) -> Failure {
    Failure::wrong(error.to_string())
}
