//! Trust anchors: a private authority, or certificates in the code.

use hermetic_x509::{CertificateDetails, Contents, KeyKind, KeyStrength};

use crate::control::Control;
use crate::controls::{acm_pca, certificate};
use crate::span::Span;
use crate::subject::Subject;
use crate::verdict::Judgement;

/// Whether a trust anchor signs by a post-quantum algorithm.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    subject.text(path!("Source.SourceType")).judge(
        "Source.SourceType",
        |kind, at| match &*kind {
            "AWS_ACM_PCA" => of_authority(control, subject, at),
            "CERTIFICATE_BUNDLE" => of_bundle(subject),
            _ => Judgement::unknown(format!("what a source of type {kind} is, is not known"), at),
        },
        |at| Judgement::unknown("Source.SourceType is not set", at),
    )
}

fn of_authority(control: &Control, subject: &Subject<'_>, at: Span) -> Judgement {
    let arn = subject.value(path!("Source.SourceData.AcmPcaArn")).known();
    match arn.and_then(|arn| subject.target(arn)) {
        Some(authority) => acm_pca::signs_post_quantum(control, &authority),
        None => Judgement::unknown("the authority behind it was not read", at),
    }
}

fn of_bundle(subject: &Subject<'_>) -> Judgement {
    subject.text(path!("Source.SourceData.X509CertificateData")).judge(
        "X509CertificateData",
        |text, at| match keys(&text) {
            Ok(keys) if keys.is_empty() => Judgement::unknown("no certificate stands here", at),
            Ok(keys) => match keys.iter().find(|key| key.kind != KeyKind::MlDsa) {
                None => Judgement::pass("its certificates have keys of ML-DSA", at),
                Some(_) => {
                    Judgement::fail("a certificate of it has a key that a quantum computer breaks", at)
                }
            },
            Err(problem) => Judgement::unknown(format!("the certificates can't be read: {problem}"), at),
        },
        |at| Judgement::unknown("X509CertificateData is not set", at),
    )
}

fn keys(text: &str) -> Result<Vec<KeyStrength>, String> {
    certificate::blocks(text).map(key).collect()
}

fn key(block: &str) -> Result<KeyStrength, String> {
    let contents = Contents::read(block.as_bytes(), None).map_err(|error| error.to_string())?;
    let certified = contents.certified().map_err(|error| error.to_string())?;
    let details = CertificateDetails::read(&certified.leaf.der).map_err(|error| error.to_string())?;
    Ok(details.key_strength())
}
