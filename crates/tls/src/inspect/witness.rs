//! A verifier that lets everybody pass and remembers what there was to say against them.

use std::sync::{Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};

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
    testimony: Mutex<Option<Result<(), PeerCertificateProblem>>>,
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
        Self { strict, testimony: Mutex::new(None) }
    }

    /// What the verifier said; `None` if no certificate came.
    pub(super) fn testimony(&self) -> Option<Result<(), PeerCertificateProblem>> {
        self.testimony.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first problem stands, and nothing heals it.
    fn note(&self, said: Result<(), rustls::Error>) {
        let mut testimony = self.testimony.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*testimony, Some(Err(_))) {
            *testimony = Some(said.map_err(|error| failure::of_verification(&error)));
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
        self.strict.supported_verify_schemes()
    }
}
