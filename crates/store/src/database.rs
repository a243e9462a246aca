//! The connections to the database: one that writes, some that read beside it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, oneshot};

use crate::connections::Connections;
use crate::engine::group::{self, Done, Opening, Piece, Work};
use crate::engine::{Engine, Query, Row, Statement, Transaction};
use crate::error::{Fault, StoreError};
use crate::folder::FolderLock;
use crate::session::SessionId;
use crate::witness::Witness;

/// How many pieces of work share one commit at most. More would make the first of them wait long.
const AT_ONCE: usize = 256;

/// How many read at once. A page is read in milliseconds; this is for the long looks at the journal.
const READERS: usize = 4;

/// Opens a connection that reads.
pub(crate) type OpenReader = Box<dyn Fn() -> Result<Box<dyn Engine>, Fault> + Send + Sync>;

pub(crate) struct Database {
    /// Apart from the writer, so that a long look at the journal delays no issuance. Before it, for fields
    /// are dropped in order, and SQLite tidies up when the last connection that may write is closed.
    readers: Readers,
    /// `None` where the store was opened for reading.
    writer: Option<Mutex<Writer>>,
    waiting: Mutex<Waiting>,
    /// What came of those to a server.
    connections: Connections,
    /// Last: the lock outlives the connections.
    lock: Option<FolderLock>,
}

/// The connection that writes, and what it has seen.
pub(crate) struct Writer {
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) witness: Witness,
}

/// The pieces of work that wait for the writer.
#[derive(Default)]
struct Waiting {
    pieces: VecDeque<Box<dyn Piece>>,
    /// Whether somebody does them already.
    in_hand: bool,
}

/// The connections that read.
pub(crate) struct Readers {
    open: OpenReader,
    idle: Mutex<Vec<Box<dyn Engine>>>,
    permits: Arc<Semaphore>,
}

impl Database {
    /// With these connections. Without one that writes, it is for reading.
    pub(crate) fn new(
        readers: Readers,
        writer: Option<Writer>,
        connections: Connections,
        lock: Option<FolderLock>,
    ) -> Self {
        Self { readers, writer: writer.map(Mutex::new), waiting: Mutex::default(), connections, lock }
    }

    /// What came of the connections to a server.
    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }

    /// The hold on the folder; `None` where it was opened for reading.
    pub(crate) fn lock(&self) -> Option<&FolderLock> {
        self.lock.as_ref()
    }

    /// Runs `work` in a transaction and commits it to the disk before answering. It runs to its end even
    /// where the caller stops waiting: there is no half of it. It may run twice, if what it did the first
    /// time was rolled back.
    pub(crate) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        mut work: impl FnMut(&mut Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.wait_for(None, move |transaction, _| work(transaction)).await
    }

    /// The same for work that begins with a statement which is known ahead, and goes on with the rows that it
    /// gave. Those of all that wait are sent to the database at once: to ask it for each in turn takes longer
    /// than what it is asked.
    pub(crate) async fn write_opened<T: Send + 'static>(
        self: &Arc<Self>,
        opening: impl Fn(SessionId) -> Result<Statement, Fault> + Send + 'static,
        work: impl FnMut(&mut Transaction<'_>, Vec<Row>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.wait_for(Some(Box::new(opening)), work).await
    }

    async fn wait_for<T: Send + 'static>(
        self: &Arc<Self>,
        opening: Option<Opening>,
        work: impl FnMut(&mut Transaction<'_>, Vec<Row>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        if self.writer.is_none() {
            return Err(StoreError::Database("it was opened for reading only".to_owned()));
        }
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut waiting = self.waiting();
            waiting.pieces.push_back(Box::new(Work::new(opening, work, answer)));
            !std::mem::replace(&mut waiting.in_hand, true)
        };
        if is_first {
            let hand = Hand { database: Arc::clone(self), is_done: false };
            tokio::task::spawn_blocking(move || hand.work_off());
        }
        let stopped = || Err(StoreError::Database("it was closed before this was done".to_owned()));
        answered.await.unwrap_or_else(|_| stopped())
    }

    /// Runs `work` on a reading connection.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut dyn Query) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.readers.permits).acquire_owned().await;
        let database = Arc::clone(self);
        off_the_runtime(move || {
            let _permit = permit;
            let mut reader = database.readers.take()?;
            let answer = work(&mut *reader);
            database.readers.idle().push(reader);
            answer
        })
        .await
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Database").field("lock", &self.lock).finish_non_exhaustive()
    }
}

/// The one who does what waits for the writer. Where it ends early, since its runtime does, those who wait
/// are told, and the next one that writes finds the writer free.
struct Hand {
    database: Arc<Database>,
    is_done: bool,
}

impl Hand {
    fn work_off(mut self) {
        let mut done = None;
        while let Some(pieces) = self.next() {
            done.take().into_iter().for_each(Done::answer);
            if let Some(writer) = &self.database.writer {
                // A panic while it was held has rolled its transaction back: the connection is sound.
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                let Writer { engine, witness } = &mut *writer;
                done = Some(group::run(&mut **engine, witness, pieces));
            }
        }
        self.is_done = true;
        // Whoever has the last answer may close the store, and find its folder free.
        drop(self);
        done.into_iter().for_each(Done::answer);
    }

    /// What to do next; `None` where nothing is left, and another hand is needed for what comes.
    fn next(&self) -> Option<Vec<Box<dyn Piece>>> {
        let mut waiting = self.database.waiting();
        let count = waiting.pieces.len().min(AT_ONCE);
        waiting.in_hand = count > 0;
        waiting.in_hand.then(|| waiting.pieces.drain(..count).collect())
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        if !self.is_done {
            let mut waiting = self.database.waiting();
            waiting.pieces.clear();
            waiting.in_hand = false;
        }
    }
}

impl Readers {
    /// These, of which the first is open.
    pub(crate) fn new(open: OpenReader, first: Box<dyn Engine>) -> Self {
        Self { open, idle: Mutex::new(vec![first]), permits: Arc::new(Semaphore::new(READERS)) }
    }

    fn take(&self) -> Result<Box<dyn Engine>, Fault> {
        let idle = self.idle().pop();
        idle.map_or_else(&self.open, Ok)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Box<dyn Engine>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what blocks on a thread for it.
pub(crate) async fn off_the_runtime<T: Send + 'static, E: Into<StoreError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(stopped) => Err(StoreError::Database(stopped.to_string())),
    }
}
