//! One hook: follows the journal, and tells what it is to be told.

use std::sync::Arc;
use std::time::Duration;

use hermetic_config::{Hook, HookAction, UpstreamTls};
use hermetic_store::{Store, StoreError};
use hermetic_tls::{ClientSettings, Clock};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::time::sleep;

use super::{Event, Record, program, webhook};

/// How often the journal is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How often a process that has not the lease asks for it.
const ASK: Duration = Duration::from_secs(5);

/// How long the lease outlasts what is done under it.
const SPARE: SignedDuration = SignedDuration::from_secs(30);

/// How many entries are read at once.
const STRETCH: usize = 500;

/// How long to wait after the first try that failed; twice as long after each further one, up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

/// How to make TLS to a webhook as things are now.
pub(super) type SettingsNow = Arc<dyn Fn(&UpstreamTls) -> Result<ClientSettings, String> + Send + Sync>;

/// A hook, and what it is followed with.
#[derive(Clone)]
pub(super) struct Follower {
    pub(super) hook: Hook,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) settings: SettingsNow,
    pub(super) record: Record,
}

/// Why following stopped for now.
enum Pause {
    /// Another process tells this hook.
    Others,
    /// All was told.
    NothingNew,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Pause {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Follower {
    /// Tells whatever comes, for ever.
    pub(super) async fn follow(self) {
        loop {
            match self.until_paused().await {
                Pause::Others => sleep(ASK).await,
                Pause::NothingNew => sleep(LOOK).await,
                Pause::Store(error) => {
                    tracing::warn!(hook = %self.hook.name, %error, "a hook can't follow the journal; tried again");
                    sleep(ASK).await;
                }
            }
        }
    }

    /// Tells what there is now, and no more.
    #[cfg(test)]
    pub(super) async fn catch_up(&self) {
        self.until_paused().await;
    }

    /// Leaves the hook to another process at once, where this one has it.
    pub(super) async fn leave(&self) {
        // Where we have it not, this takes nothing from whoever has it.
        if matches!(self.lease(Duration::ZERO).await, Ok(true)) {
            let _ = self.store.renewed(&self.key("lease")).await;
        }
    }

    /// Tells all that there is to tell now.
    async fn until_paused(&self) -> Pause {
        let Err(pause) = self.tell_new().await else { return Pause::NothingNew };
        pause
    }

    async fn tell_new(&self) -> Result<(), Pause> {
        let mut kept = self.place().await?;
        let mut next = kept;
        loop {
            let entries = self.store.journal(next, STRETCH).await?;
            let is_last = entries.len() < STRETCH;
            for entry in &entries {
                let event = Event::of(entry, &self.hook.on, &self.store).await?;
                next = entry.number + 1;
                let Some(event) = event else { continue };
                self.tell(&event).await?;
                // Whoever took over meanwhile has told it, too: at least once.
                kept = self.come_to(kept, next).await?;
            }
            if is_last {
                // What is not told of need not be read again after each restart.
                if next > kept + STRETCH as u64 {
                    self.come_to(kept, next).await?;
                }
                return Ok(());
            }
        }
    }

    /// Tells one event; where that fails to the last try, what was not told stands in the journal.
    async fn tell(&self, event: &Event) -> Result<(), Pause> {
        let body = serde_json::to_vec(event).map_err(|error| StoreError::Database(error.to_string()))?;
        let mut wait = FIRST_WAIT;
        let mut tries = 0;
        let outcome = loop {
            if !self.lease(self.hook.timeout + wait).await? {
                return Err(Pause::Others);
            }
            tries += 1;
            match self.act(&body).await {
                Ok(()) => break Ok(()),
                Err(reason) if tries > self.hook.retries => break Err(reason),
                Err(reason) => {
                    tracing::warn!(hook = %self.hook.name, event = event.event.as_str(), reason, "a hook failed; tried again");
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        };
        self.record.told(&self.hook.name, outcome.is_ok());
        let (kind, result) = match &outcome {
            Ok(()) => ("hook.done", "done"),
            Err(reason) => {
                tracing::error!(hook = %self.hook.name, event = event.event.as_str(), reason, "a hook failed to the last try");
                ("hook.failed", reason.as_str())
            }
        };
        let body = json!({
            "hook": self.hook.name,
            "event": event.event.as_str(),
            "entry": event.number,
            "tries": tries,
            "result": result,
        });
        self.store.append(self.clock.now(), kind, body).await?;
        Ok(())
    }

    async fn act(&self, body: &[u8]) -> Result<(), String> {
        match &self.hook.action {
            HookAction::Run { program, arguments } => {
                let name = self.hook.name.as_str();
                program::run(name, program, arguments, body, self.hook.timeout).await
            }
            HookAction::Webhook { url, tls } => {
                let settings = (self.settings)(tls)?;
                let seen = self.record.seen(&self.hook.name);
                webhook::call(url, settings, body, self.hook.timeout, &self.clock, &seen).await
            }
        }
    }

    /// The entry to go on with. A hook that is new begins with what comes from now on.
    async fn place(&self) -> Result<u64, Pause> {
        if !self.lease(Duration::ZERO).await? {
            return Err(Pause::Others);
        }
        let key = self.key("next");
        let kept = match self.store.setting(&key).await? {
            Some(kept) => kept,
            None => {
                let last = self.store.latest_entries(1, |_| true).await?.pop();
                let next = last.map_or(1, |entry| entry.number + 1);
                self.store.put_if_absent(&key, next.to_string().into_bytes()).await?
            }
        };
        let number = std::str::from_utf8(&kept).ok().and_then(|text| text.parse().ok());
        Ok(number.ok_or_else(|| StoreError::Database(format!("setting `{key}` is no number")))?)
    }

    async fn come_to(&self, kept: u64, next: u64) -> Result<u64, Pause> {
        let (key, bytes) = (self.key("next"), |number: u64| number.to_string().into_bytes());
        match self.store.compare_and_set(&key, Some(bytes(kept)), bytes(next)).await? {
            true => Ok(next),
            false => Err(Pause::Others),
        }
    }

    /// Takes the hook upon this process for so long and a little longer. Gives whether it did.
    async fn lease(&self, work: Duration) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let work = SignedDuration::try_from(work).unwrap_or(SPARE);
        let until = now.checked_add(work.saturating_add(SPARE)).unwrap_or(Timestamp::MAX);
        self.store.lease(&self.key("lease"), until, now).await
    }

    fn key(&self, what: &str) -> String {
        format!("hook/{}/{what}", self.hook.name)
    }
}
