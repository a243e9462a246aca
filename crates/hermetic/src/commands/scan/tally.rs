//! How the scan of many targets ends.

use std::fmt;

use hermetic_hop::Verdict;
use hermetic_probe::way::Opened;

use crate::exit::Exit;

/// How a target ends by what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// As it should be, as far as that was asked for.
    Fine,
    /// It falls short.
    Short,
    /// No handshake and no cleartext answer could be had of it.
    Unknown,
}

/// How many targets were found to be how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Of each verdict, in the order of `VERDICTS`.
    verdicts: [u64; VERDICTS.len()],
    /// They fall short of what was asked for.
    pub short: u64,
    /// They neither fall short nor are known to be fine.
    pub unknown: u64,
    /// Lines that are no target.
    pub wrong: u64,
    /// How many connections were opened to ask them.
    pub connections: Opened,
}

/// The worst first.
const VERDICTS: [Verdict; 5] =
    [Verdict::Clear, Verdict::Weak, Verdict::Unknown, Verdict::Local, Verdict::Sealed];

impl Tally {
    /// Counts a target in.
    pub fn count(&mut self, verdict: Verdict, fate: Fate, connections: Opened) {
        self.connections += connections;
        for (known, count) in VERDICTS.iter().zip(&mut self.verdicts) {
            *count += u64::from(*known == verdict);
        }
        match fate {
            Fate::Unknown => self.unknown += 1,
            Fate::Short => self.short += 1,
            Fate::Fine => {}
        }
    }

    /// How many were looked at.
    pub fn done(&self) -> u64 {
        self.verdicts.iter().sum()
    }

    /// Whether there was neither a target nor a line that is none.
    pub fn is_empty(&self) -> bool {
        self.done() == 0 && self.wrong == 0
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
        write!(f, "{} scanned by {} connections", self.done(), self.connections.total())?;
        let seen = VERDICTS.iter().zip(self.verdicts).filter(|(_, count)| *count > 0);
        for (place, (verdict, count)) in seen.enumerate() {
            write!(f, "{} {count} {verdict}", if place == 0 { ":" } else { "," })?;
        }
        write!(f, "; {} fall short of what was asked for", self.short)?;
        if self.wrong > 0 {
            write!(f, "; {} lines were no targets", self.wrong)?;
        }
        for (place, (command, count)) in self.connections.by_command().enumerate() {
            write!(f, "{} {command} {count}", if place == 0 { "\nconnections:" } else { "," })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use hermetic_probe::way::Command;

    use super::*;

    fn tally(targets: &[(Verdict, Fate)]) -> Tally {
        let mut tally = Tally::default();
        let opened = Opened::of_one(Command::Handshake, 1) + Opened::of_one(Command::Suites, 39);
        targets.iter().for_each(|(verdict, fate)| tally.count(*verdict, *fate, opened));
        tally
    }

    #[test]
    fn what_falls_short_counts_before_what_nobody_knows() {
        let exit = |fates: &[Fate]| {
            tally(&fates.iter().map(|fate| (Verdict::Weak, *fate)).collect::<Vec<_>>()).exit()
        };
        assert_eq!(exit(&[]), Exit::Fine);
        assert_eq!(exit(&[Fate::Fine]), Exit::Fine);
        assert_eq!(exit(&[Fate::Fine, Fate::Unknown]), Exit::Unable);
        assert_eq!(exit(&[Fate::Unknown, Fate::Short]), Exit::Findings);
        assert_eq!(Tally { wrong: 1, short: 1, ..Tally::default() }.exit(), Exit::Wrong);
    }

    #[test]
    fn a_weak_target_that_is_fine_by_what_was_asked_for_is_counted_as_weak() {
        let known = (Verdict::Weak, Fate::Fine);
        let told = tally(&[known, known, (Verdict::Sealed, Fate::Fine), (Verdict::Clear, Fate::Short)]);
        let expected = "4 scanned by 160 connections: 1 clear, 2 weak, 1 sealed; 1 fall short of what was asked for\n\
             connections: handshake 4, suites 156";
        assert_eq!(told.to_string(), expected);
    }
}
