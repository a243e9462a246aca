//! By which schemes a server signs: its key exchange before TLS 1.3, the handshake from then on.

use hermetic_tls::answer::{Answer, KeyExchangeParameters};
use hermetic_tls::trial::signed_by;
use hermetic_tls::{
    Authentication, CipherSuite, HandshakeError, KeyExchange, ProtocolVersion, SignatureScheme,
};

use super::dial::Dialer;
use super::ranking::{Ranked, Ranking};
use super::{Support, offers};

/// The schemes of each kind of certificate with these suites. Before TLS 1.2 there is no choice.
pub(super) async fn accepted(
    dialer: &Dialer<'_>,
    version: ProtocolVersion,
    suites: &[CipherSuite],
) -> Vec<(Authentication, Ranking<SignatureScheme>)> {
    match version {
        ProtocolVersion::TLS1_2 => of_kinds(dialer, version, suites).await,
        ProtocolVersion::TLS1_3 if !suites.is_empty() => of_tls13(dialer).await,
        _ => Vec::new(),
    }
}

/// Kind by kind: a server that prefers suites of one would never show the schemes of another.
async fn of_kinds(
    dialer: &Dialer<'_>,
    version: ProtocolVersion,
    suites: &[CipherSuite],
) -> Vec<(Authentication, Ranking<SignatureScheme>)> {
    let kinds = [Authentication::Ecdsa, Authentication::Rsa, Authentication::Dss];
    let [ecdsa, rsa, dss] = kinds.map(async |kind| {
        let signed = |suite: &CipherSuite| {
            let exchange = suite.key_exchange();
            let ephemeral = matches!(exchange, Some(KeyExchange::Ecdhe | KeyExchange::Dhe));
            ephemeral && suite.authentication() == Some(kind)
        };
        let suites: Vec<_> = suites.iter().copied().filter(signed).collect();
        match suites.as_slice() {
            [] => None,
            suites => Some((kind, of_kind(dialer, version, suites).await)),
        }
    });
    let (ecdsa, rsa, dss) = tokio::join!(ecdsa, rsa, dss);
    [ecdsa, rsa, dss].into_iter().flatten().collect()
}

async fn of_kind(
    dialer: &Dialer<'_>,
    version: ProtocolVersion,
    suites: &[CipherSuite],
) -> Ranking<SignatureScheme> {
    let groups = offers::groups_of(version);
    let offer = |schemes: &[SignatureScheme]| offers::with(version, dialer.endpoint, suites, groups, schemes);
    let named = |answer: &Answer| answer.key_exchange.as_ref().and_then(KeyExchangeParameters::scheme);
    // In whose order is not worth a connection.
    Ranked::winners(dialer, offers::schemes().to_vec(), &offer, &named).await.ranking
}

/// The signature of TLS 1.3 is encrypted: a whole handshake shows it, and a ServerHello shows nothing, since it
/// goes out before the server has looked for a scheme.
async fn of_tls13(dialer: &Dialer<'_>) -> Vec<(Authentication, Ranking<SignatureScheme>)> {
    // Those that sign no handshake of TLS 1.3 stay in the hello, for strict servers ask whether they may show a
    // certificate that is signed by them.
    let (mut candidates, beside): (Vec<_>, Vec<_>) =
        SignatureScheme::all().partition(|scheme| scheme.signs_tls13());
    let (mut accepted, mut is_whole) = (Vec::new(), Support::Yes);
    while !candidates.is_empty() {
        match signed(dialer, &[candidates.as_slice(), &beside].concat()).await {
            Ok(Some(scheme)) if candidates.contains(&scheme) => {
                candidates.retain(|candidate| *candidate != scheme);
                accepted.push(scheme);
                continue;
            }
            Ok(Some(scheme)) => is_whole = Support::Unknown(format!("it signs by {scheme}, unasked")),
            Ok(None) => {}
            Err(reason) => is_whole = Support::Unknown(reason),
        }
        break;
    }
    let ranking = |kind| {
        let accepted: Vec<_> = accepted.iter().copied().filter(|scheme| kind_of(*scheme) == kind).collect();
        let ranking = Ranking { accepted, is_whole: is_whole.clone(), ..Ranking::unasked() };
        (kind, ranking)
    };
    let kinds = [Authentication::Ecdsa, Authentication::Rsa, Authentication::Tls13].map(ranking);
    let whole = is_whole == Support::Yes;
    let mut told: Vec<_> = kinds.into_iter().filter(|(_, ranking)| !ranking.accepted.is_empty()).collect();
    if told.is_empty() && !whole {
        told.push((Authentication::Tls13, Ranking { is_whole, ..Ranking::unasked() }));
    }
    told
}

/// By which of these the server signs; `None` where it refuses.
async fn signed(dialer: &Dialer<'_>, schemes: &[SignatureScheme]) -> Result<Option<SignatureScheme>, String> {
    let name = dialer.endpoint.server_name.as_ref();
    let talk = async |io| signed_by(io, name, schemes, dialer.farewell()).await;
    match dialer.converse(talk).await.map_err(|reply| reply.to_string())? {
        Ok(scheme) => Ok(Some(scheme)),
        Err(HandshakeError::PeerAlert(_)) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// The kind of certificate that signs so; `Tls13` of those that only TLS 1.3 knows.
fn kind_of(scheme: SignatureScheme) -> Authentication {
    match scheme.0 {
        0x0420 | 0x0520 | 0x0620 | 0x0804..=0x0806 | 0x0809..=0x080B => Authentication::Rsa,
        _ if scheme.is_post_quantum() => Authentication::Tls13,
        _ => Authentication::Ecdsa,
    }
}
