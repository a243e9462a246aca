//! Who a client is: a chain to the listener's anchors, none of it revoked.

use std::cell::RefCell;
use std::time::Duration;

use jiff::Timestamp;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage, VerifiedPath};

use super::{blame, of_webpki, problem, read_leaf};
use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::error::PeerCertificateProblem;
use crate::failure;
use crate::revocation::{CertificationPath, Revocations, Signer};
use crate::ticket;
use crate::trust::TrustAnchors;

/// Verifies a client's chain; who may come in is the guard's to say.
#[derive(Debug)]
pub(crate) struct ClientVerifier {
    trust: TrustAnchors,
    /// What clients are told of whom we believe.
    hints: Vec<DistinguishedName>,
    required: bool,
    revocations: Revocations,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientVerifier {
    pub(crate) fn new(
        trust: &TrustAnchors,
        required: bool,
        revocations: Revocations,
        provider: &CryptoProvider,
    ) -> Self {
        let (trust, algorithms) = (trust.clone(), provider.signature_verification_algorithms);
        Self { hints: trust.roots().subjects(), trust, required, revocations, algorithms }
    }

    /// One that serves no handshake.
    pub(crate) fn for_paths(trust: &TrustAnchors) -> Self {
        Self::new(trust, true, Revocations::default(), &default_provider())
    }

    /// The path of a chain to an anchor.
    pub(crate) fn path_of(
        &self,
        chain: &Chain,
        at: Timestamp,
    ) -> Result<CertificationPath, PeerCertificateProblem> {
        let der = |certificate: &Certificate| CertificateDer::from(certificate.der.to_vec());
        let behind: Vec<_> = chain.certificates().iter().skip(1).map(der).collect();
        let now = Duration::from_secs(at.as_second().try_into().unwrap_or_default());
        self.path(&der(chain.leaf()), &behind, UnixTime::since_unix_epoch(now)).map_err(|error| {
            failure::of_verification(&blame::of_chain(error, chain.leaf(), &behind, &self.trust))
        })
    }

    /// The path to an anchor, with nothing in it that is revoked or may be.
    ///
    /// The chain is webpki's to judge; whether it is revoked is ours. webpki would verify a CRL's
    /// signature again in every handshake, and takes the first CRL of a name where an issuer that has
    /// changed its key has two.
    fn path(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<CertificationPath, rustls::Error> {
        let leaf = EndEntityCert::try_from(end_entity).map_err(of_webpki)?;
        let (path, refusal) = (RefCell::new(None), RefCell::new(None));
        let sound = |verified: &VerifiedPath<'_>| {
            let found = CertificationPath::of(verified).ok_or(webpki::Error::BadDer)?;
            match self.refusal(&found, verified, now) {
                None => {
                    path.replace(Some(found));
                    Ok(())
                }
                Some(refused) => {
                    refusal.replace(Some(refused));
                    Err(webpki::Error::CertRevoked)
                }
            }
        };
        let algorithms = self.algorithms.all;
        let roots = &self.trust.roots().roots;
        let verified = leaf
            .verify_for_usage(
                algorithms,
                roots,
                intermediates,
                now,
                KeyUsage::client_auth(),
                None,
                Some(&sound),
            )
            .map(drop);
        match (verified, refusal.take(), path.take()) {
            (Ok(()), _, Some(path)) => Ok(path),
            (Err(_), Some(PeerCertificateProblem::Revoked), _) => Err(CertificateError::Revoked.into()),
            (Err(_), Some(refused), _) => Err(problem(refused)),
            (Err(error), None, _) => Err(of_webpki(error)),
            (Ok(()), ..) => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
    }

    fn refusal(
        &self,
        path: &CertificationPath,
        verified: &VerifiedPath<'_>,
        now: UnixTime,
    ) -> Option<PeerCertificateProblem> {
        // Only now: a stranger may send another's name and key in a certificate of its own making.
        self.revocations
            .learn(|| verified.intermediate_certificates().map(|issuer| Signer::of(&issuer.der())));
        let now = i64::try_from(now.as_secs()).ok().and_then(|now| Timestamp::from_second(now).ok());
        let issuer_of = |place: usize| {
            let der = match place.checked_sub(1) {
                None => verified.end_entity().der(),
                Some(place) => verified.intermediate_certificates().nth(place)?.der(),
            };
            read_leaf(&der).ok().map(|certificate| certificate.issuer)
        };
        self.revocations.standing(path, now.unwrap_or(Timestamp::MAX)).problem(issuer_of)
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let leaf = read_leaf(end_entity)?;
        let judged = self.path(end_entity, intermediates, now);
        let path = judged.map_err(|error| blame::of_chain(error, &leaf, intermediates, &self.trust))?;
        ticket::proven_by(path);
        Ok(ClientCertVerified::assertion())
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn client_auth_mandatory(&self) -> bool {
        self.required
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
