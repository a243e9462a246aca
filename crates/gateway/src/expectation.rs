//! `Expect: 100-continue`: the client's body is not touched before the upstream asks for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Request, StatusCode, header, request};
use tokio::sync::oneshot;

/// How long an upstream may take to say `100 Continue` before the body is sent unasked
/// (RFC 9110 10.1.1).
const CONTINUE: Duration = Duration::from_secs(1);

/// Holds a body until it is released. Clones hold the same.
#[derive(Clone, Debug)]
pub(crate) struct Hold(Arc<Mutex<Option<oneshot::Sender<()>>>>);

/// The body's end of a hold: resolves when the body may go, and fails when it never may.
pub(crate) type Held = oneshot::Receiver<()>;

/// A body that is kept back for good, since the final answer came first. When this is dropped, the
/// body fails, which frees whatever waits for it.
#[derive(Debug)]
pub(crate) struct Withheld(#[expect(dead_code, reason = "held for its drop")] oneshot::Sender<()>);

impl Hold {
    /// The hold that a request with a body asks for.
    pub fn expected(head: &request::Parts) -> Option<(Self, Held)> {
        let expect = head.headers.get(header::EXPECT)?;
        if !expect.as_bytes().eq_ignore_ascii_case(b"100-continue") {
            return None;
        }
        let (release, held) = oneshot::channel();
        Some((Self(Arc::new(Mutex::new(Some(release)))), held))
    }

    /// Releases the body when the upstream says `100 Continue`, or says nothing for too long.
    pub fn until_told(self, head: &mut request::Parts) {
        let late = self.clone();
        tokio::task::spawn_local(async move {
            tokio::time::sleep(CONTINUE).await;
            late.release();
        });
        let mut carrier = Request::new(());
        hyper::ext::on_informational(&mut carrier, move |response| {
            if response.status() == StatusCode::CONTINUE {
                self.release();
            }
        });
        head.extensions.extend(carrier.into_parts().0.extensions);
    }

    /// Keeps the body back, where it is still held.
    pub fn withhold(&self) -> Option<Withheld> {
        self.take().map(Withheld)
    }

    fn release(&self) {
        if let Some(release) = self.take() {
            // Nobody may wait any more; the request is over then.
            let _ = release.send(());
        }
    }

    fn take(&self) -> Option<oneshot::Sender<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
