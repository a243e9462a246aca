//! Who may stand at the far end: a chain to our anchors, and the name that we expect.
//!
//! The chain is webpki's to judge. What this file adds is the name check for SPIFFE IDs, and errors
//! that say which side of the trust is wrong.

mod blame;
mod client;

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage, VerifiedPath};

use crate::certificate::{Certificate, Fingerprint};
use crate::error::{PeerCertificateProblem, SettingsError};
use crate::identity::Identity;
use crate::revocation::{CertificationPath, RevokedCertificates};
use crate::trust::TrustAnchors;
pub(crate) use client::ClientVerifier;

/// How many ways to an anchor are remembered: those of the endpoints of one upstream.
const PATHS: usize = 64;

/// Verifies a server: its chain, that none of it is revoked, and that it is who we expect.
#[derive(Debug)]
pub(crate) struct ServerVerifier {
    pub(crate) trust: TrustAnchors,
    pub(crate) expected: Identity,
    /// The certificates that it may show besides; empty: any of that name.
    pub(crate) pins: Vec<Fingerprint>,
    /// What an authority of ours has revoked.
    pub(crate) revoked: RevokedCertificates,
    /// By which paths servers have proven themselves.
    pub(crate) proven: ProvenPaths,
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
}

/// By which paths servers have proven themselves, the latest of them. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProvenPaths(Arc<Mutex<Vec<CertificationPath>>>);

impl ProvenPaths {
    /// Whether one of them is revoked by now: sessions and connections rest on it.
    pub(crate) fn are_revoked(&self, revoked: &RevokedCertificates) -> bool {
        self.paths().iter().any(|path| revoked.revokes(path))
    }

    /// Forgets them: nothing rests on them any more.
    pub(crate) fn forget(&self) {
        self.paths().clear();
    }

    fn remember(&self, path: CertificationPath) {
        let mut paths = self.paths();
        if !paths.contains(&path) {
            if paths.len() == PATHS {
                paths.remove(0);
            }
            paths.push(path);
        }
    }

