//! Group commit: whatever waits at a time is done in one transaction, with one wait for the disk.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::{Engine, Row, Statement, Transaction};
use crate::error::{Fault, StoreError};
use crate::journal::Head;
use crate::session::SessionId;
use crate::witness::Witness;

/// A piece of work and whoever waits for its answer.
pub(crate) trait Piece: Send {
    /// Whether the statement that it begins with is known ahead.
    fn has_opening(&self) -> bool;

    /// That statement, for this session.
    fn opening(&self, session: SessionId) -> Option<Result<Statement, Fault>>;

    /// Does it, or what is left of it after its opening gave these rows. It may be done twice: what a transaction
    /// did that was rolled back is done again in another.
    fn run(&mut self, transaction: &mut Transaction<'_>, opened: Vec<Row>) -> Ran;

    /// Answers: with what the work gave, or with what came in the way.
    fn answer(self: Box<Self>, in_the_way: Option<StoreError>);
}

/// How a piece of work went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    /// As it should.
    Well,
    /// It was refused; the transaction is sound, but for what the piece changed.
    Refused,
    /// The transaction is over.
    Broken,
    /// The connection is gone.
    Lost,
}

/// Makes the statement that a piece of work begins with. It changes something, one row for each that it gives.
pub(crate) type Opening = Box<dyn Fn(SessionId) -> Result<Statement, Fault> + Send>;

/// A piece of work whose answer is a `T`.
pub(crate) struct Work<T, F> {
    opening: Option<Opening>,
    work: F,
    done: Option<Result<T, Fault>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Work<T, F> {
    pub(crate) fn new(
        opening: Option<Opening>,
        work: F,
        answer: oneshot::Sender<Result<T, StoreError>>,
    ) -> Self {
        Self { opening, work, done: None, answer }
    }
}

impl<T: Send, F: FnMut(&mut Transaction<'_>, Vec<Row>) -> Result<T, Fault> + Send> Piece for Work<T, F> {
    fn has_opening(&self) -> bool {
        self.opening.is_some()
    }

    fn opening(&self, session: SessionId) -> Option<Result<Statement, Fault>> {
        // As with the work: a panic in one piece must not take the others' answers with it.
        let made = |opening: &Opening| catch_unwind(AssertUnwindSafe(|| opening(session)));
        self.opening.as_ref().map(|opening| made(opening).unwrap_or_else(|_| Err(panicked())))
    }

    fn run(&mut self, transaction: &mut Transaction<'_>, opened: Vec<Row>) -> Ran {
        // A panic in one piece must not take the others' answers with it.
        let done = catch_unwind(AssertUnwindSafe(|| (self.work)(transaction, opened)));
        let done = done.unwrap_or_else(|_| Err(panicked()));
        let ran = match &done {
            Ok(_) => Ran::Well,
            Err(Fault::Refused(_)) => Ran::Refused,
            Err(Fault::Broken(_)) => Ran::Broken,
            Err(Fault::Lost(_)) => Ran::Lost,
        };
        self.done = Some(done);
        ran
    }

    fn answer(self: Box<Self>, in_the_way: Option<StoreError>) {
        let answer = match (in_the_way, self.done) {
            (Some(error), _) => Err(error),
            (None, Some(done)) => done.map_err(StoreError::from),
            (None, None) => {
                Err(StoreError::Database("a piece of work was left out; this is a bug".to_owned()))
            }
        };
        // Whoever waited may have gone.
        let _ = self.answer.send(answer);
    }
}

fn panicked() -> Fault {
    Fault::Broken(StoreError::Database("a piece of work panicked; this is a bug".to_owned()))
}

/// Pieces of work that were done, with what came in the way of each; to be answered.
pub(crate) struct Done(Vec<(Box<dyn Piece>, Option<StoreError>)>);

impl Done {
    /// Answers all of them.
    pub(crate) fn answer(self) {
        self.0.into_iter().for_each(|(piece, in_the_way)| piece.answer(in_the_way));
    }
}

/// Does all of them in one transaction. Where one fails after it changed something, nothing of it must stay;
/// then each is done in a transaction of its own.
pub(crate) fn run(engine: &mut dyn Engine, witness: &mut Witness, mut pieces: Vec<Box<dyn Piece>>) -> Done {
    let mut ended = together(engine, witness, &mut pieces);
    if matches!(ended, Err(Stopped::Lost(_))) {
        // Nothing of it was committed, so it can be done again on another connection, once.
        ended = together(engine, witness, &mut pieces);
    }
    let in_the_way = match ended {
        // What PostgreSQL is sent with others' work, or does later, fails without saying whose it was.
        Err(
            Stopped::Spoiled
            | Stopped::InTheWay(StoreError::Database(_) | StoreError::Full(_) | StoreError::Unavailable(_)),
        ) if pieces.len() > 1 => {
            return Done(pieces.into_iter().flat_map(|piece| run(engine, witness, vec![piece]).0).collect());
        }
        Ok(_) | Err(Stopped::Spoiled) => None,
        Err(Stopped::Lost(reason)) => Some(StoreError::Unavailable(reason)),
        Err(Stopped::InTheWay(error)) => Some(error),
    };
    Done(pieces.into_iter().map(|piece| (piece, in_the_way.clone())).collect())
}

/// Why a transaction was rolled back.
enum Stopped {
    /// One of the pieces failed, and knows why.
    Spoiled,
    /// The connection was lost before it was committed.
    Lost(String),
    /// It could not begin, open its pieces or commit.
    InTheWay(StoreError),
}

fn together(
    engine: &mut dyn Engine,
    witness: &mut Witness,
    pieces: &mut [Box<dyn Piece>],
) -> Result<(), Stopped> {
    match one_transaction(engine, witness, pieces) {
        Ok(head) => {
            witness.saw(head);
            Ok(())
        }
        Err(stopped) => {
            engine.rollback();
            Err(stopped)
        }
    }
}

fn one_transaction(
    engine: &mut dyn Engine,
    witness: &mut Witness,
    pieces: &mut [Box<dyn Piece>],
) -> Result<Head, Stopped> {
    let in_the_way = |fault: Fault| match fault {
        Fault::Lost(reason) => Stopped::Lost(reason),
        fault => Stopped::InTheWay(fault.into()),
    };
    let mut transaction = Transaction::begin(engine).map_err(in_the_way)?;
    witness.attend(&mut transaction).map_err(in_the_way)?;
    // In their order: neighbours open together, and behind all work of those before them.
    for neighbours in pieces.chunk_by_mut(|one, next| one.has_opening() == next.has_opening()) {
        let session = transaction.session();
        let openings = neighbours.iter().filter_map(|piece| piece.opening(session));
        let openings = openings.collect::<Result<Vec<_>, _>>().map_err(in_the_way)?;
        let mut opened = transaction.open(&openings).map_err(in_the_way)?.into_iter();
        for piece in neighbours {
            let before = transaction.changed();
            let rows = opened.next().unwrap_or_default();
            transaction.opened(&rows);
            match piece.run(&mut transaction, rows) {
                Ran::Well => {}
                Ran::Refused if transaction.changed() == before => {}
                Ran::Refused | Ran::Broken => return Err(Stopped::Spoiled),
                Ran::Lost => return Err(Stopped::Lost("the connection was lost".to_owned())),
            }
        }
    }
    transaction.commit().map_err(in_the_way)
}
