//! `hermetic trail`: the journal of the store.

mod export;
pub mod exported;
mod line;
mod tail;
mod verify;

use crate::arguments::Trail;
use crate::exit::{Exit, Failure};

/// How many entries are read at once.
const STRETCH: usize = 1000;

/// Does what was typed.
pub async fn run(command: &Trail) -> Result<Exit, Failure> {
    match command {
        Trail::Verify(arguments) => verify::run(arguments).await,
        Trail::Tail(arguments) => tail::run(arguments).await,
        Trail::Export(arguments) => export::run(arguments).await,
    }
}
