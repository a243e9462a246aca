//! What is on the wire between Transfer Family and partners.

use crate::control::Control;
use crate::subject::{Seen, Subject, known_text, text_of};
use crate::test::{Held, begins};
use crate::value::Value;
use crate::verdict::Judgement;

/// Judges the URL of a connector, and whether a server takes AS2, which comes by HTTP alone.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    if &*subject.resource.kind == "AWS::Transfer::Server" {
        return subject.all(path!("Protocols[]")).into_iter().map(judge_protocol).collect();
    }
    match subject.value(path!("Url")) {
        Seen::Known(url, at) => match begins(url, &["https://", "sftp://"]) {
            Held::Yes => Judgement::pass("Url is encrypted", at),
            Held::No => Judgement::fail(
                format!("Url is {}", known_text(url).unwrap_or_else(|| "no such URL".to_owned())),
                at,
            ),
            Held::Unknown(why) => Judgement::unknown(format!("Url: {why}"), at),
        },
        Seen::Absent(at) => match subject.value(path!("SftpConfig")) {
            Seen::Absent(_) => Judgement::fail("AS2 has no Url", at),
            _ => Judgement::pass("SFTP, through VPC Lattice", at),
        },
        Seen::Unknown(why, at) => Judgement::unknown(format!("Url: {why}"), at),
    }
}

fn judge_protocol(protocol: Seen<&Value>) -> Judgement {
    match protocol.and_then(text_of) {
        Seen::Known(name, at) if &*name == "AS2" => {
            Judgement::fail("AS2 comes in by HTTP: the encryption of each message is all there is", at)
        }
        Seen::Known(..) | Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("a protocol is not known: {why}"), at),
    }
}
