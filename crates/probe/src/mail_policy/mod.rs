//! The policy by which other mail servers insist on TLS: fetched over HTTPS as they fetch it (MTA-STS, RFC 8461).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod policy;

use std::net::SocketAddr;
use std::sync::Arc;

use hermetic_tls::{Clock, DnsName, Identity, Inspection, Randomness, TrustAnchors};
use tokio::time::timeout;

use crate::certificates::Store;
use crate::dns::{Lookup, Resolver};
use crate::http::{self, Head};
use crate::observe::Manners;
use crate::way::Destination;

pub use policy::{Mode, Pattern, Policy, PolicyError};

/// What came of fetching a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It was had.
    Had {
        /// The policy.
        policy: Policy,
        /// The domain's mail servers to whom it lets nobody bring mail; an error where they could not be told.
        uncovered: Result<Vec<String>, String>,
    },
    /// There is none as senders take it: this is wrong.
    Wrong(String),
    /// It was not to be seen from here.
    CouldNotTell(String),
}

/// Where a policy is, by which means it is fetched, and who is believed.
pub(crate) struct Look<'a> {
    /// Whose policy it is.
    pub(crate) domain: &'a str,
    /// Who is asked for its address, and for the domain's mail servers.
    pub(crate) resolver: &'a Resolver,
    pub(crate) randomness: &'a dyn Randomness,
    pub(crate) stores: &'a [Store],
    pub(crate) manners: &'a Manners,
    pub(crate) clock: Arc<dyn Clock>,
    /// The port of HTTPS there.
    pub(crate) port: u16,
}

/// The longest policy that senders need take (RFC 8461 section 3.3).
const LONGEST: usize = 64 * 1024;

const PATH: &str = "/.well-known/mta-sts.txt";

/// Why nothing came of it.
enum Fault {
    /// It is wrong for everybody.
    Wrong(String),
    /// It may be so from here alone.
    FromHere(String),
}

impl Look<'_> {
    /// Fetches it. One connection, and no redirect is followed.
    pub(crate) async fn look(self) -> Fetched {
        let lookup = Lookup::new(*self.resolver, self.randomness);
        match self.policy(&lookup).await {
            Ok(policy) => {
                let exchangers = lookup.exchangers(self.domain).await;
                let uncovered = exchangers.map(|mut hosts| {
                    hosts.retain(|host| policy.mode != Mode::None && !policy.covers(host));
                    hosts
                });
                Fetched::Had { policy, uncovered }
            }
            Err(Fault::Wrong(reason)) => Fetched::Wrong(reason),
            Err(Fault::FromHere(reason)) => Fetched::CouldNotTell(reason),
        }
    }

    async fn policy(&self, lookup: &Lookup<'_>) -> Result<Policy, Fault> {
        let host = format!("mta-sts.{}", self.domain);
        let name: DnsName = host.parse().map_err(|_| Fault::Wrong(format!("{host} is no name of a host")))?;
        let addresses = lookup.addresses(&host).await.map_err(Fault::FromHere)?;
        let Some(address) = addresses.first() else {
            return Err(Fault::Wrong(format!("{host}, where it should be, has no address")));
        };
        let address = Destination::from(SocketAddr::new(*address, self.port));
        let body = self.fetched(&host, name, &address).await?;
        Policy::read(&body).map_err(|error| Fault::Wrong(format!("what {host} serves is no policy: {error}")))
    }

    async fn fetched(&self, host: &str, name: DnsName, address: &Destination) -> Result<Vec<u8>, Fault> {
        let from_here = |reason: String| Fault::FromHere(format!("{host}: {reason}"));
        let trust = believed(self.stores).map_err(|error| from_here(error.to_string()))?;
        let inspection = Inspection::new(trust, Identity::Dns(name), &["http/1.1"], Arc::clone(&self.clock))
            .map_err(|error| from_here(error.to_string()))?;
        let Manners { way, connect, answer, .. } = self.manners;
        let io = way.connect(address, *connect).await;
        let io = io.map_err(|error| from_here(format!("no connection: {error}")))?;
        let question = http::whole_question(&http::host_header(host, self.port, 443), PATH);
        let limit = LONGEST + http::LONGEST_HEAD;
        let asked = inspection.ask(io, question.as_bytes(), limit, http::is_whole);
        let asked = timeout(*answer, asked).await.map_err(|_| from_here("no answer in time".to_owned()))?;
        let (inspected, heard) = asked.map_err(|error| from_here(error.to_string()))?;
        let wrong = |reason: String| Fault::Wrong(format!("{host}: {reason}"));
        // Senders do not look at what comes behind a certificate that they don't believe (section 3.3).
        inspected.verified.map_err(|problem| wrong(format!("its certificate is not accepted: {problem}")))?;
        let (head, body) = http::read(heard.into(), LONGEST).map_err(wrong)?;
        match head.status {
            200 => Ok(body),
            300..400 => Err(wrong(format!("it redirects with {}, which senders do not follow", head.status))),
            status => Err(wrong(format!("status {status}"))),
        }
        .and_then(|body| {
            is_text(&head).then_some(body).ok_or_else(|| wrong("it is not text/plain".to_owned()))
        })
    }
}

/// Hosts that let strangers put up files don't let them put up text under this path (section 3.2).
fn is_text(head: &Head) -> bool {
    let kind = head.first("content-type").unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/plain"))
}

/// Whom anybody here believes: a policy is for all senders, whoever vouches for the mail server itself.
fn believed(stores: &[Store]) -> Result<TrustAnchors, hermetic_tls::CertificateError> {
    let all = stores.iter().flat_map(|store| store.anchors.certificates()).cloned();
    TrustAnchors::new(all.collect())
}
