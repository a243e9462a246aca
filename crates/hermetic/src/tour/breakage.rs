//! Breaking the hop from the balancer to the application, really: nothing is pretended, neither by
//! the one end nor by the other, and the verdict is that of the house's own code.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use hermetic_authority::{Authority, AuthorityError, Request, World};
use hermetic_hop::{HopName, PartyName, Verdict};
use hermetic_store::Store;
use hermetic_tls::{Credential, DnsName, Identity, SpiffeId, SystemClock, SystemRandomness};
use hermetic_x509::ProfileKind;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::parts::{Parts, PartsError};
use super::{APP, BALANCER, EDGE, errand};
use crate::part::protocol::{Fault, Issued, Role, ToPart};
use crate::up::Instance;

/// How long ago the expired certificate ran out.
const EXPIRED: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// How long the other wrong certificates live.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A way to break the hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breakage {
    /// Serve a certificate of the same authority that is for somebody else
    WrongName,
    /// Serve a certificate that expired two days ago
    Expired,
    /// Speak cleartext HTTP on the port
    Cleartext,
    /// Accept no TLS version above 1.1
    OldTls,
    /// Serve a certificate of an authority that nobody knows
    Untrusted,
}

/// How the hop is, broken or mended, as the house's own request just found it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broken {
    /// In which way it is broken; `null` where it is not.
    pub broken: Option<Breakage>,
    /// The hop.
    pub hop: HopName,
    /// The status that a request through the edge got.
    pub status: u16,
    /// The verdict on the hop.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// What can be asked of the tour at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// In which way its hop is broken; `null` where it is not.
    pub broken: Option<Breakage>,
}

/// Why the hop was not broken, or not mended.
#[derive(Debug, thiserror::Error)]
pub enum BreakError {
    /// It is a real instance.
    #[error(
        "this instance is not the tour; only the tour, `hermetic up` in a folder without hermetic.toml, can be broken"
    )]
    NoTour,
    /// One thing at a time.
    #[error("{APP} is broken already ({0}); `hermetic tour mend` puts it back")]
    Already(Breakage),
    /// There is nothing to mend.
    #[error("nothing is broken; `hermetic tour break` breaks something")]
    Sound,
    /// A certificate could not be made.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A part does not play.
    #[error(transparent)]
    Parts(#[from] PartsError),
    /// The request that was to show it got no answer.
    #[error("the request that was to show it got no answer: {0}")]
    Request(Box<dyn std::error::Error + Send + Sync>),
}

