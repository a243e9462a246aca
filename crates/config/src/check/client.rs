//! What listeners demand of their clients, and whom we believe.

use std::path::{Path, PathBuf};

use hermetic_tls::{Identity, RevocationList, SpiffeId, TrustAnchors};

use super::Check;
use crate::model::{Admitted, ClientCrl, Clients, Trust};
use crate::stamp::FileRead;
use crate::written::table::{At, Optional};
use crate::written::text::{self, TrustSource};
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

    /// The CRLs of those who sign the certificates of clients; `Some(None)`: none is demanded.
    pub(super) fn client_crl(
        &mut self,
        listener: &written::Listener,
        clients: &Clients,
    ) -> Option<Option<ClientCrl>> {
        let written = match &listener.client_crl {
            Optional::Absent => return Some(None),
            Optional::Wrong => return None,
            Optional::Written(written) => written,
        };
        let trust = match clients {
            Clients::None => {
                let message = "no client is asked for a certificate, so `client_crl` has no meaning";
                self.problems.tell(written.key, message, "add `clients = \"required\"` or \"optional\"");
                return None;
            }
            Clients::Optional(trust) | Clients::Required(trust) => trust,
        };
        if matches!(trust, Trust::Authority) {
            let message = "what the authority revokes is refused at once, so `client_crl` has no meaning";
            self.problems.tell(written.key, message, "take `client_crl` out, or name another `client_ca`");
            return None;
        }
        if written.value.0.is_empty() {
            let hint = "name a file, or take `client_crl` out";
            self.problems.tell(written.at, "with an empty `client_crl` every certificate is refused", hint);
            return None;
        }
        let read: Vec<_> = written.value.0.iter().map(|file| self.crl_file(file, trust)).collect();
        let (mut files, mut lists) = (Vec::new(), Vec::new());
        for file in read {
            let (path, held) = file?;
            files.push(path);
            lists.extend(held);
        }
        if let Trust::File { path, anchors } = trust
            && !anchors
                .certificates()
                .iter()
                .any(|anchor| lists.iter().any(|list| list.issuer() == anchor.subject))
        {
            let message = format!("no CRL here is of an authority in {}", path.display());
            let hint = "add that authority's own CRL, or every certificate is refused";
            self.problems.tell(written.at, message, hint);
            return None;
        }
        Some(Some(ClientCrl { files, lists }))
    }

    fn crl_file(&mut self, file: &At<PathBuf>, trust: &Trust) -> Option<(PathBuf, Vec<RevocationList>)> {
        let path = self.folder.join(&file.value);
        let before = FileRead::about_to(&path);
        match ClientCrl::read(&path, trust) {
            Ok(lists) => Some((path, lists)),
            Err(error) => {
                // A good one is watched by whoever serves with it; this one by whoever reads all again.
                self.files.push(before);
                self.problems.tell(
                    file.at,
                    error.to_string(),
                    "name the current, complete CRL of a client CA",
                );
                None
            }
        }
    }

    /// Who may come in; `Some(None)`: whoever meets `clients`.
    pub(super) fn allow(&mut self, listener: &written::Listener) -> Option<Option<Vec<Admitted>>> {
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
        let admitted: Vec<Option<Admitted>> =
            allow.value.0.iter().map(|entry| self.admitted(entry)).collect();
        admitted.into_iter().collect::<Option<Vec<_>>>().map(Some)
    }

    fn admitted(&mut self, entry: &At<text::Admitted>) -> Option<Admitted> {
        let name = match &entry.value {
            text::Admitted::Identity(identity) => return Some(Admitted::Identity(identity.clone())),
            text::Admitted::Certificate(fingerprint) => return Some(Admitted::Certificate(*fingerprint)),
            text::Admitted::Party(name) => name,
        };
        match SpiffeId::new(&self.trust_domain, name.as_str()) {
            Ok(id) => Some(Admitted::Identity(Identity::Spiffe(id))),
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
        let instead = match TrustSource::nearest_word(written) {
            Some(word) => format!("did you mean \"{word}\"?"),
            None => {
                "write \"authority\", \"system\" or the path of a PEM file with root certificates".to_owned()
            }
        };
        let (path, anchors) = self.anchors(at, written, instead)?;
        Some(Trust::File { path, anchors })
    }

    /// The root certificates in a file. `instead` says what to do where it has none.
    pub(super) fn anchors(
        &mut self,
        at: usize,
        written: &Path,
        instead: String,
    ) -> Option<(PathBuf, TrustAnchors)> {
        let path = self.folder.join(written);
        let pem = match self.read(&path) {
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
        Some((path, anchors))
    }
}
