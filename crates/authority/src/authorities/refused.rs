//! What was asked for of an authority and refused, kept in the journal.

use hermetic_x509::publication::AuthorityName;
use serde_json::json;

use crate::Authority;
use crate::error::AuthorityError;

impl Authority {
    /// Keeps in the journal what an authority was asked to do or to be, if that was refused.
    pub(super) async fn kept_if_refused<T>(
        &self,
        outcome: Result<T, AuthorityError>,
        asked: &str,
        name: &AuthorityName,
    ) -> Result<T, AuthorityError> {
        if let Err(error) = &outcome
            && error.is_wrong_request()
        {
            let body = json!({ "authority": name.as_str(), "asked": asked, "result": error.to_string() });
            if let Err(error) = self.store.append(self.now(), "request.refused", body).await {
                tracing::error!(%error, "a refused request could not be written to the journal");
            }
        }
        outcome
    }
}
