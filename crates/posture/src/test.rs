//! What a rule asks of a value.

use std::sync::Arc;

use hermetic_tls::{Cipher, CipherSuite, ProtocolVersion, SecurityPolicy};
use serde::Deserialize;

use crate::control::Control;
use crate::subject::{Seen, bool_of, number_of, text_of};
use crate::value::{Node, Value};
use crate::version::Version;

/// What a rule asks of a value.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// It is one of these; text, numbers and booleans compare as text, booleans whatever their case.
    In(Allowed),
    /// It is none of these.
    NotIn(Allowed),
    /// It begins with one of these, whatever their case.
    StartWith(Vec<Arc<str>>),
    /// It begins with none of these, whatever their case.
    NotStartWith(Vec<Arc<str>>),
    /// It is a number, at least this one.
    AtLeast(f64),
    /// It is a version, or ends in one as `Elasticsearch_7.10` does, at least this one.
    VersionAtLeast(Version),
    /// It is written, or it is not.
    Exist(bool),
    /// It is true, or it is false.
    Be(bool),
    /// It names a TLS policy that allows nothing below these.
    AllowOnly(TlsFloor),
    /// At least one of these holds.
    Any(Vec<Test>),
}

/// What may be there: a list, or the name of a parameter that has one, after a dollar sign.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Allowed {
    /// These.
    These(Vec<toml::Value>),
    /// What the control's parameter of that name has: `"$allowed_key_algorithms"`.
    Parameter(String),
}

/// What a named TLS policy must keep to. It is judged by what it allows, whatever its name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFloor {
    /// Whose policy it is, such as `elb` or `cloudfront`.
    pub service: Arc<str>,
    /// The lowest version that it may allow: `1.2` or `1.3`.
    pub floor: Arc<str>,
    /// Whether every suite must have forward secrecy.
    #[serde(default)]
    pub forward_secrecy: bool,
    /// Whether every suite must be authenticated encryption.
    #[serde(default)]
    pub aead: bool,
    /// Whether it must allow a post-quantum group.
    #[serde(default)]
    pub post_quantum: bool,
    /// Whether it must be one that runs in a FIPS 140 module.
    #[serde(default)]
    pub fips: bool,
}

/// Whether something holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Nobody can tell, and why.
    Unknown(String),
}

impl Held {
    /// Both.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown(why), _) | (_, Self::Unknown(why)) => Self::Unknown(why),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    /// Either.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unknown(why), _) | (_, Self::Unknown(why)) => Self::Unknown(why),
            (Self::No, Self::No) => Self::No,
        }
    }

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown @ Self::Unknown(_) => unknown,
        }
    }

    pub(crate) fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl Test {
    /// Whether it holds of what is seen; `None` where nothing is there to ask it of.
    pub fn holds(&self, control: &Control, seen: &Seen<&Value>) -> Option<Held> {
        match (self, seen) {
            (Self::Exist(wanted), Seen::Known(..)) => Some(Held::from(*wanted)),
            (Self::Exist(wanted), Seen::Absent(_)) => Some(Held::from(!wanted)),
            (Self::Any(tests), Seen::Absent(_)) => {
                tests.iter().filter_map(|test| test.holds(control, seen)).reduce(Held::or)
            }
            (_, Seen::Absent(_)) => None,
            (Self::Exist(wanted), Seen::Unknown(why, _)) if why.is_written() => Some(Held::from(*wanted)),
            (_, Seen::Unknown(why, _)) => Some(Held::Unknown(why.to_string())),
            (_, Seen::Known(value, _)) => Some(self.holds_of(control, value)),
        }
    }

    fn holds_of(&self, control: &Control, value: &Value) -> Held {
        match self {
            Self::In(allowed) => with_text(value, |text| Held::from(allowed.has(control, text))),
            Self::NotIn(refused) => with_text(value, |text| Held::from(!refused.has(control, text))),
            Self::StartWith(starts) => begins(value, starts),
            Self::NotStartWith(starts) => begins(value, starts).not(),
            Self::AtLeast(least) => number_of(value).map_or_else(unknown, |n| Held::from(n >= *least)),
            Self::VersionAtLeast(least) => with_text(value, |text| match Version::at_end(text) {
                Some(version) => Held::from(version >= *least),
                None => Held::Unknown(format!("`{text}` is no version")),
            }),
            Self::Exist(wanted) => Held::from(*wanted),
            Self::Be(wanted) => bool_of(value).map_or_else(unknown, |is| Held::from(is == *wanted)),
            Self::AllowOnly(floor) => with_text(value, |name| floor.kept_by(name)),
            Self::Any(tests) => {
                tests.iter().map(|test| test.holds_of(control, value)).reduce(Held::or).unwrap_or(Held::No)
            }
        }
    }
}

