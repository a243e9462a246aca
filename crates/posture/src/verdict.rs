//! What a control says of a resource. Unknown never passes, and never fails.

use hermetic_hop::Severity;

use crate::span::Span;

/// How a resource stands to a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The control has nothing to say of it.
    NotApplicable,
    /// It holds.
    Pass,
    /// Nobody can tell.
    Unknown,
    /// It does not hold.
    Fail,
}

/// What a control says of a resource in one scenario, and on what grounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// How it stands.
    pub standing: Standing,
    /// Why, each with its place; the first is shown first.
    pub grounds: Vec<Ground>,
}

/// One reason, and where it stands in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// In words: what was seen.
    pub message: String,
    /// Where.
    pub at: Span,
    /// How bad it is, where that is not what the control says.
    pub severity: Option<Severity>,
}

impl Judgement {
    /// Nothing to say.
    pub fn not_applicable() -> Self {
        Self { standing: Standing::NotApplicable, grounds: Vec::new() }
    }

    /// It holds.
    pub fn pass(message: impl Into<String>, at: Span) -> Self {
        Self::on(Standing::Pass, message, at)
    }

    /// It does not hold.
    pub fn fail(message: impl Into<String>, at: Span) -> Self {
        Self::on(Standing::Fail, message, at)
    }

    /// Nobody can tell.
    pub fn unknown(message: impl Into<String>, at: Span) -> Self {
        Self::on(Standing::Unknown, message, at)
    }

    /// Both must hold: the worse stands, with the grounds of all that are as bad.
    pub fn and(mut self, other: Self) -> Self {
        match self.standing.cmp(&other.standing) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => {
                self.grounds.extend(other.grounds);
                self
            }
        }
    }

    /// One of the two must hold.
    pub fn or(self, other: Self) -> Self {
        let rank = |standing| match standing {
            Standing::Pass => 0,
            Standing::Unknown => 1,
            Standing::Fail => 2,
            Standing::NotApplicable => 3,
        };
        match rank(self.standing).cmp(&rank(other.standing)) {
            std::cmp::Ordering::Less => self,
            std::cmp::Ordering::Greater => other,
            std::cmp::Ordering::Equal => self.and(other),
        }
    }

    /// Weighs it otherwise than the control does: clear text that may be spoken is less than clear text that must be.
    pub fn weighing(mut self, severity: Severity) -> Self {
        self.grounds.iter_mut().for_each(|ground| ground.severity = Some(severity));
        self
    }

    /// What is judged only perhaps: it still passes, but can't fail.
    pub fn unless_sure(self, why: &str) -> Self {
        match (self.standing, self.grounds.first()) {
            (Standing::Fail, Some(ground)) => {
                Self::unknown(format!("whether it matters is not known: {why}"), ground.at)
            }
            _ => self,
        }
    }

    fn on(standing: Standing, message: impl Into<String>, at: Span) -> Self {
        Self { standing, grounds: vec![Ground { message: message.into(), at, severity: None }] }
    }
}

impl FromIterator<Self> for Judgement {
    /// All must hold.
    fn from_iter<I: IntoIterator<Item = Self>>(all: I) -> Self {
        all.into_iter().fold(Self::not_applicable(), Self::and)
    }
}
