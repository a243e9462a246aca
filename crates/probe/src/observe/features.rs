//! What a server can beside suites: most of it stands in answers that were had already, the rest takes a
//! question each.

use bytes::Bytes;
use hermetic_tls::answer::{Answer, Downgrade};
use hermetic_tls::offer::Extension;
use hermetic_tls::{CipherSuite, KeyExchange, ProtocolVersion, common_prime};

use super::dial::Dialer;
use super::reuse::Publics;
use super::{Reply, Support, VersionObserved, intolerance, offers, renegotiation};

const ENCRYPT_THEN_MAC: u16 = 22;
const EXTENDED_MASTER_SECRET: u16 = 23;
const HEARTBEAT: u16 = 15;
const SESSION_TICKET: u16 = 35;
const RENEGOTIATION_INFO: u16 = 0xFF01;

/// What a server can beside suites. Of a server of TLS 1.3 alone most of it does not apply, and is `Unasked`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// It renegotiates securely (RFC 5746).
    pub secure_renegotiation: Support,
    /// It begins a handshake anew within a session of TLS 1.2 when a client wants to: work at anybody's wish
    /// (CVE-2011-1473).
    pub client_renegotiation: Support,
    /// It binds the master secret to the handshake (RFC 7627).
    pub extended_master_secret: Support,
    /// It checks before it decrypts, with suites that chain blocks (RFC 7366).
    pub encrypt_then_mac: Support,
    /// It gives out tickets before TLS 1.3 (RFC 5077).
    pub session_tickets: Support,
    /// It answers heartbeats (RFC 6520).
    pub heartbeat: Support,
    /// It compresses with DEFLATE.
    pub compression: Support,
    /// It says in its random that it speaks newer versions than it was offered (RFC 8446 section 4.1.3).
    pub downgrade_sentinel: Support,
    /// It refuses a client that falls back for no reason (RFC 7507).
    pub fallback_protection: Support,
    /// It goes on for a hello that says TLS 1.3 where versions stood before TLS 1.3. Servers that broke on it are
    /// why versions stand elsewhere now (RFC 8446 section 4.2.1). `Unasked` of a server of TLS 1.3 alone.
    pub takes_newer_version: Support,
    /// It goes on for a client that offers suites, groups, versions and extensions that nobody knows yet (RFC 8701).
    pub takes_unknown: Support,
    /// It goes on for a hello of 256 to 511 bytes, on which load balancers hung (RFC 7685 section 1).
    pub takes_short_hello: Support,
    /// It goes on for a hello as large as post-quantum ones are, which come in several packets
    /// (openssl/openssl#27557).
    pub takes_large_hello: Support,
    /// It goes on for a hello that does not fit into one record (RFC 8446 section 5.1).
    pub takes_hello_of_two_records: Support,
    /// It uses a value of Diffie-Hellman over a curve for more than one connection, before TLS 1.3.
    pub reuses_curve_value: Support,
    /// The same over a prime field.
    pub reuses_finite_field_value: Support,
    /// The application protocols that it chooses, in its order; before TLS 1.3 they come in clear.
    pub application_protocols: Vec<String>,
    /// The weakest prime of its finite-field exchanges, without leading zeros.
    pub prime: Option<Bytes>,
}

impl Features {
    /// With what the values of Diffie-Hellman tell that all answers together showed.
    pub(super) fn with_publics(self, publics: &Publics) -> Self {
        Self {
            reuses_curve_value: publics.over_curves(),
            reuses_finite_field_value: publics.over_primes(),
            prime: publics.weakest_prime(),
            ..self
        }
    }

    /// Where the prime comes from, if it is one that many servers share.
    pub fn common_prime(&self) -> Option<&'static str> {
        self.prime.as_ref().and_then(|prime| common_prime(prime))
    }

    /// How many bits the prime has.
    pub fn prime_bits(&self) -> Option<u32> {
        let prime = self.prime.as_ref()?;
        let bytes = u32::try_from(prime.len()).unwrap_or(u32::MAX / 8);
        Some((bytes * 8).saturating_sub(prime.first().map_or(0, |first| first.leading_zeros())))
    }
}

/// The protocols that are asked for, by their registered names.
const PROTOCOLS: [&[u8]; 8] =
    [b"h2", b"http/1.1", b"http/1.0", b"postgresql", b"mqtt", b"smb", b"acme-tls/1", b"dot"];

/// What is seen of a server whose versions were seen before.
pub(super) async fn seen(dialer: &Dialer<'_>, versions: &[VersionObserved]) -> Features {
    let (tolerant, in_clear) = tokio::join!(intolerance::seen(dialer, versions), in_clear(dialer, versions));
    Features {
        takes_newer_version: tolerant.takes_newer_version,
        takes_unknown: tolerant.takes_unknown,
        takes_short_hello: tolerant.takes_short_hello,
        takes_large_hello: tolerant.takes_large_hello,
        takes_hello_of_two_records: tolerant.takes_hello_of_two_records,
        ..in_clear.unwrap_or_default()
    }
}

/// The newest version with answers in clear, and its first.
pub(super) fn newest_in_clear(versions: &[VersionObserved]) -> Option<(&VersionObserved, &Answer)> {
    versions.iter().rev().find_map(|observed| {
        let first = observed.first.as_deref()?;
        (observed.version < ProtocolVersion::TLS1_3).then_some((observed, first))
    })
}

