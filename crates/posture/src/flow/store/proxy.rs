//! RDS Proxy: from the proxy to the databases behind it.

use super::super::behind::behind;
use super::super::hop::Hop;
use super::super::party::Party;
use super::super::way::{Verified, Way};
use super::{Takes, terms};
use crate::subject::{Seen, Subject};

/// The hops from a proxy to the databases of one of its target groups.
pub fn hops(group: &Subject<'_>) -> Vec<Hop> {
    let proxy = group.value(path!("DBProxyName")).known();
    let Some(proxy) = proxy.and_then(|proxy| group.targets(proxy).into_iter().next()) else {
        return Vec::new();
    };
    let mut named = group.all(path!("DBInstanceIdentifiers[]"));
    named.extend(group.all(path!("DBClusterIdentifiers[]")));
    let values = named.into_iter().filter_map(Seen::known);
    let databases = values.flat_map(|value| group.targets(value).into_iter().map(move |it| (it, value.at)));
    let hop = |(database, at): (Subject<'_>, _)| {
        let database = database.of(behind(&database))?;
        Some(Hop::new(Party::Resource(proxy.id), Party::Resource(database.id), way(&database), at))
    };
    databases.filter_map(hop).collect()
}

/// The proxy speaks TLS where the database wants it; whether it verifies the database is nowhere written.
fn way(database: &Subject<'_>) -> Way {
    let name = &database.resource.name;
    let terms = terms(database);
    match terms.takes {
        Takes::Tls => Way::tls(
            terms.floor,
            Verified::Unknown,
            format!("{name} refuses cleartext; whether a proxy verifies its databases is not documented"),
        ),
        Takes::Either => Way::optional(
            Verified::Unknown,
            format!("{name} does not refuse cleartext, and no setting of a proxy asks for TLS there"),
        ),
        Takes::Cleartext => Way::clear(format!("{name} has no TLS: {}", terms.why)),
        Takes::Native | Takes::Unknown => {
            Way::unknown(format!("whether {name} refuses cleartext is not known: {}", terms.why))
        }
    }
}
