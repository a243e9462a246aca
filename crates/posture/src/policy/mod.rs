//! Resource policies: whose they are, their Denies with concrete names and ARNs, and whether these refuse cleartext.

mod attached;
mod denials;
mod names;
mod proof;
mod render;
mod written;

pub(crate) use attached::{Meant, PolicyOf, outside, perhaps_for, policies};
pub(crate) use denials::{Denials, Reading, read, read_statements};
pub(crate) use names::{Place, Referred, any_of, naming_of};
pub(crate) use proof::{Asked, denied, travelling};
pub(crate) use render::{Renderer, UNKNOWN};
pub(crate) use written::WrittenNames;
