//! Accept: takes connections from a listening socket and starts each on its way.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use hermetic_hop::PartyName;
use tokio::net::{TcpListener, TcpStream};

use crate::connection;
use crate::worker::Worker;

/// How long to wait when the process is out of descriptors or memory: accepting again at once
/// would only spin.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// Connections that are still taken from the backlog when the drain has started, at most.
const LAST: usize = 4096;

/// Accepts on one socket until the drain starts.
pub(crate) async fn listen(worker: Rc<Worker>, name: PartyName, socket: std::net::TcpListener) {
    let socket = match TcpListener::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => return tracing::error!(listener = %name, %error, "the socket can't be used"),
    };
    let mut drain = worker.drain.clone();
    loop {
        let accepted = tokio::select! {
            _ = drain.started() => break,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => begin(&worker, &name, stream, client),
            Err(error) => refused(&name, &error).await,
        }
    }
    // Closing the socket would reset those who wait in its backlog.
    for _ in 0..LAST {
        let waiting = poll_fn(|cx| Poll::Ready(socket.poll_accept(cx))).await;
        let Poll::Ready(Ok((stream, client))) = waiting else { return };
        begin(&worker, &name, stream, client);
    }
}

fn begin(worker: &Rc<Worker>, name: &PartyName, stream: TcpStream, client: SocketAddr) {
    let Some(listener) = worker.listener(name) else { return };
    // Counted before its task first runs, so that a drain which starts meanwhile waits for it.
    let open = worker.connections.open();
    let client = SocketAddr::new(client.ip().to_canonical(), client.port());
    tokio::task::spawn_local(connection::serve(worker.clone(), listener, stream, client, open));
}

async fn refused(listener: &PartyName, error: &io::Error) {
    // A client that left before it was accepted is nobody's fault (accept(2)).
    if error.kind() == io::ErrorKind::ConnectionAborted {
        return;
    }
    tracing::warn!(%listener, %error, "a connection could not be accepted");
    tokio::time::sleep(EXHAUSTED).await;
}
