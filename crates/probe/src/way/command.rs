//! What a scan is made of, and by how many connections each part of it is had.

use std::fmt;
use std::ops::{Add, AddAssign};

/// One part of a scan. It asks for one kind of thing, and what was seen by others is not asked for again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Command {
    /// The endpoint's own choice, verified.
    #[default]
    Handshake,
    /// What it says of itself within TLS.
    Greeting,
    /// What a fast scan asks for.
    Brief,
    /// SSL 2.0.
    Ssl2,
    /// The versions, and the suites of each.
    Suites,
    /// The groups of each version.
    Groups,
    /// The signature schemes.
    Schemes,
    /// What it can beside suites, and on which hellos it breaks.
    Features,
    /// Whether sessions go on.
    Sessions,
    /// The chains, by kind of key and server name.
    Certificates,
    /// HTTP over it, and in cleartext beside it.
    Web,
    /// What others say of it: issuers, lists and responders that certificates name, and the policy of its mail.
    Elsewhere,
}

impl Command {
    /// All of them, in the order in which they begin.
    pub const ALL: [Self; 12] = [
        Self::Handshake,
        Self::Greeting,
        Self::Brief,
        Self::Ssl2,
        Self::Suites,
        Self::Groups,
        Self::Schemes,
        Self::Features,
        Self::Sessions,
        Self::Certificates,
        Self::Web,
        Self::Elsewhere,
    ];

    /// The connections that it needs of an endpoint that answers; a control behind each silence comes to that.
    pub fn needs(self) -> &'static str {
        match self {
            Self::Handshake => {
                "one; where it is silent, one more by a small hello, and one in clear where the protocol may be; up to \
                 four more where it has nothing in common with our TLS library"
            }
            Self::Greeting => "one, of a mail or file server with which TLS comes first",
            Self::Brief => "two where its own choice was a post-quantum group, three otherwise",
            Self::Ssl2 => "one",
            Self::Suites => {
                "for each version one a suite and one that is refused, one where it has several for whose order it \
                 is, and as many as suites again where that is mixed"
            }
            Self::Groups => {
                "the same for the groups of each version that has suites with an ephemeral exchange"
            }
            Self::Schemes => {
                "one a scheme and one that is refused, for each kind of key in TLS 1.2 and once in 1.3"
            }
            Self::Features => {
                "eight at the most, two more where it ends a connection in which a handshake is begun anew, three more where it does not take all that a hello may hold, and one for each \
                 application protocol; what stands in answers of others takes none"
            }
            Self::Sessions => {
                "two by id and three by ticket in TLS 1.2, two in TLS 1.3; one of each where it gives no session to go on with"
            }
            Self::Certificates => {
                "one for each kind of key that its own choice did not show, two for other names where it has one, \
                 and one for each chain that came under TLS 1.3 alone"
            }
            Self::Web => "one, one in cleartext, and one for each redirect",
            Self::Elsewhere => {
                "one for each issuer, list and responder that is asked for, and one for the policy"
            }
        }
    }

    fn place(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake => "handshake",
            Self::Greeting => "greeting",
            Self::Brief => "fast",
            Self::Ssl2 => "SSL 2.0",
            Self::Suites => "suites",
            Self::Groups => "groups",
            Self::Schemes => "schemes",
            Self::Features => "features",
            Self::Sessions => "sessions",
            Self::Certificates => "certificates",
            Self::Web => "HTTP",
            Self::Elsewhere => "elsewhere",
        })
    }
}

/// How many connections were opened, or tried to, for each command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opened([u64; Command::ALL.len()]);

impl Opened {
    /// So many for one command.
    pub fn of_one(command: Command, count: u64) -> Self {
        let mut opened = Self::default();
        opened.0.iter_mut().skip(command.place()).take(1).for_each(|it| *it = count);
        opened
    }

    /// For each command that there was any for.
    pub fn by_command(&self) -> impl Iterator<Item = (Command, u64)> {
        Command::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }

    /// For one command.
    pub fn of(&self, command: Command) -> u64 {
        self.0.get(command.place()).copied().unwrap_or_default()
    }

    /// In all.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl Add for Opened {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for Opened {
    fn add_assign(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(ours, theirs)| *ours += theirs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_place_of_its_own_among_all() {
        let opened = Command::ALL
            .into_iter()
            .map(|command| Opened::of_one(command, 1))
            .fold(Opened::default(), |all, one| all + one);
        assert_eq!(opened.total(), Command::ALL.len() as u64);
        assert!(Command::ALL.into_iter().all(|command| opened.of(command) == 1));
    }
}
