//! What a server breaks on that a client may well say: hellos of newer versions, with what nobody knows yet, or of
//! lengths that others have stumbled over.

use bytes::Bytes;
use hermetic_tls::offer::{Extension, Offer};
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};

use super::dial::Dialer;
use super::{Features, Reply, Support, VersionObserved, groups, offers};

/// `padding` (RFC 7685), an extension that means nothing.
const PADDING: u16 = 21;

/// What is seen of a server whose versions were seen before; the rest stays unasked.
pub(super) async fn seen(dialer: &Dialer<'_>, versions: &[VersionObserved]) -> Features {
    let spoken =
        |observed: &&VersionObserved| observed.support.is_yes() && observed.version > ProtocolVersion::SSL3;
    let Some(best) = versions.iter().rev().find(spoken) else { return Features::default() };
    let older = versions.iter().rev().filter(spoken).find(|it| it.version < ProtocolVersion::TLS1_3);
    let newer = async {
        match older {
            Some(older) => {
                let offer = offers::of_version(older.version, dialer.endpoint, &older.suites.accepted);
                taken(dialer, Offer { version: ProtocolVersion::TLS1_3, ..offer }).await
            }
            None => Support::Unasked,
        }
    };
    let (takes_newer_version, takes_short_hello, whole) =
        tokio::join!(newer, taken(dialer, short(dialer, best)), of_whole(dialer, best));
    let (takes_unknown, takes_large_hello, takes_hello_of_two_records) = whole;
    Features {
        takes_newer_version,
        takes_unknown,
        takes_short_hello,
        takes_large_hello,
        takes_hello_of_two_records,
        ..Features::default()
    }
}

/// The unknown, a large hello, and one of two records. Who takes all of it at once takes each; only otherwise is
/// each asked for.
async fn of_whole(dialer: &Dialer<'_>, best: &VersionObserved) -> (Support, Support, Support) {
    const TWO_RECORDS: usize = 1 << 14;
    let whole = offers::of_version(best.version, dialer.endpoint, &best.suites.accepted);
    if taken(dialer, greased(padded(whole.clone(), TWO_RECORDS))).await.is_yes() {
        return (Support::Yes, Support::Yes, Support::Yes);
    }
    let unknown = taken(dialer, greased(whole.clone())).await;
    // With as many bytes more as a key share of X25519MLKEM768 has, and so over more than one packet.
    let large = taken(dialer, padded(whole.clone(), 1300)).await;
    (unknown, large, taken(dialer, padded(whole, TWO_RECORDS)).await)
}

/// Whether this is answered, where the first question was.
async fn taken(dialer: &Dialer<'_>, offer: Offer) -> Support {
    match dialer.ask(&offer).await {
        Reply::Answer(_) => Support::Yes,
        Reply::Alert(alert) => Support::No(format!("alert {alert}")),
        Reply::Nothing(silence) => Support::No(silence.to_string()),
        reply => Support::Unknown(reply.to_string()),
    }
}

fn padded(offer: Offer, bytes: usize) -> Offer {
    offer.with(Extension::Other(PADDING, vec![0; bytes].into()))
}

/// With no more than is needed, padded to 384 bytes where it is shorter.
fn short(dialer: &Dialer<'_>, best: &VersionObserved) -> Offer {
    const LENGTH: usize = 384;
    const HEADERS: usize = 5 + 4;
    let few = |suites: &[CipherSuite]| suites.iter().copied().take(8).collect::<Vec<_>>();
    // That which it chose of all, and others.
    let chosen = best.first.as_deref().and_then(groups::group);
    let others = offers::groups_of(best.version).iter().copied().filter(|group| Some(*group) != chosen);
    let groups: Vec<_> = chosen.into_iter().chain(others).take(8).collect();
    let offer =
        offers::with(best.version, dialer.endpoint, &few(&best.suites.accepted), &groups, offers::schemes());
    let length = offer.records([0; 32]).len();
    match LENGTH.checked_sub(length + HEADERS) {
        Some(missing) => padded(offer, missing),
        None => offer,
    }
}

/// The values of RFC 8701, another one in each place.
fn greased(mut offer: Offer) -> Offer {
    offer.suites.insert(0, CipherSuite(0x0A0A));
    for extension in &mut offer.extensions {
        match extension {
            Extension::Groups(groups) => groups.insert(0, NamedGroup(0x1A1A)),
            Extension::Versions(versions) => versions.insert(0, ProtocolVersion(0x2A2A)),
            _ => {}
        }
    }
    offer.extensions.insert(0, Extension::Other(0x3A3A, Bytes::new()));
    offer.with(Extension::Other(0x4A4A, Bytes::from_static(&[0])))
}
