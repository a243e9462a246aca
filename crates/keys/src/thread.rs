//! Work that blocks, off the threads of whoever waits for it. It needs no runtime of a certain kind.

use tokio::sync::oneshot;

/// Runs this on a thread of its own and waits for it; `None` where there is no thread to be had, or it died.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (answer, answered) = oneshot::channel();
    let thread = std::thread::Builder::new().name("keys".to_owned());
    // Whoever waited may have gone; nobody misses the answer then.
    thread.spawn(move || drop(answer.send(work()))).ok()?;
    answered.await.ok()
}