impl BreakError {
    /// The status of an answer that tells it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoTour | Self::Already(_) | Self::Sound => StatusCode::CONFLICT,
            Self::Authority(_) | Self::Request(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Parts(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Whether the hop is broken.
pub async fn state(instance: &Instance) -> Result<State, BreakError> {
    let parts = instance.parts().ok_or(BreakError::NoTour)?;
    Ok(State { broken: *parts.broken.lock().await })
}

/// Breaks the hop, and sends a request to see it refused.
pub async fn break_hop(instance: &Instance, kind: Breakage) -> Result<Broken, BreakError> {
    let parts = instance.parts().ok_or(BreakError::NoTour)?;
    let mut broken = parts.broken.lock().await;
    if let Some(kind) = *broken {
        return Err(BreakError::Already(kind));
    }
    let fault = fault(instance, kind).await?;
    // From here on it may be broken in part, and only mending makes sure that it is not.
    *broken = Some(kind);
    parts.tell(APP, &ToPart::Break(fault)).await?;
    tell_balancer(parts).await?;
    looked_at(instance, Some(kind)).await
}

/// Mends the hop, and sends a request to see it pass.
pub async fn mend(instance: &Instance) -> Result<Broken, BreakError> {
    let parts = instance.parts().ok_or(BreakError::NoTour)?;
    let mut broken = parts.broken.lock().await;
    if broken.is_none() {
        return Err(BreakError::Sound);
    }
    parts.tell(APP, &ToPart::Mend).await?;
    tell_balancer(parts).await?;
    *broken = None;
    looked_at(instance, None).await
}

/// A pooled connection, or a session, of before would hide what is broken now.
async fn tell_balancer(parts: &Parts) -> Result<(), PartsError> {
    match hop() {
        Some(hop) => parts.tell(BALANCER, &ToPart::Forget(hop)).await,
        None => Ok(()),
    }
}

async fn looked_at(instance: &Instance, broken: Option<Breakage>) -> Result<Broken, BreakError> {
    let (edge, configuration): (Option<PartyName>, _) = (EDGE.parse().ok(), instance.configuration());
    let edge = edge.and_then(|edge| configuration.listener(&edge)).ok_or(BreakError::NoTour)?;
    let status = errand::request(instance.trust_anchors()?, edge.public_port).await;
    let status = status.map_err(BreakError::Request)?.as_u16();
    let report = instance.report().await?;
    let hop = hop().ok_or(BreakError::NoTour)?;
    let seen = report.hop(&hop).ok_or(BreakError::NoTour)?;
    Ok(Broken { broken, status, verdict: seen.verdict, reason: seen.reason.clone(), hop })
}

async fn fault(instance: &Instance, kind: Breakage) -> Result<Fault, BreakError> {
    let credential = match kind {
        Breakage::OldTls => return Ok(Fault::OldTls),
        Breakage::Cleartext => return Ok(Fault::Cleartext),
        Breakage::WrongName => instance.authority().issue(order(instance, kind, "billing", LIFETIME)).await?,
        Breakage::Expired => {
            let order = order(instance, kind, APP, LIFETIME);
            instance.authority().issue_expired(order, EXPIRED).await?
        }
        Breakage::Untrusted => {
            let data = instance.configuration().data.join("tour-stranger");
            strangers(&data, order(instance, kind, APP, LIFETIME)).await?
        }
    };
    certificate(&credential).ok_or(BreakError::NoTour)
}

/// What is ordered for a breakage; the subject says on every list what it was for.
fn order(instance: &Instance, kind: Breakage, party: &str, lifetime: Duration) -> Request {
    let configuration = instance.configuration();
    let trust_domain = &configuration.authority.trust_domain;
    let id = SpiffeId::new(trust_domain, party).ok().map(Identity::Spiffe);
    let name = format!("{party}.hermetic.internal").parse::<DnsName>().ok().map(Identity::Dns);
    let names = id.into_iter().chain(name).collect();
    Request::new(format!("tour break {kind}"), ProfileKind::Server, names).living(lifetime)
}

/// A certificate of an authority that is made for it, in a folder of its own, and thrown away.
async fn strangers(data: &Path, order: Request) -> Result<Credential, AuthorityError> {
    let world = World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()) };
    // One that a crash left would do as well, but nobody is to find it there.
    let _ = std::fs::remove_dir_all(data);
    let store = Store::open(data).await?;
    let credential = Authority::open(data, store, world).await?.issue(order).await;
    let _ = std::fs::remove_dir_all(data);
    credential
}

fn certificate(credential: &Credential) -> Option<Fault> {
    let party = APP.parse().ok()?;
    Some(Fault::Certificate(Issued::of(party, Role::Listener, credential)))
}

fn hop() -> Option<HopName> {
    Some(HopName::new(BALANCER.parse().ok()?, APP.parse().ok()?))
}

impl Breakage {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] =
        [Self::WrongName, Self::Expired, Self::Cleartext, Self::OldTls, Self::Untrusted];

    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongName => "wrong-name",
            Self::Expired => "expired",
            Self::Cleartext => "cleartext",
            Self::OldTls => "old-tls",
            Self::Untrusted => "untrusted",
        }
    }

    /// What it does, in a short sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::WrongName => {
                "the application serves a certificate of our authority that is for somebody else"
            }
            Self::Expired => "the application serves a certificate that expired two days ago",
            Self::Cleartext => "the application's port speaks cleartext HTTP",
            Self::OldTls => "the application's port accepts no TLS version above 1.1",
            Self::Untrusted => "the application serves a certificate of an authority that nobody knows",
        }
    }
}

impl std::fmt::Display for Breakage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breakage_is_written_the_same_in_arguments_and_in_json() {
        for kind in Breakage::ALL {
            assert_eq!(kind.to_possible_value().unwrap().get_name(), kind.as_str());
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
        assert_eq!(Breakage::ALL.len(), Breakage::value_variants().len());
    }
}
