//! Certificates of AS2, which stand in the code, and of FTPS, which are ACM's.

use crate::control::Control;
use crate::controls::certificate;
use crate::subject::{Seen, Subject, text_of};
use crate::verdict::Judgement;

/// Judges a certificate, or the one that a server has for FTPS.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    if &*subject.resource.kind == "AWS::Transfer::Server" {
        return judge_server(subject);
    }
    let written = match subject.text(path!("Certificate")) {
        Seen::Known(pem, at) => certificate::judge(control, subject, &pem, at),
        Seen::Absent(at) => Judgement::unknown("the certificate does not stand in the code", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("the certificate is not known: {why}"), at),
    };
    written.and(certificate::judge_date(control, subject, subject.text(path!("InactiveDate"))))
}

fn judge_server(server: &Subject<'_>) -> Judgement {
    let protocols = server.all(path!("Protocols[]")).into_iter().map(|protocol| protocol.and_then(text_of));
    if !protocols.into_iter().any(|protocol| protocol.known().is_some_and(|known| &*known == "FTPS")) {
        return Judgement::not_applicable();
    }
    match server.value(path!("Certificate")) {
        Seen::Known(value, at) => match server.target(value) {
            Some(target) if &*target.resource.kind == "AWS::CertificateManager::Certificate" => {
                Judgement::pass("ACM renews the certificate of FTPS", at)
            }
            _ => Judgement::unknown("when the certificate of FTPS ends stands in ACM", at),
        },
        Seen::Absent(at) => Judgement::unknown("FTPS has no certificate here", at),
        Seen::Unknown(why, at) => {
            Judgement::unknown(format!("the certificate of FTPS is not known: {why}"), at)
        }
    }
}