impl Allowed {
    fn has(&self, control: &Control, text: &str) -> bool {
        let listed = match self {
            Self::These(these) => these.as_slice(),
            Self::Parameter(name) => {
                let parameter = control.parameters.get(name.trim_start_matches('$'));
                parameter.and_then(toml::Value::as_array).map_or(&[][..], Vec::as_slice)
            }
        };
        listed.iter().any(|known| match known {
            toml::Value::String(known) => known == text,
            toml::Value::Boolean(known) => text.eq_ignore_ascii_case(if *known { "true" } else { "false" }),
            other => other.to_string() == text,
        })
    }
}

impl TlsFloor {
    /// Policies of a service, none of which may allow anything below this version.
    pub fn of(service: &str, floor: &str) -> Self {
        Self {
            service: service.into(),
            floor: floor.into(),
            forward_secrecy: false,
            aead: false,
            post_quantum: false,
            fips: false,
        }
    }

    /// Whether a policy of that name keeps to it. One that is not in the table is not known.
    pub fn kept_by(&self, name: &str) -> Held {
        let Some(policy) = self.policy(name) else {
            return Held::Unknown(format!("`{name}` is no policy of {} that is known", self.service));
        };
        let Some(lowest) = policy.lowest_version() else {
            return Held::Unknown(format!("what `{name}` allows is not published"));
        };
        let lacks = (self.post_quantum && !policy.post_quantum) || (self.fips && !policy.fips);
        if lowest < self.lowest() || lacks {
            return Held::No;
        }
        match policy.suites {
            _ if !self.forward_secrecy && !self.aead => Held::Yes,
            Some(suites) => Held::from(suites.iter().all(|suite| self.keeps(suite))),
            None => Held::Unknown(format!("the suites of `{name}` are not published")),
        }
    }

    /// By what a policy of that name does not keep to it, in words: versions and suites that it allows, then what it
    /// lacks.
    pub fn broken_by(&self, name: &str) -> String {
        let Some(policy) = self.policy(name) else { return String::new() };
        let mut versions: Vec<_> = policy.versions.iter().filter(|it| **it < self.lowest()).collect();
        versions.sort();
        let suites = policy.suites.unwrap_or_default().iter().filter(|suite| !self.keeps(suite));
        let allowed = [first_few(&versions), first_few(&suites.collect::<Vec<_>>())];
        let mut broken: Vec<String> =
            allowed.into_iter().flatten().map(|these| format!("allows {these}")).collect();
        broken.extend(
            (self.post_quantum && !policy.post_quantum).then(|| "has no post-quantum group".to_owned()),
        );
        broken.extend((self.fips && !policy.fips).then(|| "runs in no module of FIPS 140".to_owned()));
        broken.join(", and ")
    }

    fn policy(&self, name: &str) -> Option<&'static SecurityPolicy> {
        SecurityPolicy::all().iter().find(|policy| policy.service == &*self.service && policy.name == name)
    }

    fn lowest(&self) -> ProtocolVersion {
        match &*self.floor {
            "1.3" => ProtocolVersion::TLS1_3,
            _ => ProtocolVersion::TLS1_2,
        }
    }

    fn keeps(&self, suite: &CipherSuite) -> bool {
        (!self.forward_secrecy || suite.is_forward_secret() == Some(true))
            && (!self.aead || suite.cipher().is_some_and(Cipher::is_aead))
    }
}

/// At most this many are told by name.
const TOLD: usize = 3;

/// The first few of a list, and how many more there are.
pub(crate) fn first_few(all: &[impl ToString]) -> Option<String> {
    let told: Vec<String> = all.iter().take(TOLD).map(ToString::to_string).collect();
    let more = all.len().saturating_sub(TOLD);
    match (told.split_last()?, more) {
        ((last, []), 0) => Some(last.clone()),
        ((last, before), 0) => Some(format!("{} and {last}", before.join(", "))),
        (_, more) => Some(format!("{} and {more} more", told.join(", "))),
    }
}

fn with_text(value: &Value, ask: impl FnOnce(&str) -> Held) -> Held {
    text_of(value).map_or_else(unknown, |text| ask(&text))
}

/// Whether text begins with one of these, whatever their case. Where only its beginning is known it can still be told.
pub(crate) fn begins(value: &Value, starts: &[impl AsRef<str>]) -> Held {
    let (text, whole) = match &value.node {
        Node::Pieces(pieces) => match pieces.first().map(|first| &first.node) {
            Some(Node::Text(text)) => (Arc::clone(text), false),
            _ => return Held::Unknown("how it begins is not known".to_owned()),
        },
        _ => match text_of(value) {
            Ok(text) => (text, true),
            Err(why) => return unknown(why),
        },
    };
    let starts_with = |text: &str, start: &str| {
        text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    if starts.iter().any(|start| starts_with(&text, start.as_ref())) {
        Held::Yes
    } else if !whole && starts.iter().any(|start| starts_with(start.as_ref(), &text)) {
        Held::Unknown("how it begins is not known".to_owned())
    } else {
        Held::No
    }
}

fn unknown(why: Arc<crate::value::Unknown>) -> Held {
    Held::Unknown(why.to_string())
}
