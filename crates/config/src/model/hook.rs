//! Hooks: what is run or called when something happens to a certificate.

use std::path::PathBuf;
use std::time::Duration;

use hermetic_hop::PartyName;

use super::{UpstreamTls, WebhookUrl};

/// `[[hook]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its name; where it is a webhook, the party that is called.
    pub name: PartyName,
    /// What it is told of; never empty, nothing twice.
    pub on: Vec<HookEvent>,
    /// How it is told.
    pub action: HookAction,
    /// How long one try may take.
    pub timeout: Duration,
    /// How many more tries there are after one that failed.
    pub retries: usize,
}

/// How a hook is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookAction {
    /// A program is run.
    Run {
        /// The program, by its whole path.
        program: PathBuf,
        /// What it is given.
        arguments: Vec<String>,
    },
    /// A URL is called, always over TLS, always verified.
    Webhook {
        /// The URL.
        url: WebhookUrl,
        /// The TLS.
        tls: Box<UpstreamTls>,
    },
}

/// What a hook may be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HookEvent {
    /// A certificate was issued, or imported, for the first time.
    Issue,
    /// A certificate was renewed.
    Renewal,
    /// A certificate could not be issued or renewed.
    Failure,
    /// A certificate nears its end and was not renewed.
    NearExpiry,
    /// A certificate was revoked.
    Revocation,
}

impl HookEvent {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Issue, Self::Renewal, Self::Failure, Self::NearExpiry, Self::Revocation];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Renewal => "renewal",
            Self::Failure => "failure",
            Self::NearExpiry => "near_expiry",
            Self::Revocation => "revocation",
        }
    }
}
