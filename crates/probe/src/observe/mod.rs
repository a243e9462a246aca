//! What an endpoint accepts, seen by asking: versions, suites in the server's order, groups, signature schemes.
//!
//! Facts only. Each question is a ClientHello of our own making and is over with the server's first flight; the
//! winner is taken away and the question asked again, so that a list costs as many connections as it has
//! entries, and comes in the server's order. Of TLS 1.3 the questions have no key share: the server names what
//! it would have in a HelloRetryRequest, and computes nothing.
//!
//! Each list is a chain, and all chains go side by side, as far as the way lets them: over a long line it is waiting
//! that takes time. Whoever rests on the suites of the versions waits for those alone.
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
mod renegotiation;
mod reply;
mod reuse;
mod schemes;
mod sessions;
mod shared_keys;
mod ssl2;
mod suites;
mod versions;

use std::time::Duration;

use bytes::Bytes;
use hermetic_hop::Scheme;
use hermetic_tls::answer::Answer;
use hermetic_tls::{
    Authentication, CipherSuite, DnsName, NamedGroup, ProtocolVersion, Randomness, SignatureScheme,
    Ssl2Cipher,
};

pub(crate) use brief::UNASKED;
pub use brief::{Choice, observe_briefly};
use dial::{Dialer, NoContact};
pub use features::Features;
pub use order::Order;
pub use ranking::Ranking;
pub use reply::{Reply, Support};
pub use sessions::Sessions;

use crate::way::{Command, Destination, Way};
use versions::Versions;

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
    /// How many connections are opened for one target at the most: to see what it accepts, and all that stands beside.
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

impl Manners {
    /// The same for one command.
    #[must_use]
    pub(crate) fn of_command(&self, command: Command) -> Self {
        Self { way: self.way.of_command(command), ..self.clone() }
    }
}

/// What was seen of an endpoint.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// SSL 2.0, and its ciphers.
    pub ssl2: Support,
    /// The ciphers of SSL 2.0.
    pub ssl2_ciphers: Vec<Ssl2Cipher>,
    /// The certificate that it shows there, in DER.
    pub ssl2_certificate: Option<Bytes>,
    /// The later versions, oldest first.
    pub versions: Vec<VersionObserved>,
    /// What it can beside.
    pub features: Features,
    /// What it does with sessions.
    pub sessions: Sessions,
    /// How many connections were opened to see that.
    pub connections: u32,
}

/// The answers that show certificates, those of the newest version first.
pub(crate) fn showing_answers(versions: &[VersionObserved]) -> Vec<&Answer> {
    let newest_first = versions.iter().rev();
    newest_first.flat_map(|observed| observed.first.as_deref().into_iter().chain(&observed.others)).collect()
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
    /// Those of the later ones that showed a certificate for the first time.
    pub others: Vec<Answer>,
}

impl VersionObserved {
    /// One that is not spoken, as was refused so.
    pub(crate) fn refused(version: ProtocolVersion, reason: String) -> Self {
        let suites = Ranking { is_whole: Support::Yes, ..Ranking::unasked() };
        Self { suites, ..Self::without(version, Support::No(reason)) }
    }

    /// One of which nobody can tell whether it is spoken.
    pub(crate) fn unseen(version: ProtocolVersion, reason: String) -> Self {
        let suites = Ranking { is_whole: Support::Unknown(reason.clone()), ..Ranking::unasked() };
        Self { suites, ..Self::without(version, Support::Unknown(reason)) }
    }

    fn without(version: ProtocolVersion, support: Support) -> Self {
        let (suites, groups) = (Ranking::unasked(), Ranking::unasked());
        Self { version, support, suites, groups, schemes: Vec::new(), first: None, others: Vec::new() }
    }
}

/// What is known of an endpoint when others begin to look beside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    /// The versions with their suites.
    pub(crate) versions: &'a [VersionObserved],
    /// The certificate of one that speaks nothing newer than SSL 2.0.
    pub(crate) ssl2_certificate: Option<&'a Bytes>,
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
    /// Each question was refused by an alert: TLS is spoken, and with nobody who comes like that.
    #[error(
        "it speaks TLS, and refuses all that is offered, as one does that wants another name or a shared key: {0}"
    )]
    Refused(String),
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
    let (observed, ()) = observe_beside(endpoint, manners, randomness, async |_| ()).await;
    observed
}

/// The same, and something else beside it, which is given what is known as soon as the suites are; `None` where nothing
/// could be had.
pub(crate) async fn observe_beside<B>(
    endpoint: &Endpoint,
    manners: &Manners,
    randomness: &dyn Randomness,
    beside: impl AsyncFnOnce(Option<Known<'_>>) -> B,
) -> (Result<Observations, ObserveError>, B) {
    let dialer = Dialer::new(endpoint, manners, randomness, Command::Suites);
    if let Err(error) = dialer.first_contact().await {
        let observed = observe_ssl2(&dialer, error).await;
        let known = observed
            .as_ref()
            .ok()
            .map(|seen| Known { versions: &seen.versions, ssl2_certificate: seen.ssl2_certificate.as_ref() });
        let beside = beside(known).await;
        return (observed, beside);
    }
    let versions = Versions::new(&dialer);
    let [of_ssl2, of_features, of_sessions] =
        [Command::Ssl2, Command::Features, Command::Sessions].map(|command| dialer.of_command(command));
    let (ssl2, whole, features, sessions, beside) = tokio::join!(
        ssl2::ask(&of_ssl2),
        versions.whole(),
        Box::pin(async { features::seen(&of_features, versions.with_suites().await).await }),
        Box::pin(async { sessions::seen(&of_sessions, versions.with_suites().await).await }),
        Box::pin(async {
            let known = Known { versions: versions.with_suites().await, ssl2_certificate: None };
            beside(Some(known)).await
        }),
    );
    let features = features.with_publics(&dialer.publics());
    let connections = dialer.connections();
    let versions = shared_keys::unsure(whole);
    let newer = Observations { versions, features, sessions, connections, ..Observations::default() };
    (Ok(newer.with_ssl2(ssl2)), beside)
}

/// Of those who know nothing newer; an error where SSL 2.0 is not spoken either.
async fn observe_ssl2(dialer: &Dialer<'_>, newer: NoContact) -> Result<Observations, ObserveError> {
    let seen = ssl2::ask(&dialer.of_command(Command::Ssl2)).await;
    if !seen.support.is_yes() {
        return Err(newer.into());
    }
    let (versions, connections) = (newer.versions(), dialer.connections());
    Ok(Observations { versions, connections, ..Observations::default() }.with_ssl2(seen))
}

impl Observations {
    fn with_ssl2(self, seen: ssl2::Seen) -> Self {
        let ssl2::Seen { support, ciphers, certificate } = seen;
        Self { ssl2: support, ssl2_ciphers: ciphers, ssl2_certificate: certificate, ..self }
    }
}
