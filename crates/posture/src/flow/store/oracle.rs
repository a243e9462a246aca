//! Oracle: an option for TLS, on a port of its own beside the one in clear; or its native network encryption.

use hermetic_tls::ProtocolVersion;

use super::Takes;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;

/// What an instance takes (RDS user guide, Oracle SSL and Oracle native network encryption).
pub fn takes(instance: &Subject<'_>) -> (Takes, String) {
    let options = match options(instance) {
        Options::Known(options) => options,
        Options::Unknown(why) => return (Takes::Unknown, why),
    };
    let named = |name: &str| options.iter().find(|option| option.name.eq_ignore_ascii_case(name));
    if named("SSL").is_some() {
        return (Takes::Either, "option SSL opens a port for TLS; the one in clear stays open".to_owned());
    }
    let Some(native) = named("NATIVE_NETWORK_ENCRYPTION") else {
        return (Takes::Cleartext, "it has neither option SSL nor NATIVE_NETWORK_ENCRYPTION".to_owned());
    };
    match native.setting("SQLNET.ENCRYPTION_SERVER") {
        Seen::Known(mode, _) if mode.eq_ignore_ascii_case("REQUIRED") => {
            (Takes::Native, "native network encryption is REQUIRED; it verifies nobody".to_owned())
        }
        Seen::Known(mode, _) => (Takes::Either, format!("SQLNET.ENCRYPTION_SERVER is {mode}")),
        Seen::Absent(_) => {
            (Takes::Either, "SQLNET.ENCRYPTION_SERVER is not set, which is REQUESTED".to_owned())
        }
        Seen::Unknown(why, _) => (Takes::Unknown, format!("SQLNET.ENCRYPTION_SERVER: {why}")),
    }
}

/// The lowest version that the option SSL takes, which is 1.0 where nothing is written.
pub fn lowest(instance: &Subject<'_>) -> Option<ProtocolVersion> {
    let Options::Known(options) = options(instance) else { return None };
    let tls = options.iter().find(|option| option.name.eq_ignore_ascii_case("SSL"))?;
    match tls.setting("SQLNET.SSL_VERSION") {
        // `1.2 or 1.0` is a value too.
        Seen::Known(versions, _) if versions.contains("1.0") => Some(ProtocolVersion::TLS1_0),
        Seen::Known(versions, _) if versions.contains("1.2") => Some(ProtocolVersion::TLS1_2),
        Seen::Absent(_) => Some(ProtocolVersion::TLS1_0),
        Seen::Known(..) | Seen::Unknown(..) => None,
    }
}

enum Options<'g> {
    Known(Vec<Choice<'g>>),
    Unknown(String),
}

struct Choice<'g> {
    group: Subject<'g>,
    name: std::sync::Arc<str>,
    written: &'g Value,
}

impl<'g> Choice<'g> {
    fn setting(&self, name: &str) -> Seen<std::sync::Arc<str>> {
        let settings = self.group.below(self.written, path!("OptionSettings[]"));
        for setting in settings.into_iter().filter_map(Seen::known) {
            let known = self.group.value_in(setting, path!("Name")).and_then(text_of).known();
            if known.is_some_and(|known| known.eq_ignore_ascii_case(name)) {
                return self.group.value_in(setting, path!("Value")).and_then(text_of);
            }
        }
        Seen::Absent(self.written.at)
    }
}

fn options<'g>(instance: &Subject<'g>) -> Options<'g> {
    let group = match instance.value(path!("OptionGroupName")) {
        Seen::Absent(_) => return Options::Known(Vec::new()),
        Seen::Unknown(why, _) => return Options::Unknown(format!("OptionGroupName: {why}")),
        Seen::Known(value, _) => value,
    };
    let Some(group) = instance.target(group) else {
        return match text_of(group) {
            Ok(name) if name.starts_with("default:") => Options::Known(Vec::new()),
            _ => Options::Unknown("its option group is not part of this code".to_owned()),
        };
    };
    let written = group.all(path!("OptionConfigurations[]")).into_iter();
    let option = |written: Seen<&'g Value>| {
        let written = written.known()?;
        let name = group.value_in(written, path!("OptionName")).and_then(text_of).known()?;
        Some(Choice { group, name, written })
    };
    match written.map(option).collect::<Option<Vec<_>>>() {
        Some(options) => Options::Known(options),
        None => Options::Unknown("an option of its group is not known".to_owned()),
    }
}
