//! What the authority publishes, served over HTTP to whoever asks: lists of what is revoked, answers about
//! single certificates, and the certificates of the authorities themselves.
//!
//! Those who ask are strangers, and most of them are not there to be nice to. Nothing is kept of them, and
//! they get few connections, little time and small requests.

mod connection;
mod tally;

pub use tally::Tally;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::listening_socket::ListeningSocket;
use crate::up::Instance;

/// How many connections there are at once; others wait in the backlog.
const CONNECTIONS: usize = 512;

/// How long to wait after a connection could not be accepted, such as for want of descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Publishes where the configuration says, wherever that is at the time, for ever.
pub async fn serve(instance: Arc<Instance>) {
    let mut socket = instance.publishing_socket();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let present = socket.borrow_and_update().clone();
        tokio::select! {
            () = serve_at(&present, &instance, &places) => {}
            changed = socket.changed() => if changed.is_err() { return },
        }
    }
}

async fn serve_at(socket: &ListeningSocket, instance: &Arc<Instance>, places: &Arc<Semaphore>) {
    let Some(socket) = socket.socket() else { return std::future::pending().await };
    let listener = match socket.try_clone().and_then(TcpListener::from_std) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "CRLs and OCSP can't be served");
            return std::future::pending().await;
        }
    };
    loop {
        // Before a connection is taken on: one that nobody serves is better off in the backlog. The semaphore is
        // never closed.
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let instance = instance.clone();
                tokio::spawn(async move {
                    connection::serve(stream, &instance).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection for CRLs and OCSP could not be accepted");
                sleep(PAUSE).await;
            }
        }
    }
}
