//! What is measured, and what came of it.

use std::time::Duration;

/// What is measured of each proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// New connections with a full TLS 1.3 handshake over X25519.
    FullHandshakes,
    /// The same with a hybrid post-quantum group.
    PostQuantumHandshakes,
    /// New connections that resume a session by its ticket.
    ResumedHandshakes,
    /// Small requests over connections that stay open.
    Requests,
    /// MiB of large responses.
    Bulk,
}

impl Figure {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::FullHandshakes,
        Self::PostQuantumHandshakes,
        Self::ResumedHandshakes,
        Self::Requests,
        Self::Bulk,
    ];

    /// As the page calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::FullHandshakes => "full handshakes, X25519",
            Self::PostQuantumHandshakes => "full handshakes, X25519MLKEM768",
            Self::ResumedHandshakes => "resumed handshakes",
            Self::Requests => "keep-alive requests",
            Self::Bulk => "bulk, MiB",
        }
    }
}

/// What one run counted.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Handshakes, requests or MiB.
    pub done: f64,
    /// The proxy's CPU time meanwhile.
    pub cpu: Duration,
}

impl Sample {
    /// Done in a second of CPU time.
    pub fn rate(&self) -> f64 {
        self.done / self.cpu.as_secs_f64().max(f64::EPSILON)
    }
}

/// The median of several runs, and how far they lay apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    /// The middle one; of an even number the lower of the two.
    pub median: f64,
    /// The lowest.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
}

impl Median {
    /// Of the rates of these runs; `None` of none.
    pub fn of(samples: &[Sample]) -> Option<Self> {
        Self::of_rates(samples.iter().map(Sample::rate).collect())
    }

    /// Of these; `None` of none.
    pub fn of_rates(mut rates: Vec<f64>) -> Option<Self> {
        rates.sort_by(f64::total_cmp);
        let median = *rates.get(rates.len().checked_sub(1)? / 2)?;
        Some(Self { median, lowest: *rates.first()?, highest: *rates.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(done: f64) -> Sample {
        Sample { done, cpu: Duration::from_secs(2) }
    }

    #[test]
    fn one_run_that_went_wrong_moves_no_median() {
        let median = Median::of(&[sample(200.0), sample(2.0), sample(220.0)]).unwrap();
        assert_eq!(median, Median { median: 100.0, lowest: 1.0, highest: 110.0 });
    }

    #[test]
    fn no_runs_have_no_median() {
        assert_eq!(Median::of(&[]), None);
    }
}