    fn paths(&self) -> MutexGuard<'_, Vec<CertificationPath>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerVerifier {
    /// The path to an anchor, with nothing in it that is revoked; `None` where a certificate in it can't be
    /// read here, which is none of ours then.
    fn path(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Option<CertificationPath>, rustls::Error> {
        let leaf = EndEntityCert::try_from(end_entity).map_err(of_webpki)?;
        let (path, is_revoked) = (RefCell::new(None), Cell::new(false));
        let sound = |verified: &VerifiedPath<'_>| {
            let found = CertificationPath::of(verified);
            if found.as_ref().is_some_and(|found| self.revoked.revokes(found)) {
                is_revoked.set(true);
                return Err(webpki::Error::CertRevoked);
            }
            path.replace(found);
            Ok(())
        };
        let (algorithms, roots) = (self.algorithms.all, &self.trust.roots().roots);
        let usage = KeyUsage::server_auth();
        leaf.verify_for_usage(algorithms, roots, intermediates, now, usage, None, Some(&sound)).map_err(
            |error| match is_revoked.get() {
                true => CertificateError::Revoked.into(),
                false => of_webpki(error),
            },
        )?;
        Ok(path.take())
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let leaf = read_leaf(end_entity)?;
        let truth = |error| blame::of_chain(error, &leaf, intermediates, &self.trust);
        let parsed = ParsedCertificate::try_from(end_entity).map_err(truth)?;
        let path = self.path(end_entity, intermediates, now).map_err(truth)?;
        let named = match &self.expected {
            Identity::Dns(_) | Identity::Ip(_) => verify_server_name(&parsed, server_name).is_ok(),
            Identity::Spiffe(_) => only_spiffe_id(&leaf) == Some(&self.expected),
        };
        if !named {
            return Err(wrong_name(&self.expected, &leaf));
        }
        if !self.pins.is_empty() && !self.pins.contains(&leaf.fingerprint) {
            return Err(problem(PeerCertificateProblem::NotPinned { presented: leaf.fingerprint }));
        }
        path.into_iter().for_each(|path| self.proven.remember(path));
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let verified = verify_tls12_signature(message, cert, dss, &self.algorithms);
        verified.map_err(|error| blame::of_handshake(error, cert))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let verified = verify_tls13_signature(message, cert, dss, &self.algorithms);
        verified.map_err(|error| blame::of_handshake(error, cert))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Whether anchors vouch for a server's certificate at this instant, over these intermediates in any order.
/// Whose it is, is not asked.
pub(crate) fn vouch(
    trust: &TrustAnchors,
    leaf: &[u8],
    intermediates: &[impl AsRef<[u8]>],
    at: UnixTime,
) -> Result<(), rustls::Error> {
    let verifier = ServerVerifier {
        trust: trust.clone(),
        expected: Identity::Ip(std::net::Ipv4Addr::UNSPECIFIED.into()),
        pins: Vec::new(),
        revoked: RevokedCertificates::default(),
        proven: ProvenPaths::default(),
        algorithms: default_provider().signature_verification_algorithms,
    };
    let der = CertificateDer::from(leaf);
    let intermediates: Vec<CertificateDer<'_>> =
        intermediates.iter().map(|der| der.as_ref().into()).collect();
    let read = read_leaf(&der)?;
    let judged = verifier.path(&der, &intermediates, at);
    judged.map_err(|error| blame::of_chain(error, &read, &intermediates, trust))?;
    Ok(())
}

fn read_leaf(der: &CertificateDer<'_>) -> Result<Certificate, rustls::Error> {
    let unreadable = |why| problem(PeerCertificateProblem::Other(format!("it can't be read: {why}")));
    Certificate::from_der(der).map_err(unreadable)
}

/// The SPIFFE ID of an X.509-SVID, which holds exactly one (X509-SVID, section 2).
fn only_spiffe_id(leaf: &Certificate) -> Option<&Identity> {
    let mut ids = leaf.identities.iter().filter(|identity| matches!(identity, Identity::Spiffe(_)));
    ids.next().filter(|_| ids.next().is_none())
}

fn wrong_name(expected: &Identity, leaf: &Certificate) -> rustls::Error {
    let presented: Vec<String> = leaf.identities.iter().map(Identity::to_string).collect();
    let presented =
        if presented.is_empty() { "no name that clients look at".to_owned() } else { presented.join(", ") };
    problem(PeerCertificateProblem::WrongName { expected: expected.to_string(), presented })
}

/// A problem in our own words.
fn problem(problem: PeerCertificateProblem) -> rustls::Error {
    CertificateError::Other(OtherError(Arc::new(problem))).into()
}

/// The name by which rustls dials an expected identity; an error for one that nobody can prove to be.
///
/// A SPIFFE ID is no host, and no SNI may go out for it. It never does for an address, so the
/// unspecified one stands for "no name"; the verifier asks for the ID and not for this.
pub(crate) fn dialled_name(expected: &Identity) -> Result<ServerName<'static>, SettingsError> {
    match expected {
        Identity::Dns(name) => ServerName::try_from(name.as_str().to_owned())
            .map_err(|_| SettingsError::Expected(expected.to_string())),
        Identity::Ip(address) => Ok(ServerName::IpAddress((*address).into())),
        Identity::Spiffe(_) => Ok(ServerName::IpAddress(std::net::Ipv4Addr::UNSPECIFIED.into())),
    }
}

/// webpki's finding as rustls would have told it, so that the alert is the same.
fn of_webpki(error: webpki::Error) -> rustls::Error {
    use webpki::Error::*;
    match error {
        BadDer | BadDerTime | TrailingData(_) => CertificateError::BadEncoding,
        CertNotValidYet { time, not_before } => CertificateError::NotValidYetContext { time, not_before },
        CertExpired { time, not_after } => CertificateError::ExpiredContext { time, not_after },
        InvalidCertValidity => CertificateError::Expired,
        UnknownIssuer => CertificateError::UnknownIssuer,
        InvalidSignatureForPublicKey => CertificateError::BadSignature,
        RequiredEkuNotFoundContext(_) => CertificateError::InvalidPurpose,
        other => CertificateError::Other(OtherError(Arc::new(other))),
    }
    .into()
}
