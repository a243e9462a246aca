//! What each rule does on one listener: the defaults, and what its configuration says instead.

use std::time::Duration;

use hermetic_tls::Ja4;
use http::HeaderValue;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::rule::{Action, Phase};
use crate::rules::RuleId;

/// What each rule does on one listener. Cheap to ask; made once for each configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    rules: [Setting; RuleId::ALL.len()],
    fingerprints: Fingerprints,
    hsts: Option<HstsAge>,
}

/// What is spoken on a listener, as far as the rules go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HTTP over TLS.
    Https,
    /// Bytes of any protocol over TLS, whose requests nobody here reads.
    Stream,
}

/// Which fingerprints may come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprints {
    /// Only these; empty: all.
    pub allow: Vec<Ja4>,
    /// None of these.
    pub deny: Vec<Ja4>,
}

/// The `max-age` that a listener wants of Strict-Transport-Security.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HstsAge {
    seconds: u64,
    header: HeaderValue,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Setting {
    /// What it does without a configuration; `None`: it does not judge here.
    default: Option<Action>,
    /// What it was told to do, up to the day on which that ends.
    told: Option<(Action, Option<Date>)>,
}

impl Settings {
    /// The defaults of a listener of this kind, which may want this age of Strict-Transport-Security.
    pub fn new(kind: Kind, hsts: Option<Duration>) -> Self {
        let mut rules = [Setting::default(); RuleId::ALL.len()];
        for (setting, id) in rules.iter_mut().zip(RuleId::ALL) {
            setting.default = default(id, kind, hsts.is_some());
        }
        Self { rules, fingerprints: Fingerprints::default(), hsts: hsts.map(HstsAge::new) }
    }

    /// Tells a rule what to do; up to and with a day where it is an exception.
    pub fn tell(&mut self, rule: RuleId, action: Action, until: Option<Date>) {
        if let Some(setting) = self.rules.get_mut(rule as usize) {
            setting.told = Some((action, until));
        }
    }

    /// Tells which fingerprints may come.
    pub fn tell_fingerprints(&mut self, fingerprints: Fingerprints) {
        self.fingerprints = fingerprints;
    }

    /// Puts another default in place; what the rule was told stands above it.
    pub fn with_default(mut self, rule: RuleId, action: Action) -> Self {
        if let Some(setting) = self.rules.get_mut(rule as usize) {
            setting.default = Some(action);
        }
        self
    }

    /// What a rule does where nothing is told; `None`: it does not judge here.
    pub fn default_of(&self, rule: RuleId) -> Option<Action> {
        self.setting(rule).default
    }

    /// What a rule does now; `None`: it does not judge here. An exception that has ended counts no more.
    pub fn action(&self, rule: RuleId, now: impl FnOnce() -> Timestamp) -> Option<Action> {
        let Setting { default, told } = self.setting(rule);
        match told {
            Some((action, None)) => Some(action),
            Some((action, Some(until))) if TimeZone::UTC.to_datetime(now()).date() <= until => Some(action),
            Some(_) | None => default,
        }
    }

    /// Whether a rule judges here at all.
    pub(crate) fn judges(&self, rule: RuleId) -> bool {
        let setting = self.setting(rule);
        setting.default.is_some() || setting.told.is_some()
    }

    /// Which fingerprints may come.
    pub fn fingerprints(&self) -> &Fingerprints {
        &self.fingerprints
    }

    pub(crate) fn hsts(&self) -> Option<&HstsAge> {
        self.hsts.as_ref()
    }

    fn setting(&self, rule: RuleId) -> Setting {
        self.rules.get(rule as usize).copied().unwrap_or_default()
    }
}

/// What a rule does on a listener of this kind.
fn default(id: RuleId, kind: Kind, hsts: bool) -> Option<Action> {
    let rule = id.rule();
    match (id, kind) {
        // Clients of many protocols never learned to ask for a name.
        (RuleId::NoServerName, Kind::Stream) => Some(Action::Count),
        // It is a promise for a whole host, which nobody but its owner can give.
        (RuleId::Hsts, _) if !hsts => None,
        // Without a list there is nothing to judge by.
        (RuleId::ClientFingerprint, _) => None,
        (_, Kind::Stream) if rule.phase != Phase::Hello => None,
        _ => Some(rule.default),
    }
}

impl HstsAge {
    fn new(age: Duration) -> Self {
        let seconds = age.as_secs();
        // RFC 6797 section 6.1. Sub-domains are the site's own decision, so they are left out. Digits
        // are always a header's value.
        let header = HeaderValue::from_str(&format!("max-age={seconds}"));
        Self { seconds, header: header.unwrap_or(HeaderValue::from_static("max-age=0")) }
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.seconds
    }

    pub(crate) fn header(&self) -> &HeaderValue {
        &self.header
    }
}

impl Fingerprints {
    /// Whether a client of this fingerprint may come.
    pub fn admit(&self, ja4: &Ja4) -> bool {
        !self.deny.contains(ja4) && (self.allow.is_empty() || self.allow.contains(ja4))
    }

    /// Whether all may come.
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_rule_does_what_it_was_told_until_its_exception_ends() {
        let mut settings = Settings::new(Kind::Https, None);
        settings.tell(RuleId::Misdirected, Action::Count, Some(Date::constant(2027, 3, 31)));
        let action = |now| settings.action(RuleId::Misdirected, || at(now));
        assert_eq!(action("2027-03-31T23:59:59Z"), Some(Action::Count));
        assert_eq!(action("2027-04-01T00:00:00Z"), Some(Action::Deny));
    }

    #[test]
    fn hsts_judges_only_where_an_age_is_promised_or_it_is_told_to() {
        let now = || at("2026-07-15T12:00:00Z");
        let mut settings = Settings::new(Kind::Https, None);
        assert_eq!(settings.action(RuleId::Hsts, now), None);
        settings.tell(RuleId::Hsts, Action::Count, None);
        assert_eq!(settings.action(RuleId::Hsts, now), Some(Action::Count));
        let promised = Settings::new(Kind::Https, Some(Duration::from_secs(300)));
        assert_eq!(promised.action(RuleId::Hsts, now), Some(Action::Fix));
    }

    #[test]
    fn a_stream_is_judged_by_its_hello_alone() {
        let settings = Settings::new(Kind::Stream, None);
        for id in RuleId::ALL.into_iter().filter(|id| id.rule().phase != Phase::Hello) {
            assert_eq!(settings.default_of(id), None, "{id}");
        }
        assert_eq!(settings.default_of(RuleId::NoServerName), Some(Action::Count));
        assert_eq!(settings.default_of(RuleId::BelowFloor), Some(Action::Deny));
    }
}
