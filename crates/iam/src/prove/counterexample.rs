//! A request that gets through, and by what each Deny misses it.

use serde::Serialize;

use super::Question;
use crate::document::{Effect, Statement};
use crate::matching::{Miss, concerns};
use crate::request::Request;

/// A request that gets through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counterexample {
    /// The request.
    pub request: Request,
    /// Why it does.
    #[serde(skip)]
    pub reason: String,
}

impl Counterexample {
    pub(super) fn of(request: Request, question: &Question<'_>) -> Self {
        let reason = reason(&request, question);
        Self { request, reason }
    }
}

fn reason(request: &Request, question: &Question<'_>) -> String {
    let statements = question.documents.iter().flat_map(|document| &document.statements);
    let denials: Vec<&Statement> = statements.filter(|statement| statement.effect == Effect::Deny).collect();
    let how = match request.context.values("aws:securetransport") {
        Some([secure]) if secure == "true" => "over TLS below the floor",
        _ => "in cleartext",
    };
    let what = format!(
        "{} by {} on {} {how} is denied by nothing",
        request.action, request.principal, request.resource
    );
    if denials.is_empty() {
        return format!(
            "{what}: the document has no Deny, and an Allow never stops what another policy allows"
        );
    }
    let misses: Vec<String> = denials.iter().take(4).filter_map(|denial| miss(denial, request)).collect();
    let more = if denials.len() > 4 { "; and so on" } else { "" };
    format!("{what}: {}{more}", misses.join("; "))
}

fn miss(denial: &Statement, request: &Request) -> Option<String> {
    let missed = match concerns(denial, request).err()? {
        Miss::Principal => "is about other principals".to_owned(),
        Miss::Action => "is about other actions".to_owned(),
        Miss::Resource => "is about other resources".to_owned(),
        Miss::Condition(place) => {
            let test = denial.tests.get(place)?;
            let has = match request.context.values(test.key.as_str()) {
                None => format!("the request has no {}", test.key),
                Some(values) => format!("{} is {}", test.key, values.join(", ")),
            };
            format!("asks for {} of {}, and {has}", test.operator.name, test.key)
        }
    };
    Some(format!("{} {missed}", denial.name()))
}
