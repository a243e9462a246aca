//! How AS2 messages are encrypted.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::test::{Held, begins};
use crate::verdict::Judgement;

/// Judges a connector's cipher. No cipher at all counts over HTTPS only, and only where that is allowed.
pub(super) fn encryption(control: &Control, connector: &Subject<'_>) -> Judgement {
    if matches!(connector.value(path!("As2Config")), Seen::Absent(_)) {
        return Judgement::not_applicable();
    }
    let approved = control.parameters.get("approved").and_then(toml::Value::as_array);
    let is_approved = |algorithm: &str| {
        approved.into_iter().flatten().filter_map(toml::Value::as_str).any(|known| known == algorithm)
    };
    match connector.text(path!("As2Config.EncryptionAlgorithm")) {
        Seen::Known(algorithm, at) if is_approved(&algorithm) => {
            Judgement::pass(format!("EncryptionAlgorithm is {algorithm}"), at)
        }
        Seen::Known(algorithm, at) if &*algorithm == "NONE" => match none_will_do(control, connector) {
            Held::Yes => Judgement::pass("EncryptionAlgorithm is NONE, over HTTPS", at),
            Held::No => Judgement::fail("EncryptionAlgorithm is NONE", at),
            Held::Unknown(why) => {
                Judgement::unknown(format!("EncryptionAlgorithm is NONE, and Url: {why}"), at)
            }
        },
        Seen::Known(algorithm, at) => Judgement::fail(format!("EncryptionAlgorithm is {algorithm}"), at),
        Seen::Absent(at) => Judgement::fail("EncryptionAlgorithm is not set", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("EncryptionAlgorithm: {why}"), at),
    }
}

fn none_will_do(control: &Control, connector: &Subject<'_>) -> Held {
    match connector.value(path!("Url")) {
        _ if !control.flag("allow_none_over_https") => Held::No,
        Seen::Known(url, _) => begins(url, &["https://"]),
        Seen::Absent(_) => Held::No,
        Seen::Unknown(why, _) => Held::Unknown(why.to_string()),
    }
}
