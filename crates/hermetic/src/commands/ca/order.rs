//! What is to be done with an authority: by the running instance where there is one, which then knows of it at
//! once, else by the command itself.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hermetic_authority::{
    Authority, AuthorityName, CertificateAuthority, RestoreWindow, Rotated, Step, World,
};
use hermetic_store::{Actor, Generation, Store};
use hermetic_tls::{SystemClock, SystemRandomness};
use hermetic_x509::CertificationRequest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::creation::Creation;
use super::rotation::Rotation;
use crate::admin::client::{Admin, AskError};
use crate::arguments;
use crate::data::Place;
use crate::exit::Failure;

/// How long an answer may take: a token makes an RSA key in minutes.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// What is to be done with an authority.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// Make it.
    Create(Box<Creation>),
    /// Ask for its certificate.
    Request(Which),
    /// Take up its certificate.
    Import {
        /// Which.
        which: Which,
        /// The certificate and those above it, as PEM.
        chain_pem: String,
    },
    /// Have it issue nothing any more.
    Disable(Which),
    /// Have it issue again.
    Enable(Which),
    /// Delete it.
    Delete {
        /// Which.
        which: Which,
        /// For how many days it can be restored.
        window: u8,
    },
    /// Bring it back.
    Restore(Which),
    /// Take a step of its roll-over; the next one where none is named.
    Rotate {
        /// Which.
        name: Written<AuthorityName>,
        /// The step.
        step: Option<Step>,
    },
    /// Have its roll-overs come by themselves, or not.
    Automatic {
        /// Which.
        name: Written<AuthorityName>,
        /// Whether they do.
        on: bool,
    },
}

/// A generation of an authority; where none is named, the one that is meant by the name.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    name: Written<AuthorityName>,
    generation: Option<u32>,
}

/// What was done.
#[derive(Debug, Deserialize, Serialize)]
pub struct Done {
    /// With which generation.
    pub generation: Generation,
    /// Its request, where that was asked for.
    pub request_pem: Option<String>,
    /// How far its roll-over is, where a step of that was taken.
    pub rotation: Option<Rotation>,
}

/// A value that travels as its text.
#[derive(Clone, Debug)]
pub struct Written<T>(pub T);

impl Order {
    /// Has it done at this place.
    pub(super) async fn carry_out(&self, named: &arguments::Place) -> Result<Done, Failure> {
        let place = Place::find(named, Path::new(""), &SystemClock)?;
        match Admin::of(&place.data).post_and_wait("/v1/authorities", self, PATIENCE).await {
            Err(AskError::NoInstance { .. }) => self.here(&place).await,
            answered => Ok(answered?),
        }
    }

    /// Opens the store itself, whose lock keeps instances away meanwhile; and founds nothing in an empty one, so
    /// that what is made here is all that there is.
    async fn here(&self, place: &Place) -> Result<Done, Failure> {
        let world = World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()) };
        let store = match self {
            Self::Create(_) => Store::open(&place.store).await?,
            // Nothing is made where there is nothing to change.
            _ => {
                drop(super::store(place).await?);
                Store::open(&place.store).await?
            }
        };
        let store = store.on_behalf_of(Actor::this_caller());
        self.by(&Authority::open_unfounded(place.settings.clone(), store, world).await?).await
    }

    /// Has this authority do it.
    pub async fn by(&self, authority: &Authority) -> Result<Done, Failure> {
        // Another process may have changed something since.
        authority.refresh().await?;
        let done = match self {
            Self::Create(creation) => authority.create(creation.wanted(authority)?).await?,
            Self::Request(Which { name: Written(name), generation }) => {
                let request = authority.csr(name, *generation).await?;
                let meant = authority.meant(name, *generation)?;
                return Ok(Done { request_pem: Some(pem(&request)?), ..Done::with(&meant) });
            }
            Self::Import { which: Which { name: Written(name), generation }, chain_pem } => {
                authority.import_certificate(name, *generation, chain_pem.as_bytes()).await?
            }
            Self::Disable(Which { name: Written(name), generation }) => {
                authority.disable(name, *generation).await?
            }
            Self::Enable(Which { name: Written(name), generation }) => {
                authority.enable(name, *generation).await?
            }
            Self::Delete { which: Which { name: Written(name), generation }, window } => {
                let window = RestoreWindow::days((*window).into());
                let window = window.map_err(|error| Failure::wrong(error.to_string()))?;
                authority.delete(name, *generation, window).await?
            }
            Self::Restore(Which { name: Written(name), generation }) => {
                authority.restore(name, *generation).await?
            }
            Self::Rotate { name: Written(name), step } => {
                let rotated = authority.rotate(name, *step).await?;
                let Rotated { authority, .. } = &rotated;
                return Ok(Done { rotation: Some(Rotation::by(&rotated)), ..Done::with(authority) });
            }
            Self::Automatic { name: Written(name), on } => {
                let roll_over = authority.roll_over_by_itself(name, *on).await?;
                let meant = authority.meant(name, None)?;
                return Ok(Done { rotation: Some(Rotation::of(&roll_over)), ..Done::with(&meant) });
            }
        };
        Ok(Done::with(&done))
    }
}

impl Done {
    fn with(authority: &CertificateAuthority) -> Self {
        Self { generation: authority.generation().clone(), request_pem: None, rotation: None }
    }
}

fn pem(request: &[u8]) -> Result<String, Failure> {
    let read = CertificationRequest::read(request);
    Ok(read.map_err(|error| Failure::unable(format!("the request can't be read back: {error}")))?.to_pem())
}

impl From<&arguments::Named> for Which {
    fn from(named: &arguments::Named) -> Self {
        Self { name: Written(named.name.clone()), generation: named.generation }
    }
}

impl<T: Display> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}
