//! How the scan of many targets ends.

use hermetic_hop::Verdict;

use crate::exit::Exit;

/// How many targets were found to be how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sealed, or out of anybody's reach.
    pub fine: u64,
    /// They fall short.
    pub short: u64,
    /// No handshake and no cleartext answer could be had of them.
    pub unknown: u64,
    /// Lines that are no target.
    pub wrong: u64,
}

impl Tally {
    /// Counts a target in.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Unknown => self.unknown += 1,
            Verdict::Clear | Verdict::Weak => self.short += 1,
            Verdict::Local | Verdict::Sealed => self.fine += 1,
        }
    }

    /// A list that was not read in full comes first; then what is known to fall short; then what nobody knows.
    pub fn exit(&self) -> Exit {
        match self {
            Self { wrong: 1.., .. } => Exit::Wrong,
            Self { short: 1.., .. } => Exit::Findings,
            Self { unknown: 1.., .. } => Exit::Unable,
            _ => Exit::Fine,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(verdicts: &[Verdict]) -> Exit {
        let mut tally = Tally::default();
        verdicts.iter().for_each(|verdict| tally.count(*verdict));
        tally.exit()
    }

    #[test]
    fn what_falls_short_counts_before_what_nobody_knows() {
        assert_eq!(exit(&[]), Exit::Fine);
        assert_eq!(exit(&[Verdict::Sealed, Verdict::Local]), Exit::Fine);
        assert_eq!(exit(&[Verdict::Sealed, Verdict::Unknown]), Exit::Unable);
        assert_eq!(exit(&[Verdict::Unknown, Verdict::Clear]), Exit::Findings);
        assert_eq!(exit(&[Verdict::Weak, Verdict::Unknown]), Exit::Findings);
        assert_eq!(Tally { wrong: 1, short: 1, ..Tally::default() }.exit(), Exit::Wrong);
    }
}
