//! Admission: a connection that was let in, and what of it counts. Each part is given back when it is
//! dropped, so nothing is counted twice or for ever.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hermetic_config::Limits;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::client::ClientCounts;
use super::places::{Owner, Place, Places};
use super::{ClientKey, Counts, Limit, Refusal, give_back, take};

/// A connection that counts in its listener's total; whose it is is not known yet.
#[derive(Debug)]
pub(crate) struct Opened(Arc<Counts>);

/// A connection of a client.
#[derive(Debug)]
pub(crate) struct Admission {
    opened: Opened,
    address: SocketAddr,
    /// `None`: the listener has no limit for each client.
    client: Option<Arc<ClientCounts>>,
}

/// A request in flight.
#[derive(Debug)]
pub(crate) struct InFlight {
    all: Option<Arc<Counts>>,
    client: Option<Arc<ClientCounts>>,
}

/// A handshake of a client that waits or is under way.
#[derive(Debug)]
pub(super) struct Handshaking(Option<Arc<ClientCounts>>);

impl Counts {
    /// Lets one more connection in, before a byte of it is read. At the limit, one of those that have not
    /// shown a ClientHello may give way to it: its own end follows at once, so that the limit is passed by
    /// no more than are accepted in a row.
    pub fn open(
        self: &Arc<Self>,
        limits: &Limits,
        address: SocketAddr,
        silent: &Places,
        now: Instant,
    ) -> Option<Opened> {
        let (all, own) = (&self.all.connections, &self.connections);
        let within_all = take(all, self.all.most.load(Ordering::Relaxed));
        let within_own = take(own, limits.connections.get());
        let owner = self.owner(ClientKey::of(address.ip()));
        let room = match (within_all, within_own) {
            (true, true) => return Some(Opened(self.clone())),
            (_, false) => silent.leave_to(owner, now),
            (false, true) => silent.leave_to_any(owner, now),
        };
        for (count, taken) in [(all, within_all), (own, within_own)] {
            match (room, taken) {
                (Some(()), false) => {
                    count.fetch_add(1, Ordering::Relaxed);
                }
                (None, true) => give_back(count),
                (Some(()), true) | (None, false) => {}
            }
        }
        if room.is_none() {
            let limit = if within_all { Limit::Connections } else { Limit::FileDescriptors };
            self.refuse(limit, address.ip(), now);
        }
        room.map(|()| Opened(self.clone()))
    }

    /// Whose the places are that `client` takes here.
    pub(super) fn owner(&self, client: ClientKey) -> Owner {
        Owner { listener: self.number, client }
    }

    /// Notes that a limit was reached.
    pub fn refuse(&self, limit: Limit, client: IpAddr, now: Instant) {
        self.refused.count(&self.listener, limit, client, self.epoch.nanos(now));
    }
}

impl Opened {
    /// Lets the connection in as one of the client at `address`: its peer, or whom a prelude named.
    pub fn admit(self, limits: &Limits, address: SocketAddr, now: Instant) -> Option<Admission> {
        let counts = &self.0;
        let counted = limits.connections_per_client.is_some()
            || limits.connection_rate_per_client.is_some()
            || limits.handshakes_per_client.is_some()
            || limits.requests_per_client.is_some()
            || limits.request_rate_per_client.is_some();
        if !counted {
            return Some(Admission { opened: self, address, client: None });
        }
        let nanos = counts.epoch.nanos(now);
        let client = counts.clients.find(ClientKey::of(address.ip()), nanos);
        let rate = limits.connection_rate_per_client;
        if rate.is_some_and(|rate| client.connection_rate.pass(rate, nanos).is_err()) {
            counts.refuse(Limit::ConnectionRate, address.ip(), now);
            return None;
        }
        let most = limits.connections_per_client.map_or(usize::MAX, NonZeroUsize::get);
        if !take(&client.connections, most) {
            counts.refuse(Limit::ConnectionsPerClient, address.ip(), now);
            return None;
        }
        Some(Admission { opened: self, address, client: Some(client) })
    }
}

impl Admission {
    /// The client.
    pub fn key(&self) -> ClientKey {
        ClientKey::of(self.address.ip())
    }

    /// The counts of its listener.
    pub fn counts(&self) -> &Arc<Counts> {
        &self.opened.0
    }

    /// Notes that a limit was reached.
    pub fn refuse(&self, limit: Limit) {
        self.opened.0.refuse(limit, self.address.ip(), Instant::now());
    }

