//! What PostgreSQL says when something is wrong, and what that means to the store.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::error::{Fault, StoreError};

/// What a failed statement means.
pub(super) fn fault(error: &Error) -> Fault {
    let reason = told(error);
    let Some(told) = error.as_db_error() else {
        // Whatever does not come from the server is a connection that broke.
        return Fault::Lost(reason);
    };
    match told.code() {
        // Another took its place, or it starts or stops.
        code if is_ending(code) => Fault::Lost(reason),
        &SqlState::DISK_FULL | &SqlState::OUT_OF_MEMORY | &SqlState::INSUFFICIENT_RESOURCES => {
            Fault::Broken(StoreError::Full(reason))
        }
        // Another node has the journal for too long.
        &SqlState::LOCK_NOT_AVAILABLE | &SqlState::QUERY_CANCELED => {
            Fault::Broken(StoreError::Unavailable(reason))
        }
        // After a switch-over, the one that we are connected with may be the standby.
        &SqlState::READ_ONLY_SQL_TRANSACTION => Fault::Lost(reason),
        // Two that waited for each other; one of them may try again.
        &SqlState::T_R_DEADLOCK_DETECTED | &SqlState::T_R_SERIALIZATION_FAILURE => Fault::Lost(reason),
        _ => Fault::Broken(StoreError::Database(reason)),
    }
}

fn is_ending(code: &SqlState) -> bool {
    [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::DATABASE_DROPPED,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ]
    .contains(code)
}

/// An error with all of its causes.
pub(super) fn told(error: &Error) -> String {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        reason = format!("{reason}: {error}");
        cause = error.source();
    }
    reason
}
