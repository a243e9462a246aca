//! The stream that hyper reads from: the client's, with the reader in between.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Handle, HeadLimits, Reader, Standing};

/// How much is read at once behind bytes that are held back.
const SCRATCH: usize = 8 * 1024;

/// The most that is read and dropped when a refused connection closes.
const DRAIN_LIMIT: usize = 256 * 1024;

pin_project! {
    /// A client's stream of which only well-framed HTTP/1.1 requests can be read.
    ///
    /// For connections that speak HTTP/1.1 alone; what writes passes as it is. The service must be
    /// wrapped by [`Handle::watch`].
    #[derive(Debug)]
    pub struct StrictFraming<S> {
        #[pin]
        io: S,
        reader: Reader,
        // Received and not handed out: first `passed` bytes that may go, then those held back. Empty
        // nearly always: a head that comes in one piece is judged where the caller wants it.
        held: BytesMut,
        passed: usize,
        handle: Handle,
    }
}

impl<S> StrictFraming<S> {
    /// Reads requests from `io`, from the first byte on, with the usual limits.
    pub fn new(io: S) -> Self {
        Self::within(io, HeadLimits::default())
    }

    /// Reads requests from `io`, from the first byte on.
    pub fn within(io: S, limits: HeadLimits) -> Self {
        Self {
            io,
            reader: Reader::within(limits),
            held: BytesMut::new(),
            passed: 0,
            handle: Handle::default(),
        }
    }

    /// The server's side of this connection.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// The stream underneath, and what was received from it and not read.
    pub fn into_inner(self) -> (S, Bytes) {
        (self.io, self.held.freeze())
    }
}

impl<S: AsyncRead> AsyncRead for StrictFraming<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        loop {
            if self.passed > 0 {
                self.hand_out(buf);
                return Poll::Ready(Ok(()));
            }
            match self.reader.standing() {
                Standing::Reading => {}
                Standing::AwaitingAnswer => {
                    if self.as_mut().poll_answer(cx).is_ready() {
                        continue;
                    }
                    // Reading on shows when the client leaves; but what it sends ahead must stay small.
                    if !self.held.is_empty() {
                        return Poll::Pending;
                    }
                }
                Standing::Switched => return self.project().io.poll_read(cx, buf),
                // hyper has what makes it refuse and close. An end of the stream would only make it
                // give up the answers that are still due.
                Standing::Refused(_) => return Poll::Pending,
            }
            let before = buf.filled().len();
            let received = if self.held.is_empty() {
                ready!(self.as_mut().poll_in_place(cx, buf))?
            } else {
                ready!(self.as_mut().poll_behind_held(cx))?
            };
            // An empty read says that the stream has ended, and must not say anything else.
            if buf.filled().len() > before || received == 0 && self.passed == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncRead> StrictFraming<S> {
    /// Receives into the caller's buffer, and takes back what may not pass.
    fn poll_in_place(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let before = buf.filled().len();
        ready!(this.io.poll_read(cx, buf))?;
        let received = buf.filled().get(before..).unwrap_or_default();
        let length = received.len();
        if length == 0 {
            this.reader.end(&[]);
        }
        let passed = this.reader.advance(received);
        this.held.extend_from_slice(received.get(passed..).unwrap_or_default());
        buf.set_filled(before + passed);
        settle(this.reader, this.held, this.passed, this.handle);
        Poll::Ready(Ok(length))
    }

    /// Receives behind what is held back.
    fn poll_behind_held(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let this = self.project();
        let mut scratch = [MaybeUninit::uninit(); SCRATCH];
        let mut buf = ReadBuf::uninit(&mut scratch);
        ready!(this.io.poll_read(cx, &mut buf))?;
        if buf.filled().is_empty() {
            this.reader.end(this.held);
        } else {
            this.held.extend_from_slice(buf.filled());
            *this.passed = this.reader.advance(this.held);
        }
        settle(this.reader, this.held, this.passed, this.handle);
        Poll::Ready(Ok(buf.filled().len()))
    }

    /// Lets the reader go on once the server has answered.
    fn poll_answer(self: Pin<&mut Self>, cx: &Context<'_>) -> Poll<()> {
        let this = self.project();
        match ready!(this.handle.poll_answer(cx)) {
            super::Answer::Switched => this.reader.switch(),
            super::Answer::Declined => this.reader.resume(),
        }
        *this.passed = this.reader.advance(this.held);
        settle(this.reader, this.held, this.passed, this.handle);
        Poll::Ready(())
    }

    fn hand_out(self: &mut Pin<&mut Self>, buf: &mut ReadBuf<'_>) {
        let this = self.as_mut().project();
        let length = (*this.passed).min(buf.remaining());
        buf.put_slice(this.held.get(..length).unwrap_or_default());
        this.held.advance(length);
        *this.passed -= length;
        if this.held.is_empty() {
            // An idle connection holds no memory.
            *this.held = BytesMut::new();
        }
    }
}

/// What the reader's judgement means to the others: the server is told of a request that asks to
/// switch, and what is refused gives way to the bytes that make hyper refuse it.
fn settle(reader: &Reader, held: &mut BytesMut, passed: &mut usize, handle: &Handle) {
    if reader.asks_to_switch() {
        handle.asked();
    }
    if let Standing::Refused(violation) = reader.standing() {
        held.truncate(*passed);
        held.extend_from_slice(&violation.poison(reader.fields()));
        *passed = held.len();
        handle.violated(violation);
    }
}

impl<S: AsyncRead + AsyncWrite> AsyncWrite for StrictFraming<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.project().io.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().io.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().io.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().project().io.poll_shutdown(cx))?;
        if let Standing::Refused(_) = self.reader.standing() {
            self.drain(cx);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead> StrictFraming<S> {
    /// Drops what has come already: closing a socket with unread bytes resets it, and the reset can
    /// overtake the `400`.
    fn drain(self: Pin<&mut Self>, cx: &mut Context<'_>) {
        let mut io = self.project().io;
        let mut drained = 0;
        let mut scratch = [MaybeUninit::uninit(); SCRATCH];
        while drained < DRAIN_LIMIT {
            let mut buf = ReadBuf::uninit(&mut scratch);
            let Poll::Ready(Ok(())) = io.as_mut().poll_read(cx, &mut buf) else { return };
            if buf.filled().is_empty() {
                return;
            }
            drained += buf.filled().len();
        }
    }
}
