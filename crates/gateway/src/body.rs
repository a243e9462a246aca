//! Bodies on their way through: passed on frame by frame, counted, never buffered.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Instant;

use crate::expectation::{Held, Withheld};
use crate::headers;
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
    held: Option<Held>,
}

/// What has passed of a request's body.
#[derive(Debug)]
pub(crate) struct Passed {
    /// So many bytes.
    pub bytes: Cell<u64>,
    /// When something passed last; at first, the beginning.
    pub last: Cell<Instant>,
    /// Whether the upstream would take more, and the client sends none.
    pub waits_for_client: Cell<bool>,
    /// Whether the body broke off on the client's side.
    pub broken: Cell<bool>,
}

/// Why a request's body ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error(transparent)]
    Client(#[from] hyper::Error),
    #[error("the final answer came before the body was asked for")]
    Withheld,
}

/// A response's body on its way to the client.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    inner: Inner,
    recording: Option<Recording>,
    lease: Option<Lease>,
    withheld: Option<Withheld>,
}

#[derive(Debug)]
enum Inner {
    Full(Option<Bytes>),
    Upstream(Incoming),
}

impl Default for Passed {
    fn default() -> Self {
        Self {
            bytes: Cell::new(0),
            last: Cell::new(Instant::now()),
            waits_for_client: Cell::new(false),
            broken: Cell::new(false),
        }
    }
}

impl RequestBody {
    /// A body that notes what passes.
    pub fn new(inner: Incoming, passed: Rc<Passed>, held: Option<Held>) -> Self {
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

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(held) = &mut self.held {
            match ready!(Pin::new(held).poll(cx)) {
                Ok(()) => self.held = None,
                Err(_) => return Poll::Ready(Some(Err(BodyError::Withheld))),
            }
        }
        let Self { inner: Some(inner), passed, .. } = &mut *self else { return Poll::Ready(None) };
        let polled = Pin::new(inner).poll_frame(cx);
        passed.waits_for_client.set(polled.is_pending());
        let frame = ready!(polled);
        passed.last.set(Instant::now());
        Poll::Ready(frame.map(|frame| match frame {
            Ok(frame) => {
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                passed.bytes.set(passed.bytes.get() + bytes);
                Ok(without_claims(frame))
            }
            Err(error) => {
                passed.broken.set(true);
                Err(error.into())
            }
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

fn without_claims(mut frame: Frame<Bytes>) -> Frame<Bytes> {
    if let Some(trailers) = frame.trailers_mut() {
        headers::remove_claims(trailers);
    }
    frame
}

impl ResponseBody {
    /// A body that is all there.
    pub fn full(bytes: Bytes) -> Self {
        let bytes = Some(bytes).filter(|bytes| !bytes.is_empty());
        Self { inner: Inner::Full(bytes), recording: None, lease: None, withheld: None }
    }

    /// An upstream's body. At its end the connection that it came over goes back to its pool.
    pub fn upstream(inner: Incoming, lease: Option<Lease>, withheld: Option<Withheld>) -> Self {
        Self { inner: Inner::Upstream(inner), recording: None, lease, withheld }
    }

    /// The length of a body that is all there; `None` of an upstream's.
    pub fn full_length(&self) -> Option<usize> {
        match &self.inner {
            Inner::Full(bytes) => Some(bytes.as_ref().map_or(0, Bytes::len)),
            Inner::Upstream(_) => None,
        }
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
        self.withheld = None;
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
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
            Inner::Upstream(incoming) => ready!(Pin::new(incoming).poll_frame(cx)),
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
