//! The grade of SSL Labs, in the words of the report.

use hermetic_probe::Beside;
use hermetic_probe::judge::{CertificateStanding, Graded, Hsts, grade};
use hermetic_probe::observe::Observations;
use serde::Serialize;

/// The grade of SSL Labs, by its rating guide 2009r.
#[derive(Debug, Serialize)]
pub struct Grade {
    pub grade: String,
    /// What it would be if the certificate were trusted.
    pub with_trust_ignored: String,
    pub points: Points,
    /// Each reason why it is not better, with the best grade that it leaves.
    pub reasons: Vec<Reason>,
    /// Whether all that counts was to be seen; the grade may be worse otherwise.
    pub sure: bool,
}

/// The points of 100 each.
#[derive(Debug, Serialize)]
pub struct Points {
    pub protocols: u32,
    pub key_exchange: u32,
    pub ciphers: u32,
}

/// Why a grade is not better.
#[derive(Debug, Serialize)]
pub struct Reason {
    pub grade: String,
    pub reason: String,
}

impl Grade {
    /// `None` where no certificate was to be read.
    pub fn of(seen: &Observations, beside: &Beside) -> Option<Self> {
        let standing = CertificateStanding::of(&beside.certificates)?;
        Some(Self::told(grade(seen, &standing, Hsts::of(beside.web.as_ref()))))
    }

    fn told(graded: Graded) -> Self {
        let [protocols, key_exchange, ciphers] = graded.points;
        let reason = |(grade, reason): (hermetic_probe::judge::Grade, String)| Reason {
            grade: grade.to_string(),
            reason,
        };
        Self {
            grade: graded.grade.to_string(),
            with_trust_ignored: graded.with_trust_ignored.to_string(),
            points: Points { protocols, key_exchange, ciphers },
            reasons: graded.reasons.into_iter().map(reason).collect(),
            sure: graded.is_sure,
        }
    }
}
