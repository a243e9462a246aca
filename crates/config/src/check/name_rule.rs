//! Rules about names: each about one thing, none that can't matter, none against another.

use hermetic_tls::Identity;
use hermetic_x509::{NameRule, NameRules, Naming, Profile};

use super::Check;
use crate::written;
use crate::written::table::{At, Optional};
use crate::written::text::Line;
use crate::written::value::List;

/// From what is written to the rule.
type Reader = fn(&str) -> Result<NameRule, hermetic_x509::NameError>;

impl Check<'_, '_> {
    /// What a profile says of names: what is not written is as its parent has it.
    pub(super) fn name_rules(&mut self, written: &written::Profile, parent: &Profile) -> Option<NameRules> {
        let allow = self.rules(&written.allow);
        let deny = self.rules(&written.deny);
        if let (Optional::Written(list), Some(Some(rules))) = (&written.allow, &allow) {
            if rules.is_empty() {
                let hint = "name somebody, or take `allow` out to certify any name that is not denied";
                self.problems.tell(list.at, "an empty `allow` would allow any name", hint);
                return None;
            }
            for (rule, at) in rules {
                self.can_matter(rule, *at, parent);
            }
        }
        let inherited = parent.names();
        let rules = |own: Option<Vec<(NameRule, usize)>>, inherited: &[NameRule]| match own {
            Some(own) => own.into_iter().map(|(rule, _)| rule).collect(),
            None => inherited.to_vec(),
        };
        let allowed = allow.clone()?;
        let names = NameRules { allow: rules(allow?, &inherited.allow), deny: rules(deny?, &inherited.deny) };
        for (rule, at) in allowed.into_iter().flatten() {
            if let NameRule::Exact(name) = &rule
                && let Some(denial) = names.deny.iter().find(|denial| denial.denies(name))
            {
                let message = format!("{name} is allowed here, and denied ({denial}), which wins");
                self.problems.tell(at, message, "take one of the two rules out");
            }
        }
        Some(names)
    }

    /// The rules with their places; `Some(None)`: none are written.
    fn rules(
        &mut self,
        written: &Optional<List<written::NameRule>>,
    ) -> Option<Option<Vec<(NameRule, usize)>>> {
        match written {
            Optional::Absent => Some(None),
            Optional::Wrong => None,
            Optional::Written(list) => {
                // All are read before any is missed, so that each tells its problem.
                let read: Vec<_> = list.value.0.iter().map(|rule| self.name_rule(rule)).collect();
                read.into_iter().collect::<Option<Vec<_>>>().map(Some)
            }
        }
    }

    fn name_rule(&mut self, at: &At<written::NameRule>) -> Option<(NameRule, usize)> {
        let written::NameRule { exact, subdomain, wildcard, ip, uri } = &at.value;
        let kinds: [(&'static str, &Optional<Line>, Reader); 5] = [
            ("exact", exact, NameRule::exact),
            ("subdomain", subdomain, NameRule::subdomain),
            ("wildcard", wildcard, NameRule::wildcard),
            ("ip", ip, NameRule::ip),
            ("uri", uri, NameRule::uri_prefix),
        ];
        let kind =
            self.one_of(at.at, "this rule", &kinds.map(|(name, written, _)| (name, written.place())))?;
        let (_, written, reader) = kinds.into_iter().find(|(name, ..)| *name == kind)?;
        let line = written.written()?;
        match reader(&line.value.0) {
            Ok(rule) => Some((rule, line.at)),
            Err(error) => {
                self.problems.tell_error(line.at, &error);
                None
            }
        }
    }

    /// An allowance of what the profile's kind certifies at all.
    fn can_matter(&mut self, rule: &NameRule, at: usize, parent: &Profile) {
        let is_spiffe = match rule {
            NameRule::Exact(name) => matches!(name.identity(), Identity::Spiffe(_)),
            NameRule::UriPrefix(_) => true,
            NameRule::Subdomain(_) | NameRule::Wildcard(_) | NameRule::Ip(_) => false,
        };
        let is_wildcard = match rule {
            NameRule::Exact(name) => name.is_wildcard(),
            NameRule::Wildcard(_) => true,
            NameRule::Subdomain(_) | NameRule::Ip(_) | NameRule::UriPrefix(_) => false,
        };
        let kind = parent.kind();
        let why = match kind.naming() {
            Naming::SpiffeId if !is_spiffe => "certifies one SPIFFE ID, and no other name",
            Naming::Names { wildcards: false } if is_wildcard => {
                "certifies no wildcard: a client is one party"
            }
            Naming::Subject => "certifies a subject, and no name",
            Naming::SpiffeId | Naming::Names { .. } => return,
        };
        self.problems.tell(at, format!("a profile like `{kind}` {why}"), "take this rule out");
    }
}
