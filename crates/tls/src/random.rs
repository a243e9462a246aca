//! Chance as an argument, so that serial numbers and jitter are tested without luck.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// A source of unpredictable bytes.
pub trait Randomness: Send + Sync + std::fmt::Debug {
    /// Fills `bytes`. An error means that the source gave none; nothing may be used then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessFailed>;
}

/// The source of randomness gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system's source of randomness failed; nothing was generated")]
pub struct RandomnessFailed;

/// AWS-LC's generator, seeded by the operating system.
#[derive(Clone, Debug, Default)]
pub struct SystemRandomness(SystemRandom);

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessFailed> {
        self.0.fill(bytes).map_err(|_| RandomnessFailed)
    }
}
