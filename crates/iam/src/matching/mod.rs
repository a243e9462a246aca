//! Whether a statement is about a request, and what of it is not.

mod condition;
#[cfg(test)]
mod tests;

pub(crate) use condition::{holds, stands_for};

use crate::document::{Principal, ResourcePattern, Statement};
use crate::pattern::{Folding, Pattern};
use crate::request::{Caller, Request};

/// The element by which a statement is not about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// Its principal is another.
    Principal,
    /// Its action is another.
    Action,
    /// Its resource is another.
    Resource,
    /// This test does not hold, counted from nought.
    Condition(usize),
}

/// Whether a statement is about a request; else the first element that says it is not.
pub(crate) fn concerns(statement: &Statement, request: &Request) -> Result<(), Miss> {
    if !names(statement, &request.principal) {
        return Err(Miss::Principal);
    }
    if !acts(statement, &request.action) {
        return Err(Miss::Action);
    }
    if !reaches(statement, request) {
        return Err(Miss::Resource);
    }
    match statement.tests.iter().position(|test| !holds(test, &request.context)) {
        Some(failing) => Err(Miss::Condition(failing)),
        None => Ok(()),
    }
}

/// Whether the caller is among those whom the statement concerns. A document of a principal's names nobody.
pub(crate) fn names(statement: &Statement, caller: &Caller) -> bool {
    let Some(principals) = &statement.principals else { return true };
    principals.named.iter().any(|principal| is_meant(principal, caller)) != principals.all_but
}

/// Whether its action is among the statement's.
pub(crate) fn acts(statement: &Statement, action: &str) -> bool {
    let actions = &statement.actions;
    let takes = |pattern: &Pattern| pattern.takes(action, Folding::Folded, &|_| None);
    actions.patterns.iter().any(takes) != actions.all_but
}

fn reaches(statement: &Statement, request: &Request) -> bool {
    let Some(resources) = &statement.resources else { return true };
    let takes = |pattern: &ResourcePattern| {
        pattern.takes(&request.resource, &|variable| stands_for(variable, &request.context))
    };
    resources.patterns.iter().any(takes) != resources.all_but
}

/// Whether a caller is who a statement names.
pub(crate) fn is_meant(principal: &Principal, caller: &Caller) -> bool {
    match (principal, caller) {
        (Principal::Everyone, _) => true,
        (Principal::Account(account), Caller::Arn(_)) => caller.account().as_ref() == Some(account),
        (Principal::Arn(named), Caller::Arn(arn)) => named == arn || caller.role().as_ref() == Some(named),
        (Principal::Service(named), Caller::Service(name)) => {
            named == "*" || named.eq_ignore_ascii_case(name)
        }
        // Whose unique or canonical id it is, and where a federated session comes from, no ARN tells.
        _ => false,
    }
}
