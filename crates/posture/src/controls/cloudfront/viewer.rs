//! Viewers to the edge: certificates, versions of TLS, and what is encrypted beside.

use std::sync::Arc;

use crate::control::Control;
use crate::controls::tls_policy;
use crate::span::Span;
use crate::subject::{Seen, Subject, bool_of, text_of};
use crate::test::TlsFloor;
use crate::value::Value;
use crate::verdict::Judgement;

/// Whose certificate a distribution shows.
enum Certificate {
    /// Its own.
    Own(Span),
    /// That of `*.cloudfront.net`, with which nothing else can be chosen.
    Default(Span),
    Unknown(String, Span),
}

fn certificate(subject: &Subject<'_>) -> Certificate {
    if let Seen::Unknown(why, at) = subject.value(path!("DistributionConfig.ViewerCertificate")) {
        return Certificate::Unknown(format!("ViewerCertificate: {why}"), at);
    }
    let default = subject.value(path!("DistributionConfig.ViewerCertificate.CloudFrontDefaultCertificate"));
    match default.and_then(bool_of) {
        Seen::Known(true, at) => return Certificate::Default(at),
        Seen::Unknown(why, at) => {
            return Certificate::Unknown(format!("CloudFrontDefaultCertificate: {why}"), at);
        }
        Seen::Known(false, _) | Seen::Absent(_) => {}
    }
    // A certificate that a parameter names is one of its own, whichever it is.
    let of_acm = subject.value(path!("DistributionConfig.ViewerCertificate.AcmCertificateArn"));
    let of_iam = subject.value(path!("DistributionConfig.ViewerCertificate.IamCertificateId"));
    match (is_named(&of_acm), is_named(&of_iam)) {
        (false, false) => Certificate::Default(of_acm.at()),
        (true, _) => Certificate::Own(of_acm.at()),
        (false, true) => Certificate::Own(of_iam.at()),
    }
}

/// A parameter that is empty by default names none.
fn is_named(certificate: &Seen<&Value>) -> bool {
    match certificate {
        Seen::Known(value, _) => !text_of(value).is_ok_and(|name| name.is_empty()),
        Seen::Absent(_) => false,
        Seen::Unknown(..) => true,
    }
}

/// Whether viewers who are asked for a certificate can't do without, and it counts only until its end.
pub(super) fn judge_mutual_tls(control: &Control, subject: &Subject<'_>) -> Judgement {
    match subject.value(path!("DistributionConfig.ViewerMtlsConfig")) {
        Seen::Absent(at) if control.flag("require_mtls") => {
            Judgement::fail("viewers are asked for no certificate", at)
        }
        Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("ViewerMtlsConfig: {why}"), at),
        Seen::Known(..) => is_required(subject).and(ends_with_certificate(subject)),
    }
}

fn is_required(subject: &Subject<'_>) -> Judgement {
    subject.text(path!("DistributionConfig.ViewerMtlsConfig.Mode")).judge(
        "Mode",
        |mode, at| match &*mode {
            "required" => Judgement::pass("viewers need a certificate", at),
            _ => Judgement::fail(
                format!(
                    "viewer certificates are asked for in mode {mode}, so a viewer without one gets through"
                ),
                at,
            ),
        },
        |at| Judgement::fail("whether viewers need a certificate is not written: Mode is not set", at),
    )
}

fn ends_with_certificate(subject: &Subject<'_>) -> Judgement {
    let ignored =
        subject.bool(path!("DistributionConfig.ViewerMtlsConfig.TrustStoreConfig.IgnoreCertificateExpiry"));
    ignored.judge(
        "IgnoreCertificateExpiry",
        |ignored, at| match ignored {
            true => Judgement::fail("expired certificates of viewers are taken", at),
            false => Judgement::pass("expired certificates of viewers are refused", at),
        },
        |_| Judgement::not_applicable(),
    )
}

/// Whether a distribution shows a certificate of its own.
pub(super) fn judge_certificate(_: &Control, subject: &Subject<'_>) -> Judgement {
    match certificate(subject) {
        Certificate::Own(at) => Judgement::pass("it has a certificate of its own", at),
        Certificate::Default(at) => {
            Judgement::fail("it shows the default certificate, with which viewers may use TLS 1.0", at)
        }
        Certificate::Unknown(why, at) => Judgement::unknown(why, at),
    }
}

/// Whether a certificate of its own is served by SNI.
pub(super) fn judge_sni(_: &Control, subject: &Subject<'_>) -> Judgement {
    of_own(subject, || {
        subject.text(path!("DistributionConfig.ViewerCertificate.SslSupportMethod")).judge(
            "SslSupportMethod",
            |method, at| match &*method {
                "sni-only" => Judgement::pass("it is served by SNI", at),
                _ => Judgement::fail(format!("SslSupportMethod is {method}"), at),
            },
            |at| Judgement::fail("SslSupportMethod is not set", at),
        )
    })
}

/// Whether a certificate that is served by SNI comes with a recommended policy.
pub(super) fn judge_recommended_policy(control: &Control, subject: &Subject<'_>) -> Judgement {
    let floor = TlsFloor { forward_secrecy: true, aead: true, ..TlsFloor::of("cloudfront", "1.2") };
    let listed = control.listed("security_policies");
    of_own(subject, || {
        let method = subject.text(path!("DistributionConfig.ViewerCertificate.SslSupportMethod"));
        let by_sni = |method: Option<Arc<str>>| method.as_deref() == Some("sni-only");
        method.judge_if("SslSupportMethod", by_sni, || {
            subject.text(path!("DistributionConfig.ViewerCertificate.MinimumProtocolVersion")).judge(
                "MinimumProtocolVersion",
                |policy, at| tls_policy::judge(&floor, &listed, &policy, "MinimumProtocolVersion", at),
                |at| Judgement::fail("MinimumProtocolVersion is not set", at),
            )
        })
    })
}

fn of_own(subject: &Subject<'_>, judge: impl FnOnce() -> Judgement) -> Judgement {
    match certificate(subject) {
        Certificate::Own(_) => judge(),
        Certificate::Default(_) => Judgement::not_applicable(),
        Certificate::Unknown(why, at) => Judgement::unknown(why, at),
    }
}

/// Whether fields of forms are encrypted at the edge, where that is asked for.
pub(super) fn judge_field_encryption(control: &Control, subject: &Subject<'_>) -> Judgement {
    if !control.flag("enabled") {
        return Judgement::not_applicable();
    }
    let id = subject.value(path!("DistributionConfig.DefaultCacheBehavior.FieldLevelEncryptionId"));
    // Where nothing is written the schema says that the id is empty.
    let is_empty = matches!(&id, Seen::Known(value, _) if text_of(value).is_ok_and(|id| id.is_empty()));
    let unset = |at| Judgement::fail("FieldLevelEncryptionId is not set", at);
    id.judge(
        "FieldLevelEncryptionId",
        |_, at| if is_empty { unset(at) } else { Judgement::pass("fields are encrypted at the edge", at) },
        unset,
    )
}
