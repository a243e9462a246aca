//! `hermetic cert renew`: a certificate in the place of another, now.

use std::path::Path;

use hermetic_authority::Authority;
use hermetic_store::Store;
use hermetic_tls::{Clock, SystemClock};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::beside;
use super::meant::meant;
use crate::admin::client::{Admin, AskError};
use crate::arguments::{Format, Renew};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What a running instance is asked.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The serial number.
    pub serial: String,
}

/// What it answers, and what `--format json` prints.
#[derive(Debug, Deserialize, Serialize)]
pub struct Renewed {
    /// `hermetic.renewed/1`.
    pub schema: String,
    /// The serial number of the new one.
    pub serial: String,
    /// That of the one before.
    pub replaces: String,
    /// When the new one ends.
    pub not_after: Timestamp,
}

impl Renewed {
    /// Renews a certificate.
    pub async fn by(authority: &Authority, store: &Store, serial: &str) -> Result<Self, Failure> {
        let record = meant(store, serial).await?;
        let issued = authority.renew(&record).await?;
        Ok(Self {
            schema: "hermetic.renewed/1".to_owned(),
            serial: issued.serial().to_string(),
            replaces: record.serial,
            not_after: issued.not_after(),
        })
    }
}

/// Renews it, by the running instance where there is one: it serves the new one at once.
pub async fn run(arguments: &Renew) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let store = Store::open_read_only(&place.store).await?;
    let serial = meant(&store, &arguments.certificate).await?.serial;
    drop(store);
    let renewed = match Admin::of(&place.data)
        .post("/v1/certificates/renew", &Order { serial: serial.clone() })
        .await
    {
        Err(AskError::NoInstance { .. }) => here(&place, &serial).await?,
        answered => answered?,
    };
    match arguments.format {
        Format::Json => output::print_json(&renewed)?,
        Format::Table => output::print(&format!(
            "serial    {}\nreplaces  {}\nexpires   {} ({})\n",
            renewed.serial,
            renewed.replaces,
            renewed.not_after.strftime("%Y-%m-%d %H:%M:%S UTC"),
            hermetic_hop::relative(renewed.not_after, SystemClock.now())
        ))?,
    }
    Ok(Exit::Fine)
}

/// Opens the authority itself.
async fn here(place: &Place, serial: &str) -> Result<Renewed, Failure> {
    let store = Store::open_read_only(&place.store).await?;
    Renewed::by(&beside(place).await?, &store, serial).await
}
