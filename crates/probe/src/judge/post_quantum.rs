//! Whether what is recorded today stays closed to the quantum computers of tomorrow.

use hermetic_tls::{NamedGroup, ProtocolVersion};

use crate::observe::{Observations, Support};

/// How ready an endpoint is for post-quantum key exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostQuantum {
    /// It takes the post-quantum group where it is offered beside classical ones.
    Ready(NamedGroup),
    /// It knows one, and prefers a classical group.
    Capable(NamedGroup),
    /// It knows none.
    No,
    /// It fails on hellos as large as post-quantum ones are.
    BreaksOnIt(String),
    /// Nobody can tell, and why.
    CouldNotTell(String),
}

impl PostQuantum {
    /// What these observations say.
    pub fn of(seen: &Observations) -> Self {
        if let Support::No(reason) = &seen.features.takes_large_hello {
            return Self::BreaksOnIt(reason.clone());
        }
        let tls13 = seen.versions.iter().find(|observed| observed.version == ProtocolVersion::TLS1_3);
        let Some(tls13) = tls13 else { return Self::No };
        let mut groups = tls13.groups.accepted.iter().copied();
        let preferred = groups.clone().next().filter(|group| group.is_post_quantum());
        let known = groups.find(|group| group.is_post_quantum());
        match (preferred, known, &tls13.support, &tls13.groups.is_whole) {
            (Some(group), ..) => Self::Ready(group),
            (None, Some(group), ..) => Self::Capable(group),
            (None, None, Support::Unknown(reason), _) | (None, None, _, Support::Unknown(reason)) => {
                Self::CouldNotTell(reason.clone())
            }
            (None, None, ..) => Self::No,
        }
    }
}
