//! Who may stand at the far end: a chain to our anchors, and the name that we expect.
//!
//! The chain is webpki's to judge. What this file adds is the name check for SPIFFE IDs, and errors
//! that say which side of the trust is wrong.

mod client;

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};

use crate::certificate::{Certificate, Fingerprint};
use crate::error::{PeerCertificateProblem, SettingsError};
use crate::identity::Identity;
use crate::trust::TrustAnchors;
pub(crate) use client::ClientVerifier;

/// Verifies a server: its chain, and that it is who we expect.
#[derive(Debug)]
pub(crate) struct ServerVerifier {
    pub(crate) trust: TrustAnchors,
    pub(crate) expected: Identity,
    /// The certificates that it may show besides; empty: any of that name.
    pub(crate) pins: Vec<Fingerprint>,
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
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
        let parsed = ParsedCertificate::try_from(end_entity)?;
        let roots: &RootCertStore = self.trust.roots();
        verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, now, self.algorithms.all)
            .map_err(|error| blame_the_issuer(error, &leaf))?;
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
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn read_leaf(der: &CertificateDer<'_>) -> Result<Certificate, rustls::Error> {
    Certificate::from_der(der).map_err(|_| CertificateError::BadEncoding.into())
}

/// The SPIFFE ID of an X.509-SVID, which holds exactly one (X509-SVID, section 2).
fn only_spiffe_id(leaf: &Certificate) -> Option<&Identity> {
    let mut ids = leaf.identities.iter().filter(|identity| matches!(identity, Identity::Spiffe(_)));
    ids.next().filter(|_| ids.next().is_none())
}

fn wrong_name(expected: &Identity, leaf: &Certificate) -> rustls::Error {
    let presented: Vec<String> = leaf.identities.iter().map(Identity::to_string).collect();
    let presented = if presented.is_empty() { "nobody".to_owned() } else { presented.join(", ") };
    problem(PeerCertificateProblem::WrongName { expected: expected.to_string(), presented })
}

/// A problem in our own words.
fn problem(problem: PeerCertificateProblem) -> rustls::Error {
    CertificateError::Other(OtherError(Arc::new(problem))).into()
}

/// An authority of the same name with another key (a second installation, say) shows as a bad
/// signature, and a self-signed certificate as an authority out of place; what is wrong with both is
/// that nobody whom we trust signed them.
fn blame_the_issuer(error: rustls::Error, leaf: &Certificate) -> rustls::Error {
    let foreign = match &error {
        rustls::Error::InvalidCertificate(CertificateError::BadSignature) => true,
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => {
            leaf.is_self_issued && matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
        }
        _ => false,
    };
    if foreign { CertificateError::UnknownIssuer.into() } else { error }
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
