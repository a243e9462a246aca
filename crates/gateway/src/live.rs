//! Live connections, by the certificate that their client showed, with a way to end them: a
//! revocation ends just the connections of that certificate.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hermetic_tls::{Certificate, Serial};
use tokio::sync::watch;

/// The certificate of a client: who issued it, and its serial number.
type Key = (String, Serial);

/// The live connections of one worker that showed a certificate. Clones are the same index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live(Arc<Mutex<HashMap<Key, Entry>>>);

#[derive(Debug)]
struct Entry {
    connections: usize,
    ending: watch::Sender<bool>,
}

/// A connection in the index, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Registration {
    index: Live,
    key: Key,
    ending: watch::Receiver<bool>,
}

impl Live {
    /// Enters a connection whose client showed `certificate`.
    pub fn register(&self, certificate: &Certificate) -> Registration {
        let key = (certificate.issuer.clone(), certificate.serial.clone());
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries
            .entry(key.clone())
            .or_insert_with(|| Entry { connections: 0, ending: watch::Sender::new(false) });
        entry.connections += 1;
        Registration { index: self.clone(), key, ending: entry.ending.subscribe() }
    }

    /// Ends the connections of a certificate; gives how many there were.
    pub fn end(&self, issuer: &str, serial: &Serial) -> usize {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.remove(&(issuer.to_owned(), serial.clone())) {
            None => 0,
            Some(entry) => {
                entry.ending.send_replace(true);
                entry.connections
            }
        }
    }
}

impl Registration {
    /// Waits until the connection must end.
    pub async fn ended(&self) {
        // The sender is gone only after it said so.
        let _ = self.ending.clone().wait_for(|ended| *ended).await;
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if *self.ending.borrow() {
            return;
        }
        let mut entries = self.index.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get_mut(&self.key) {
            entry.connections -= 1;
            if entry.connections == 0 {
                entries.remove(&self.key);
            }
        }
    }
}