    /// A place among the connections that have not shown a ClientHello.
    pub fn silent(&self, silent: &Places) -> Place {
        silent.take(self.opened.0.owner(self.key()), Instant::now())
    }

    /// Counts a request of it, whose head is there.
    pub fn request(&self, limits: &Limits, now: Instant) -> Result<InFlight, Refusal> {
        let mut in_flight = InFlight { all: None, client: None };
        if let Some(client) = &self.client {
            if let Some(most) = limits.requests_per_client {
                if !take(&client.requests, most.get()) {
                    return Err(self.refused(Limit::RequestsPerClient, Duration::from_secs(1), now));
                }
                in_flight.client = Some(client.clone());
            }
            if let Some(rate) = limits.request_rate_per_client
                && let Err(wait) = client.request_rate.pass(rate, self.opened.0.epoch.nanos(now))
            {
                return Err(self.refused(Limit::RequestRate, wait, now));
            }
        }
        if let Some(most) = limits.requests {
            if !take(&self.opened.0.requests, most.get()) {
                return Err(self.refused(Limit::Requests, Duration::from_secs(1), now));
            }
            in_flight.all = Some(self.opened.0.clone());
        }
        Ok(in_flight)
    }

    fn refused(&self, limit: Limit, retry_after: Duration, now: Instant) -> Refusal {
        self.opened.0.refuse(limit, self.address.ip(), now);
        Refusal { limit, retry_after: Some(retry_after) }
    }

