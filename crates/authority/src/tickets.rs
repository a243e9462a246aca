//! The keys of session tickets, shared through the store: they outlive the process, and the nodes of a
//! fleet have the same.

use hermetic_keys::{Keyring, Owner};
use hermetic_store::{Store, TicketKeyRecord};
use hermetic_tls::TicketKey;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::error::AuthorityError;

/// The keys whose tickets are good now, and those of the present period and the next, made where nobody
/// else has. Whose period is long over are erased.
pub(crate) async fn keys(
    store: &Store,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<Vec<TicketKey>, AuthorityError> {
    let here = store.ticket_keys().await?;
    let mut offered = Vec::new();
    for starts in TicketKey::wanted_at(now) {
        if !here.iter().any(|key| key.starts == starts) {
            let mut secret = Zeroizing::new([0; 32]);
            // Straight from the system: an injected source of chance may be a test's, a key never is.
            aws_lc_rs::rand::fill(&mut *secret).map_err(|_| {
                AuthorityError::Certificate("the system's source of randomness failed".to_owned())
            })?;
            let sealed_secret = keyring.seal(Owner::Tickets(starts), &*secret).await?;
            offered.push(TicketKeyRecord { starts, sealed_secret, at: now });
        }
    }
    let kept = store.keep_ticket_keys(offered, TicketKey::oldest_at(now)).await?;
    let mut keys = Vec::with_capacity(kept.len());
    for record in &kept {
        let secret = keyring.open(Owner::Tickets(record.starts), &record.sealed_secret).await?;
        let secret = <[u8; 32]>::try_from(secret.as_slice())
            .map_err(|_| AuthorityError::Certificate("a ticket key in the store is cut off".to_owned()))?;
        keys.push(TicketKey::new(record.starts, secret));
    }
    Ok(keys)
}
