//! Accept: takes connections from a listening socket and starts each on its way.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use hermetic_hop::PartyName;
use tokio::net::TcpListener;

use crate::connection;
use crate::worker::Worker;

/// How long to wait when the process is out of descriptors or memory: accepting again at once
/// would only spin.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// Accepts on one socket until the drain starts.
pub(crate) async fn listen(worker: Rc<Worker>, name: PartyName, socket: std::net::TcpListener) {
    let socket = match TcpListener::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => return tracing::error!(listener = %name, %error, "the socket can't be used"),
    };
    let mut drain = worker.drain.clone();
    loop {
        let accepted = tokio::select! {
            _ = drain.started() => return,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => {
                let Some(listener) = worker.listener(&name) else { continue };
                tokio::task::spawn_local(connection::serve(worker.clone(), listener, stream, client));
            }
            Err(error) => refused(&name, &error).await,
        }
    }
}

async fn refused(listener: &PartyName, error: &io::Error) {
    // A client that left before it was accepted is nobody's fault (accept(2)).
    if error.kind() == io::ErrorKind::ConnectionAborted {
        return;
    }
    tracing::warn!(%listener, %error, "a connection could not be accepted");
    tokio::time::sleep(EXHAUSTED).await;
}