    /// Counts a handshake of its client.
    pub(super) fn handshaking(&self, limits: &Limits) -> Option<Handshaking> {
        match (&self.client, limits.handshakes_per_client) {
            (Some(client), Some(most)) => {
                take(&client.handshakes, most.get()).then(|| Handshaking(Some(client.clone())))
            }
            _ => Some(Handshaking(None)),
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        give_back(&self.0.connections);
        give_back(&self.0.all.connections);
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some(client) = &self.client {
            give_back(&client.connections);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(all) = &self.all {
            give_back(&all.requests);
        }
        if let Some(client) = &self.client {
            give_back(&client.requests);
        }
    }
}

impl Drop for Handshaking {
    fn drop(&mut self) {
        if let Some(client) = &self.0 {
            give_back(&client.handshakes);
        }
    }
}

/// Closes a connection that is refused: by a reset, which costs one packet and leaves no socket behind
/// that waits (TIME_WAIT), and without an alert, which nobody has signed for.
pub(crate) fn close(stream: &TcpStream) {
    // Where it fails, the socket closes in the usual way.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use hermetic_config::Rate;

    use super::*;
    use crate::limits::Limiter;

    fn some(number: usize) -> Option<NonZeroUsize> {
        NonZeroUsize::new(number)
    }

    fn counts(now: Instant) -> Arc<Counts> {
        Limiter::new(NonZeroUsize::MIN, now).listener(&"edge".parse().unwrap())
    }

    fn from(last: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last], 1234))
    }

    fn admitted(counts: &Arc<Counts>, limits: &Limits, last: u8, now: Instant) -> Option<Admission> {
        counts.open(limits, from(last), &Places::default(), now)?.admit(limits, from(last), now)
    }

    fn told(counts: &Counts) -> Vec<(String, u64)> {
        counts.refused.told(&counts.listener).map(|refusals| (refusals.limit, refusals.count)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_closes_makes_room_for_the_next() {
        let now = Instant::now();
        let limits = Limits { connections: some(2).unwrap(), ..Limits::default() };
        let counts = counts(now);
        let (first, second) = (admitted(&counts, &limits, 1, now), admitted(&counts, &limits, 1, now));
        assert!(first.is_some() && second.is_some());
        assert!(admitted(&counts, &limits, 1, now).is_none());
        drop(first);
        assert!(admitted(&counts, &limits, 1, now).is_some());
        assert_eq!(told(&counts), [("connections".to_owned(), 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_limit_a_connection_that_is_silent_for_a_second_gives_way() {
        let (now, silent) = (Instant::now(), Places::default());
        let limits = Limits { connections: some(1).unwrap(), ..Limits::default() };
        let counts = counts(now);
        let opened = counts.open(&limits, from(1), &silent, now).unwrap();
        let admission = opened.admit(&limits, from(1), now).unwrap();
        let place = admission.silent(&silent);
        assert!(counts.open(&limits, from(2), &silent, now).is_none());
        let later = now + Duration::from_secs(1);
        let _newcomer = counts.open(&limits, from(2), &silent, later).unwrap();
        assert_eq!(place.hold(std::future::pending::<()>()).await, None, "it has to go");
        drop((place, admission));
        assert_eq!(counts.connections.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn all_listeners_together_take_on_no_more_than_the_process_can() {
        let (now, limits) = (Instant::now(), Limits::default());
        let limiter = Limiter::new(NonZeroUsize::MIN, now);
        limiter.limit_connections(some(2));
        let [one, other] = ["one", "other"].map(|name| limiter.listener(&name.parse().unwrap()));
        let open = [admitted(&one, &limits, 1, now), admitted(&other, &limits, 1, now)];
        assert!(open.iter().all(Option::is_some));
        assert!(admitted(&one, &limits, 1, now).is_none());
        assert_eq!(told(&one), [("file_descriptors".to_owned(), 1)]);
        drop(open);
        assert!(admitted(&one, &limits, 1, now).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_at_one_listener_does_not_shut_another() {
        let (now, silent, limits) = (Instant::now(), Places::default(), Limits::default());
        let limiter = Limiter::new(NonZeroUsize::MIN, now);
        limiter.limit_connections(some(1));
        let [one, other] = ["one", "other"].map(|name| limiter.listener(&name.parse().unwrap()));
        let admission =
            one.open(&limits, from(1), &silent, now).unwrap().admit(&limits, from(1), now).unwrap();
        let place = admission.silent(&silent);
        assert!(other.open(&limits, from(2), &silent, now).is_none());
        assert_eq!(other.connections.load(Ordering::Relaxed), 0, "what is refused is given back");
        let later = now + Duration::from_secs(1);
        let newcomer = other.open(&limits, from(2), &silent, later).unwrap();
        assert!(!place.is_held());
        drop((place, admission, newcomer));
        let counts = [&one.connections, &other.connections, &one.all.connections];
        assert_eq!(counts.map(|count| count.load(Ordering::Relaxed)), [0; 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_at_its_limit_leaves_room_for_others_and_gives_back_the_total() {
        let now = Instant::now();
        let limits =
            Limits { connections: some(2).unwrap(), connections_per_client: some(1), ..Limits::default() };
        let counts = counts(now);
        let greedy = admitted(&counts, &limits, 1, now).unwrap();
        for _ in 0..10 {
            assert!(admitted(&counts, &limits, 1, now).is_none());
        }
        assert!(admitted(&counts, &limits, 2, now).is_some());
        drop(greedy);
        assert!(admitted(&counts, &limits, 1, now).is_some());
        assert_eq!(told(&counts), [("connections_per_client".to_owned(), 10)]);
    }

    #[tokio::test(start_paused = true)]
    async fn connections_come_at_the_rate_that_a_client_has() {
        let start = Instant::now();
        let rate = Rate { interval: Duration::from_secs(1), burst: NonZeroU32::MIN };
        let limits = Limits { connection_rate_per_client: Some(rate), ..Limits::default() };
        let counts = counts(start);
        assert!(admitted(&counts, &limits, 1, start).is_some());
        assert!(admitted(&counts, &limits, 1, start).is_none());
        assert!(admitted(&counts, &limits, 2, start).is_some());
        assert!(admitted(&counts, &limits, 1, start + Duration::from_secs(1)).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn requests_over_a_limit_are_told_when_to_come_again() {
        let now = Instant::now();
        let rate = Rate { interval: Duration::from_secs(5), burst: NonZeroU32::new(2).unwrap() };
        let limits = Limits {
            requests: some(2),
            requests_per_client: some(1),
            request_rate_per_client: Some(rate),
            ..Limits::default()
        };
        let counts = counts(now);
        let clients = [1, 2, 3].map(|last| admitted(&counts, &limits, last, now).unwrap());
        let first = clients[0].request(&limits, now).unwrap();
        let again = clients[0].request(&limits, now).unwrap_err();
        assert_eq!(again.limit, Limit::RequestsPerClient);
        let _second = clients[1].request(&limits, now).unwrap();
        assert_eq!(clients[2].request(&limits, now).unwrap_err().limit, Limit::Requests);
        drop(first);
        drop(clients[0].request(&limits, now).unwrap());
        let third = clients[0].request(&limits, now).unwrap_err();
        assert_eq!(third, Refusal { limit: Limit::RequestRate, retry_after: Some(rate.interval) });
        assert_eq!(
            counts.requests.load(std::sync::atomic::Ordering::Relaxed),
            1,
            "what is refused is given back"
        );
    }
}
