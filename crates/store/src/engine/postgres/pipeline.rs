//! Statements that are sent one behind the other, without waiting for an answer in between.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use tokio_postgres::Error;

use super::{Postgres, value};
use crate::engine::value::writable;
use crate::engine::{Row, Statement};
use crate::error::Fault;

/// A statement under way.
pub(super) type Sent<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

impl Postgres {
    /// The rows that each gives, in their order.
    pub(super) fn rows_of_each(&mut self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        statements.iter().try_for_each(|statement| writable(&statement.values))?;
        self.ask(async |link| {
            let mut prepared = Vec::new();
            for statement in statements {
                prepared.push(link.prepared(statement.sql).await?);
            }
            let client = link.client();
            let mut sent: Vec<Sent<'_, Vec<Row>>> = Vec::new();
            for (prepared, statement) in prepared.iter().zip(statements) {
                sent.push(Box::pin(async move {
                    let rows = client.query(prepared, &value::references(&statement.values)).await?;
                    rows.iter().map(value::row).collect()
                }));
            }
            all(sent).await
        })
    }
}

/// Begins each in turn, waits for all, and gives the first error: those that come after have it for a cause.
/// The answers come in the order of the questions.
pub(super) async fn all<T>(mut sent: Vec<Sent<'_, T>>) -> Result<Vec<T>, Error> {
    let mut outcomes: Vec<Option<Result<T, Error>>> = sent.iter().map(|_| None).collect();
    let mut are_sent = false;
    poll_fn(|context| {
        for (sent, outcome) in sent.iter_mut().zip(&mut outcomes).filter(|(_, outcome)| outcome.is_none()) {
            match sent.as_mut().poll(context) {
                Poll::Ready(done) => *outcome = Some(done),
                // Whatever is behind it has no answer yet, either.
                Poll::Pending if are_sent => return Poll::Pending,
                Poll::Pending => {}
            }
        }
        are_sent = true;
        if outcomes.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outcomes.into_iter().flatten().collect()
}
