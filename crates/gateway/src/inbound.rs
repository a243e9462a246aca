//! Inbound: a request's body as it came in: still to come, or read already by whoever had to know what is in it.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::answer;
use crate::body::{Allowance, Passed, RequestBody};

/// A request's body.
#[derive(Debug)]
pub(crate) enum Inbound {
    /// Still to come.
    Coming(Incoming, Trailers),
    /// Read already; `None` once it has gone on.
    Read(Option<Bytes>),
}

/// What becomes of the fields behind a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trailers {
    /// They go on.
    Kept,
    /// They do not: some servers take them for headers, and these were judged before they came (RFC 9110 6.5.1).
    Dropped,
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It has more bytes than may be read.
    TooLong,
    /// It broke off, or reached a limit: which, was noted where it passed.
    Broken,
}

impl Inbound {
    /// Reads a body of no more than `most` bytes.
    pub async fn read(
        body: Incoming,
        most: usize,
        passed: Rc<Passed>,
        allowance: Allowance,
    ) -> Result<Bytes, Unread> {
        let mut body = RequestBody::new(Self::Coming(body, Trailers::Dropped), passed, None, allowance);
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
            if bytes.len() + data.len() > most {
                return Err(Unread::TooLong);
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes.freeze())
    }

    /// Whether it was read already.
    pub fn is_read(&self) -> bool {
        matches!(self, Self::Read(_))
    }

    /// Takes what is still to come, for a moment.
    pub fn hear_out(self) {
        if let Self::Coming(body, _) = self {
            answer::hear_out(body);
        }
    }
}

impl Body for Inbound {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Coming(body, trailers) => {
                let frame = ready!(Pin::new(body).poll_frame(cx));
                let is_dropped = |frame: &Frame<Bytes>| *trailers == Trailers::Dropped && frame.is_trailers();
                Poll::Ready(frame.filter(|frame| !frame.as_ref().is_ok_and(is_dropped)))
            }
            Self::Read(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Coming(body, _) => body.is_end_stream(),
            Self::Read(bytes) => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Coming(body, _) => body.size_hint(),
            Self::Read(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
        }
    }
}
