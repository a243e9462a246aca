//! Over which groups keys are agreed on.

use hermetic_tls::answer::{Answer, KeyExchangeParameters};
use hermetic_tls::{Authentication, CipherSuite, KeyExchange, NamedGroup, ProtocolVersion};

use super::dial::Dialer;
use super::offers;
use super::ranking::{Ranked, Ranking};

/// The groups that are accepted in a version with these suites.
pub(super) async fn accepted(
    dialer: &Dialer<'_>,
    version: ProtocolVersion,
    suites: &[CipherSuite],
) -> Ranking<NamedGroup> {
    let ephemeral = |suite: &CipherSuite| {
        let exchange = suite.key_exchange();
        matches!(exchange, Some(KeyExchange::Tls13 | KeyExchange::Ecdhe | KeyExchange::EcdhAnon))
    };
    let suites: Vec<_> = suites.iter().copied().filter(ephemeral).collect();
    // SSL 3.0 has no way to ask for groups.
    if suites.is_empty() || version <= ProtocolVersion::SSL3 {
        return Ranking::unasked();
    }
    let offer =
        |groups: &[NamedGroup]| offers::with(version, dialer.endpoint, &suites, groups, offers::schemes());
    let named = |answer: &Answer| (answer.hello.version == version).then(|| group(answer)).flatten();
    let mut ranked = Ranked::of(dialer, offers::groups_of(version).to_vec(), offer, named).await;
    if version < ProtocolVersion::TLS1_3 && suites.iter().any(is_over_a_curve) {
        // Without the curve of its certificate a server has to refuse (RFC 8422 section 5.1.1), whatever else
        // is offered: those that were taken away come back, behind the others.
        let won = ranked.ranking.accepted.clone();
        let others =
            offers::groups_of(version).iter().copied().filter(|group| !won.contains(group)).collect();
        let offer = |groups: &[NamedGroup]| offer(&[groups, &won].concat());
        ranked.extend(
            Ranked::of(dialer, others, offer, |answer| named(answer).filter(|group| !won.contains(group)))
                .await,
        );
    }
    ranked.ranking
}

fn is_over_a_curve(suite: &CipherSuite) -> bool {
    suite.authentication() == Some(Authentication::Ecdsa)
}

/// The group that an answer names, in its hello or in its key exchange.
pub(super) fn group(answer: &Answer) -> Option<NamedGroup> {
    match (answer.hello.group, &answer.key_exchange) {
        (Some(group), _) => Some(group),
        (None, Some(KeyExchangeParameters::Curve { group, .. })) => Some(*group),
        (None, _) => None,
    }
}
