//! Sessions: a process that has the store open to write holds one, for as long as it lives.
//!
//! An open intent belongs to a session. Whether that is gone tells its lock, which the operating system or
//! the database takes back: a process id, or a time, would not (certmagic's lock files, which were judged by
//! a time in them, are how caddy#4448 came about).

mod file;
mod sweep;

pub(crate) use file::SessionFile;

use crate::engine::{Taken, Value};
use crate::error::{Fault, StoreError};

/// The identity of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct SessionId(i64);

/// One that nobody else has: 63 random bits.
pub(crate) fn new_id() -> Result<SessionId, Fault> {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| StoreError::Database("the system's source of randomness failed".to_owned()))?;
    Ok(SessionId(i64::from_be_bytes(bytes) & i64::MAX))
}

impl From<SessionId> for Value {
    fn from(id: SessionId) -> Self {
        Self::Integer(id.0)
    }
}

impl Taken for SessionId {
    const KIND: &'static str = "session";

    fn taken(value: Value) -> Option<Self> {
        i64::taken(value).map(Self)
    }
}
