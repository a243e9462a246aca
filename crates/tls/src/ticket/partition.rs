//! The ticket keys of one set of settings.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use rustls::server::ProducesTickets;
use zeroize::Zeroizing;

use super::session::Session;
use super::{LIFETIME, TicketKey, TicketKeys, epoch_of, proof};
use crate::revocation::{Revocations, Standing};

/// Seals and opens the tickets of one set of settings.
///
/// A ticket is a 16-byte key name, a 12-byte nonce, and the session under AES-256-GCM with the name
/// as associated data. Name and key derive by HKDF-SHA256 from the epoch's secret and the digest of
/// the settings. The session begins with what it rests on: [`Session`].
pub(crate) struct Partition {
    keys: TicketKeys,
    settings: [u8; 32],
    revocations: Revocations,
    derived: ArcSwap<Derived>,
}

/// What was derived from one state of the shared keys.
struct Derived {
    from: Arc<Vec<TicketKey>>,
    keys: Vec<PartitionKey>,
}

struct PartitionKey {
    epoch: i64,
    name: [u8; 16],
    key: LessSafeKey,
}

impl Partition {
    pub(crate) fn new(keys: &TicketKeys, settings: [u8; 32], revocations: Revocations) -> Self {
        let none = Derived { from: Arc::default(), keys: Vec::new() };
        Self { keys: keys.clone(), settings, revocations, derived: ArcSwap::from_pointee(none) }
    }

    fn derived(&self) -> Option<Arc<Derived>> {
        let from = self.keys.current().ok()?;
        let derived = self.derived.load_full();
        if Arc::ptr_eq(&derived.from, &from) {
            return Some(derived);
        }
        let derive = |key: &TicketKey| PartitionKey::derive(key, &self.settings);
        let keys = from.iter().map(derive).collect::<Result<_, _>>().ok()?;
        let derived = Arc::new(Derived { from, keys });
        self.derived.store(Arc::clone(&derived));
        Some(derived)
    }
}

impl PartitionKey {
    fn derive(key: &TicketKey, settings: &[u8; 32]) -> Result<Self, Unspecified> {
        let secret = Salt::new(HKDF_SHA256, b"hermetic session tickets 2").extract(key.expose_secret());
        let mut name = [0; 16];
        expand(&secret, &[b"name", settings], &mut name)?;
        let mut bytes = Zeroizing::new([0; 32]);
        expand(&secret, &[b"key", settings], &mut *bytes)?;
        let key_bytes = UnboundKey::new(&AES_256_GCM, &*bytes)?;
        Ok(Self { epoch: key.epoch, name, key: LessSafeKey::new(key_bytes) })
    }
}

impl ProducesTickets for Partition {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        u32::try_from(LIFETIME).unwrap_or(0)
    }

    fn encrypt(&self, state: &[u8]) -> Option<Vec<u8>> {
        let now = self.keys.now();
        let derived = self.derived()?;
        let sealing = derived.keys.iter().find(|key| key.epoch == epoch_of(now))?;
        // Outside of a handshake nobody knows how long the session may live, and no ticket goes out.
        let session = Session::of(proof::so_far()?, now.as_second().saturating_add(LIFETIME));

        let mut nonce = [0; NONCE_LEN];
        self.keys.0.randomness.fill(&mut nonce).ok()?;
        let mut sealed = [&session.encode()?, state].concat();
        let aad = Aad::from(sealing.name);
        sealing.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed).ok()?;
        Some([&sealing.name[..], &nonce[..], &sealed[..]].concat())
    }

    fn decrypt(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        let (name, rest) = ticket.split_first_chunk::<16>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        let derived = self.derived()?;
        let key = derived.keys.iter().find(|key| key.name == *name)?;
        let mut opened = Zeroizing::new(sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = key.key.open_in_place(nonce, Aad::from(*name), &mut opened).ok()?;
        let (session, state) = Session::decode(plain)?;
        let now = self.keys.now();
        // What is resumed must hold as if it were presented now. A ticket that does not is none: the
        // handshake is a full one, the certificate is asked for, and the client learns by an alert what
        // is wrong with it, or shows a better one.
        let holds = session.until > now.as_second()
            && session.path.as_ref().is_none_or(|path| {
                path.not_after() >= now && matches!(self.revocations.standing(path, now), Standing::Good)
            });
        let state = holds.then(|| state.to_vec())?;
        proof::resumed(session);
        Some(state)
    }
}

fn expand(secret: &Prk, info: &[&[u8]], out: &mut [u8]) -> Result<(), Unspecified> {
    secret.expand(info, Length(out.len()))?.fill(out)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl std::fmt::Debug for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Partition").finish_non_exhaustive()
    }
}
