//! One question for a chain, over one connection.

use std::sync::Arc;

use hermetic_tls::trial::certificate_entries;
use hermetic_tls::{
    Clock, DnsName, HandshakeError, Identity, Inspection, ProtocolVersion, Randomness, Shown, SignatureScheme,
};
use hermetic_x509::{CertificateDetails, KeyKind};
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{AskedName, Question};
use crate::observe::{Endpoint, Manners};
use crate::prelude::{self, Prelude};
use crate::probe::Target;
use crate::way::{Connection, Way};

/// What an endpoint showed, and in which version; and the list of log timestamps that came in the handshake, where
/// that was in clear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Showing {
    pub(crate) shown: Shown,
    pub(crate) version: Option<ProtocolVersion>,
    /// `None` where it was not to be seen.
    pub(crate) timestamps: Option<Vec<u8>>,
}

/// Asks one endpoint for its chains.
#[derive(Debug)]
pub(crate) struct Asker<'a> {
    target: &'a Target,
    endpoint: &'a Endpoint,
    manners: &'a Manners,
    clock: Arc<dyn Clock>,
    randomness: &'a dyn Randomness,
    is_modern: bool,
}

/// A name that nobody has (RFC 6761 section 6.4).
const STRANGER: &str = "hermetic-scan.invalid";

impl<'a> Asker<'a> {
    /// `is_modern` where it speaks TLS 1.2 or newer, and can be asked by signature schemes.
    pub(crate) fn new(
        target: &'a Target,
        endpoint: &'a Endpoint,
        manners: &'a Manners,
        clock: Arc<dyn Clock>,
        randomness: &'a dyn Randomness,
        is_modern: bool,
    ) -> Self {
        Self { target, endpoint, manners, clock, randomness, is_modern }
    }

    pub(super) fn is_modern(&self) -> bool {
        self.is_modern
    }

    pub(super) fn way(&self) -> &Way {
        &self.manners.way
    }

