//! How AS2 messages are encrypted.

use crate::control::Control;
use crate::subject::{Seen, Subject};
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
        Seen::Known(algorithm, at) if &*algorithm == "NONE" && none_will_do(control, connector) => {
            Judgement::pass("EncryptionAlgorithm is NONE, over HTTPS", at)
        }
        Seen::Known(algorithm, at) => Judgement::fail(format!("EncryptionAlgorithm is {algorithm}"), at),
        Seen::Absent(at) => Judgement::fail("EncryptionAlgorithm is not set", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("EncryptionAlgorithm: {why}"), at),
    }
}

fn none_will_do(control: &Control, connector: &Subject<'_>) -> bool {
    let allowed = control.parameters.get("allow_none_over_https").and_then(toml::Value::as_bool);
    let url = connector.text(path!("Url")).known();
    allowed == Some(true) && url.is_some_and(|url| url.to_ascii_lowercase().starts_with("https://"))
}
