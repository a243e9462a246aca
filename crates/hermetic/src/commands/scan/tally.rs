//! How the scan of many targets ends.

use std::fmt;

use hermetic_hop::Verdict;

use crate::exit::Exit;

/// How a target was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// As it should be, as far as that was asked for.
    Fine,
    /// It falls short.
    Short,
    /// No handshake and no cleartext answer could be had of it.
    Unknown,
}

impl From<Verdict> for Fate {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Unknown => Self::Unknown,
            Verdict::Clear | Verdict::Weak => Self::Short,
            Verdict::Local | Verdict::Sealed => Self::Fine,
        }
    }
}

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
    /// How many connections were opened to ask them, beside those of verified handshakes.
    pub connections: u64,
}

impl Tally {
    /// Counts a target in.
    pub fn count(&mut self, fate: Fate, connections: u32) {
        self.connections += u64::from(connections);
        match fate {
            Fate::Unknown => self.unknown += 1,
            Fate::Short => self.short += 1,
            Fate::Fine => self.fine += 1,
        }
    }

    /// How many were looked at.
    pub fn done(&self) -> u64 {
        self.fine + self.short + self.unknown
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

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fine, short, unknown, wrong, connections } = self;
        let done = self.done();
        write!(
            f,
            "{done} scanned by {connections} connections and a handshake each: {fine} sealed or local"
        )?;
        write!(f, ", {short} fall short, {unknown} unknown")?;
        if *wrong > 0 {
            write!(f, "; {wrong} lines were no targets")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(verdicts: &[Verdict]) -> Exit {
        let mut tally = Tally::default();
        verdicts.iter().for_each(|verdict| tally.count(Fate::from(*verdict), 40));
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
