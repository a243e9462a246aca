//! Certificates of AS2, which stand in the code, and of FTPS, which are ACM's.

use crate::control::Control;
use crate::controls::certificate;
use crate::subject::{Seen, Subject, text_of};
use crate::test::Held;
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
    let offers =
        server.all(path!("Protocols[]")).into_iter().map(|protocol| match protocol.and_then(text_of) {
            Seen::Known(known, _) => Held::from(&*known == "FTPS"),
            Seen::Absent(_) => Held::No,
            Seen::Unknown(why, _) => Held::Unknown(why.to_string()),
        });
    match offers.fold(Held::No, Held::or) {
        Held::Yes => of_ftps(server),
        Held::No => Judgement::not_applicable(),
        Held::Unknown(why) => {
            Judgement::unknown(format!("whether it offers FTPS is not known: {why}"), server.resource.at)
        }
    }
}

fn of_ftps(server: &Subject<'_>) -> Judgement {
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
