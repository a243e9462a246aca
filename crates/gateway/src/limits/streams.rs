//! A client that opens no window on an HTTP/2 stream: what was asked for waits in our memory, and its
//! upstream with it, while the connection looks well. Each stream is a task, and only while its client is
//! what it waits for, its patience is counted.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use hyper::rt::Executor;
use tokio::task::spawn_local;

use super::{Paced, Patience};
use crate::connection::Connection;

tokio::task_local! {
    /// What the stream of this task has to send.
    static SENDING: Rc<Sending>;
}

/// What a stream has to send.
#[derive(Debug, Default)]
struct Sending {
    /// Bytes that its body gave since it was looked at last.
    given: Cell<usize>,
    /// Whether the body gave bytes when it was asked last, so that who asks no more waits for the client.
    waits_for_client: Cell<bool>,
}

/// Tells the stream of this task, where it is one of HTTP/2, that its body gave so many bytes, or (`None`)
/// that it has none yet.
pub(crate) fn body_gave(bytes: Option<usize>) {
    // Other tasks have no stream to tell.
    let _ = SENDING.try_with(|sending| {
        sending.given.set(sending.given.get() + bytes.unwrap_or_default());
        sending.waits_for_client.set(bytes.is_some());
    });
}

/// Runs the streams of a connection, each for as long as its client takes what it asked for.
#[derive(Clone, Debug)]
pub(crate) struct PatientStreams(pub Rc<Connection>);

impl<F: Future + 'static> Executor<F> for PatientStreams {
    fn execute(&self, stream: F) {
        let (connection, sending) = (self.0.clone(), Rc::<Sending>::default());
        let paced = Paced::body(&connection.listener.limits);
        spawn_local(async move {
            let serving = SENDING.scope(sending.clone(), stream);
            tokio::pin!(serving);
            let mut patience = Patience::new(paced);
            let stall = std::future::poll_fn(|cx| poll(serving.as_mut(), &sending, &mut patience, cx)).await;
            if let Some(stall) = stall {
                // Dropped here, the stream is reset, and its upstream with it.
                connection.admission.refuse(stall.limit());
            }
        });
    }
}

fn poll<F: Future>(
    serving: Pin<&mut F>,
    sending: &Sending,
    patience: &mut Patience,
    cx: &mut Context<'_>,
) -> Poll<Option<super::Stall>> {
    if serving.poll(cx).is_ready() {
        return Poll::Ready(None);
    }
    let given = sending.given.take();
    if given > 0 || !sending.waits_for_client.get() {
        patience.moved(given);
    }
    if !sending.waits_for_client.get() {
        return Poll::Pending;
    }
    patience.poll_stall(cx).map(Some)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use tokio::time::{Instant, sleep, timeout};

    use super::*;

    fn patience() -> Patience {
        Patience::new(Paced { still: Duration::from_secs(60), rate: 0 })
    }

    async fn watched(stream: impl Future<Output = ()>) -> Option<super::super::Stall> {
        let (sending, mut patience) = (Rc::<Sending>::default(), patience());
        let serving = SENDING.scope(sending.clone(), stream);
        tokio::pin!(serving);
        poll_fn(|cx| poll(serving.as_mut(), &sending, &mut patience, cx)).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_waits_for_its_client_is_given_up() {
        let start = Instant::now();
        let stall = watched(async {
            for _ in 0..10 {
                body_gave(Some(1));
                sleep(Duration::from_secs(59)).await;
            }
            std::future::pending().await
        });
        assert!(stall.await.is_some());
        assert_eq!(start.elapsed().as_secs(), 9 * 59 + 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_waits_for_its_upstream_is_not_its_clients_fault() {
        let stream = async {
            body_gave(Some(1));
            body_gave(None);
            std::future::pending().await
        };
        assert!(timeout(Duration::from_secs(3600), watched(stream)).await.is_err());
    }
}
