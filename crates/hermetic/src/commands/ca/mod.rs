//! `hermetic ca`: the certificate authorities.

mod browsers;
mod change;
mod creation;
mod crl;
mod csr;
mod import;
mod list;
mod listed;
mod nss;
mod order;
mod printed_root;
mod root;
mod rotate;
mod rotation;
mod show;
mod system;
#[cfg(test)]
mod tests;
mod trust;

pub use order::Order;

use std::path::Path;

use hermetic_authority::{Authorities, CertificateAuthority};
use hermetic_store::{Store, StoreError};
use hermetic_tls::SystemClock;
use hermetic_x509::CertificationRequest;

use crate::arguments::{self, Ca};
use crate::data::Place;
use crate::exit::{Exit, Failure};

/// Does what was typed.
pub async fn run(command: Ca) -> Result<Exit, Failure> {
    match command {
        Ca::List { format, place } => list::run(format, &place).await,
        Ca::Show { authority, format, place } => show::run(&authority, format, &place).await,
        Ca::Create(arguments) => change::create(&arguments).await,
        Ca::Csr { authority, place } => csr::run(&authority, &place).await,
        Ca::Import(arguments) => import::run(&arguments).await,
        Ca::Disable(change) => change::run(&change, Order::Disable((&change.authority).into())).await,
        Ca::Enable(change) => change::run(&change, Order::Enable((&change.authority).into())).await,
        Ca::Delete { window, change } => {
            let which = (&change.authority).into();
            change::run(&change, Order::Delete { which, window }).await
        }
        Ca::Restore(change) => change::run(&change, Order::Restore((&change.authority).into())).await,
        Ca::Rotate(arguments) => rotate::run(&arguments).await,
        Ca::Crl(arguments) => crl::run(&arguments).await,
        Ca::Root { path, place } => printed_root::run(path, &place),
        Ca::Trust(stores) => trust::run(trust::Task::Trust, &stores).await,
        Ca::Untrust(stores) => trust::run(trust::Task::Untrust, &stores).await,
    }
}

/// What makes a first authority.
const FIRST: &str = "`hermetic ca create NAME --root` makes an authority here, and `hermetic up` the usual two, \
     `root` and `intermediate`; another folder is named with --data";

/// The authorities of a place, read beside a running instance should there be one.
async fn authorities(named: &arguments::Place) -> Result<Authorities, Failure> {
    let place = Place::find(named, Path::new(""), &SystemClock)?;
    Ok(Authorities::of(&store(&place).await?).await?)
}

/// The store of a place, for reading.
async fn store(place: &Place) -> Result<Store, Failure> {
    Store::open_read_only(&place.store).await.map_err(|error| match error {
        StoreError::Open { .. } => Failure::from(error).remedy(FIRST),
        other => other.into(),
    })
}

/// What asks for the certificate of an authority, while that is pending.
fn request(authority: &CertificateAuthority) -> Result<Option<CertificationRequest>, Failure> {
    let read = authority.request().map(CertificationRequest::read).transpose();
    read.map_err(|error| Failure::unable(format!("its request can't be read: {error}")))
}
