//! How services of AWS themselves reach a store: event sources, delivery streams, integrations.

use super::super::way::{Verified, Way};
use super::{Spoken, Takes, spoken, terms};
use crate::subject::Subject;

/// The way between a service of AWS and a store: over AWS's API always by TLS, and by a store's own protocol as the
/// store demands.
pub fn by_aws(service: &str, store: &Subject<'_>) -> Way {
    if spoken(&store.resource.kind) != Some(Spoken::Driver) {
        return Way::by_aws(format!("{service} uses AWS's API"));
    }
    let (name, terms) = (&store.resource.name, terms(store));
    match terms.takes {
        Takes::Tls => Way::tls(
            terms.floor,
            Verified::Unknown,
            format!("{name} refuses cleartext, and nothing says that {service} verifies it"),
        ),
        Takes::Cleartext => Way::clear(format!("{name} has no TLS: {}", terms.why)),
        Takes::Either | Takes::Native | Takes::Unknown => Way::unknown(format!(
            "{name} does not surely refuse cleartext ({}), and what {service} speaks is not known",
            terms.why
        )),
    }
}
