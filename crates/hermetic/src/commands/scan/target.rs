//! What is scanned, from what was typed.

use std::path::Path;
use std::sync::{Arc, Once};

use hermetic_probe::{Extent, Target};
use hermetic_tls::{
    CertificateError, Chain, Credential, Identity, PrivateKey, RevokedCertificates, SecurityPolicy,
    TrustAnchors,
};

use super::extent;
use super::typed::Typed;
use crate::arguments::Scan;
use crate::exit::Failure;

/// That paths are passed over is said once, however many targets have one and however often they are read.
static NOTED: Once = Once::new();

/// What was said of all targets.
#[derive(Debug)]
pub struct Given {
    /// Who it must be, where that is not its host.
    pub expected: Option<Identity>,
    /// Whom is believed.
    pub trust: TrustAnchors,
    /// What it is measured by.
    pub policy: &'static SecurityPolicy,
    /// Who we are, to one that asks for a client certificate.
    pub credential: Option<Arc<Credential>>,
    /// How far is looked beside the handshakes.
    pub extent: Option<Arc<Extent>>,
}

impl Given {
    /// Reads the files that were named.
    pub fn of(arguments: &Scan) -> Result<Self, Failure> {
        let trust = trust(arguments)?;
        // Only a full scan looks there, and roots are read once for all targets.
        let extent = (!arguments.fast).then(|| Arc::new(extent::of(arguments, &trust)));
        Ok(Self {
            expected: arguments.sni.clone(),
            trust,
            extent,
            policy: policy(&arguments.policy)?,
            credential: credential(arguments)?.map(Arc::new),
        })
    }

    /// The target that is written so.
    pub fn target(&self, text: &str) -> Result<Target, Failure> {
        let Typed { endpoint, passed_over } = Typed::read(text)?;
        if passed_over {
            NOTED.call_once(|| {
                eprintln!(
                    "note: what stands behind host and port of `{text}` is passed over, and of others like it: \
                     scanned is the endpoint, {endpoint}"
                );
            });
        }
        let expected = match &self.expected {
            Some(name) => name.clone(),
            None => Identity::host(&endpoint.host).map_err(|error| Failure::wrong(error.to_string()))?,
        };
        let (trust, policy, credential) = (self.trust.clone(), self.policy, self.credential.clone());
        let (revoked, extent) = (RevokedCertificates::default(), self.extent.clone());
        Ok(Target { endpoint, trust, revoked, expected, policy, credential, extent })
    }
}

/// A policy by its name, or in a file.
fn policy(written: &str) -> Result<&'static SecurityPolicy, Failure> {
    let path = Path::new(written);
    let is_file =
        path.extension().is_some_and(|it| it.eq_ignore_ascii_case("toml") || it.eq_ignore_ascii_case("json"));
    if is_file { Ok(hermetic_config::read_policy(path)?) } else { Ok(SecurityPolicy::named(written)?) }
}

fn trust(arguments: &Scan) -> Result<TrustAnchors, Failure> {
    let Some(file) = &arguments.trust else {
        return TrustAnchors::system()
            .map_err(|error| Failure::unable(format!("the system's roots can't be used: {error}")));
    };
    pem(file, "the roots", TrustAnchors::from_pem)
}

/// Who we are, where a file says so; the key may be in the same.
fn credential(arguments: &Scan) -> Result<Option<Credential>, Failure> {
    let Some(file) = &arguments.client_cert else { return Ok(None) };
    let chain = pem(file, "the client certificate", Chain::from_pem)?;
    let key_file = arguments.client_key.as_ref().unwrap_or(file);
    let key = pem(key_file, "the client's key", PrivateKey::from_pem)?;
    let joined = Credential::new(chain, key);
    joined.map(Some).map_err(|error| Failure::wrong(error.to_string()).at(key_file.display().to_string()))
}

fn pem<T>(file: &Path, what: &str, read: impl Fn(&str) -> Result<T, CertificateError>) -> Result<T, Failure> {
    let place = || file.display().to_string();
    let pem = std::fs::read_to_string(file)
        .map_err(|error| Failure::wrong(format!("{what} can't be read: {error}")).at(place()))?;
    read(&pem).map_err(|error| Failure::wrong(error.to_string()).at(place()))
}
