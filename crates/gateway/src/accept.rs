//! Accept: takes connections from a listening socket and starts each on its way.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::connection;
use crate::limits;
use crate::sockets::Bind;
use crate::worker::Worker;

/// How long to wait when the process is out of descriptors or memory: accepting again at once
/// would only spin.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// Connections that are accepted before those that stand have their turn again. HAProxy's default is 4 to
/// 64.
const IN_A_ROW: usize = 16;

/// Connections that are still taken from the backlog when accepting has ended, at most.
const LAST: usize = 4096;

/// What becomes of connections that wait in the backlog when accepting ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// They are taken: closing the socket would reset them.
    Taken,
    /// They are left to another process that has the socket, too.
    Left,
}

/// Accepts on one socket until it is told to stop or the drain starts.
pub(crate) async fn listen(
    worker: Rc<Worker>,
    bind: Bind,
    socket: std::net::TcpListener,
    stop: oneshot::Receiver<Waiting>,
) {
    // One that came from another process may be otherwise, and accepting would hold up the worker.
    let socket = match socket.set_nonblocking(true).and_then(|()| TcpListener::from_std(socket)) {
        Ok(socket) => socket,
        Err(error) => return tracing::error!(address = %bind.address, %error, "the socket can't be used"),
    };
    let mut drain = worker.drain.clone();
    let mut in_a_row = 0;
    tokio::pin!(stop);
    let waiting = loop {
        let accepted = tokio::select! {
            _ = drain.started() => break Waiting::Taken,
            told = &mut stop => break told.unwrap_or(Waiting::Taken),
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => begin(&worker, &bind, stream, client),
            Err(error) => refused(&bind, &error).await,
        }
        in_a_row += 1;
        if in_a_row == IN_A_ROW {
            in_a_row = 0;
            tokio::task::yield_now().await;
        }
    };
    if waiting == Waiting::Left {
        return;
    }
    take_waiting(socket, |stream, client| begin(&worker, &bind, stream, client)).await;
}

/// Takes those who wait in the backlog, and closes the socket. The system is asked itself: the runtime answers
/// that nobody is left when a task has had its share, and where it has not heard of the last ones yet.
async fn take_waiting(socket: TcpListener, begin: impl Fn(TcpStream, SocketAddr)) {
    let Ok(socket) = socket.into_std() else { return };
    for taken in 1..=LAST {
        match socket.accept() {
            Ok((stream, client)) => {
                let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
                stream.map_or_else(
                    |error| tracing::warn!(%error, "a connection is lost"),
                    |stream| begin(stream, client),
                );
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(error) => return tracing::warn!(%error, "connections that waited are lost"),
        }
        if taken % IN_A_ROW == 0 {
            tokio::task::yield_now().await;
        }
    }
}

fn begin(worker: &Rc<Worker>, bind: &Bind, stream: TcpStream, client: SocketAddr) {
    let Some(listener) = worker.listener(bind) else { return };
    let client = SocketAddr::new(client.ip().to_canonical(), client.port());
    let counts = worker.limiter.listener(&listener.name);
    let Some(opened) = counts.open(&listener.limits, client, &worker.silent, Instant::now()) else {
        return limits::close(&stream);
    };
    // Counted before its task first runs, so that a drain which starts meanwhile waits for it.
    let open = worker.connections.open();
    tokio::task::spawn_local(connection::serve(worker.clone(), listener, stream, client, (open, opened)));
}

async fn refused(bind: &Bind, error: &io::Error) {
    // A client that left before it was accepted is nobody's fault (accept(2)).
    if error.kind() == io::ErrorKind::ConnectionAborted {
        return;
    }
    tracing::warn!(address = %bind.address, %error, "a connection could not be accepted");
    tokio::time::sleep(EXHAUSTED).await;
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::net::TcpSocket;

    use super::*;

    #[tokio::test]
    async fn all_who_wait_in_a_long_backlog_are_taken() {
        const WAITING: usize = 500;
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let socket = socket.listen(1024).unwrap();
        let address = socket.local_addr().unwrap();
        let clients: Vec<_> = (0..WAITING).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
        let taken = Cell::new(0);
        take_waiting(socket, |_, _| taken.set(taken.get() + 1)).await;
        assert_eq!(taken.get(), clients.len());
    }
}
