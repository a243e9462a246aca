//! Whether CAA lets the issuer of a certificate issue.

use crate::certificates::Offered;
use crate::dns::{Authorizations, caa_domains_of};

/// Whether the issuer may issue today. What counted was the day of issuance, which nobody can ask for any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Anybody may.
    Anybody,
    /// It may, by this domain.
    Granted(String),
    /// It may not; these may.
    Denied(Vec<String>),
    /// By which domain the issuer is named is not known; these may issue.
    CouldNotTell(Vec<String>),
}

/// Whether these records let the issuer of a chain's leaf issue it.
pub fn permission(authorizations: &Authorizations, chain: &Offered) -> Option<Permission> {
    let leaf = chain.leaf()?;
    let Some(allowed) = authorizations.issuers(leaf.is_wildcard()) else { return Some(Permission::Anybody) };
    let known: Vec<&str> = chain
        .on_the_way()
        .map(|reading| caa_domains_of(&reading.description.issuer))
        .find(|domains| !domains.is_empty())
        .unwrap_or_default()
        .to_vec();
    let granted = allowed.iter().find(|domain| known.iter().any(|known| known.eq_ignore_ascii_case(domain)));
    let all = || allowed.iter().map(|domain| (*domain).to_owned()).collect();
    Some(match granted {
        Some(domain) => Permission::Granted((*domain).to_owned()),
        // Nobody may, so it may not either.
        None if known.is_empty() && !allowed.is_empty() => Permission::CouldNotTell(all()),
        None => Permission::Denied(all()),
    })
}
