//! What the guard's rules do on a listener: nothing that a rule can't do, and nothing weaker than its
//! default without an exception.

use hermetic_guard::{Action, Fingerprints, Kind, Phase, RuleId, Settings};
use hermetic_hop::Exception;
use hermetic_tls::Ja4;
use jiff::civil::Date;

use super::Check;
use crate::model::Weakened;
use crate::written::guard::{FingerprintRule, GuardRule, Told};
use crate::written::table::{At, Optional};
use crate::written::value::List;
use crate::written::{self, word};

impl Check<'_, '_> {
    /// The settings of a listener at which TLS ends, or that serves HTTP.
    pub(super) fn guard(&mut self, listener: &written::Listener) -> Option<Settings> {
        let kind = match listener.protocol.or(word::Protocol::Https)? {
            word::Protocol::Https | word::Protocol::Http => Kind::Https,
            _ => Kind::Stream,
        };
        let mut settings = Settings::new(kind, listener.hsts.if_any()?.map(|hsts| hsts.0));
        // Where cleartext itself may come, what an earlier hop tells of it is worth knowing, no more.
        if kind == Kind::Https && listener.mode.or(word::Mode::Require)? != word::Mode::Require {
            settings = settings.with_default(RuleId::ClearEarlierHop, Action::Count);
        }
        let rules = match &listener.guard {
            Optional::Absent => return Some(settings),
            Optional::Wrong => return None,
            Optional::Written(guard) => &guard.value.0,
        };
        let all_hold =
            rules.iter().map(|rule| self.rule(listener, kind, rule, &mut settings)).collect::<Vec<_>>();
        all_hold.into_iter().all(|holds| holds.is_some()).then_some(settings)
    }

    fn rule(
        &mut self,
        listener: &written::Listener,
        kind: Kind,
        rule: &At<(RuleId, Told)>,
        settings: &mut Settings,
    ) -> Option<()> {
        let At { key, at, value: (id, told) } = rule;
        if kind == Kind::Stream && id.rule().phase != Phase::Hello {
            let message = format!("`{id}` judges what is sent over HTTP, and this listener passes bytes on");
            self.problems.tell(*key, message, "take it out");
            return None;
        }
        match told {
            Told::Action(action) => self.action(listener, *id, action, None, settings),
            Told::Rule(rule) => {
                let action = rule.action.written()?;
                let exception = self.rule_exception(*id, rule, *at, action.value, settings)?;
                let until = exception.as_ref().map(|exception| exception.until);
                self.action(listener, *id, action, until, settings)?;
                if let (Some(exception), Some(name)) = (exception, listener.name.written()) {
                    self.weakened.push(Weakened { listener: name.value.clone(), rule: *id, exception });
                }
                Some(())
            }
            Told::Fingerprints(rule) => self.fingerprints(rule, *at, settings),
        }
    }

    /// Tells a rule its action, where it can do that here.
    fn action(
        &mut self,
        listener: &written::Listener,
        id: RuleId,
        action: &At<Action>,
        until: Option<Date>,
        settings: &mut Settings,
    ) -> Option<()> {
        self.allowed(id, action)?;
        let at = action.at;
        if id == RuleId::Hsts && action.value == Action::Fix && matches!(listener.hsts, Optional::Absent) {
            let hint = "add `hsts = \"1y\"` to the listener";
            self.problems.tell(at, "`hsts` has nothing to set: no age is promised", hint);
            return None;
        }
        let weaker = settings.default_of(id).filter(|default| action.value < *default);
        if id == RuleId::Misdirected && weaker.is_some() && asks_clients(listener) {
            let message = "`misdirected` can't be weakened where clients are asked for certificates";
            let hint = "take it out: a connection made for one name must not get around what another demands";
            self.problems.tell(at, message, hint);
            return None;
        }
        if let (Some(default), None) = (weaker, until) {
            let message = format!("`{id}` does more by default: `{default}`; less needs an exception");
            let hint = format!(
                "write {{ action = \"{}\", reason = \"…\", owner = \"…\", until = 2027-03-31 }}",
                action.value
            );
            self.problems.tell(at, message, hint);
            return None;
        }
        settings.tell(id, action.value, until);
        Some(())
    }

    fn allowed(&mut self, id: RuleId, action: &At<Action>) -> Option<()> {
        let rule = id.rule();
        if rule.allowed.contains(&action.value) {
            return Some(());
        }
        let words: Vec<String> = rule.allowed.iter().map(|action| format!("\"{action}\"")).collect();
        let hint = match rule.is_fixed() {
            true => format!("take it out: it always does {}", words.join("")),
            false => format!("choose from {}", words.join(", ")),
        };
        self.problems.tell(action.at, format!("`{id}` can't `{}`", action.value), hint);
        None
    }

    /// The exception that is written for a rule; `Some(None)` where none is.
    fn rule_exception(
        &mut self,
        id: RuleId,
        rule: &GuardRule,
        at: usize,
        action: Action,
        settings: &Settings,
    ) -> Option<Option<Exception>> {
        let parts = (rule.reason.if_any()?, rule.owner.if_any()?, rule.until.if_any()?);
        let weakens = settings.default_of(id).is_some_and(|default| action < default);
        match parts {
            (None, None, None) => Some(None),
            _ if !weakens => {
                let message =
                    format!("`{id} = \"{action}\"` is no less than its default and needs no exception");
                self.problems.tell(at, message, format!("write {id} = \"{action}\""));
                None
            }
            (Some(reason), Some(owner), Some(until)) => {
                let exception = Exception { reason: reason.0, owner: owner.0, until };
                let ends = rule.until.written().map_or(at, |until| until.at);
                self.holds(exception, ends, &format!("take `{id}` out")).map(Some)
            }
            (reason, owner, until) => {
                let missing =
                    [("reason", reason.is_none()), ("owner", owner.is_none()), ("until", until.is_none())];
                let missing: Vec<String> =
                    missing.iter().filter(|(_, is)| *is).map(|(key, _)| format!("`{key}`")).collect();
                let message = format!("the exception for `{id}` lacks {}", missing.join(" and "));
                self.problems.tell(at, message, "an exception has a reason, an owner and a last day");
                None
            }
        }
    }

    fn fingerprints(&mut self, rule: &FingerprintRule, at: usize, settings: &mut Settings) -> Option<()> {
        if let Some(action) = rule.action.written() {
            self.allowed(RuleId::ClientFingerprint, action)?;
        }
        let list = |list: &Optional<List<Ja4>>| match list {
            Optional::Absent => Some(Vec::new()),
            Optional::Wrong => None,
            Optional::Written(list) => Some(list.value.0.iter().map(|ja4| ja4.value).collect()),
        };
        let fingerprints = Fingerprints { allow: list(&rule.allow)?, deny: list(&rule.deny)? };
        if fingerprints.is_empty() {
            let hint = "add `deny = [\"t13d1516h2_8daaf6152771_e5627efa2ab1\"]`, or `allow`";
            self.problems.tell(at, "`client-fingerprint` has no fingerprint to judge by", hint);
            return None;
        }
        settings.tell(RuleId::ClientFingerprint, rule.action.or(Action::Deny)?, None);
        settings.tell_fingerprints(fingerprints);
        Some(())
    }
}

fn asks_clients(listener: &written::Listener) -> bool {
    listener.clients.or(word::Clients::None) != Some(word::Clients::None)
}
