//! Bodies on their way through: passed on frame by frame, counted, never buffered.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hermetic_config::Limits;
use hermetic_guard::rules::forwarded_claims;
use http::HeaderMap;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Instant;

use crate::expectation::{Held, Withheld};
use crate::inbound::Inbound;
use crate::limits::{self, Limit, Paced, Patience, Stall};
use crate::relay;
use crate::request::Recording;
use crate::upstream::Lease;

/// A request's body on its way to an upstream.
#[derive(Debug)]
pub(crate) struct RequestBody {
    /// `None`: there is none.
    inner: Option<Inbound>,
    passed: Rc<Passed>,
    /// Until this resolves nothing is read: the client waits for `100 Continue`, and reading would
    /// make hyper send it.
    held: Option<Held>,
    allowance: Allowance,
}

/// How large a request's body may be, and how slow.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// The most bytes.
    pub most: Option<u64>,
    pub patience: Patience,
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
    /// What was wrong with the body, where something was that is the client's.
    pub fault: Cell<Option<Fault>>,
}

/// What may be wrong with a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It broke off, or broke a rule of framing.
    Broken,
    /// It reached this limit.
    Limit(Limit),
}

/// Why a request's body ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error(transparent)]
    Client(#[from] hyper::Error),
    #[error("the final answer came before the body was asked for")]
    Withheld,
    #[error("the body has more than {0} bytes")]
    TooLarge(u64),
    #[error(transparent)]
    Stall(#[from] Stall),
}

/// Why a response's body ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResponseError {
    #[error(transparent)]
    Upstream(#[from] hyper::Error),
    #[error(transparent)]
    Stall(#[from] Stall),
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
    Upstream(Incoming, Patience),
}

impl Default for Passed {
    fn default() -> Self {
        Self {
            bytes: Cell::new(0),
            last: Cell::new(Instant::now()),
            waits_for_client: Cell::new(false),
            fault: Cell::new(None),
        }
    }
}

impl RequestBody {
    /// A body that notes what passes.
    pub fn new(inner: Inbound, passed: Rc<Passed>, held: Option<Held>, allowance: Allowance) -> Self {
        let inner = Some(inner).filter(|inner| !inner.is_end_stream());
        Self { inner, passed, held, allowance }
    }

    /// No body.
    pub fn empty() -> Self {
        Self { inner: None, passed: Rc::default(), held: None, allowance: Allowance::default() }
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
        let Self { inner: Some(inner), passed, allowance, .. } = &mut *self else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(inner).poll_frame(cx);
        passed.waits_for_client.set(polled.is_pending());
        let Poll::Ready(frame) = polled else {
            let stall = ready!(allowance.patience.poll_stall(cx));
            passed.fault.set(Some(Fault::Limit(stall.limit())));
            return Poll::Ready(Some(Err(stall.into())));
        };
        passed.last.set(Instant::now());
        let frame = frame.map(|frame| match frame {
            Ok(frame) => allowance.take(&frame, passed).map(|()| without_claims(frame)),
            Err(error) => {
                passed.fault.set(Some(Fault::Broken));
                Err(error.into())
            }
        });
        if let Some(Err(BodyError::TooLarge(_))) = &frame
            && let Some(rest) = self.inner.take()
        {
            rest.hear_out();
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

impl Default for Allowance {
    /// None: there is nothing to allow.
    fn default() -> Self {
        Self { most: None, patience: Patience::new(Paced::body(&Limits::default())) }
    }
}

impl Allowance {
    /// What a listener allows a body of this length; a call that streams may pause.
    pub fn within(limits: &Limits, length: &SizeHint, headers: &HeaderMap) -> Self {
        let paced = match length.exact() {
            _ if relay::is_of(headers, "application/grpc") => Paced::stream(limits),
            Some(_) => Paced::body(limits),
            None => Paced::unhurried(limits),
        };
        Self { most: limits.body_bytes, patience: Patience::new(paced) }
    }

    /// Notes that a frame passes, where it may.
    fn take(&mut self, frame: &Frame<Bytes>, passed: &Passed) -> Result<(), BodyError> {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.patience.moved(bytes);
        passed.bytes.set(passed.bytes.get() + bytes as u64);
        match self.most {
            Some(most) if passed.bytes.get() > most => {
                passed.fault.set(Some(Fault::Limit(Limit::BodyBytes)));
                Err(BodyError::TooLarge(most))
            }
            _ => Ok(()),
        }
    }
}

fn without_claims(mut frame: Frame<Bytes>) -> Frame<Bytes> {
    if let Some(trailers) = frame.trailers_mut() {
        forwarded_claims::remove(trailers);
    }
    frame
}

impl ResponseBody {
    /// A body that is all there.
    pub fn full(bytes: Bytes) -> Self {
        let bytes = Some(bytes).filter(|bytes| !bytes.is_empty());
        Self { inner: Inner::Full(bytes), recording: None, lease: None, withheld: None }
    }

    /// An upstream's body, and how long it may keep us waiting. At its end the connection that it came
    /// over goes back to its pool.
    pub fn upstream(inner: Incoming, paced: Paced, lease: Option<Lease>, withheld: Option<Withheld>) -> Self {
        Self { inner: Inner::Upstream(inner, Patience::new(paced)), recording: None, lease, withheld }
    }

    /// The length of a body that is all there; `None` of an upstream's.
    pub fn full_length(&self) -> Option<usize> {
        match &self.inner {
            Inner::Full(bytes) => Some(bytes.as_ref().map_or(0, Bytes::len)),
            Inner::Upstream(..) => None,
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
    type Error = ResponseError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ResponseError>>> {
        let polled = match &mut self.inner {
            Inner::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Inner::Upstream(incoming, patience) => poll_upstream(incoming, patience, cx),
        };
        let Poll::Ready(frame) = polled else {
            limits::body_gave(None);
            return Poll::Pending;
        };
        match &frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                limits::body_gave(Some(bytes));
                if let Some(recording) = &mut self.recording {
                    recording.sent(bytes as u64);
                }
                self.finish_if_ended();
            }
            Some(Err(error)) => {
                if let Some(recording) = &mut self.recording {
                    recording.broken(error);
                }
            }
            None => self.finish(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Inner::Full(bytes) => bytes.is_none(),
            Inner::Upstream(incoming, _) => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Inner::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Inner::Upstream(incoming, _) => incoming.size_hint(),
        }
    }
}

/// The next of an upstream's body; an error where it has kept us waiting for too long.
fn poll_upstream(
    incoming: &mut Incoming,
    patience: &mut Patience,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, ResponseError>>> {
    match Pin::new(incoming).poll_frame(cx) {
        Poll::Ready(frame) => {
            patience.moved(0);
            Poll::Ready(frame.map(|frame| frame.map_err(ResponseError::from)))
        }
        Poll::Pending => patience.poll_stall(cx).map(|stall| Some(Err(stall.into()))),
    }
}
