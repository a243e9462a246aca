//! What is really wrong with a certificate where the verifier's word for it is that of the last thing it tried.

use der::asn1::UintRef;
use der::{Decode, Sequence};
use rustls::CertificateError;
use rustls::pki_types::CertificateDer;

use super::problem;
use crate::certificate::Certificate;
use crate::error::PeerCertificateProblem;
use crate::trust::TrustAnchors;

/// What webpki reads of a certificate: what two bytes of length can say.
const LARGEST: usize = 0xFFFF;

/// The RSA keys by which signatures are verified, in bits.
const RSA: std::ops::RangeInclusive<usize> = 2048..=8192;

/// RSAPublicKey (RFC 8017 appendix A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// The true reason why a chain was refused.
///
/// An authority of the same name with another key (a second installation, say) shows as a bad signature, and a
/// self-signed certificate as an authority out of place; what is wrong with both is that nobody whom we trust
/// signed them, unless we trust the certificate itself. A key that is too short verifies nothing, which shows as a
/// bad signature as well.
pub(super) fn of_chain(
    error: rustls::Error,
    leaf: &Certificate,
    intermediates: &[CertificateDer<'_>],
    trust: &TrustAnchors,
) -> rustls::Error {
    let rustls::Error::InvalidCertificate(refusal) = &error else { return error };
    let size = leaf.der.len();
    match refusal {
        CertificateError::BadEncoding if size > LARGEST => {
            problem(PeerCertificateProblem::TooLarge { size, limit: LARGEST })
        }
        CertificateError::BadSignature => {
            unfit_signer(leaf, intermediates, trust).map_or(CertificateError::UnknownIssuer.into(), problem)
        }
        CertificateError::Other(other)
            if leaf.is_self_issued
                && !trust.certificates().iter().any(|trusted| trusted.fingerprint == leaf.fingerprint)
                && matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity)) =>
        {
            CertificateError::UnknownIssuer.into()
        }
        _ => error,
    }
}

/// The true reason why the signature of a handshake was refused.
pub(super) fn of_handshake(error: rustls::Error, leaf: &CertificateDer<'_>) -> rustls::Error {
    match &error {
        rustls::Error::InvalidCertificate(CertificateError::BadSignature) => {
            unfit(leaf).map_or(error, problem)
        }
        _ => error,
    }
}

/// That an authority behind it, sent or trusted, has a key by which nothing is verified.
fn unfit_signer(
    leaf: &Certificate,
    intermediates: &[CertificateDer<'_>],
    trust: &TrustAnchors,
) -> Option<PeerCertificateProblem> {
    let sent: Vec<Certificate> =
        intermediates.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
    let named = |signer: &&Certificate| {
        std::iter::once(leaf).chain(&sent).any(|it| it.issuer == signer.subject && it.der != signer.der)
    };
    sent.iter().chain(trust.certificates()).filter(named).find_map(|signer| unfit(&signer.der))
}

/// That its RSA key is of a length by which nothing is verified.
fn unfit(der: &[u8]) -> Option<PeerCertificateProblem> {
    let certificate = x509_cert::Certificate::from_der(der).ok()?;
    let key = certificate.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
    // Keys of other kinds are no such sequence.
    let modulus = RsaPublicKey::from_der(key).ok()?.modulus.as_bytes();
    let bits = modulus.len() * 8 - usize::try_from(modulus.first()?.leading_zeros()).ok()?;
    let told = || {
        let (least, most) = RSA.into_inner();
        PeerCertificateProblem::Key(format!("one of RSA with {bits} bits; {least} to {most} are taken"))
    };
    (!RSA.contains(&bits)).then(told)
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};

    use crate::testing::{Authority, NOW};
    use crate::{PeerCertificateProblem, TrustAnchors};

    /// What speaks against a certificate of an authority that is trusted, changed in some way.
    fn against(change: impl FnOnce(&mut CertificateParams)) -> Option<PeerCertificateProblem> {
        let authority = Authority::new("A");
        let mut params = CertificateParams::new(vec!["app.test".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "app.test");
        change(&mut params);
        let leaf = params.signed_by(&KeyPair::generate().unwrap(), &authority.issuer).unwrap();
        authority.trust().vouch_for(leaf.der(), &[] as &[&[u8]], NOW.parse().unwrap()).err()
    }

    #[test]
    fn a_certificate_that_is_larger_than_verification_takes_is_told_as_that() {
        let names = |count: usize| {
            let names: Vec<String> = (0..count).map(|place| format!("name-{place:08}.app.test")).collect();
            against(|params| {
                params.subject_alt_names = CertificateParams::new(names).unwrap().subject_alt_names;
            })
        };
        assert_eq!(names(2000), None);
        let Some(PeerCertificateProblem::TooLarge { size, limit: 65_535 }) = names(40_000) else {
            panic!("it is taken, or refused for something else")
        };
        assert!(size > 900_000, "{size}");
    }

    #[test]
    fn an_authority_s_certificate_in_place_of_a_server_s_is_told_as_that() {
        let is_authority = |params: &mut CertificateParams| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        };
        assert_eq!(against(is_authority), Some(PeerCertificateProblem::Authority));
        let for_clients = |params: &mut CertificateParams| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        };
        assert_eq!(against(for_clients), Some(PeerCertificateProblem::Purpose));
    }

    #[test]
    fn a_self_signed_authority_in_place_of_a_server_is_untrusted_only_where_nobody_trusts_it() {
        let authority = Authority::new("A");
        let refused = |trust: TrustAnchors| {
            trust.vouch_for(&authority.certificate().der, &[] as &[&[u8]], NOW.parse().unwrap()).err()
        };
        assert_eq!(refused(authority.trust()), Some(PeerCertificateProblem::Authority));
        assert_eq!(refused(Authority::new("B").trust()), Some(PeerCertificateProblem::UnknownIssuer));
    }
}
