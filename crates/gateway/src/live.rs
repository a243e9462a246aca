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

    /// Ends the connections of a certificate; gives how many there were. Whoever revokes it must have
    /// handshakes refuse it before, or one that is just being made is missed.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A self-signed certificate of OpenSSL's making.
    const PEM: &str = include_str!("live/client.pem");

    fn certificate() -> Certificate {
        hermetic_tls::Chain::from_pem(PEM).unwrap().leaf().clone()
    }

    async fn has_ended(registration: &Registration) -> bool {
        tokio::select! {
            biased;
            () = registration.ended() => true,
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test]
    async fn a_revocation_ends_the_connections_of_that_certificate_alone() {
        let (live, certificate) = (Live::default(), certificate());
        let other = Certificate { serial: Serial::from_bytes(&[7]), ..certificate.clone() };
        let (first, second, others) =
            (live.register(&certificate), live.register(&certificate), live.register(&other));
        assert_eq!(live.end(&certificate.issuer, &certificate.serial), 2);
        assert!(has_ended(&first).await && has_ended(&second).await);
        assert!(!has_ended(&others).await);
    }

    #[tokio::test]
    async fn a_connection_that_comes_after_the_end_is_another() {
        let (live, certificate) = (Live::default(), certificate());
        let before = live.register(&certificate);
        live.end(&certificate.issuer, &certificate.serial);
        let after = live.register(&certificate);
        drop(before);
        assert!(!has_ended(&after).await);
        assert_eq!(live.end(&certificate.issuer, &certificate.serial), 1);
    }

    #[test]
    fn nothing_is_kept_of_connections_that_are_over() {
        let (live, certificate) = (Live::default(), certificate());
        drop((live.register(&certificate), live.register(&certificate)));
        assert!(live.0.lock().unwrap().is_empty());
    }
}
