//! By which schemes a server signs its key exchange.

use hermetic_tls::answer::{Answer, KeyExchangeParameters};
use hermetic_tls::{Authentication, CipherSuite, KeyExchange, ProtocolVersion, SignatureScheme};

use super::dial::Dialer;
use super::offers;
use super::ranking::{Ranked, Ranking};

/// The schemes of each kind of certificate with these suites: a server that prefers suites of one kind would
/// never show those of another. Under TLS 1.3 they are hidden, and before TLS 1.2 there is no choice.
pub(super) async fn accepted(
    dialer: &Dialer<'_>,
    version: ProtocolVersion,
    suites: &[CipherSuite],
) -> Vec<(Authentication, Ranking<SignatureScheme>)> {
    let mut accepted = Vec::new();
    if version != ProtocolVersion::TLS1_2 {
        return accepted;
    }
    for kind in [Authentication::Ecdsa, Authentication::Rsa, Authentication::Dss] {
        let signed = |suite: &CipherSuite| {
            let exchange = suite.key_exchange();
            let ephemeral = matches!(exchange, Some(KeyExchange::Ecdhe | KeyExchange::Dhe));
            ephemeral && suite.authentication() == Some(kind)
        };
        let suites: Vec<_> = suites.iter().copied().filter(signed).collect();
        if !suites.is_empty() {
            accepted.push((kind, of_kind(dialer, version, &suites).await));
        }
    }
    accepted
}

async fn of_kind(
    dialer: &Dialer<'_>,
    version: ProtocolVersion,
    suites: &[CipherSuite],
) -> Ranking<SignatureScheme> {
    let groups = offers::groups_of(version);
    let offer =
        |schemes: &[SignatureScheme]| offers::with(version, dialer.endpoint, suites, &groups, schemes);
    let named = |answer: &Answer| answer.key_exchange.as_ref().and_then(KeyExchangeParameters::scheme);
    Ranked::of(dialer, SignatureScheme::all().collect(), offer, named).await.ranking
}
