//! What the authority revoked, on whichever node: nobody gets in with it any more, and who is in is put out.

use std::sync::atomic::Ordering;
use std::time::Duration;

use hermetic_authority::RevokedBy;
use hermetic_tls::RevokedCertificates;
use tokio::time::sleep;

use super::instance::{Instance, Plane};

/// How often the journal is looked at for what other processes revoked: it is to take hold within a second.
const LOOK: Duration = Duration::from_millis(250);

/// Has handshakes refuse these from now on.
pub(super) fn refuse(revoked: &RevokedCertificates, news: &[RevokedBy]) {
    for RevokedBy { issuer, serials } in news {
        if revoked.revoke_serials(issuer, serials).is_none() {
            let issuer = &issuer.subject;
            tracing::error!(
                issuer,
                "the certificate of an authority can't be read; what it revoked still counts"
            );
        }
    }
}

impl Instance {
    /// Follows what is revoked, for ever: for as long as there are connections, be they left from before another
    /// process took over.
    pub async fn keep_revoking(&self) {
        let mut news = self.news.lock().await;
        let mut is_told = false;
        loop {
            tokio::select! {
                () = sleep(LOOK) => {}
                () = self.authority.revoked_here() => {}
            }
            let before = self.clock.now();
            match news.since_last().await {
                Ok(revoked) => {
                    is_told = false;
                    self.revocations_known.store(before.as_second(), Ordering::Relaxed);
                    if !revoked.is_empty() {
                        self.put_out(&revoked).await;
                    }
                }
                Err(error) => {
                    if !is_told {
                        tracing::error!(%error, "what other processes revoke is not known; asked again");
                    }
                    is_told = true;
                }
            }
        }
    }

    async fn put_out(&self, revoked: &[RevokedBy]) {
        match &self.plane {
            Plane::Here(gateway) => {
                // In this order: a handshake that ends meanwhile finds the revocation, or is found.
                refuse(&self.credentials().revoked, revoked);
                gateway.end_revoked();
            }
            Plane::Parts(parts) => parts.revoked(revoked).await,
        }
        // What is revoked and in use here is due. Nobody waits for it: renewing may take its time.
        if self.successor().is_none() {
            let authority = self.authority.clone();
            tokio::spawn(async move { authority.renew_due().await });
        }
    }
}