    pub(super) fn expected(&self) -> &Identity {
        &self.target.expected
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The other names to ask for; none where the endpoint has no name.
    pub(super) fn names(&self) -> Vec<AskedName> {
        match self.endpoint.server_name {
            Some(_) => vec![AskedName::None, AskedName::Stranger],
            None => Vec::new(),
        }
    }

    /// Asks; an error says whether it was refused, and how.
    pub(super) async fn ask(&self, question: Question) -> Result<Showing, (bool, String)> {
        ask(question, self.inspection(question), self.endpoint.clone(), self.manners.clone()).await
    }

    /// Asks all, as many at once as the way lets out, and answers in order.
    pub(super) async fn ask_all(
        &self,
        questions: &[Question],
    ) -> Vec<(Question, Result<Showing, (bool, String)>)> {
        let mut running = JoinSet::new();
        for (place, question) in questions.iter().copied().enumerate() {
            let (endpoint, manners) = (self.endpoint.clone(), self.manners.clone());
            let asked = ask(question, self.inspection(question), endpoint, manners);
            running.spawn(async move { (place, question, asked.await) });
        }
        let mut answers = running.join_all().await;
        answers.sort_by_key(|(place, ..)| *place);
        answers.into_iter().map(|(_, question, answer)| (question, answer)).collect()
    }

    /// What it shows under TLS 1.3 when it is asked so, with what stands beside its certificates and comes encrypted;
    /// `None` where that was not to be seen.
    pub(super) async fn beside_tls13(&self, question: Question) -> Option<Showing> {
        let Self { endpoint, manners, randomness, .. } = self;
        let schemes = question.kind.map_or_else(|| SignatureScheme::all().collect(), schemes_of);
        let name = match question.name {
            AskedName::Expected => endpoint.server_name.clone(),
            AskedName::None => None,
            AskedName::Stranger => STRANGER.parse().ok(),
        };
        let io = manners.way.connect(&endpoint.address, manners.connect).await.ok()?;
        let talk = async {
            let io = opened(io, endpoint).await.ok()?;
            certificate_entries(io, name.as_ref(), schemes, *randomness).await.ok()
        };
        let entries = timeout(manners.answer, talk).await.ok()??;
        let leaf = entries.first()?;
        Some(Showing {
            // Asked for, and none came: that is an empty list.
            timestamps: Some(leaf.timestamps.as_ref().map_or_else(|| vec![0, 0], |list| list.to_vec())),
            shown: Shown {
                stapled: leaf.stapled.clone(),
                certificates: entries.into_iter().map(|entry| entry.certificate).collect(),
            },
            version: Some(ProtocolVersion::TLS1_3),
        })
    }

    fn inspection(&self, question: Question) -> Result<Inspection, String> {
        let Target { trust, expected, .. } = self.target;
        let inspection = Inspection::new(trust.clone(), expected.clone(), &[], Arc::clone(&self.clock));
        let inspection = inspection.map_err(|error| error.to_string())?;
        let inspection = inspection
            .with_revoked(self.target.revoked.clone())
            .with_credential(self.target.credential.clone())
            .with_schemes(question.kind.map(schemes_of).unwrap_or_default());
        Ok(match question.name {
            AskedName::Expected => inspection,
            AskedName::None => inspection.with_server_name(None),
            AskedName::Stranger => inspection.with_server_name(STRANGER.parse::<DnsName>().ok().as_ref()),
        })
    }
}

async fn ask(
    question: Question,
    inspection: Result<Inspection, String>,
    endpoint: Endpoint,
    manners: Manners,
) -> Result<Showing, (bool, String)> {
    let unknown = |reason: String| (false, reason);
    let inspection = inspection.map_err(unknown)?;
    let io = manners.way.connect(&endpoint.address, manners.connect).await;
    let io = io.map_err(|error| unknown(format!("no connection: {error}")))?;
    let talk = async {
        let io = opened(io, &endpoint).await.map_err(unknown)?;
        match inspection.inspect(io).await {
            Ok(inspected) => Ok(Showing {
                shown: inspected.shown,
                version: Some(inspected.negotiated.version),
                timestamps: None,
            }),
            // A server that demands a client certificate has shown its own by then.
            Err(uninspected) => match uninspected.shown {
                Some(shown) => Ok(Showing { shown: *shown, ..Showing::default() }),
                None => {
                    let refused = matches!(
                        uninspected.error,
                        HandshakeError::PeerAlert(_) | HandshakeError::NothingInCommon(_)
                    );
                    Err((refused, uninspected.to_string()))
                }
            },
        }
    };
    let in_time = timeout(manners.answer, talk).await;
    in_time.unwrap_or_else(|_| Err(unknown(format!("no answer in time {question}"))))
}

async fn opened(io: Connection, endpoint: &Endpoint) -> Result<Connection, String> {
    let local = io.local_ip().map_err(|error| error.to_string())?;
    let Some(mut prelude) = Prelude::of(endpoint.scheme, local) else { return Ok(io) };
    prelude::hold(&mut prelude, io).await?.ok_or_else(|| "it offers no TLS".to_owned())
}

impl Showing {
    /// The kind of the leaf's key; `None` where it can't be read.
    pub(super) fn kind(&self) -> Option<KeyKind> {
        let leaf = CertificateDetails::read(self.shown.certificates.first()?).ok()?;
        Some(leaf.key_strength().kind)
    }
}

/// The schemes by which keys of a kind sign handshakes.
fn schemes_of(kind: KeyKind) -> Vec<SignatureScheme> {
    let numbers: &[u16] = match kind {
        KeyKind::Rsa => &[0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401, 0x0501, 0x0601, 0x0201],
        KeyKind::Ecdsa => &[0x0403, 0x0503, 0x0603, 0x0203],
        KeyKind::Eddsa => &[0x0807, 0x0808],
        KeyKind::MlDsa => &[0x0904, 0x0905, 0x0906],
        KeyKind::Dsa => &[0x0402, 0x0202],
        KeyKind::Other => &[],
    };
    numbers.iter().copied().map(SignatureScheme).collect()
}
