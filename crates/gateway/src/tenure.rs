//! Tenure: whether a listener still stands as it was configured when a connection began on it.
//!
//! A connection is never cut because something else became configured. HTTP is asked to come back on a
//! new connection in the way that its version has for it; bytes of other protocols, tunnels and
//! WebSockets are left in peace (caddyserver/caddy#6420: every reload cut every WebSocket).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::header::{CONNECTION, HeaderValue};
use http::{Response, StatusCode};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// How long a listener, as it was configured, stands.
#[derive(Debug)]
pub(crate) struct Tenure {
    term: watch::Sender<Term>,
    /// The same as `term`, to be read at every response without a lock.
    over: AtomicBool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Term {
    /// Connections begin on it.
    Standing,
    /// Another took its place; its connections may last.
    Replaced,
    /// It is gone, and its connections are cut at this instant.
    Ends(Instant),
}

impl Tenure {
    /// One that stands.
    pub fn new() -> Self {
        Self { term: watch::Sender::new(Term::Standing), over: AtomicBool::new(false) }
    }

    /// Another listener, or the same as configured anew, took its place.
    pub fn replace(&self) {
        self.turn(Term::Replaced);
    }

    /// The listener is gone; its connections may finish within `farewell`.
    pub fn end_within(&self, farewell: Duration) {
        // A farewell of centuries is none at all.
        let end = Instant::now().checked_add(farewell);
        self.turn(end.map_or(Term::Replaced, Term::Ends));
    }

    fn turn(&self, term: Term) {
        self.term.send_replace(term);
        self.over.store(true, Ordering::Relaxed);
    }

    /// Waits until no connections begin on it any more.
    pub async fn over(&self) {
        self.reached(|term| (*term != Term::Standing).then_some(())).await;
    }

    /// Waits until its connections must be cut.
    pub async fn ended(&self) {
        let ends = |term: &Term| match term {
            Term::Ends(end) => Some(*end),
            Term::Standing | Term::Replaced => None,
        };
        sleep_until(self.reached(ends).await).await;
    }

    async fn reached<T>(&self, look: impl Fn(&Term) -> Option<T>) -> T {
        let mut term = self.term.subscribe();
        loop {
            if let Some(found) = look(&term.borrow_and_update()) {
                return found;
            }
            // The sender lives as long as `self`.
            let _ = term.changed().await;
        }
    }

    /// Has the client of an HTTP/1.1 connection come back on a new one once the tenure is over. The connection
    /// is not closed between two requests: a client that is just sending the next one would lose it.
    pub fn close_after<B>(&self, response: &mut Response<B>) {
        if self.over.load(Ordering::Relaxed) && response.status() != StatusCode::SWITCHING_PROTOCOLS {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn is_over(tenure: &Tenure) -> bool {
        tokio::select! { biased; () = tenure.over() => true, () = std::future::ready(()) => false }
    }

    fn closes(tenure: &Tenure, status: StatusCode) -> bool {
        let mut response = Response::new(());
        *response.status_mut() = status;
        tenure.close_after(&mut response);
        response.headers().get(CONNECTION).is_some_and(|value| value == "close")
    }

    #[tokio::test(start_paused = true)]
    async fn connections_of_a_listener_that_was_replaced_are_never_cut() {
        let tenure = Tenure::new();
        assert!(!is_over(&tenure).await);
        tenure.replace();
        assert!(is_over(&tenure).await);
        assert!(tokio::time::timeout(Duration::from_secs(86_400), tenure.ended()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn connections_of_a_listener_that_is_gone_have_the_whole_farewell() {
        let (tenure, start) = (Tenure::new(), Instant::now());
        tenure.replace();
        tenure.end_within(Duration::from_secs(30));
        tenure.ended().await;
        assert_eq!(start.elapsed().as_secs(), 30);
    }

    #[test]
    fn a_client_is_asked_to_come_back_once_the_tenure_is_over_and_a_tunnel_is_not() {
        let tenure = Tenure::new();
        assert!(!closes(&tenure, StatusCode::OK));
        tenure.replace();
        assert!(closes(&tenure, StatusCode::OK));
        assert!(!closes(&tenure, StatusCode::SWITCHING_PROTOCOLS));
    }
}
