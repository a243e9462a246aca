//! Bodies on their way through: passed on frame by frame, counted, never buffered.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::request::Recording;
use crate::upstream::Lease;

/// A request's body on its way to an upstream.
#[derive(Debug)]
pub(crate) struct RequestBody {
    /// `None`: there is none.
    inner: Option<Incoming>,
    passed: Rc<Passed>,
    /// Until this resolves nothing is read: the client waits for `100 Continue`, and reading would
    /// make hyper send it.
    held: Option<oneshot::Receiver<()>>,
}

/// What has passed of a body.
#[derive(Debug)]
pub(crate) struct Passed {
    /// So many bytes.
    pub bytes: Cell<u64>,
    /// When something passed last; at first, the beginning.
    pub last: Cell<Instant>,
}

/// A response's body on its way to the client.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    inner: Inner,
    recording: Option<Recording>,
    lease: Option<Lease>,
}

#[derive(Debug)]
enum Inner {
    Full(Option<Bytes>),
    Upstream(Incoming),
}

impl Default for Passed {
    fn default() -> Self {
        Self { bytes: Cell::new(0), last: Cell::new(Instant::now()) }
    }
}

impl RequestBody {
    /// A body that notes what passes.
    pub fn new(inner: Incoming, passed: Rc<Passed>, held: Option<oneshot::Receiver<()>>) -> Self {
        let inner = Some(inner).filter(|inner| !inner.is_end_stream());
        Self { inner, passed, held }
    }

    /// No body.
    pub fn empty() -> Self {
        Self { inner: None, passed: Rc::default(), held: None }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.inner.is_none()
    }
}

impl ResponseBody {
    /// A body that is all there.
    pub fn full(bytes: Bytes) -> Self {
        Self { inner: Inner::Full(Some(bytes)), recording: None, lease: None }
    }

    /// An upstream's body. At its end the connection that it came over goes back to its pool.
    pub fn upstream(inner: Incoming, lease: Option<Lease>) -> Self {
        Self { inner: Inner::Upstream(inner), recording: None, lease }
    }

    /// Writes the record of the request when the body is at its end, or cut.
    pub fn recorded(mut self, recording: Recording) -> Self {
        self.recording = Some(recording);
        self.finish_if_ended();
        self
    }

    fn finish_if_ended(&mut self) {
        if self.is_end_stream() {
            self.finish();
        }
    }

    fn finish(&mut self) {
        if let Some(recording) = self.recording.take() {
            recording.complete();
        }
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(held) = &mut self.held {
            match std::task::ready!(Pin::new(held).poll(cx)) {
                Ok(()) => self.held = None,
                // The final answer came first: the body is never read, and the connection that
                // waits for it is cut when the answer is through.
                Err(_) => return Poll::Pending,
            }
        }
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        let frame = std::task::ready!(Pin::new(inner).poll_frame(cx));
        self.passed.last.set(Instant::now());
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.passed.bytes.set(self.passed.bytes.get() + data.len() as u64);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = match &mut self.inner {
            Inner::Full(bytes) => bytes.take().map(|bytes| Ok(Frame::data(bytes))),
            Inner::Upstream(incoming) => std::task::ready!(Pin::new(incoming).poll_frame(cx)),
        };
        match &frame {
            Some(Ok(frame)) => {
                if let (Some(data), Some(recording)) = (frame.data_ref(), &mut self.recording) {
                    recording.sent(data.len() as u64);
                }
                self.finish_if_ended();
            }
            Some(Err(_)) => {}
            None => self.finish(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Inner::Full(bytes) => bytes.is_none(),
            Inner::Upstream(incoming) => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Inner::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Inner::Upstream(incoming) => incoming.size_hint(),
        }
    }
}
