//! What an endpoint accepts, seen by asking: versions, suites in the server's order, groups, signature schemes.
//!
//! Facts only. Each question is a ClientHello of our own making and is over with the server's first flight; the
//! winner is taken away and the question asked again, so that a list costs as many connections as it has
//! entries, and comes in the server's order. Of TLS 1.3 the questions have no key share: the server names what
//! it would have in a HelloRetryRequest, and computes nothing.
//!
//! Answers have three values. Silence and a reset are a refusal only where the same endpoint answers a question
//! that it answered before: rate limits and boxes in the middle lie.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod brief;
mod dial;
mod features;
mod groups;
mod intolerance;
mod offers;
mod order;
mod patience;
mod ranking;
mod reply;
mod reuse;
mod schemes;
mod sessions;
mod ssl2;
mod suites;

use std::time::Duration;

use hermetic_hop::Scheme;
use hermetic_tls::answer::Answer;
use hermetic_tls::{
    Authentication, CipherSuite, DnsName, NamedGroup, ProtocolVersion, Randomness, SignatureScheme,
    Ssl2Cipher,
};

pub(crate) use brief::UNASKED;
pub use brief::{Choice, observe_briefly};
use dial::Dialer;
pub use features::Features;
pub use order::Order;
pub use ranking::Ranking;
pub use reply::{Reply, Support};
pub use sessions::Sessions;

use crate::way::{Destination, Way};

/// Where to look.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its address.
    pub address: Destination,
    /// What comes before TLS.
    pub scheme: Scheme,
    /// The server name that is asked for.
    pub server_name: Option<DnsName>,
}

/// How politely and how patiently is asked.
#[derive(Clone, Debug)]
pub struct Manners {
    /// The way out, with its limits.
    pub way: Way,
    /// How long a connection may take to come about.
    pub connect: Duration,
    /// How long the prelude and the answer may take.
    pub answer: Duration,
    /// How long is waited before an endpoint that has fallen silent is asked again; longer each time.
    pub back_off: Duration,
    /// For how long one endpoint is asked at the most.
    pub deadline: Duration,
    /// How many connections to one endpoint are opened at the most.
    pub most_connections: u32,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            way: Way::default(),
            connect: Duration::from_secs(3),
            answer: Duration::from_secs(5),
            back_off: Duration::from_secs(2),
            deadline: Duration::from_secs(120),
            most_connections: 500,
        }
    }
}

/// What was seen of an endpoint.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// SSL 2.0, and its ciphers.
    pub ssl2: Support,
    /// The ciphers of SSL 2.0.
    pub ssl2_ciphers: Vec<Ssl2Cipher>,
    /// The later versions, oldest first.
    pub versions: Vec<VersionObserved>,
    /// What it can beside.
    pub features: Features,
    /// What it does with sessions.
    pub sessions: Sessions,
    /// How many connections were opened.
    pub connections: u32,
}

impl Observations {
    /// The first answer in each version, the newest first.
    pub(crate) fn first_answers(&self) -> Vec<&Answer> {
        self.versions.iter().rev().filter_map(|observed| observed.first.as_deref()).collect()
    }
}

/// What was seen of a version.
#[derive(Clone, Debug)]
pub struct VersionObserved {
    /// Which.
    pub version: ProtocolVersion,
    /// Whether it is spoken.
    pub support: Support,
    /// The suites.
    pub suites: Ranking<CipherSuite>,
    /// The groups of ephemeral exchanges.
    pub groups: Ranking<NamedGroup>,
    /// The schemes by which it signs, for each kind of certificate. TLS 1.2 says so in clear, TLS 1.3 to those
    /// alone who complete the handshake.
    pub schemes: Vec<(Authentication, Ranking<SignatureScheme>)>,
    /// The answer to the first question of this version.
    pub first: Option<Box<Answer>>,
}

/// What came in the way of any observation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// There is no TLS there, by its own word.
    #[error("it offers no TLS")]
    Cleartext,
    /// No question was answered, each for this reason.
    #[error("no handshake could be had: {0}")]
    NoAnswer(String),
    /// There was no connection to ask by.
    #[error("{0}")]
    Unreachable(String),
}

/// The versions with a ServerHello, oldest first.
const VERSIONS: [ProtocolVersion; 5] = [
    ProtocolVersion::SSL3,
    ProtocolVersion::TLS1_0,
    ProtocolVersion::TLS1_1,
    ProtocolVersion::TLS1_2,
    ProtocolVersion::TLS1_3,
];

/// Asks an endpoint for all that it accepts, side by side whatever does not build on an answer: how many
/// connections there are at once is for the way out to say.
///
/// An error where nothing could be had of it. There is no deadline for all of it: each question has its own,
/// and an endpoint that falls silent is not asked for ever.
pub async fn observe(
    endpoint: &Endpoint,
    manners: &Manners,
    randomness: &dyn Randomness,
) -> Result<Observations, ObserveError> {
    let dialer = Dialer::new(endpoint, manners, randomness);
    let spoken = dialer.first_contact().await;
    let newer = async {
        match spoken {
            Ok(()) => Ok(observe_versions(&dialer).await),
            Err(error) => Err(error),
        }
    };
    let ((ssl2, ssl2_ciphers), newer) = tokio::join!(ssl2::ask(&dialer), newer);
    let versions = match newer {
        Ok(versions) => versions,
        // Those who know nothing newer are left to be told.
        Err(_) if ssl2.is_yes() => Vec::new(),
        Err(error) => return Err(error),
    };
    let (features, sessions) =
        tokio::join!(features::seen(&dialer, &versions), sessions::seen(&dialer, &versions));
    let connections = dialer.connections();
    Ok(Observations { ssl2, ssl2_ciphers, versions, features, sessions, connections })
}

/// Side by side, for each is a chain of questions.
async fn observe_versions(dialer: &Dialer<'_>) -> Vec<VersionObserved> {
    let [ssl3, tls1_0, tls1_1, tls1_2, tls1_3] = VERSIONS.map(|version| observe_version(dialer, version));
    let (ssl3, tls1_0, tls1_1, tls1_2, tls1_3) = tokio::join!(ssl3, tls1_0, tls1_1, tls1_2, tls1_3);
    vec![ssl3, tls1_0, tls1_1, tls1_2, tls1_3]
}

async fn observe_version(dialer: &Dialer<'_>, version: ProtocolVersion) -> VersionObserved {
    let suites = suites::accepted(dialer, version).await;
    let (support, first, suites) = (suites.support(), suites.first, suites.ranking);
    let groups = groups::accepted(dialer, version, &suites.accepted);
    let schemes = schemes::accepted(dialer, version, &suites.accepted);
    let (groups, schemes) = tokio::join!(groups, schemes);
    VersionObserved { version, support, suites, groups, schemes, first }
}
