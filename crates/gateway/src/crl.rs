//! CRL files of clients' authorities: taken up as soon as they change, without touching anything else.
//!
//! They are looked at again and again rather than watched by inotify, which a host can run out of
//! (envoyproxy/envoy#14151), and which misses what a link leads to (envoyproxy/envoy#39498).

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Weak};
use std::time::Duration;

use hermetic_config::ClientCrlError;
use hermetic_hop::PartyName;
use hermetic_tls::RevocationList;
use jiff::Timestamp;

use crate::revoking::Revoking;
use crate::snapshot::ListenerSnapshot;

/// How often they are looked at: a revocation is to take hold within a second.
const INTERVAL: Duration = Duration::from_millis(200);

/// Which file a path leads to, and how it was last changed; `None` where there is none.
type State = Option<(u64, u64, (i64, i64), (i64, i64), u64)>;

/// The listeners whose files are looked at: those of the snapshot in place, and earlier ones for as long as a
/// connection that began on them lives.
#[derive(Debug, Default)]
struct Seen(Vec<Files>);

/// The files of one listener.
#[derive(Debug)]
struct Files {
    listener: Weak<ListenerSnapshot>,
    /// As they were when they were last read; `None` where they must be read again.
    read: Option<Vec<State>>,
    /// What was last told of them, if they can't be used.
    told: Option<String>,
}

/// The files are watched until it is dropped.
#[derive(Debug)]
pub(crate) struct Watched(Sender<Vec<Weak<ListenerSnapshot>>>);

impl Watched {
    /// Goes on with the files of these listeners, too, for as long as they live: another snapshot is about to
    /// take their place, maybe before they were looked at once.
    pub fn keep<'a>(&self, listeners: impl Iterator<Item = &'a Arc<ListenerSnapshot>>) {
        // A thread that is gone looks at nothing any more, and neither is there anything to keep.
        let _ = self.0.send(listeners.map(Arc::downgrade).collect());
    }
}

/// Looks at the files again and again, on a thread of its own.
pub(crate) fn watch(revoking: Arc<Revoking>) -> io::Result<Watched> {
    let (watched, kept) = mpsc::channel::<Vec<Weak<ListenerSnapshot>>>();
    std::thread::Builder::new().name("client-crl".to_owned()).spawn(move || {
        let mut seen = Seen::default();
        loop {
            match kept.recv_timeout(INTERVAL) {
                Ok(listeners) => listeners.into_iter().for_each(|listener| seen.enter(listener)),
                Err(RecvTimeoutError::Timeout) => seen.look(&revoking),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    })?;
    Ok(Watched(watched))
}

impl Seen {
    /// Reads the files of every listener that changed since the last look, and puts what is in them in place
    /// of what was; ends the connections that are revoked by it.
    fn look(&mut self, revoking: &Revoking) {
        let snapshot = revoking.snapshot();
        self.0.retain(|files| files.listener.strong_count() > 0);
        snapshot.listeners.values().for_each(|listener| self.enter(Arc::downgrade(listener)));
        let changed = self.0.iter_mut().filter_map(|files| files.look(revoking.now())).count();
        if changed > 0 {
            revoking.end_revoked();
        }
    }

    /// Looks at this listener's files from now on.
    fn enter(&mut self, listener: Weak<ListenerSnapshot>) {
        if !self.0.iter().any(|files| files.listener.ptr_eq(&listener)) {
            // Read anew, too: a file may have changed since the configuration was read.
            self.0.push(Files { listener, read: None, told: None });
        }
    }
}

impl Files {
    /// Reads them where they have changed; `None` where nothing came of it. One that can't be used leaves all
    /// as it is: its CRL goes stale then, and refuses.
    fn look(&mut self, now: Timestamp) -> Option<()> {
        let listener = self.listener.upgrade()?;
        let termination = listener.termination()?;
        let (crl, trust) = termination.client_crl.as_ref()?;
        let states: Vec<State> = crl.files.iter().map(|path| state(path)).collect();
        if self.read.as_ref() == Some(&states) {
            return None;
        }
        let read = crl.read_again(trust);
        // One that can't be read may be there as it is a moment later: a process can be out of descriptors,
        // which looking takes none of.
        self.read = (!matches!(read, Err(ClientCrlError::Unreadable { .. }))).then_some(states);
        let replaced = read.map_err(|error| error.to_string()).and_then(|crl| {
            warn_of_stale(&listener.name, &crl.lists, now);
            termination.revocations.replace(crl.lists).map_err(|error| error.to_string())
        });
        match replaced {
            Ok(()) => {
                tracing::info!(listener = %listener.name, "the CRLs of clients were read");
                self.told = None;
                Some(())
            }
            Err(error) => {
                if self.told.as_ref() != Some(&error) {
                    tracing::error!(listener = %listener.name, %error, "CRLs can't be used; the ones before stay");
                }
                self.told = Some(error);
                None
            }
        }
    }
}

fn state(path: &Path) -> State {
    let data = std::fs::metadata(path).ok()?;
    let (modified, changed) = ((data.mtime(), data.mtime_nsec()), (data.ctime(), data.ctime_nsec()));
    Some((data.dev(), data.ino(), modified, changed, data.size()))
}

/// Says which CRLs refuse everybody.
pub(crate) fn warn_of_stale(listener: &PartyName, lists: &[RevocationList], now: Timestamp) {
    for list in lists.iter().filter(|list| list.next_update() <= now) {
        tracing::warn!(
            %listener, issuer = list.issuer(), file = list.source(), since = %list.next_update(),
            "a CRL is stale: clients of its issuer are refused until there is another"
        );
    }
}
