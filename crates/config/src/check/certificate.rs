//! Where a listener's certificates come from, with the files read and their dates compared.

use std::path::{Path, PathBuf};

use hermetic_tls::{CertificateError, Chain, Credential, Identity, PrivateKey, SpiffeId};
use hermetic_x509::Purpose;

use super::Check;
use crate::model::CertificateSource;
use crate::written::table::{At, Optional};
use crate::written::text::Served;
use crate::written::{self, Certificate, CertificateFiles, default};

impl Check<'_, '_> {
    /// Those that are brought first, as written; then the authority for the names that none of them covers.
    pub(super) fn certificates(&mut self, written: &At<written::Listener>) -> Option<Vec<CertificateSource>> {
        let listener = &written.value;
        let brought = self.brought(listener);
        let names = match &listener.names {
            Optional::Absent => Some([].as_slice()),
            Optional::Wrong => None,
            Optional::Written(names) => Some(names.value.0.as_slice()),
        };
        let (mut sources, names) = (brought?, names?);
        let covered = |name: &&At<Served>| sources.iter().any(|source| covers(source, &name.value.0));
        let uncovered: Vec<&At<Served>> = names.iter().filter(|name| !covered(name)).collect();
        match uncovered.is_empty() {
            true => self.needless_issuance(listener),
            false => sources.push(self.issued(listener, &uncovered)?),
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

    /// The authority issues for these names, and for the listener's own SPIFFE ID where its profile lets it.
    fn issued(&mut self, listener: &written::Listener, names: &[&At<Served>]) -> Option<CertificateSource> {
        let (profile, issuer) = (&listener.profile, &listener.issuer);
        let issuance = self.issuance(profile, issuer, default::LISTENER_PROFILE, Purpose::Server)?;
        let mut all_hold = true;
        for name in names {
            all_hold &= self.certifiable(&issuance, &name.value.0, name.at).is_some();
        }
        let own = SpiffeId::new(&self.trust_domain, listener.name.written()?.value.as_str()).ok()?;
        let own = Some(Identity::Spiffe(own)).filter(|own| self.certifies(&issuance, own));
        let identities = names.iter().map(|name| name.value.0.clone()).chain(own).collect();
        all_hold.then_some(CertificateSource::Authority { identities, issuance })
    }

    /// Tells the keys that say how the authority issues, where it issues nothing.
    fn needless_issuance(&mut self, listener: &written::Listener) {
        let keys = [("profile", listener.profile.place()), ("issuer", listener.issuer.place())];
        for (key, written) in keys {
            if let Some(written) = written.written() {
                let message = format!(
                    "the authority issues no certificate for this listener, so `{key}` has no meaning"
                );
                self.problems.tell(
                    written.key,
                    message,
                    "take it out, or add `names` that it is to issue for",
                );
            }
        }
    }

    fn brought(&mut self, listener: &written::Listener) -> Option<Vec<CertificateSource>> {
        if let (Some(one), Some(several)) = (listener.certificate.written(), listener.certificates.written())
        {
            let message = "both `certificate` and `certificates` are written";
            self.problems.tell(one.key.max(several.key), message, "put all of them into `certificates`");
        }
        let one = match &listener.certificate {
            Optional::Absent => Some(Vec::new()),
            Optional::Wrong => None,
            Optional::Written(at) => self.bring(&at.value).map(|source| vec![source]),
        };
        let several = match &listener.certificates {
            Optional::Absent => Some(Vec::new()),
            Optional::Wrong => None,
            Optional::Written(list) => {
                let read: Vec<_> = list.value.0.iter().map(|at| self.bring(&at.value)).collect();
                read.into_iter().collect()
            }
        };
        let mut sources = one?;
        sources.extend(several?);
        Some(sources)
    }

    fn bring(&mut self, certificate: &Certificate) -> Option<CertificateSource> {
        match certificate {
            Certificate::Stored(stored) => {
                Some(CertificateSource::Stored(stored.stored.written()?.value.clone()))
            }
            Certificate::Files(CertificateFiles { cert, key }) => {
                let instead = "renew it, or let the authority issue one: `names = […]`";
                let (cert, key, credential) = self.key_pair(cert.written(), key.written(), instead)?;
                Some(CertificateSource::Files { cert, key, credential })
            }
        }
    }

    /// A certificate and its key, in files. `instead` says what to do where it has ended.
    pub(super) fn key_pair(
        &mut self,
        cert: Option<&At<PathBuf>>,
        key: Option<&At<PathBuf>>,
        instead: &str,
    ) -> Option<(PathBuf, PathBuf, Credential)> {
        let chain = cert.and_then(|cert| self.pem(cert, Chain::from_pem));
        let private = key.and_then(|key| self.pem(key, PrivateKey::from_pem));
        let (at, key_at) = (cert?.at, key?.at);
        let ((cert, chain), (key, private)) = (chain?, private?);
        self.in_its_time(at, &cert, &chain, instead)?;
        match Credential::new(chain, private) {
            Ok(credential) => Some((cert, key, credential)),
            Err(CertificateError::KeyMismatch) => {
                let message = format!(
                    "the key in {} does not belong to the certificate in {}",
                    key.display(),
                    cert.display()
                );
                self.problems.tell(key_at, message, "name the key that the certificate was issued for");
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
        let pem = match self.read(&path) {
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
    fn in_its_time(&mut self, at: usize, path: &Path, chain: &Chain, instead: &str) -> Option<()> {
        for (depth, certificate) in chain.certificates().iter().enumerate() {
            let which = if depth == 0 { "the certificate" } else { "an intermediate certificate" };
            let (not_before, not_after) = (certificate.not_before, certificate.not_after);
            if not_after < self.now {
                let message = format!("{}: {which} expired at {not_after}", path.display());
                self.problems.tell(at, message, instead);
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
    source.identities().iter().any(|identity| identity.covers_host(&host))
}
