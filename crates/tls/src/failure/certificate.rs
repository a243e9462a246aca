//! What the TLS library has against a certificate, in our words: one table.
//!
//! Its own words are names of its types, and some of them print every algorithm that it knows.

use der::asn1::ObjectIdentifier;
use der::{Decode, SliceReader};
use jiff::Timestamp;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use crate::error::PeerCertificateProblem;

/// Ways of signing for which collisions are made, as openssl calls them.
const BROKEN: [(&str, &str); 6] = [
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.3.14.3.2.29", "sha1WithRSA"),
    ("1.2.840.10040.4.3", "dsaWithSHA1"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
];

pub(super) fn of_certificate(problem: &CertificateError) -> PeerCertificateProblem {
    use CertificateError as Error;
    match problem {
        Error::ExpiredContext { not_after, .. } => PeerCertificateProblem::Expired(instant(*not_after)),
        Error::NotValidYetContext { not_before, .. } => {
            PeerCertificateProblem::NotYetValid(instant(*not_before))
        }
        // Without a date: webpki says so of a certificate whose validity ends before it begins.
        Error::Expired => other("it expired before it began"),
        Error::UnknownIssuer => PeerCertificateProblem::UnknownIssuer,
        Error::Revoked => PeerCertificateProblem::Revoked,
        Error::InvalidPurpose | Error::InvalidPurposeContext { .. } => PeerCertificateProblem::Purpose,
        Error::UnsupportedSignatureAlgorithmContext { signature_algorithm_id, .. } => {
            signed_with(signature_algorithm_id)
        }
        Error::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => key_of_another_kind(),
        Error::BadEncoding => other("it is not encoded as X.509 has it (RFC 5280)"),
        // In a chain the issuer is to blame for that, which our verifiers say; here it is the handshake.
        Error::BadSignature => {
            other("whoever sent it does not hold its key: the handshake is not signed with it")
        }
        Error::UnhandledCriticalExtension => other(CRITICAL),
        Error::NotValidForName | Error::NotValidForNameContext { .. } => other("it is for another name"),
        Error::UnknownRevocationStatus
        | Error::ExpiredRevocationList
        | Error::ExpiredRevocationListContext { .. } => other("whether it is revoked can't be told"),
        Error::InvalidOcspResponse => other("the OCSP response that came with it is not sound"),
        Error::Other(within) => of_other(within),
        _ => other(NAMELESS),
    }
}

/// Our own verifier says it in our words already; else it is a word of webpki's that rustls has not.
fn of_other(within: &rustls::OtherError) -> PeerCertificateProblem {
    let ours = within.0.downcast_ref::<PeerCertificateProblem>().cloned();
    let webpki = || within.0.downcast_ref::<webpki::Error>().map(of_webpki);
    ours.or_else(webpki).unwrap_or_else(|| other(NAMELESS))
}

const NAMELESS: &str = "the TLS library refused it, and does not say why in words";
const CRITICAL: &str = "it, or an authority behind it, has a critical extension that is not known here";

/// Those of webpki's errors that rustls has no name for.
fn of_webpki(error: &webpki::Error) -> PeerCertificateProblem {
    use webpki::Error;
    other(match error {
        Error::CaUsedAsEndEntity => return PeerCertificateProblem::Authority,
        Error::UnsupportedSignatureAlgorithmContext(context) => {
            return signed_with(&context.signature_algorithm_id);
        }
        Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => return key_of_another_kind(),
        Error::CertRevoked => return PeerCertificateProblem::Revoked,
        Error::EndEntityUsedAsCa => "it is signed by a certificate that may sign none",
        Error::NameConstraintViolation => {
            "an authority behind it may not issue for its names (name constraints)"
        }
        Error::PathLenConstraintViolated => {
            "an authority behind it may not have so many below it (path length)"
        }
        Error::MaximumPathDepthExceeded => {
            "there are more than six authorities between it and a root, and verification goes no further"
        }
        Error::MaximumSignatureChecksExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumNameConstraintComparisonsExceeded => {
            "its chain leads more ways than verification goes"
        }
        Error::UnsupportedCertVersion => "it is not of version 3 of X.509, the only one with extensions",
        Error::UnsupportedCriticalExtension => CRITICAL,
        Error::SignatureAlgorithmMismatch => {
            "within its signature it names another way of signing than beside it"
        }
        Error::EmptyEkuExtension => "its extended key usage names no purpose",
        Error::InvalidSerialNumber => "its serial number is malformed",
        Error::ExtensionValueInvalid | Error::MalformedExtensions => "an extension of it is malformed",
        Error::MalformedDnsIdentifier => "a DNS name in it is malformed",
        Error::InvalidNetworkMaskConstraint | Error::MalformedNameConstraint => {
            "the name constraints of an authority behind it are malformed"
        }
        Error::CertDistrusted => "it, or an authority behind it, is distrusted by name",
        _ => NAMELESS,
    })
}

fn other(words: &str) -> PeerCertificateProblem {
    PeerCertificateProblem::Other(words.to_owned())
}

/// A way of signing that is not taken, by its AlgorithmIdentifier without the frame (RFC 5280 section 4.1.1.2).
fn signed_with(identifier: &[u8]) -> PeerCertificateProblem {
    let oid: Result<ObjectIdentifier, _> =
        SliceReader::new(identifier).and_then(|mut reader| ObjectIdentifier::decode(&mut reader));
    let oid = oid.map_or_else(|_| "an unreadable identifier".to_owned(), |oid| oid.to_string());
    let broken = BROKEN.iter().find(|(known, _)| *known == oid);
    PeerCertificateProblem::Signature(match broken {
        Some((_, name)) => format!("{name}, for which collisions are made"),
        None => format!("{oid}, which is not taken here"),
    })
}

fn key_of_another_kind() -> PeerCertificateProblem {
    PeerCertificateProblem::Key("of a kind or on a curve that is not taken here".to_owned())
}

fn instant(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX).to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::OtherError;

    use super::*;

    fn told(error: webpki::Error) -> String {
        of_certificate(&CertificateError::Other(OtherError(Arc::new(error)))).to_string()
    }

    #[test]
    fn every_reason_of_the_library_has_plain_words() {
        use webpki::Error::*;
        let errors = [
            CaUsedAsEndEntity,
            EndEntityUsedAsCa,
            NameConstraintViolation,
            PathLenConstraintViolated,
            MaximumPathDepthExceeded,
            MaximumSignatureChecksExceeded,
            MaximumPathBuildCallsExceeded,
            MaximumNameConstraintComparisonsExceeded,
            UnsupportedCertVersion,
            UnsupportedCriticalExtension,
            SignatureAlgorithmMismatch,
            EmptyEkuExtension,
            InvalidSerialNumber,
            ExtensionValueInvalid,
            MalformedExtensions,
            MalformedDnsIdentifier,
            InvalidNetworkMaskConstraint,
            MalformedNameConstraint,
            CertDistrusted,
            CertRevoked,
        ];
        for error in errors {
            let (name, words) = (format!("{error:?}"), told(error));
            assert!(!words.contains(&name) && words != NAMELESS, "{name}: {words}");
        }
        for error in [CertificateError::BadEncoding, CertificateError::BadSignature] {
            let (name, words) = (format!("{error:?}"), of_certificate(&error).to_string());
            assert!(!words.contains(&name) && words != NAMELESS, "{name}: {words}");
        }
    }

    #[test]
    fn a_way_of_signing_is_told_by_its_name_or_number_and_never_by_all_that_are_taken() {
        let with = |signature_algorithm_id: &[u8]| {
            let supported_algorithms = Vec::new();
            let signature_algorithm_id = signature_algorithm_id.to_vec();
            of_certificate(&CertificateError::UnsupportedSignatureAlgorithmContext {
                signature_algorithm_id,
                supported_algorithms,
            })
            .to_string()
        };
        let sha1 = with(&[6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 5, 5, 0]);
        assert!(sha1.contains("signed with sha1WithRSAEncryption, for which collisions are made"), "{sha1}");
        let rare = with(&[6, 3, 42, 3, 4]);
        assert!(rare.contains("signed with 1.2.3.4, which is not taken here"), "{rare}");
        assert!(with(&[]).contains("an unreadable identifier"));
    }
}
