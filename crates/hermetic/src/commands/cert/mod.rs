//! `hermetic cert`: certificates.

pub mod export;
mod files;
pub mod import;
pub mod issue;
pub mod list;
mod meant;
pub mod order;
pub mod renew;
pub mod revoke;
pub mod self_signed;
pub mod show;
pub mod watch;

use std::path::Path;
use std::sync::Arc;

use hermetic_authority::{Authority, World};
use hermetic_store::{Actor, CertificateRecord, Store};
use hermetic_tls::{Certificate, Identity, SystemClock, SystemRandomness};
use serde_json::Value;

use crate::admin::client::{Admin, AskError};
use crate::data::Place;
use crate::exit::Failure;

/// The authority of a place, beside a running instance where there is one, for whoever runs this.
async fn beside(place: &Place) -> Result<Authority, Failure> {
    let world = World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()) };
    let store = Store::open_beside(&place.store).await?.on_behalf_of(Actor::this_caller());
    Ok(Authority::open_with(place.settings.clone(), store, world).await?)
}

/// Has a running instance look for what is new in the store. Should it not, it looks within a minute by itself.
async fn tell_instance(data: &Path) {
    let asked = Admin::of(data).post::<Value>("/v1/certificates/look", &()).await;
    if let Err(error) = asked
        && !matches!(error, AskError::NoInstance { .. })
    {
        tracing::warn!(%error, "the running instance could not be told; it looks by itself within a minute");
    }
}

/// A name, fit for a file.
fn file_stem(name: &Identity) -> String {
    match name {
        Identity::Dns(name) => name.as_str().replace('*', "wildcard"),
        Identity::Ip(address) => address.to_string().replace(':', "-"),
        Identity::Spiffe(id) if id.path().is_empty() => id.trust_domain().to_string(),
        Identity::Spiffe(id) => id.path().replace('/', "-"),
    }
}

/// The certificate and those above it as PEM, itself first.
fn chain_pem(record: &CertificateRecord) -> String {
    let leaf = record.certificate.as_deref().and_then(|der| Certificate::from_der(der).ok());
    leaf.map(|leaf| leaf.to_pem()).unwrap_or_default() + &record.issuers_pem
}
