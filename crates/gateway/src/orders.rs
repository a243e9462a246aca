//! Orders: what a worker is told while it runs, and its listening sockets, which come and go.

use std::collections::HashMap;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::accept::{self, Waiting};
use crate::sockets::{Bind, OfWorker};
use crate::worker::Worker;

/// What a worker is told.
#[derive(Debug)]
pub(crate) enum Order {
    /// Accept on these sockets, too.
    Accept(OfWorker),
    /// Accept no more at these places, and say when that is so.
    Stop { binds: Vec<Bind>, waiting: Waiting, done: oneshot::Sender<()> },
    /// Close what belongs to no snapshot any more.
    Sweep,
    /// Accept nowhere any more, and end when the last connection does, or after so long.
    Finish(Duration),
}

/// The sockets on which a worker accepts.
#[derive(Debug, Default)]
pub(crate) struct Accepting(HashMap<Bind, Vec<Listening>>);

#[derive(Debug)]
struct Listening {
    stop: oneshot::Sender<Waiting>,
    ended: JoinHandle<()>,
}

impl Accepting {
    /// Accepts on these sockets from now on.
    pub fn begin(&mut self, worker: &Rc<Worker>, sockets: OfWorker) {
        for (bind, socket) in sockets {
            let listening = Listening::begin(worker.clone(), bind.clone(), socket);
            self.0.entry(bind).or_default().push(listening);
        }
    }

    /// Ends accepting at these places; what is returned comes to its end when the sockets are closed.
    pub fn stop(&mut self, binds: &[Bind], waiting: Waiting) -> impl Future<Output = ()> + use<> {
        let told = |listening: Listening| {
            // One that has ended by itself hears nothing.
            let _ = listening.stop.send(waiting);
            listening.ended
        };
        let gone = binds.iter().filter_map(|bind| self.0.remove(bind)).flatten();
        let ending: Vec<_> = gone.map(told).collect();
        async move {
            for ended in ending {
                let _ = ended.await;
            }
        }
    }
}

impl Listening {
    fn begin(worker: Rc<Worker>, bind: Bind, socket: TcpListener) -> Self {
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::task::spawn_local(accept::listen(worker, bind, socket, stopped));
        Self { stop, ended }
    }
}
