//! The text of a policy (RFC 8461 section 3.2).

use std::str::FromStr;
use std::time::Duration;

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How strict it is.
    pub mode: Mode,
    /// Whom mail may be brought to; never empty but where the mode is [`Mode::None`].
    pub exchangers: Vec<Pattern>,
    /// For how long senders keep it.
    pub max_age: Duration,
}

/// How strict a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// No mail to whom the policy does not name, or who can't show a certificate.
    Enforce,
    /// It is brought all the same, and told about.
    Testing,
    /// There is no policy any more.
    None,
}

/// The name of a mail server, or all names one label below another: `*.example.com`. In lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern(String);

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It is not text, or has a line that is no field.
    #[error("line {0} is no field; write `key: value`")]
    Line(usize),
    /// A field that must be there is not.
    #[error("it has no `{0}`")]
    Missing(&'static str),
    /// A field says what nobody knows.
    #[error("`{key}: {value}` has no meaning")]
    Value {
        /// The key.
        key: &'static str,
        /// What it says.
        value: String,
    },
}

/// The longest time that a policy may be kept for, in seconds: a year.
const LONGEST: u64 = 31_557_600;

/// The most servers that are read.
const MOST_EXCHANGERS: usize = 1024;

impl Policy {
    /// Reads a policy. Of fields that come again the first counts, and fields that nobody knows are passed over.
    pub fn read(text: &[u8]) -> Result<Self, PolicyError> {
        let mut fields = Vec::new();
        for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            // The last line may end, too.
            if line.trim_ascii().is_empty() {
                continue;
            }
            let field = std::str::from_utf8(line).ok().and_then(|line| line.split_once(':'));
            let (key, value) = field.ok_or(PolicyError::Line(number))?;
            fields.push((key.trim(), value.trim()));
        }
        let first = |key: &'static str| {
            let found = fields.iter().find(|(it, _)| *it == key).map(|(_, value)| *value);
            found.ok_or(PolicyError::Missing(key))
        };
        let wrong = |key, value: &str| PolicyError::Value { key, value: value.chars().take(100).collect() };
        let version = first("version")?;
        if version != "STSv1" {
            return Err(wrong("version", version));
        }
        let mode = first("mode")?;
        let mode = mode.parse().map_err(|()| wrong("mode", mode))?;
        let max_age = first("max_age")?;
        let seconds = max_age.parse().ok().filter(|seconds| *seconds <= LONGEST);
        let max_age = Duration::from_secs(seconds.ok_or_else(|| wrong("max_age", max_age))?);
        let named = fields.iter().filter(|(key, _)| *key == "mx").take(MOST_EXCHANGERS);
        let exchangers: Vec<Pattern> = named
            .map(|(_, value)| Pattern::read(value).ok_or_else(|| wrong("mx", value)))
            .collect::<Result<_, _>>()?;
        if exchangers.is_empty() && mode != Mode::None {
            return Err(PolicyError::Missing("mx"));
        }
        Ok(Self { mode, exchangers, max_age })
    }

    /// Whether mail may be brought to this server.
    pub fn covers(&self, host: &str) -> bool {
        self.exchangers.iter().any(|pattern| pattern.covers(host))
    }
}

impl Pattern {
    fn read(text: &str) -> Option<Self> {
        let name = text.strip_prefix("*.").unwrap_or(text);
        let is_label = |label: &str| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            !label.is_empty() && label.len() <= 63 && label.bytes().all(known)
        };
        let is_name = name.len() <= 253 && name.split('.').all(is_label);
        is_name.then(|| Self(text.to_ascii_lowercase()))
    }

    /// Whether a server is meant; a wildcard stands for one label (RFC 8461 section 4.1).
    pub fn covers(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        match self.0.strip_prefix("*.") {
            Some(parent) => host
                .split_once('.')
                .is_some_and(|(first, rest)| !first.is_empty() && rest.eq_ignore_ascii_case(parent)),
            None => host.eq_ignore_ascii_case(&self.0),
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Mode {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        }
    }
}

impl FromStr for Mode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Enforce, Self::Testing, Self::None].into_iter().find(|mode| mode.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of RFC 8461 section 3.2.
    const EXAMPLE: &[u8] =
        b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n\
        mx: backupmx.example.com\r\nmax_age: 604800\r\n";

    #[test]
    fn a_policy_is_its_mode_its_servers_and_its_age() {
        let policy = Policy::read(EXAMPLE).unwrap();
        assert_eq!((policy.mode, policy.max_age), (Mode::Enforce, Duration::from_secs(604_800)));
        for (host, covered) in [
            ("mail.example.com", true),
            ("MAIL.example.com.", true),
            ("a.example.net", true),
            ("example.net", false),
            ("a.b.example.net", false),
            ("other.example.com", false),
        ] {
            assert_eq!(policy.covers(host), covered, "{host}");
        }
    }

    #[test]
    fn of_fields_that_come_again_the_first_counts_and_unknown_ones_mean_nothing() {
        let text = b"version:STSv1\nmode:testing\nmode:enforce\nnew: x\nmx:a.test\nmax_age:1";
        let policy = Policy::read(text).unwrap();
        assert_eq!((policy.mode, policy.max_age), (Mode::Testing, Duration::from_secs(1)));
        assert_eq!(policy.exchangers[0].as_str(), "a.test");
    }

    #[test]
    fn what_is_no_policy_is_told() {
        for (text, told) in [
            ("<html>", "line 1 is no field; write `key: value`"),
            ("mode: enforce", "it has no `version`"),
            ("version: STSv2", "`version: STSv2` has no meaning"),
            ("version: STSv1\nmode: strict", "`mode: strict` has no meaning"),
            ("version: STSv1\nmode: enforce\nmx: a.test", "it has no `max_age`"),
            ("version: STSv1\nmode: enforce\nmax_age: 5", "it has no `mx`"),
            ("version: STSv1\nmode: enforce\nmx: a b\nmax_age: 5", "`mx: a b` has no meaning"),
            ("version: STSv1\nmode: none\nmax_age: 31557601", "`max_age: 31557601` has no meaning"),
            ("version: STSv1\nmode: none\nmax_age: -1", "`max_age: -1` has no meaning"),
        ] {
            assert_eq!(Policy::read(text.as_bytes()).unwrap_err().to_string(), told, "{text}");
        }
        assert!(Policy::read(b"version: STSv1\nmode: none\nmax_age: 0\n").unwrap().exchangers.is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_policy_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Policy::read(&bytes);
        }
    }
}
