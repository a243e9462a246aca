//! Opening: the keyring, then the authorities, then what a crash left.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use hermetic_keys::{KeySource, Keyring, KeyringError, KeyringRecord};
use hermetic_store::{AuthorityRecord, Store};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::{Notify, Semaphore, broadcast, watch};

use crate::authorities::{Around, Authorities, Failures, KeyHolder, anchors, owner};
use crate::error::AuthorityError;
use crate::renewal::{Tally, Told, Upkeep};
use crate::settings::Settings;
use crate::stored::Served;
use crate::{Authority, Inner, World};

/// The setting that holds what the keyring needs to know.
const KEYRING: &str = "keyring";

/// How many renewals a slow listener may be behind before it misses some.
const RENEWALS_HELD: usize = 256;

/// How many OCSP answers are signed at once for single requests.
const ANSWERS_AT_ONCE: usize = 4;

impl Authority {
    /// Opens the authorities of a data folder as they are where nothing is written about them.
    pub async fn open(data: &Path, store: Store, world: World) -> Result<Self, AuthorityError> {
        Self::open_with(Settings::of_folder(data), store, world).await
    }

    /// Opens the authorities of a store: makes root and intermediate at the first start, sweeps what a crash
    /// left, and writes the roots to `<data>/ca.pem`.
    pub async fn open_with(settings: Settings, store: Store, world: World) -> Result<Self, AuthorityError> {
        Self::open_signing_through(settings, store, world, Box::new(|_, signer| signer)).await
    }

    /// Opens the authorities as the store has them, be it none: for whoever makes the first one.
    pub async fn open_unfounded(
        settings: Settings,
        store: Store,
        world: World,
    ) -> Result<Self, AuthorityError> {
        Self::opened(settings, store, world, Box::new(|_, signer| signer)).await
    }

    /// Opens them with something around their keys, such as a signer that fails.
    pub(crate) async fn open_signing_through(
        settings: Settings,
        store: Store,
        world: World,
        around: Around,
    ) -> Result<Self, AuthorityError> {
        let authority = Self::opened(settings, store, world, around).await?;
        authority.found().await?;
        Ok(authority)
    }

    async fn opened(
        settings: Settings,
        store: Store,
        world: World,
        around: Around,
    ) -> Result<Self, AuthorityError> {
        let swept = store.sweep(world.clock.now()).await?;
        if swept > 0 {
            tracing::warn!(swept, "certificates were being issued at a crash; they are presumed issued");
        }
        let records = store.authorities().await?;
        let keyring = keyring(&settings.encryption, &store, &records).await;
        if let Err(AuthorityError::Keyring(error)) = &keyring {
            keyring_refused(&store, error, world.clock.now()).await;
        }
        let keyring = keyring?;
        let authority = Self {
            inner: Arc::new(Inner {
                terms: ArcSwap::from_pointee(settings.terms.clone()),
                world,
                keys: KeyHolder::new(keyring, settings.tokens.clone(), around),
                settings,
                authorities: ArcSwap::from_pointee(Authorities::read(records, &Authorities::default())?),
                anchors: watch::Sender::new(None),
                refreshing: tokio::sync::Mutex::default(),
                failures: Failures::default(),
                gate: Arc::default(),
                upkeep: Upkeep::default(),
                served: Served::default(),
                tally: Tally::default(),
                told: Told::default(),
                said: tokio::sync::Mutex::default(),
                round: tokio::sync::Mutex::default(),
                changed: Notify::new(),
                listed: tokio::sync::Mutex::default(),
                revoked: Notify::new(),
                single_answers: tokio::sync::Mutex::default(),
                answering: Semaphore::new(ANSWERS_AT_ONCE),
                renewals: broadcast::Sender::new(RENEWALS_HELD),
            }),
            store,
        };
        authority.publish_anchors()?;
        Ok(authority)
    }

    /// Reads the authorities anew: somebody has changed something, here or elsewhere.
    pub async fn refresh(&self) -> Result<(), AuthorityError> {
        // One at a time, so that what is older never takes the place of what is newer.
        let _one = self.inner.refreshing.lock().await;
        let read = Authorities::read(self.store.authorities().await?, &self.authorities_now())?;
        self.inner.authorities.store(Arc::new(read));
        self.publish_anchors()
    }

    /// Tells whom to believe, and writes it where people find it, if it has changed.
    pub(crate) fn publish_anchors(&self) -> Result<(), AuthorityError> {
        let anchors = self.authorities_now().anchors(self.now())?;
        anchors::publish(anchors.as_ref(), &self.inner.settings.data)?;
        self.inner.anchors.send_if_modified(|told| {
            let is_new = *told != anchors;
            *told = anchors;
            is_new
        });
        Ok(())
    }
}

/// The keyring of a store. The record that it needs is kept before anything is sealed by it; where two nodes
/// start at once, that of the first counts.
async fn keyring(
    source: &KeySource,
    store: &Store,
    records: &[AuthorityRecord],
) -> Result<Keyring, AuthorityError> {
    if let Some(kept) = store.setting(KEYRING).await? {
        return Ok(Keyring::unlock(source, &record(&kept)?).await?);
    }
    let (keyring, made) = match records {
        [] => Keyring::create(source).await?,
        // From before there were records. The key is the right one if it opens what is there.
        [..] => {
            let (keyring, made) = Keyring::adopt(source).await?;
            for AuthorityRecord { generation, key, .. } in records {
                if let Some(sealed) = key.sealed() {
                    keyring.open(owner(generation), sealed).await?;
                }
            }
            (keyring, made)
        }
    };
    let made = made.to_string().into_bytes();
    let kept = store.put_if_absent(KEYRING, made.clone()).await?;
    if kept == made { Ok(keyring) } else { Ok(Keyring::unlock(source, &record(&kept)?).await?) }
}

/// Keeps in the journal that somebody had another key than that of the keyring: a wrong passphrase, file or token.
async fn keyring_refused(store: &Store, error: &KeyringError, now: Timestamp) {
    if !error.is_wrong_key() {
        return;
    }
    let body = json!({ "asked": "unlock the keyring", "result": error.to_string() });
    if let Err(error) = store.append(now, "request.refused", body).await {
        tracing::error!(%error, "a refused request could not be written to the journal");
    }
}

fn record(kept: &[u8]) -> Result<KeyringRecord, AuthorityError> {
    let text = String::from_utf8_lossy(kept);
    text.parse().map_err(|error: KeyringError| error.into())
}
