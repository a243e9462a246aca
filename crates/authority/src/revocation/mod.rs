//! Revocation: recorded, then told in a list, by OCSP, and to whoever holds connections upon certificates of
//! ours.

mod answers;
mod lists;
mod news;
mod shelf;

pub(crate) use lists::Listed;
pub use news::{RevocationNews, RevokedBy, revoked_in};

use std::sync::Arc;

use hermetic_store::{AuthorityId, CertificateRecord, Generation, RevocationListRecord};
use hermetic_tls::Serial;
use hermetic_x509::RevocationReason;
use hermetic_x509::crl::Shard;
use jiff::Timestamp;

use crate::Authority;
use crate::authorities::{Act, CertificateAuthority};
use crate::error::AuthorityError;

/// A certificate that was revoked just now. That is on record, whatever became of its list.
#[derive(Debug)]
pub struct RevokedNow {
    /// Its serial number in hex.
    pub serial: String,
    /// What it was used as.
    pub subject: String,
    /// Who issued it.
    pub authority: Generation,
    /// When it was revoked.
    pub at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
    /// The list that tells of it; `None` where no address is configured at which lists are published. An error
    /// where it could not be signed: the rounds of a running instance make up for it.
    pub list: Result<Option<RevocationListRecord>, AuthorityError>,
}

impl Authority {
    /// Revokes a certificate that an authority here issued, be it one of another authority. `serial` is its
    /// number in hex, or as much of its beginning as no other has. It is durable when this returns, and so are
    /// the list that tells of it and the end of the OCSP answer that did not. An error where it was not
    /// revoked, such as because it was already.
    pub async fn revoke(&self, serial: &str, reason: RevocationReason) -> Result<RevokedNow, AuthorityError> {
        let record = self.store.certificate(serial).await?;
        let record = record.ok_or_else(|| AuthorityError::NoSuchCertificate(serial.to_owned()))?;
        let CertificateRecord { serial, subject, authority: Some(issuer), .. } = record else {
            return Err(AuthorityError::NotIssuedHere(record.serial));
        };
        let authority = self.of_id(issuer.id).await?;
        authority.allow(Act::Revoke, self.now())?;
        let kept = hermetic_store::RevocationReason::of_word(reason.name());
        let kept = kept.unwrap_or(hermetic_store::RevocationReason::Unspecified);

        // Step 1: on record, and the OCSP answer that tells otherwise is gone. A crash after it leaves a list
        // without it, which the next round sees and signs anew.
        let revoked = self.store.revoke(authority.id(), &serial, kept, self.now()).await?;
        self.inner.revoked.notify_one();

        // Step 2: the list of its shard is signed.
        let list = self.published(&authority, revoked.shard).await;
        Ok(RevokedNow { serial, subject, authority: issuer.generation, at: revoked.at, reason, list })
    }

    async fn published(
        &self,
        authority: &CertificateAuthority,
        shard: u32,
    ) -> Result<Option<RevocationListRecord>, AuthorityError> {
        let shard = u16::try_from(shard).map_err(|_| AuthorityError::Certificate(NO_SHARD.to_owned()))?;
        self.current_list(authority, Shard::new(shard)).await
    }

    /// The generation of this identity, though another process may just have made it.
    async fn of_id(&self, id: AuthorityId) -> Result<Arc<CertificateAuthority>, AuthorityError> {
        if let Some(known) = self.authorities_now().by_id(id) {
            return Ok(known.clone());
        }
        self.refresh().await?;
        let found = self.authorities_now().by_id(id).cloned();
        found.ok_or_else(|| AuthorityError::Certificate("its authority is not in the store".to_owned()))
    }
}

const NO_SHARD: &str = "no authority has a revocation list of the number in its record";

/// A serial number as the store has it; `None` where it is damaged.
fn serial_of(hex: &str) -> Option<Serial> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let padded = if hex.len().is_multiple_of(2) { hex.to_owned() } else { format!("0{hex}") };
    let pairs = padded.as_bytes().chunks_exact(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().map(|bytes| Serial::from_bytes(&bytes))
}

/// A reason as the store has it.
fn reason_of(kept: hermetic_store::RevocationReason) -> RevocationReason {
    kept.word().parse().unwrap_or(RevocationReason::Unspecified)
}
