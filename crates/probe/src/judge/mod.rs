//! What observations are worth: by named security policies, by SSL Labs' guide, and against a quantum computer.
//! Facts come in, and nothing is asked: what was seen can be judged again by another measure.

mod authorization;
mod binding;
mod grade;
mod policy;
mod post_quantum;
pub mod standards;
mod standing;
#[cfg(test)]
mod tests;
mod verdict;

pub use authorization::{Permission, permission};
pub use binding::{Bound, bound};
pub use grade::{CertificateStanding, Grade, Graded, Hsts, grade};
pub use policy::{Measured, measure};
pub use post_quantum::PostQuantum;
pub use verdict::{chosen, verdict};
