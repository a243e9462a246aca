//! DANE: whether the certificates are those that DNS binds to the endpoint (RFC 7671).

use hermetic_x509::Weakness;

use crate::certificates::{Certificates, Offered, Reading};
use crate::dns::{Answered, Binding, Usage};

/// How the certificates stand to the TLSA records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// There are no records.
    No,
    /// There are, and DNSSEC does not authenticate them: they mean nothing (RFC 6698 section 4.1).
    NotAuthenticated,
    /// There are, and none of a form that is known.
    Unusable,
    /// Each chain is that of one of these records.
    Verified(Vec<String>),
    /// A chain is that of none: mail servers that look at DANE don't come.
    Mismatch(String),
}

/// Holds all chains that clients are shown against the records.
pub fn bound(records: &Answered<Vec<Binding>>, certificates: &Certificates) -> Bound {
    if records.records.is_empty() {
        return Bound::No;
    }
    if !records.authenticated {
        return Bound::NotAuthenticated;
    }
    let is_usable = |binding: &&Binding| {
        !matches!(binding.usage, Usage::Other(_)) && binding.selector <= 1 && binding.matching <= 2
    };
    let usable: Vec<&Binding> = records.records.iter().filter(is_usable).collect();
    if usable.is_empty() {
        return Bound::Unusable;
    }
    let mut verified: Vec<String> = Vec::new();
    for chain in certificates.for_the_name() {
        match usable.iter().find(|binding| is_of(binding, chain)) {
            Some(binding) if verified.contains(&binding.to_string()) => {}
            Some(binding) => verified.push(binding.to_string()),
            None => {
                return Bound::Mismatch(chain.leaf().map_or_else(String::new, |it| it.strength.to_string()));
            }
        }
    }
    Bound::Verified(verified)
}

/// RFC 7671 sections 5.1 to 5.4: of DANE-EE neither name nor dates count; of DANE-TA both do, as of any authority.
fn is_of(binding: &Binding, chain: &Offered) -> bool {
    let of = |place: &usize| {
        let link = chain.links.get(*place);
        link.is_some_and(|link| link.read().is_some_and(|it| binding.is_of(&link.der, &it.key_der())))
    };
    let leaf = chain.path.first().is_some_and(of);
    let above = || chain.path.iter().skip(1).any(of);
    match binding.usage {
        Usage::DaneLeaf => leaf,
        Usage::DaneAuthority => above() && chain.is_for_name && chain.on_the_way().all(is_valid),
        Usage::PkixLeaf => leaf && chain.is_for_name && chain.is_trusted(),
        Usage::PkixAuthority => above() && chain.is_for_name && chain.is_trusted(),
        Usage::Other(_) => false,
    }
}

fn is_valid(reading: &Reading) -> bool {
    let is_of_dates =
        |weakness: &Weakness| matches!(weakness, Weakness::Expired(_) | Weakness::NotYetValid(_));
    !reading.weaknesses.iter().any(is_of_dates)
}