/// What is seen by answers in clear; `None` where there are none.
async fn in_clear(dialer: &Dialer<'_>, versions: &[VersionObserved]) -> Option<Features> {
    let (newest, first) = newest_in_clear(versions)?;
    let (fallback_protection, encrypt_then_mac, application_protocols, (), client_renegotiation) = tokio::join!(
        fallback(dialer, versions),
        encrypt_then_mac(dialer, newest),
        protocols(dialer, newest),
        show_prime(dialer, newest),
        renegotiation::seen(dialer, newest),
    );
    Some(Features {
        downgrade_sentinel: sentinel(versions, first),
        fallback_protection,
        encrypt_then_mac,
        application_protocols,
        client_renegotiation,
        ..stated(first)
    })
}

/// What a ServerHello states.
pub(super) fn stated(answer: &Answer) -> Features {
    let of = |extension, lacking: &str| match answer.hello.has(extension) {
        true => Support::Yes,
        false => Support::No(lacking.to_owned()),
    };
    let unextended = "its ServerHello lacks the extension";
    // SSL 3.0 is asked without extensions, but for the signal of RFC 5746.
    let of_tls = |extension| match answer.hello.version {
        ProtocolVersion::SSL3 => Support::Unasked,
        _ => of(extension, unextended),
    };
    Features {
        secure_renegotiation: of(RENEGOTIATION_INFO, unextended),
        extended_master_secret: of_tls(EXTENDED_MASTER_SECRET),
        session_tickets: of_tls(SESSION_TICKET),
        heartbeat: of_tls(HEARTBEAT),
        compression: match answer.hello.compression {
            0 => Support::No("it chose no compression".to_owned()),
            _ => Support::Yes,
        },
        ..Features::default()
    }
}

pub(super) fn sentinel(versions: &[VersionObserved], answer: &Answer) -> Support {
    let newer = versions.iter().filter(|observed| observed.support.is_yes()).map(|it| it.version).max();
    match (newer, answer.hello.downgrade()) {
        (Some(newer), _) if newer <= answer.hello.version => Support::Unasked,
        (_, Some(Downgrade::Below1_3 | Downgrade::Below1_2)) => Support::Yes,
        (_, None) => Support::No("its random ends like any other".to_owned()),
    }
}

/// A hello of the second-best version that says it is a fallback.
async fn fallback(dialer: &Dialer<'_>, versions: &[VersionObserved]) -> Support {
    let mut spoken = versions.iter().rev().filter(|observed| observed.support.is_yes());
    let (Some(_), Some(second)) = (spoken.next(), spoken.next()) else { return Support::Unasked };
    let suites = [&second.suites.accepted[..], &[CipherSuite::TLS_FALLBACK_SCSV]].concat();
    match dialer.ask(&offers::of_version(second.version, dialer.endpoint, &suites)).await {
        Reply::Alert(_) => Support::Yes,
        Reply::Answer(_) => Support::No(format!("it speaks {} with a client that fell back", second.version)),
        reply => Support::Unknown(reply.to_string()),
    }
}

/// With suites that chain blocks alone: with others the extension means nothing, and is left out.
async fn encrypt_then_mac(dialer: &Dialer<'_>, observed: &VersionObserved) -> Support {
    let chaining = |suite: &CipherSuite| suite.cipher().is_some_and(|cipher| cipher.chains_blocks());
    let suites: Vec<_> = observed.suites.accepted.iter().copied().filter(chaining).collect();
    if suites.is_empty() || observed.version == ProtocolVersion::SSL3 {
        return Support::Unasked;
    }
    match dialer.ask(&offers::of_version(observed.version, dialer.endpoint, &suites)).await {
        Reply::Answer(answer) if answer.hello.has(ENCRYPT_THEN_MAC) => Support::Yes,
        Reply::Answer(_) => Support::No("its ServerHello lacks the extension".to_owned()),
        reply => Support::Unknown(reply.to_string()),
    }
}

async fn protocols(dialer: &Dialer<'_>, observed: &VersionObserved) -> Vec<String> {
    let mut chosen = Vec::new();
    if observed.version == ProtocolVersion::SSL3 {
        return chosen;
    }
    let mut left: Vec<Bytes> = PROTOCOLS.map(Bytes::from_static).to_vec();
    let base = offers::of_version(observed.version, dialer.endpoint, &observed.suites.accepted);
    while !left.is_empty() {
        let offer = base.clone().with(Extension::ApplicationProtocols(left.clone()));
        let Reply::Answer(answer) = dialer.ask(&offer).await else { break };
        let Some(place) =
            answer.hello.application_protocol.and_then(|named| left.iter().position(|it| *it == named))
        else {
            break;
        };
        chosen.push(String::from_utf8_lossy(&left.remove(place)).into_owned());
    }
    chosen
}

/// Has it show the prime of its own, which the dialer takes note of: without groups, by which a server would choose
/// another (RFC 7919).
async fn show_prime(dialer: &Dialer<'_>, observed: &VersionObserved) {
    let finite =
        |suite: &CipherSuite| matches!(suite.key_exchange(), Some(KeyExchange::Dhe | KeyExchange::DhAnon));
    let suites: Vec<_> = observed.suites.accepted.iter().copied().filter(finite).collect();
    if suites.is_empty() {
        return;
    }
    let mut offer = offers::of_version(observed.version, dialer.endpoint, &suites);
    offer.extensions.retain(|extension| !matches!(extension, Extension::Groups(_)));
    dialer.ask(&offer).await;
}
