//! A document made ready to be asked often: the Deny statements for the requests of one service, indexed by
//! action, decided without taking memory.
//!
//! Only a Deny counts here, as in a proof: who else allows a request is not known where it passes by.

mod matcher;
mod test;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use test::{Fact, Facts, KnownKey};

use crate::document::{AccountId, Document, Effect, Principal, Principals, Statement};
use crate::json::Place;
use crate::matching::acts;
use crate::pattern::{Folding, Pattern};
use crate::request::Caller;
use matcher::ResourceMatcher;
use test::CompiledTest;

/// The Deny statements of a document, for the requests of one service. `K` is what is known of requests.
#[derive(Debug)]
pub struct Compiled<K> {
    denials: Vec<Denial<K>>,
    /// Which statements are about an action.
    by_action: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Denial<K> {
    told: Told,
    principals: Option<Principals>,
    actions_but: bool,
    actions: Vec<Pattern>,
    resources: Option<(bool, Vec<ResourceMatcher<K>>)>,
    tests: Vec<CompiledTest<K>>,
}

/// What there is to tell of a statement that denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its id.
    pub sid: Option<String>,
    /// The line at which it begins.
    pub line: usize,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who asks.
    pub who: &'a Who,
    /// What for, such as `s3:GetObject`.
    pub action: &'a str,
    /// On what: an ARN, or `*` for an action that acts on no resource. `None`: the request does not say, as by a
    /// handle that only the service can open; it may be about anything that a Deny names.
    pub resource: Option<&'a str>,
}

/// Who makes a request, with what their ARN says, read once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    caller: Caller,
    account: Option<AccountId>,
    role: Option<String>,
}

/// Why a document can't be enforced on the requests that are meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Unenforceable {
    /// Where.
    pub place: Place,
    /// Why.
    pub problem: UnenforceableProblem,
}

/// What a Deny asks of requests that nobody here can answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnenforceableProblem {
    /// A key of which nothing is known.
    #[error(
        "this Deny depends on `{0}`, of which nothing is known here; take the statement out, or that test"
    )]
    Key(String),
    /// Callers by name, where none is known by name.
    #[error(
        "this Deny is about callers by name, and who calls is not known here; say by what they are known"
    )]
    Callers,
    /// Callers whom no ARN tells.
    #[error(
        "this Deny names callers by an id or a provider, which can't be told here; name them by ARN or account"
    )]
    NoArn,
}

impl<K: KnownKey> Compiled<K> {
    /// Makes a document ready. `actions` are those of the requests that will come, each with its service; others
    /// are decided too, and slower. `callers`: whether it will be known who makes them.
    pub fn new<'a>(
        document: &Document,
        actions: impl IntoIterator<Item = &'a str>,
        callers: bool,
    ) -> Result<Self, Unenforceable> {
        let denying = document.statements.iter().filter(|it| it.effect == Effect::Deny);
        let denying: Vec<&Statement> = denying.collect();
        let denials = denying.iter().map(|it| Denial::of(it, callers)).collect::<Result<_, _>>()?;
        let about = |action: &str| {
            let places = denying.iter().enumerate().filter(|(_, it)| acts(it, action));
            places.map(|(place, _)| place).collect()
        };
        let by_action = actions.into_iter().map(|action| (action.to_owned(), about(action))).collect();
        Ok(Self { denials, by_action })
    }

    /// The first statement that denies it.
    pub fn denial(&self, asked: &Asked<'_>, facts: &impl Facts<K>) -> Option<&Told> {
        let denies = |denial: &&Denial<K>| denial.is_about(asked, facts);
        let found = match self.by_action.get(asked.action) {
            Some(places) => places.iter().filter_map(|place| self.denials.get(*place)).find(denies),
            None => self.denials.iter().filter(|denial| denial.acts(asked.action)).find(denies),
        };
        found.map(|denial| &denial.told)
    }
}

impl<K: KnownKey> Denial<K> {
    fn of(statement: &Statement, callers: bool) -> Result<Self, Unenforceable> {
        if let Some(problem) = statement.principals.as_ref().and_then(|it| untold(it, callers)) {
            return Err(Unenforceable { place: statement.place, problem });
        }
        let resource = |pattern| ResourceMatcher::of(pattern, statement.place, callers);
        let resources = statement.resources.as_ref().map(|resources| {
            let matchers = resources.patterns.iter().map(resource).collect::<Result<_, _>>()?;
            Ok((resources.all_but, matchers))
        });
        Ok(Self {
            told: Told { sid: statement.sid.clone(), line: statement.place.line },
            principals: statement.principals.clone(),
            actions_but: statement.actions.all_but,
            actions: statement.actions.patterns.clone(),
            resources: resources.transpose()?,
            tests: statement
                .tests
                .iter()
                .map(|test| CompiledTest::of(test, callers))
                .collect::<Result<_, _>>()?,
        })
    }

    fn acts(&self, action: &str) -> bool {
        let takes = |pattern: &Pattern| pattern.takes(action, Folding::Folded, &|_| None);
        self.actions.iter().any(takes) != self.actions_but
    }

    /// Whether it is about this, its actions apart.
    fn is_about(&self, asked: &Asked<'_>, facts: &impl Facts<K>) -> bool {
        self.names(asked.who)
            && self.reaches(asked.resource, facts)
            && self.tests.iter().all(|it| it.holds(facts))
    }

    fn names(&self, who: &Who) -> bool {
        let Some(principals) = &self.principals else { return true };
        principals.named.iter().any(|principal| who.is(principal)) != principals.all_but
    }

    fn reaches(&self, resource: Option<&str>, facts: &impl Facts<K>) -> bool {
        // Of what is not said, it may be about that.
        let (Some((all_but, matchers)), Some(arn)) = (&self.resources, resource) else { return true };
        matchers.iter().any(|matcher| matcher.takes(arn, facts)) != *all_but
    }
}

/// What of these principals can't be told of a caller.
fn untold(principals: &Principals, callers: bool) -> Option<UnenforceableProblem> {
    use Principal::{CanonicalUser, Everyone, Federated, UniqueId};
    if !principals.all_but && principals.named.contains(&Everyone) {
        return None;
    }
    let mut named = principals.named.iter();
    match named.any(|it| matches!(it, CanonicalUser(_) | Federated(_) | UniqueId(_))) {
        true => Some(UnenforceableProblem::NoArn),
        false => (!callers).then_some(UnenforceableProblem::Callers),
    }
}

impl Who {
    /// This caller.
    pub fn new(caller: Caller) -> Self {
        Self { account: caller.account(), role: caller.role(), caller }
    }

    /// The caller.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Their account.
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// Their ARN as `aws:PrincipalArn` has it: of a session, the role's.
    pub fn arn(&self) -> Option<&str> {
        match &self.caller {
            Caller::Arn(arn) => Some(self.role.as_deref().unwrap_or(arn)),
            Caller::Anonymous | Caller::Service(_) => None,
        }
    }

    /// Whether that is who a statement names.
    fn is(&self, principal: &Principal) -> bool {
        match (principal, &self.caller) {
            (Principal::Everyone, _) => true,
            (Principal::Account(account), Caller::Arn(_)) => self.account.as_ref() == Some(account),
            (Principal::Arn(named), Caller::Arn(arn)) => named == arn || self.role.as_ref() == Some(named),
            (Principal::Service(named), Caller::Service(name)) => {
                named == "*" || named.eq_ignore_ascii_case(name)
            }
            _ => false,
        }
    }
}
