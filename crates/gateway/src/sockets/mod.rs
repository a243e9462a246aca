//! Listening sockets, held outside the snapshot: a reload that does not touch a listener does not
//! touch its socket.

mod bind;
mod holder;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use hermetic_config::Listener;
use socket2::{Domain, Protocol, Socket, Type};

pub use bind::Bind;
pub use holder::Holder;

use crate::error::GatewayError;

/// Connections that wait to be accepted, at most; the kernel caps it by `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// Listening sockets by their place: of each listener as many as there were workers when it was first
/// listened on, each with a backlog of its own.
#[derive(Debug, Default)]
pub struct Sockets {
    places: Vec<(Bind, Vec<TcpListener>)>,
}

/// Sockets as one worker accepts on them.
pub(crate) type OfWorker = Vec<(Bind, TcpListener)>;

impl Sockets {
    /// Listens on the address of each listener, once for each of `workers`.
    pub fn bind(listeners: &[Listener], workers: usize) -> Result<Self, GatewayError> {
        Self::default().completed(listeners, workers)
    }

    /// The sockets of these listeners: those that are here already, wherever they come from, and new ones
    /// for the rest. Those that no listener wants are closed.
    pub fn completed(mut self, listeners: &[Listener], workers: usize) -> Result<Self, GatewayError> {
        let missing = self.missing(listeners, workers)?;
        self.places.retain(|(bind, _)| listeners.iter().any(|listener| Bind::of(listener) == *bind));
        self.extend(missing);
        Ok(self)
    }

    /// New sockets for those of these listeners that have none here.
    pub(crate) fn missing(&self, listeners: &[Listener], workers: usize) -> Result<Self, GatewayError> {
        let wanted = listeners.iter().filter(|listener| !self.has(&Bind::of(listener)));
        let wanted: Vec<&Listener> = wanted.collect();
        // All before any: a port in use is found while nothing is served yet.
        for listener in &wanted {
            let bind = Bind::of(listener);
            // Where we listen ourselves, on another address of the port, there is nobody else to find.
            if !self.places.iter().any(|(ours, _)| ours.may_overlap(&bind)) {
                exclusively(listener.bind).map_err(|source| failure(listener, source))?;
            }
        }
        let bound = |listener: &&Listener| {
            let sockets = shared(listener.bind, workers).map_err(|source| failure(listener, source))?;
            Ok((Bind::of(listener), sockets))
        };
        Ok(Self { places: wanted.iter().map(bound).collect::<Result<_, GatewayError>>()? })
    }

    /// Adds a socket that another process listened with.
    pub fn add(&mut self, bind: Bind, socket: OwnedFd) {
        let socket = TcpListener::from(socket);
        match self.places.iter_mut().find(|(known, _)| *known == bind) {
            Some((_, sockets)) => sockets.push(socket),
            None => self.places.push((bind, vec![socket])),
        }
    }

    /// The places, each with its sockets.
    pub fn places(&self) -> impl Iterator<Item = (&Bind, &[TcpListener])> {
        self.places.iter().map(|(bind, sockets)| (bind, sockets.as_slice()))
    }

    /// The same sockets once more.
    pub fn try_clone(&self) -> io::Result<Self> {
        let place = |(bind, sockets): &(Bind, Vec<TcpListener>)| {
            let sockets = sockets.iter().map(TcpListener::try_clone).collect::<io::Result<_>>()?;
            Ok((bind.clone(), sockets))
        };
        Ok(Self { places: self.places.iter().map(place).collect::<io::Result<_>>()? })
    }

    pub(crate) fn has(&self, bind: &Bind) -> bool {
        self.places.iter().any(|(known, _)| known == bind)
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.places.extend(others.places);
    }

    /// Closes the sockets of these places, as far as they are held here.
    pub(crate) fn close(&mut self, gone: &[Bind]) {
        self.places.retain(|(bind, _)| !gone.contains(bind));
    }

    /// What each of `workers` accepts on: of every place at least one socket. Every socket is some worker's,
    /// since connections wait in each. Where there are fewer than workers, some share one.
    pub(crate) fn dealt(&self, workers: usize) -> io::Result<Vec<OfWorker>> {
        let mut dealt: Vec<OfWorker> = (0..workers).map(|_| Vec::new()).collect();
        for (bind, sockets) in &self.places {
            for turn in 0..sockets.len().max(workers) {
                let socket = sockets.iter().cycle().nth(turn % sockets.len().max(1));
                let hand = dealt.get_mut(turn % workers.max(1));
                if let (Some(socket), Some(hand)) = (socket, hand) {
                    hand.push((bind.clone(), socket.try_clone()?));
                }
            }
        }
        Ok(dealt)
    }
}

/// Binds without `SO_REUSEPORT` and lets go: with that option a second instance by mistake would
/// silently share the port.
fn exclusively(address: SocketAddr) -> io::Result<()> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(1)
}

/// Listens once for each of `workers`, all on one port, also where the system chooses it.
fn shared(address: SocketAddr, workers: usize) -> io::Result<Vec<TcpListener>> {
    let first = one(address)?;
    let address = first.local_addr()?;
    let others = (1..workers).map(|_| one(address));
    std::iter::once(Ok(first)).chain(others).collect()
}

fn one(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn failure(listener: &Listener, source: io::Error) -> GatewayError {
    let (listener, address) = (listener.name.clone(), listener.bind);
    if source.kind() == io::ErrorKind::AddrInUse {
        return GatewayError::AddressInUse { listener, address, holder: Holder::of(address) };
    }
    GatewayError::Bind { listener, address, source }
}

#[cfg(test)]
mod tests;
