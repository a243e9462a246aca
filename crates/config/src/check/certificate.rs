//! Where a listener's certificates come from, with the files read and their dates compared.

use std::path::{Path, PathBuf};

use hermetic_tls::{CertificateError, Chain, Credential, Identity, PrivateKey, SpiffeId};

use super::Check;
use crate::model::CertificateSource;
use crate::written::table::{At, Optional};
use crate::written::{self, CertificateFiles};

impl Check<'_, '_> {
    /// The files first, as written; then the authority for the names that no file covers.
    pub(super) fn certificates(&mut self, written: &At<written::Listener>) -> Option<Vec<CertificateSource>> {
        let listener = &written.value;
        let files = self.files(listener);
        let names = match &listener.names {
            Optional::Absent => Some(Vec::new()),
            Optional::Wrong => None,
            Optional::Written(names) => {
                Some(names.value.0.iter().map(|name| name.value.0.clone()).collect::<Vec<_>>())
            }
        };
        let (mut sources, names) = (files?, names?);
        let uncovered: Vec<Identity> =
            names.into_iter().filter(|name| !sources.iter().any(|source| covers(source, name))).collect();
        if !uncovered.is_empty() {
            let own = SpiffeId::new(&self.trust_domain, listener.name.written()?.value.as_str()).ok()?;
            let mut identities = uncovered;
            identities.push(Identity::Spiffe(own));
            sources.push(CertificateSource::Authority(identities));
        }
        if sources.is_empty() {
            let message = "an https listener needs a certificate, and this one has neither names nor files";
            let hint =
                "add `names = [\"shop.example.com\"]`, or `certificate = { cert = \"…\", key = \"…\" }`";
            self.problems.tell(written.at, message, hint);
            return None;
        }
        Some(sources)
    }

    fn files(&mut self, listener: &written::Listener) -> Option<Vec<CertificateSource>> {
        if let (Some(one), Some(several)) = (listener.certificate.written(), listener.certificates.written())
        {
            let message = "both `certificate` and `certificates` are written";
            self.problems.tell(one.key.max(several.key), message, "put all of them into `certificates`");
        }
        let one = match &listener.certificate {
            Optional::Absent => Some(Vec::new()),
            Optional::Wrong => None,
            Optional::Written(at) => self.file(&at.value).map(|source| vec![source]),
        };
        let several = match &listener.certificates {
            Optional::Absent => Some(Vec::new()),
            Optional::Wrong => None,
            Optional::Written(list) => {
                let read: Vec<_> = list.value.0.iter().map(|at| self.file(&at.value)).collect();
                read.into_iter().collect()
            }
        };
        let mut sources = one?;
        sources.extend(several?);
        Some(sources)
    }

    fn file(&mut self, files: &CertificateFiles) -> Option<CertificateSource> {
        let chain = files.cert.written().and_then(|cert| self.pem(cert, Chain::from_pem));
        let key = files.key.written().and_then(|key| self.pem(key, PrivateKey::from_pem));
        let at = files.cert.written()?.at;
        let ((cert, chain), (key, private)) = (chain?, key?);
        self.in_its_time(at, &cert, &chain)?;
        match Credential::new(chain, private) {
            Ok(credential) => Some(CertificateSource::Files { cert, key, credential }),
            Err(CertificateError::KeyMismatch) => {
                let message = format!(
                    "the key in {} does not belong to the certificate in {}",
                    key.display(),
                    cert.display()
                );
                let at = files.key.written().map_or(at, |key| key.at);
                self.problems.tell(at, message, "name the key that the certificate was issued for");
                None
            }
            Err(error) => {
                self.problems.tell(
                    at,
                    format!("{}: {error}", cert.display()),
                    "name another certificate and key",
                );
                None
            }
        }
    }

    fn pem<T>(
        &mut self,
        written: &At<PathBuf>,
        read: impl Fn(&str) -> Result<T, CertificateError>,
    ) -> Option<(PathBuf, T)> {
        let path = self.folder.join(&written.value);
        let pem = match std::fs::read_to_string(&path) {
            Ok(pem) => pem,
            Err(error) => {
                let message = format!("{} can't be read: {error}", path.display());
                self.problems.tell(written.at, message, "name a PEM file that this user may read");
                return None;
            }
        };
        match read(&pem) {
            Ok(value) => Some((path, value)),
            Err(error) => {
                self.problems.tell(
                    written.at,
                    format!("{}: {error}", path.display()),
                    "name another PEM file",
                );
                None
            }
        }
    }

    /// Whether all certificates of the chain are valid now.
    fn in_its_time(&mut self, at: usize, path: &Path, chain: &Chain) -> Option<()> {
        for (depth, certificate) in chain.certificates().iter().enumerate() {
            let which = if depth == 0 { "the certificate" } else { "an intermediate certificate" };
            let (not_before, not_after) = (certificate.not_before, certificate.not_after);
            if not_after < self.now {
                let message = format!("{}: {which} expired at {not_after}", path.display());
                self.problems.tell(at, message, "renew it, or let the authority issue one: `names = […]`");
                return None;
            }
            if not_before > self.now {
                let message = format!("{}: {which} is not valid before {not_before}", path.display());
                self.problems.tell(at, message, "wait until then, or check this machine's clock");
                return None;
            }
        }
        Some(())
    }
}

/// Whether this certificate makes one for `name` unnecessary.
pub(super) fn covers(source: &CertificateSource, name: &Identity) -> bool {
    let host = match name {
        Identity::Dns(name) => name.as_str().to_owned(),
        Identity::Ip(address) => address.to_string(),
        Identity::Spiffe(_) => return false,
    };
    let identities = match source {
        CertificateSource::Authority(identities) => identities,
        CertificateSource::Files { credential, .. } => &credential.leaf().identities,
    };
    identities.iter().any(|identity| identity.covers_host(&host))
}
