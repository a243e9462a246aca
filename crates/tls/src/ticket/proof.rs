//! What the client of the handshake that runs now has proven, for the tickets that it issues.
//!
//! rustls tells the sealer of tickets nothing about the connection, but calls it, like the verifier, from
//! within the poll of that connection's handshake.

use std::cell::RefCell;
use std::future::Future;

use super::session::Session;
use crate::revocation::CertificationPath;

/// What a session of this handshake rests on.
#[derive(Clone, Debug, Default)]
pub(super) struct Proof {
    /// The second until which it may be resumed at most.
    pub(super) until: Option<i64>,
    /// How the client's certificate was verified, where it showed one.
    pub(super) path: Option<CertificationPath>,
}

tokio::task_local! {
    static PROOF: RefCell<Proof>;
}

/// Runs a handshake; gives besides its outcome how the client's certificate was verified.
pub(crate) async fn within<F: Future>(handshake: F) -> (F::Output, Option<CertificationPath>) {
    let run = async { (handshake.await, PROOF.with(|proof| proof.take().path)) };
    PROOF.scope(RefCell::default(), run).await
}

/// The client has proven who it is by this path: sessions of this handshake end with it.
pub(crate) fn proven_by(path: CertificationPath) {
    let until = path.not_after().as_second();
    note(|proof| {
        *proof =
            Proof { until: Some(proof.until.map_or(until, |before| before.min(until))), path: Some(path) }
    });
}

/// A session is resumed. Its own tickets run out with it, or sessions would never end.
pub(super) fn resumed(session: Session) {
    note(|proof| *proof = Proof { until: Some(session.until), path: session.path });
}

/// What is known so far; `None` outside of a handshake.
pub(super) fn so_far() -> Option<Proof> {
    PROOF.try_with(|proof| proof.borrow().clone()).ok()
}

fn note(change: impl FnOnce(&mut Proof)) {
    PROOF.try_with(|proof| change(&mut proof.borrow_mut())).ok();
}
