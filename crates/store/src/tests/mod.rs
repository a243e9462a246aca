mod authorities;
mod backup;
mod issuing;
mod journal;
mod migrating;
mod nodes;
mod opening;
mod pages;
mod postgres;
mod searching;
mod soak;
mod tickets;
mod witnessing;
mod world;

// Named by `postgres`, by which other crates run their scenarios, too.
use crate::PostgresUrl;
