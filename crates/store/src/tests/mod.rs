mod authorities;
mod backup;
mod full;
mod issuing;
mod journal;
mod migrating;
mod moving;
mod nodes;
mod opening;
mod pages;
mod postgres;
mod searching;
mod soak;
mod tickets;
mod tls;
mod witnessing;
mod world;

// Named by `postgres`, by which other crates run their scenarios, too.
use crate::PostgresUrl;
