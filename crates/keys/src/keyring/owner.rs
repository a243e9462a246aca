//! Whose secret is sealed.

use jiff::Timestamp;

/// Whose secret is sealed. It is bound into the seal, so that the secret of one can't be put in place of
/// another's by whoever can write to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// A generation of the authority of this name.
    Authority {
        /// Its name; no blanks are in it.
        name: &'a str,
        /// Its generation, from 1.
        generation: u32,
    },
    /// The certificate with this serial number in hex.
    Certificate(&'a str),
    /// The session tickets of the period that begins then.
    Tickets(Timestamp),
    /// The keyring itself: what its record holds.
    Keyring,
}

impl Owner<'_> {
    /// What is bound in. These texts are in every store; they never change.
    pub(super) fn binding(self) -> Vec<u8> {
        match self {
            // Authorities had no generations before, and their keys are the first.
            Self::Authority { name, generation: 1 } => format!("hermetic private key: authority {name}"),
            Self::Authority { name, generation } => {
                format!("hermetic private key: authority {name} generation {generation}")
            }
            Self::Certificate(serial) => format!("hermetic private key: certificate {serial}"),
            Self::Tickets(starts) => format!("hermetic ticket key: {}", starts.as_second()),
            Self::Keyring => "hermetic keyring".to_owned(),
        }
        .into_bytes()
    }
}
