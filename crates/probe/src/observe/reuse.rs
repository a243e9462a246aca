//! Whether a server uses a Diffie-Hellman value for more than one connection: then forward secrecy begins when it
//! takes another (NSA and RFC 9325 section 7.4 say not to). All answers that come anyway tell of it.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use hermetic_tls::answer::{Answer, KeyExchangeParameters};

use super::Support;

/// The public values that a server has shown.
#[derive(Debug, Default)]
pub(super) struct Publics {
    /// By the number of the curve.
    curves: HashMap<u16, Values>,
    /// By the prime.
    primes: HashMap<Bytes, Values>,
}

#[derive(Debug, Default)]
struct Values {
    shown: u32,
    different: HashSet<Bytes>,
}

impl Publics {
    /// Takes note of an answer.
    pub(super) fn note(&mut self, answer: &Answer) {
        let (values, public) = match &answer.key_exchange {
            Some(KeyExchangeParameters::Curve { group, public, .. }) => {
                (self.curves.entry(group.0).or_default(), public)
            }
            Some(KeyExchangeParameters::FiniteField { prime, public, .. }) => {
                (self.primes.entry(prime.clone()).or_default(), public)
            }
            _ => return,
        };
        values.shown += 1;
        values.different.insert(public.clone());
    }

    /// Whether values over curves come again.
    pub(super) fn over_curves(&self) -> Support {
        told(self.curves.values())
    }

    /// Whether values over primes come again.
    pub(super) fn over_primes(&self) -> Support {
        told(self.primes.values())
    }

    /// The weakest of the primes, without leading zeros. A server may have one for each version, kind of
    /// authentication and export suite, and whoever attacks takes the connection with the smallest (Logjam).
    pub(super) fn weakest_prime(&self) -> Option<Bytes> {
        self.primes.keys().min_by_key(|prime| (prime.len(), *prime)).cloned()
    }
}

fn told<'a>(values: impl Iterator<Item = &'a Values>) -> Support {
    let mut support = Support::Unasked;
    for Values { shown, different } in values {
        let different = u32::try_from(different.len()).unwrap_or(u32::MAX);
        match (*shown, different) {
            (shown, different) if different < shown => return Support::Yes,
            (2.., _) => support = Support::No(format!("{shown} connections had {different} values")),
            // Of one connection nobody can tell.
            _ => {}
        }
    }
    support
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(shown: &[&'static str]) -> Values {
        let mut values = Values::default();
        for public in shown {
            values.shown += 1;
            values.different.insert(Bytes::from_static(public.as_bytes()));
        }
        values
    }

    #[test]
    fn the_smallest_prime_is_the_weakest() {
        let primes = [&[0xFF; 128][..], &[0x80; 256], &[0x81; 128]].map(Bytes::from_static);
        let primes = primes.map(|prime| (prime, Values::default())).into();
        let publics = Publics { primes, ..Publics::default() };
        assert_eq!(publics.weakest_prime().unwrap(), [0x81; 128][..]);
    }

    #[test]
    fn a_value_that_comes_twice_is_told_and_one_connection_tells_nothing() {
        assert_eq!(told([values(&["a"]), values(&["a"])].iter()), Support::Unasked);
        assert_eq!(told([values(&["a", "b", "a"])].iter()), Support::Yes);
        let fresh = Support::No("2 connections had 2 values".to_owned());
        assert_eq!(told([values(&["a", "b"]), values(&["c"])].iter()), fresh);
    }
}
