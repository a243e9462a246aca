//! `hermetic cert`: certificates.

pub mod issue;
pub mod list;
pub mod show;

use std::path::Path;

use hermetic_store::Store;
use hermetic_tls::SystemClock;

use crate::arguments;
use crate::data::Place;
use crate::exit::Failure;

/// Opens the store for reading, whether an instance runs or not.
async fn store(place: &arguments::Place) -> Result<Store, Failure> {
    let place = Place::find(place, Path::new(""), &SystemClock)?;
    Ok(Store::open_read_only(&place.data).await?)
}
