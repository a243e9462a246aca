//! The server's side of a connection: what it answered to a request that asked to switch protocols.
//!
//! Bytes behind such a request are the next request if the server declines, and anything at all
//! (WebSocket frames of an eager client) if it agrees. The reader can't tell from the stream that it
//! reads, and not from the answers either: pipelined answers before this one would have to be parsed
//! as strictly as the requests. The service knows. As hyper runs one request of a connection at a time
//! and the reader lets nothing pass behind one that asks, there is never a doubt which request an
//! answer is for.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use hermetic_guard::{Action, Fired, RuleId};
use http::header::UPGRADE;
use http::{Method, Request, Response, StatusCode, Version};
use hyper::service::Service;
use pin_project_lite::pin_project;

use super::Violation;

/// What the server tells the framing of a connection, and learns from it. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Handle(Arc<Mutex<Shared>>);

/// How a request that asked to switch protocols was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With a switch (`101`, or success to `CONNECT`): HTTP has ended on this connection.
    Switched,
    /// In HTTP, which goes on.
    Declined,
}

#[derive(Debug, Default)]
struct Shared {
    question: Question,
    violation: Option<Violation>,
}

/// The one request that asks to switch and is not settled; the reader lets no second one pass.
#[derive(Debug, Default)]
enum Question {
    #[default]
    None,
    Asked(Option<Waker>),
    Answered(Answer),
}

impl Handle {
    /// The service with the reader told of its answers. Every `https` connection's service must go
    /// through here (or call [`answered`](Self::answered)): without it, a request that asks to switch
    /// is the last that is read.
    pub fn watch<S>(&self, service: S) -> Watched<S> {
        Watched { service, handle: self.clone() }
    }

    /// The request that asked to switch was answered. Of no effect where none did.
    pub fn answered(&self, answer: Answer) {
        let mut shared = self.shared();
        if let Question::Asked(waker) = &mut shared.question {
            let waker = waker.take();
            shared.question = Question::Answered(answer);
            drop(shared);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    /// The rule that the client broke, where it broke one: why a request's body ended in an error, or
    /// why the connection ended with `400`.
    pub fn violation(&self) -> Option<Violation> {
        self.shared().violation
    }

    /// The guard's rule of framing, where it refused something. A client that left in the middle of a head
    /// broke off, and was refused nothing.
    pub(crate) fn fired(&self) -> Fired {
        let mut fired = Fired::default();
        if self.violation().is_some_and(|violation| violation != Violation::CutShort) {
            fired.note(RuleId::Framing, Action::Deny);
        }
        fired
    }

    /// A request that asks to switch is on its way to the service.
    pub(super) fn asked(&self) {
        let mut shared = self.shared();
        if let Question::None = shared.question {
            shared.question = Question::Asked(None);
        }
    }

    /// The answer to it, once; the task is woken when it comes.
    pub(super) fn poll_answer(&self, cx: &Context<'_>) -> Poll<Answer> {
        let question = &mut self.shared().question;
        if let Question::Answered(answer) = *question {
            *question = Question::None;
            return Poll::Ready(answer);
        }
        *question = Question::Asked(Some(cx.waker().clone()));
        Poll::Pending
    }

    pub(super) fn violated(&self, violation: Violation) {
        self.shared().violation = Some(violation);
    }

    /// Nothing that holds the lock can panic half-way, so a poisoned one is sound.
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A service whose answers to requests that ask to switch reach the reader.
#[derive(Clone, Debug)]
pub struct Watched<S> {
    service: S,
    handle: Handle,
}

impl<S, B, R> Service<Request<B>> for Watched<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn call(&self, request: Request<B>) -> Self::Future {
        let connect = request.method() == Method::CONNECT;
        let upgrade = request.version() == Version::HTTP_11 && request.headers().contains_key(UPGRADE);
        let asked = (connect || upgrade).then(|| Asked { handle: self.handle.clone(), connect });
        Answering { answer: self.service.call(request), asked }
    }
}

pin_project! {
    /// The future of a [`Watched`] service.
    #[derive(Debug)]
    pub struct Answering<F> {
        #[pin]
        answer: F,
        asked: Option<Asked>,
    }
}

#[derive(Debug)]
struct Asked {
    handle: Handle,
    connect: bool,
}

impl<F, R, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.answer.poll(cx));
        if let (Some(asked), Ok(response)) = (this.asked.take(), &answer) {
            let status = response.status();
            let switched = status == StatusCode::SWITCHING_PROTOCOLS || asked.connect && status.is_success();
            asked.handle.answered(if switched { Answer::Switched } else { Answer::Declined });
        }
        Poll::Ready(answer)
    }
}
