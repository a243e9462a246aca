//! `hermetic ca`: the certificate authorities.

mod browsers;
mod list;
mod listed;
mod nss;
mod printed_root;
mod root;
mod rotation;
mod show;
mod system;
#[cfg(test)]
mod tests;
mod trust;

use std::path::Path;

use hermetic_authority::Authorities;
use hermetic_store::{Store, StoreError};
use hermetic_tls::SystemClock;

use crate::arguments::{self, Ca};
use crate::data::Place;
use crate::exit::{Exit, Failure};

/// Does what was typed.
pub async fn run(command: Ca) -> Result<Exit, Failure> {
    match command {
        Ca::List { format, place } => list::run(format, &place).await,
        Ca::Show { authority, format, place } => show::run(&authority, format, &place).await,
        Ca::Root { path, place } => printed_root::run(path, &place),
        Ca::Trust(stores) => trust::run(trust::Task::Trust, &stores),
        Ca::Untrust(stores) => trust::run(trust::Task::Untrust, &stores),
    }
}

/// What makes a first authority.
const FIRST: &str = "`hermetic ca create NAME --root` makes an authority here, and `hermetic up` the usual two, \
     `root` and `intermediate`; another folder is named with --data";

/// The authorities of a place, read beside a running instance should there be one.
async fn authorities(named: &arguments::Place) -> Result<Authorities, Failure> {
    let place = Place::find(named, Path::new(""), &SystemClock)?;
    let store = Store::open_read_only(&place.store).await.map_err(|error| match error {
        StoreError::Open { .. } => Failure::from(error).remedy(FIRST),
        other => other.into(),
    })?;
    Ok(Authorities::of(&store).await?)
}
