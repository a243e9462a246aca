//! Reload: another configuration in the place of the one that is served, whole or not at all.

use std::sync::Arc;

use hermetic_config::{Configuration, ConfigurationError};
use hermetic_gateway::{Changes, Gateway, LogFile, Snapshot, Sockets};
use hermetic_hop::PartyName;
use hermetic_tls::CredentialHandle;
use serde::{Deserialize, Serialize};

use super::credentials::Lasting;
use super::file::ConfigurationFile;
use super::instance::{Instance, Served};
use super::{UpError, credentials, start};
use crate::listening_socket::ListeningSocket;
use crate::outside::Watch;

/// What a reload did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reloaded {
    /// What became of the listeners.
    pub listeners: Changes,
}

/// Why a reload changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// There is no file.
    #[error("{0} has no configuration to reload; write a hermetic.toml and run `hermetic up`")]
    NoFile(&'static str),
    /// What the file says is wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The file changes what can't change in a running process.
    #[error("`{key}` can't change while it runs; {remedy}")]
    Fixed {
        /// The key.
        key: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// Another process serves already.
    #[error("process {0} has taken over; ask again")]
    Over(u32),
    /// What the file says can't be done.
    #[error(transparent)]
    Unable(#[from] UpError),
}

impl Instance {
    /// Serves what the configuration file and the files that it names say now. Whatever is wrong, nothing
    /// is changed then. How it went is logged and counted.
    pub async fn reload(&self) -> Result<Reloaded, ReloadError> {
        let (gateway, file) = self.reloadable()?;
        let _one = self.changing.lock().await;
        if let Some(pid) = self.successor() {
            return Err(ReloadError::Over(pid));
        }
        let outcome = self.reload_alone(gateway, file).await;
        self.reloads().ended(outcome.is_ok(), self.clock().now());
        match &outcome {
            Ok(Reloaded { listeners: Changes { added, changed, removed, kept } }) => {
                let [added, changed, removed, kept] =
                    [added, changed, removed, kept].map(|names| listed(names));
                tracing::info!(added, changed, removed, kept, "reloaded; these are the listeners");
            }
            Err(error) => {
                tracing::error!("not reloaded, and what was served before still is: {error}");
            }
        }
        outcome
    }

    /// Has all that believes the authority believe its roots as they are now. The tour keeps those that it began
    /// with.
    pub(super) async fn believe_anew(&self) -> Result<(), ReloadError> {
        let Some(gateway) = self.gateway() else { return Ok(()) };
        let _one = self.changing.lock().await;
        if self.successor().is_some() {
            return Ok(());
        }
        let before = self.served();
        let configuration = Configuration::clone(&before.configuration);
        let prepared = self.prepare(gateway, &before, configuration).await?;
        self.put_in_place(gateway, &before, prepared).await?;
        tracing::info!("the authority's roots have changed; what believes it believes these from now on");
        Ok(())
    }

    async fn reload_alone(
        &self,
        gateway: &Gateway,
        file: &ConfigurationFile,
    ) -> Result<Reloaded, ReloadError> {
        let before = self.served();
        // What others did to the authorities counts from now on, too.
        self.authority().roll_over_due().await;
        // 1. Read and validate. The files may lie on a disk that is slow.
        let attempt = {
            let file = file.clone();
            tokio::task::spawn_blocking(move || file.attempt()).await
        };
        let attempt = attempt.map_err(|panic| UpError::System(panic.to_string()))?;
        self.reloads().read(attempt.files);
        let configuration = attempt.outcome?;
        fixed(&before.configuration, &configuration)?;
        // 2 to 4. What takes its time or may fail, while nothing is changed yet.
        let maintained = self.handles();
        let prepared = match self.prepare(gateway, &before, configuration).await {
            Ok(prepared) => prepared,
            Err(failure) => {
                // The old terms hold again for what both ask for; what only the new one asks for goes.
                let lasting = Lasting::of(&before.credentials);
                if let Err(error) = credentials::issue(&before.configuration, self.authority(), lasting).await
                {
                    tracing::warn!(%error, "certificates are renewed by the terms of a configuration that failed");
                }
                self.release(self.handles().iter(), &maintained);
                return Err(failure.into());
            }
        };
        self.put_in_place(gateway, &before, prepared).await
    }

    /// Serves what was prepared in the place of what was served before.
    async fn put_in_place(
        &self,
        gateway: &Gateway,
        before: &Served,
        prepared: Prepared,
    ) -> Result<Reloaded, ReloadError> {
        let Prepared { served, snapshot, missing, log, metrics, publishing } = prepared;
        // 5. Swap. From here on nothing fails but for want of descriptors, before anything has changed.
        let farewell = served.configuration.drain;
        let listeners = gateway.replace(snapshot, missing, farewell).await.map_err(UpError::from)?;
        gateway.access_log().go_on_in(log);
        if let Some(metrics) = metrics {
            self.serve_metrics_on(metrics);
        }
        if let Some(publishing) = publishing {
            self.publish_on(publishing);
        }
        let needed: Vec<_> = served.credentials.handles().cloned().collect();
        self.serve(served);
        // 6. Let go of what only the old one needed.
        self.release(before.credentials.handles(), &needed);
        Ok(Reloaded { listeners })
    }

    /// All that the new configuration needs, made beside what is served.
    async fn prepare(
        &self,
        gateway: &Gateway,
        before: &Served,
        configuration: Configuration,
    ) -> Result<Prepared, UpError> {
        // 2. Issue what is missing.
        let lasting = Lasting::of(&before.credentials);
        let credentials = credentials::issue(&configuration, self.authority(), lasting).await?;
        // 3. Build.
        let old = gateway.snapshot();
        let snapshot = Snapshot::build_after(Some(&old), &configuration, &credentials, self.shared_clock())?;
        let watch = Watch::start(&configuration, &before.watch, &credentials.revoked, self.shared_clock())?;
        // Opened anew under the same name, too: programs that rotate logs ask for that by SIGHUP.
        let log = configuration.access_log.as_deref().map(|path| gateway.access_log().open(path));
        let log = log.transpose()?;
        // 4. Listen where nobody listens yet.
        let missing = gateway.sockets_missing(&configuration.listeners)?;
        let metrics = match configuration.admin == before.configuration.admin {
            true => None,
            false => Some(start::metrics_at(configuration.admin)?),
        };
        let publish = configuration.authority.publish;
        let publishing = match publish == before.configuration.authority.publish {
            true => None,
            false => Some(start::publishing_at(publish)?),
        };
        let served =
            Served { configuration: Arc::new(configuration), credentials: Arc::new(credentials), watch };
        Ok(Prepared { served, snapshot, missing, log, metrics, publishing })
    }

    fn handles(&self) -> Vec<CredentialHandle> {
        let maintained = self.authority().maintained().into_iter().map(|kept| kept.handle);
        maintained.chain(self.authority().served_from_store()).collect()
    }

    /// Has these renewed no more, but for those that are needed.
    fn release<'a>(&self, handles: impl Iterator<Item = &'a CredentialHandle>, needed: &[CredentialHandle]) {
        for handle in handles.filter(|handle| !needed.contains(handle)) {
            self.authority().release(handle);
        }
    }
}

fn listed(names: &[PartyName]) -> String {
    names.iter().map(PartyName::as_str).collect::<Vec<_>>().join(" ")
}

/// What a reload puts in place.
struct Prepared {
    served: Served,
    snapshot: Snapshot,
    missing: Sockets,
    log: Option<LogFile>,
    /// `None`: the metrics stay where they are.
    metrics: Option<ListeningSocket>,
    /// `None`: the authority publishes where it did.
    publishing: Option<ListeningSocket>,
}

/// Refuses a change of what a running process can't change.
fn fixed(before: &Configuration, after: &Configuration) -> Result<(), ReloadError> {
    const AGAIN: &str = "put it back, or start the instance again";
    const ELSEWHERE: &str = "put it back, or stop the instance, move the folder, and start it again";
    let changed = [
        ("data", ELSEWHERE, before.data != after.data),
        ("workers", AGAIN, before.workers != after.workers),
        ("store", AGAIN, before.store != after.store),
        ("encryption", AGAIN, before.encryption != after.encryption),
        ("token", AGAIN, before.tokens != after.tokens),
    ];
    match changed.into_iter().find(|(_, _, changed)| *changed) {
        Some((key, remedy, _)) => Err(ReloadError::Fixed { key, remedy }),
        None => Ok(()),
    }
}
