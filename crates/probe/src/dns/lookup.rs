//! Simple things that DNS is asked for on the way to something else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::AtomicBool;

use bytes::{Buf, Bytes};
use hermetic_tls::Randomness;

use super::message::{Record, kind, name};
use super::resolver::{Asking, Resolver};

/// A resolver that is asked for addresses and mail servers.
#[derive(Debug)]
pub(crate) struct Lookup<'a> {
    resolver: Resolver,
    randomness: &'a dyn Randomness,
    silent: AtomicBool,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(resolver: Resolver, randomness: &'a dyn Randomness) -> Self {
        Self { resolver, randomness, silent: AtomicBool::new(false) }
    }

    fn asking(&self) -> Asking<'_> {
        Asking { resolver: self.resolver, randomness: self.randomness, silent: &self.silent }
    }

    /// The addresses behind a name, those of IPv4 first; there may be none.
    pub(crate) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        let mut addresses = Vec::new();
        for of in [kind::A, kind::AAAA] {
            let found = self.asking().records(name, of).await?;
            addresses.extend(found.records.iter().filter_map(address));
        }
        Ok(addresses)
    }

    /// The mail servers of a domain, which is its own where it names none (RFC 5321 section 5.1).
    pub(crate) async fn exchangers(&self, domain: &str) -> Result<Vec<String>, String> {
        let found = self.asking().records(domain, kind::MX).await?;
        if found.records.is_empty() {
            return Ok(vec![domain.to_owned()]);
        }
        // An empty name says that no mail is taken (RFC 7505).
        let named = found.records.iter().filter_map(exchanger);
        Ok(named.filter(|name| !name.is_empty()).collect())
    }
}

/// The name behind the preference.
fn exchanger(record: &Record) -> Option<String> {
    let mut data = record.data.clone();
    let _preference = data.try_get_u16().ok()?;
    name(&Bytes::new(), &mut data).ok()
}

fn address(record: &Record) -> Option<IpAddr> {
    match record.kind {
        kind::A => Some(Ipv4Addr::from(<[u8; 4]>::try_from(&*record.data).ok()?).into()),
        kind::AAAA => Some(Ipv6Addr::from(<[u8; 16]>::try_from(&*record.data).ok()?).into()),
        _ => None,
    }
}
