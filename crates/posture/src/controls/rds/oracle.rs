//! Oracle: a TLS listener, or native network encryption that the server requires; both are options of a group.

use std::sync::Arc;

use super::database::engine;
use crate::control::Control;
use crate::controls::relation::{Meant, is_meant, meant};
use crate::controls::setting;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;
use crate::verdict::Judgement;

/// Ciphers of native network encryption that are broken.
const BROKEN: &[&str] = &["RC4", "DES"];

/// Judges an instance by its option group, and a group that no instance here uses by itself.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    if &*subject.resource.kind == "AWS::RDS::OptionGroup" {
        let (property, name) = (path!("OptionGroupName"), path!("OptionGroupName"));
        if is_meant(subject, "AWS::RDS::DBInstance", property, name) {
            return Judgement::not_applicable();
        }
        return if_oracle(subject.text(path!("EngineName")), || judge_group(subject));
    }
    if_oracle(engine(subject), || judge_instance(subject))
}

fn if_oracle(engine: Seen<Arc<str>>, judge: impl FnOnce() -> Judgement) -> Judgement {
    match engine {
        Seen::Known(engine, _) if engine.starts_with("oracle-") => judge(),
        Seen::Known(..) | Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("the engine is not known: {why}"), at),
    }
}

fn judge_instance(instance: &Subject<'_>) -> Judgement {
    match instance.value(path!("OptionGroupName")) {
        Seen::Absent(at) => {
            Judgement::fail("no option group, so neither TLS nor native network encryption", at)
        }
        Seen::Unknown(why, at) => Judgement::unknown(format!("the option group is not known: {why}"), at),
        Seen::Known(value, at) => {
            match meant(instance, value, "AWS::RDS::OptionGroup", path!("OptionGroupName")) {
                Meant::Declared(group) => judge_group(&group),
                Meant::Elsewhere(name) if name.starts_with("default:") => Judgement::fail(
                    format!("option group {name} has neither TLS nor native network encryption"),
                    at,
                ),
                Meant::Elsewhere(name) => {
                    Judgement::unknown(format!("option group {name} is not declared here"), at)
                }
                Meant::Unknown(why) => {
                    Judgement::unknown(format!("the option group is not known: {why}"), at)
                }
            }
        }
    }
}

fn judge_group(group: &Subject<'_>) -> Judgement {
    let options = group.all(path!("OptionConfigurations[]"));
    let none = Judgement::fail(
        "the option group has neither SSL nor NATIVE_NETWORK_ENCRYPTION",
        options.first().map_or(group.resource.at, Seen::at),
    );
    options.into_iter().fold(none, |judged, option| match option {
        Seen::Known(option, _) => judged.or(judge_option(group, option)),
        Seen::Absent(_) => judged,
        Seen::Unknown(why, at) => judged.or(Judgement::unknown(format!("an option is not known: {why}"), at)),
    })
}

fn judge_option(group: &Subject<'_>, option: &Value) -> Judgement {
    let setting = |name: &str| {
        setting::below(group, option, path!("OptionSettings[]"), (path!("Name"), path!("Value")), name)
    };
    let name = group.below(option, path!("OptionName")).into_iter().next();
    match name.map(|name| name.and_then(text_of)) {
        Some(Seen::Known(name, _)) if name.eq_ignore_ascii_case("SSL") => {
            judge_tls(option, setting("SQLNET.SSL_VERSION"))
        }
        Some(Seen::Known(name, _)) if name.eq_ignore_ascii_case("NATIVE_NETWORK_ENCRYPTION") => {
            judge_required(option, setting("SQLNET.ENCRYPTION_SERVER"))
                .and(judge_ciphers(option, setting("SQLNET.ENCRYPTION_TYPES_SERVER")))
        }
        Some(Seen::Unknown(why, at)) => Judgement::unknown(format!("an option is not known: {why}"), at),
        _ => Judgement::not_applicable(),
    }
}

fn judge_tls(option: &Value, version: Seen<Arc<str>>) -> Judgement {
    match version {
        // `1.2 or 1.0` is a value too: each of its versions is allowed.
        Seen::Known(versions, at) if versions.contains("1.0") || !versions.contains("1.") => {
            Judgement::fail(format!("option SSL has SQLNET.SSL_VERSION {versions}"), at)
        }
        Seen::Known(versions, at) => Judgement::pass(
            format!(
                "option SSL has SQLNET.SSL_VERSION {versions}; the port without TLS stays open beside it: close it in the security group"
            ),
            at,
        ),
        Seen::Absent(_) => {
            Judgement::fail("option SSL has no SQLNET.SSL_VERSION, which is 1.0 then", option.at)
        }
        Seen::Unknown(why, at) => Judgement::unknown(format!("SQLNET.SSL_VERSION: {why}"), at),
    }
}

fn judge_required(option: &Value, server: Seen<Arc<str>>) -> Judgement {
    match server {
        Seen::Known(server, at) if server.eq_ignore_ascii_case("REQUIRED") => {
            Judgement::pass("native network encryption is REQUIRED", at)
        }
        Seen::Known(server, at) => Judgement::fail(
            format!("SQLNET.ENCRYPTION_SERVER is {server}, so clients without are let in"),
            at,
        ),
        Seen::Absent(_) => Judgement::fail(
            "SQLNET.ENCRYPTION_SERVER is not set, which is REQUESTED: clients without are let in",
            option.at,
        ),
        Seen::Unknown(why, at) => Judgement::unknown(format!("SQLNET.ENCRYPTION_SERVER: {why}"), at),
    }
}

fn judge_ciphers(option: &Value, ciphers: Seen<Arc<str>>) -> Judgement {
    match ciphers {
        Seen::Known(ciphers, at) => {
            let broken =
                |cipher: &&str| BROKEN.iter().any(|broken| cipher.to_ascii_uppercase().contains(broken));
            match ciphers.split(',').map(str::trim).find(broken) {
                Some(cipher) => {
                    Judgement::fail(format!("SQLNET.ENCRYPTION_TYPES_SERVER allows {cipher}"), at)
                }
                None => Judgement::pass(format!("SQLNET.ENCRYPTION_TYPES_SERVER is {ciphers}"), at),
            }
        }
        Seen::Absent(_) => {
            Judgement::fail("SQLNET.ENCRYPTION_TYPES_SERVER is not set, which allows RC4 and DES", option.at)
        }
        Seen::Unknown(why, at) => Judgement::unknown(format!("SQLNET.ENCRYPTION_TYPES_SERVER: {why}"), at),
    }
}
