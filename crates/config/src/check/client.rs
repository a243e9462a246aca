//! What listeners demand of their clients, and whom we believe.

use std::path::Path;

use hermetic_tls::{Identity, SpiffeId, TrustAnchors};

use super::Check;
use crate::model::{Clients, Trust};
use crate::written::table::{At, Optional};
use crate::written::text::{Admitted, TrustSource};
use crate::written::{self, word};

impl Check<'_, '_> {
    pub(super) fn clients(&mut self, listener: &written::Listener) -> Option<Clients> {
        let clients = listener.clients.or(word::Clients::None)?;
        if clients == word::Clients::None {
            if let Some(authority) = listener.client_ca.written() {
                let message = "no client is asked for a certificate, so `client_ca` has no meaning";
                self.problems.tell(authority.key, message, "add `clients = \"required\"` or \"optional\"");
            }
            return Some(Clients::None);
        }
        let trust = match &listener.client_ca {
            Optional::Absent => Some(Trust::Authority),
            Optional::Wrong => None,
            Optional::Written(source) => self.trust(source),
        }?;
        match clients {
            word::Clients::Required => Some(Clients::Required(trust)),
            word::Clients::Optional => Some(Clients::Optional(trust)),
            word::Clients::None => Some(Clients::None),
        }
    }

    /// Who may come in; `Some(None)`: whoever meets `clients`.
    pub(super) fn allow(&mut self, listener: &written::Listener) -> Option<Option<Vec<Identity>>> {
        let allow = match &listener.allow {
            Optional::Absent => return Some(None),
            Optional::Wrong => return None,
            Optional::Written(allow) => allow,
        };
        if listener.clients.or(word::Clients::None) == Some(word::Clients::None) {
            let message = "no client is asked for a certificate, so `allow` would let nobody in";
            self.problems.tell(allow.key, message, "add `clients = \"required\"`");
            return None;
        }
        if allow.value.0.is_empty() {
            let hint = "name somebody, or take `allow` out to let in whoever meets `clients`";
            self.problems.tell(allow.at, "an empty `allow` lets nobody in", hint);
            return None;
        }
        let identities: Vec<Option<Identity>> =
            allow.value.0.iter().map(|entry| self.admitted(entry)).collect();
        identities.into_iter().collect::<Option<Vec<_>>>().map(Some)
    }

    fn admitted(&mut self, entry: &At<Admitted>) -> Option<Identity> {
        let name = match &entry.value {
            Admitted::Identity(identity) => return Some(identity.clone()),
            Admitted::Party(name) => name,
        };
        match SpiffeId::new(&self.trust_domain, name.as_str()) {
            Ok(id) => Some(Identity::Spiffe(id)),
            Err(_) => {
                let message = format!("`{name}` can't be the end of a SPIFFE ID");
                self.problems.tell(entry.at, message, "name a party, or write an identity in full");
                None
            }
        }
    }

    /// Whom we believe, with the file read where it is one.
    pub(super) fn trust(&mut self, source: &At<TrustSource>) -> Option<Trust> {
        match &source.value {
            TrustSource::Authority => Some(Trust::Authority),
            TrustSource::System => Some(Trust::System),
            TrustSource::File(path) => self.trust_file(source.at, path),
        }
    }

    fn trust_file(&mut self, at: usize, written: &Path) -> Option<Trust> {
        let path = self.folder.join(written);
        let instead = match TrustSource::nearest_word(written) {
            Some(word) => format!("did you mean \"{word}\"?"),
            None => {
                "write \"authority\", \"system\" or the path of a PEM file with root certificates".to_owned()
            }
        };
        let pem = match std::fs::read_to_string(&path) {
            Ok(pem) => pem,
            Err(error) => {
                self.problems.tell(at, format!("{} can't be read: {error}", path.display()), instead);
                return None;
            }
        };
        let anchors = match TrustAnchors::from_pem(&pem) {
            Ok(anchors) => anchors,
            Err(error) => {
                self.problems.tell(at, format!("{}: {error}", path.display()), instead);
                return None;
            }
        };
        if let Some(last) = anchors.certificates().iter().map(|root| root.not_after).max()
            && last < self.now
        {
            let message = format!("{}: the last of its certificates expired at {last}", path.display());
            self.problems.tell(at, message, "get the current root certificates");
            return None;
        }
        Some(Trust::File { path, anchors })
    }
}
