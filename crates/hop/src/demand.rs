//! What a hop demands of its transport, and by whose leave it demands less than TLS.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::exception::Exception;
use crate::verdict::Mode;

/// What a hop of ours demands: its mode, with the exception without which nothing weaker than
/// `require` can be said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Demand {
    /// TLS, or the connection is refused.
    #[default]
    Require,
    /// TLS where the peer can, cleartext else.
    Prefer(Exception),
    /// Whatever comes passes and is recorded.
    Observe(Exception),
}

/// Why a cleartext connection may not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CleartextRefused {
    /// TLS is demanded, and no exception says otherwise.
    #[error("cleartext where TLS is demanded")]
    Never,
    /// There was an exception; its last day has passed.
    #[error("cleartext, and the exception for it ended with {until} ({owner} answers for it)")]
    Ended {
        /// The last day on which it counted.
        until: Date,
        /// Who answers for it.
        owner: String,
    },
}

impl Demand {
    /// By whose leave a cleartext connection may pass now. Every protocol asks here, and nowhere else
    /// is it decided: an exception that has ended while the gateway runs counts no more.
    pub fn cleartext(&self, now: Timestamp) -> Result<&Exception, CleartextRefused> {
        match self.exception() {
            None => Err(CleartextRefused::Never),
            Some(exception) if exception.holds_at(now) => Ok(exception),
            Some(Exception { until, owner, .. }) => {
                Err(CleartextRefused::Ended { until: *until, owner: owner.clone() })
            }
        }
    }

    /// Its mode, as it was written.
    pub fn mode(&self) -> Mode {
        match self {
            Self::Require => Mode::Require,
            Self::Prefer(_) => Mode::Prefer,
            Self::Observe(_) => Mode::Observe,
        }
    }

    /// The exception by which it is weaker than `require`, whether or not that has ended.
    pub fn exception(&self) -> Option<&Exception> {
        match self {
            Self::Require => None,
            Self::Prefer(exception) | Self::Observe(exception) => Some(exception),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exception() -> Exception {
        let (reason, owner) = ("old tills".to_owned(), "shop".to_owned());
        Exception { reason, owner, until: "2027-03-31".parse().unwrap() }
    }

    fn at(instant: &str) -> Timestamp {
        instant.parse().unwrap()
    }

    #[test]
    fn require_lets_no_cleartext_pass() {
        assert_eq!(Demand::Require.cleartext(at("2027-01-01T00:00:00Z")), Err(CleartextRefused::Never));
    }

    #[test]
    fn an_exception_lets_cleartext_pass_to_the_last_instant_of_its_last_day() {
        for demand in [Demand::Prefer(exception()), Demand::Observe(exception())] {
            assert_eq!(demand.cleartext(at("2027-03-31T23:59:59.999Z")), Ok(&exception()));
            let refused = demand.cleartext(at("2027-04-01T00:00:00Z")).unwrap_err();
            assert_eq!(
                refused.to_string(),
                "cleartext, and the exception for it ended with 2027-03-31 (shop answers for it)"
            );
        }
    }
}
