//! The tables.
//!
//! Times are whole microseconds since 1970, so that the database can compare them; a truth is 0 or 1.

mod carry;
mod indexes;
pub(crate) mod postgres;
mod released;
pub(crate) mod sqlite;
mod tables;
