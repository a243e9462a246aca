//! A verifier that lets everybody pass and remembers what there was to say against them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};

use super::Shown;
use crate::engine::Engine;
use crate::error::PeerCertificateProblem;
use crate::failure;
use crate::identity::Identity;
use crate::revocation::RevokedCertificates;
use crate::trust::TrustAnchors;
use crate::verify::{ProvenPaths, ServerVerifier};

/// The strict verifier's judgement, noted instead of enforced. One witness, one handshake.
///
/// Crate-private, and used by [`super::Inspection`] alone, from which no stream comes out.
#[derive(Debug)]
pub(super) struct Witness {
    strict: ServerVerifier,
    /// What is offered instead of all that can be verified; empty: that.
    schemes: Vec<SignatureScheme>,
    testimony: Mutex<Testimony>,
}

#[derive(Debug, Default)]
struct Testimony {
    said: Option<Result<(), PeerCertificateProblem>>,
    shown: Option<Shown>,
}

impl Witness {
    pub(super) fn new(
        trust: &TrustAnchors,
        revoked: &RevokedCertificates,
        expected: &Identity,
        engine: &Engine,
    ) -> Self {
        let strict = ServerVerifier {
            trust: trust.clone(),
            expected: expected.clone(),
            pins: Vec::new(),
            revoked: revoked.clone(),
            proven: ProvenPaths::default(),
            algorithms: engine.provider.signature_verification_algorithms,
        };
        Self { strict, schemes: Vec::new(), testimony: Mutex::default() }
    }

    /// Offering these schemes; none: all that can be verified.
    pub(super) fn offering(self, schemes: Vec<SignatureScheme>) -> Self {
        Self { schemes, ..self }
    }

    /// What the verifier said; `None` if no certificate came.
    pub(super) fn testimony(&self) -> Option<Result<(), PeerCertificateProblem>> {
        self.lock().said.clone()
    }

    /// What the far end showed; `None` if no certificate came.
    pub(super) fn shown(&self) -> Option<Shown> {
        self.lock().shown.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Testimony> {
        self.testimony.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first problem stands, and nothing heals it.
    fn note(&self, said: Result<(), rustls::Error>) {
        let mut testimony = self.lock();
        if !matches!(testimony.said, Some(Err(_))) {
            testimony.said = Some(said.map_err(|error| failure::of_verification(&error)));
        }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let ders = std::iter::once(end_entity).chain(intermediates);
        self.lock().shown = Some(Shown {
            certificates: ders.map(|der| Bytes::copy_from_slice(der)).collect(),
            stapled: (!ocsp_response.is_empty()).then(|| Bytes::copy_from_slice(ocsp_response)),
        });
        let judged =
            self.strict.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        self.note(judged.map(drop));
        Ok(ServerCertVerified::assertion())
    }

    // A certificate that can't be read (version 1) or whose key is too short has no signature that
    // could be verified. That is a reason not to believe it, and no reason not to look at it.

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.note(self.strict.verify_tls12_signature(message, cert, dss).map(drop));
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.note(self.strict.verify_tls13_signature(message, cert, dss).map(drop));
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        if self.schemes.is_empty() { self.strict.supported_verify_schemes() } else { self.schemes.clone() }
    }
}
