//! Declarative rules: a path, and what must be there. What is not known neither passes nor fails.

use std::sync::Arc;

use hermetic_hop::Severity;
use serde::Deserialize;

use crate::control::Control;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject, known_text};
use crate::test::{Held, Test};
use crate::value::Value;
use crate::verdict::Judgement;

/// What must be at a path.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Only for resources of these types; of all types of the control where none is written.
    #[serde(default)]
    pub types: Vec<Arc<str>>,
    /// The list whose elements are judged one by one; other paths are then below its element.
    pub each: Option<Path>,
    /// Only where all of this holds.
    #[serde(default)]
    pub when: Vec<When>,
    /// Where to look.
    pub path: Path,
    /// What must be there.
    pub must: Test,
    /// How it stands where nothing is written and the schema has no default.
    #[serde(default)]
    pub absent: Absent,
    /// How bad it is where that is not what the control says.
    pub weigh: Option<Weight>,
    /// What to say where it does not hold. `{value}` is what was seen, `{path}` where, `{name}` the resource.
    pub message: Arc<str>,
    /// What to say where nothing is written; the same where this is not.
    pub unset: Option<Arc<str>>,
}

/// How bad it is, and where.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// Only where all of this surely holds.
    #[serde(default)]
    pub when: Vec<When>,
    /// How bad it is then.
    #[serde(deserialize_with = "crate::control::severity")]
    pub severity: Severity,
}

/// A condition on which a rule hangs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Where to look.
    pub path: Path,
    /// What must be there for the rule to be asked.
    pub is: Test,
}

/// How a rule stands where nothing is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// It fails.
    #[default]
    Fail,
    /// It passes.
    Pass,
    /// It has nothing to say.
    Skip,
    /// Nobody can tell.
    Unknown,
}

impl Rule {
    /// Judges a resource in a scenario.
    pub fn judge(&self, control: &Control, subject: &Subject<'_>) -> Judgement {
        if !self.is_for(&subject.resource.kind) {
            return Judgement::not_applicable();
        }
        let Some(each) = &self.each else {
            return self.judge_at(control, subject, None);
        };
        let elements = subject.all(each).into_iter().map(|element| match element {
            Seen::Known(element, _) => self.judge_at(control, subject, Some(element)),
            Seen::Absent(_) => Judgement::not_applicable(),
            Seen::Unknown(why, at) => Judgement::unknown(format!("{each}: {why}"), at),
        });
        elements.collect()
    }

    /// Whether it has something to say of resources of a type.
    pub fn is_for(&self, kind: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|known| **known == *kind)
    }

    /// All paths that it looks at, whole.
    pub fn paths(&self) -> impl Iterator<Item = Path> + '_ {
        let weight = self.weigh.iter().flat_map(|weight| &weight.when);
        let below = std::iter::once(&self.path).chain(self.when.iter().chain(weight).map(|when| &when.path));
        below.map(|path| self.each.as_ref().map_or_else(|| path.clone(), |each| each.join(path)))
    }

    fn judge_at(&self, control: &Control, subject: &Subject<'_>, element: Option<&Value>) -> Judgement {
        let judged = |seen: &Seen<&Value>| self.judge_seen(control, subject, seen);
        let judgement = || match seen_at(subject, element, &self.path).as_slice() {
            [] => self.judge_no_elements(subject),
            seen => seen.iter().map(judged).collect(),
        };
        let judgement = match all_hold(&self.when, control, subject, element) {
            Held::No => return Judgement::not_applicable(),
            Held::Yes => judgement(),
            Held::Unknown(why) => judgement().unless_sure(&why),
        };
        match &self.weigh {
            Some(weight) if all_hold(&weight.when, control, subject, element) == Held::Yes => {
                judgement.weighing(weight.severity)
            }
            _ => judgement,
        }
    }

    /// A list without elements has nothing that could fail.
    fn judge_no_elements(&self, subject: &Subject<'_>) -> Judgement {
        match self.absent {
            Absent::Fail | Absent::Skip => Judgement::not_applicable(),
            Absent::Pass | Absent::Unknown => self.judge_absent(subject, subject.resource.at),
        }
    }

    fn judge_seen(&self, control: &Control, subject: &Subject<'_>, seen: &Seen<&Value>) -> Judgement {
        let at = seen.at();
        let say = |value: &str| self.say(subject, value);
        match self.must.holds(control, seen) {
            None => self.judge_absent(subject, at),
            Some(Held::Yes) => Judgement::pass(format!("{} is {}", self.path, shown(seen)), at),
            Some(Held::No) => Judgement::fail(say(&shown(seen)), at),
            Some(Held::Unknown(why)) => Judgement::unknown(format!("{}: {why}", self.path), at),
        }
    }

    fn judge_absent(&self, subject: &Subject<'_>, at: Span) -> Judgement {
        match self.absent {
            Absent::Fail => Judgement::fail(self.say_absent(subject), at),
            Absent::Pass => Judgement::pass(format!("{} is not set", self.path), at),
            Absent::Skip => Judgement::not_applicable(),
            Absent::Unknown => Judgement::unknown(format!("{} is not set", self.path), at),
        }
    }

    fn say(&self, subject: &Subject<'_>, value: &str) -> String {
        said(&self.message, self, subject, value)
    }

    fn say_absent(&self, subject: &Subject<'_>) -> String {
        match &self.unset {
            Some(unset) => said(unset, self, subject, "nothing"),
            // Of what is not there nobody says that it is nothing.
            None => said(&self.message.replace("is {value}", "is not set"), self, subject, "nothing"),
        }
    }
}

fn said(message: &str, rule: &Rule, subject: &Subject<'_>, value: &str) -> String {
    message
        .replace("{value}", value)
        .replace("{path}", &rule.path.to_string())
        .replace("{name}", &subject.resource.name)
}

fn all_hold(when: &[When], control: &Control, subject: &Subject<'_>, element: Option<&Value>) -> Held {
    when.iter().fold(Held::Yes, |held, when| held.and(when.holds(control, subject, element)))
}

impl When {
    /// What is written nowhere does not hold, unless the test is about just that.
    fn holds(&self, control: &Control, subject: &Subject<'_>, element: Option<&Value>) -> Held {
        let seen = seen_at(subject, element, &self.path);
        let held = seen.iter().map(|seen| self.is.holds(control, seen).unwrap_or(Held::No));
        match held.reduce(Held::or).unwrap_or(Held::No) {
            Held::Unknown(why) => Held::Unknown(format!("{}: {why}", self.path)),
            sure => sure,
        }
    }
}

fn seen_at<'g>(subject: &Subject<'g>, element: Option<&'g Value>, path: &Path) -> Vec<Seen<&'g Value>> {
    match element {
        Some(element) => subject.below(element, path),
        None => subject.all(path),
    }
}

fn shown(seen: &Seen<&Value>) -> String {
    match seen {
        Seen::Known(value, _) => known_text(value).unwrap_or_else(|| "set".to_owned()),
        Seen::Absent(_) | Seen::Unknown(..) => "not set".to_owned(),
    }
}
