//! Can anybody, by any action of the service, on the resource or on anything in it, get through without TLS?
//!
//! Every other policy is assumed to allow: only a Deny counts. A request gets through where each Deny misses it by
//! some element. So the search takes the settled part of a request (how it travels, who makes it, by which way),
//! an action and a resource, and chooses for each Deny that is left one element to miss by, as long as there is a
//! value for each key and a name for the resource that all the choices together allow. Texts are decided by
//! automata, numbers and addresses by the values at their bounds; so that what is not found is not there.
//!
//! Where something is not to be decided (the account of a bucket, what a policy variable stands for), a second
//! search lets every Deny that rests on it miss: only what is denied even then is called denied.

pub(crate) mod budget;
mod circumstances;
mod classes;
mod corner;
mod counterexample;
mod doubt;
mod every_action;
mod search;
mod strings;
#[cfg(test)]
mod tests;
mod witness;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::document::{AccountId, Document, Effect, Key, Operand, ResourcePattern, Statement, Test};
use crate::request::Request;
use crate::services::{Reached, ResourceError, Service};
use budget::Budget;
use circumstances::{CallerKind, Circumstances, Known, ResourcePlace, Transport};
use search::{Doubt, Ground, Refuted};

pub use counterexample::Counterexample;
pub use every_action::prove_of_every_action;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The document, and those that the resource inherits.
    pub documents: &'a [&'a Document],
    /// The ARN of the resource.
    pub resource: &'a str,
    /// Whose resource it is, where the ARN does not say so.
    pub account: Option<AccountId>,
    /// The lowest version of TLS that may get through.
    pub floor: Option<Floor>,
}

/// A lowest version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Floor {
    /// TLS 1.1.
    #[serde(rename = "1.1")]
    Tls1_1,
    /// TLS 1.2.
    #[serde(rename = "1.2")]
    Tls1_2,
    /// TLS 1.3.
    #[serde(rename = "1.3")]
    Tls1_3,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing gets through.
    Denied,
    /// This request does.
    Open(Box<Counterexample>),
    /// It is not to be decided, for this reason.
    Unknown(String),
}

/// How many steps a proof may take, so that each comes to an end.
const STEPS: usize = 1_000_000;

/// Proves that no request gets through in cleartext or below the floor; or finds one that does.
pub fn prove(question: &Question<'_>) -> Result<Proof, ResourceError> {
    let (service, reached) = Reached::from(question.resource)?;
    Ok(proof(question, service, &reached))
}

/// The same by the actions of another service than the one in the ARN: those of `sts` act on roles, whose ARNs are
/// `iam`'s.
pub fn prove_by(service: &str, question: &Question<'_>) -> Result<Proof, ResourceError> {
    let (service, reached) = Reached::by(service, question.resource)?;
    Ok(proof(question, service, &reached))
}

fn proof(question: &Question<'_>, service: &'static Service, reached: &[Reached]) -> Proof {
    let mut parts = question.resource.split(':').skip(1);
    let (partition, region, account) = (parts.next(), parts.nth(1), parts.next());
    let place = ResourcePlace {
        service,
        partition: partition.unwrap_or("aws").to_owned(),
        region: region.filter(|region| !region.is_empty()).map(str::to_owned),
        account: account.and_then(AccountId::read).or_else(|| question.account.clone()),
    };
    let denials = denials(question);
    let doubts = doubt::of_each(&denials, &place);
    let mut budget = Budget::of(STEPS);
    let classes = classes::of(service, &denials, reached, &mut budget);
    let space = Space { question, place: &place, ground: Ground::new(&denials, &doubts, classes) };
    let mut unconfirmed = None;
    if let Some(request) = space.search(Doubt::Denies, &mut unconfirmed, &mut budget) {
        return Proof::Open(Box::new(Counterexample::of(request, question)));
    }
    // Without any doubt there is nothing to search again.
    let doubt = doubts.iter().flatten().next();
    let found = doubt.and_then(|_| space.search(Doubt::Misses, &mut None, &mut budget));
    let told =
        |request: &Request| format!("{} by {} on {}", request.action, request.principal, request.resource);
    match (budget.is_spent(), found, doubt, unconfirmed) {
        (true, ..) => Proof::Unknown(
            "the document is too involved to be decided in the time that a proof has".to_owned(),
        ),
        (false, Some(request), Some(doubt), _) => {
            Proof::Unknown(format!("whether {} gets through depends on {doubt}", told(&request)))
        }
        (false, _, _, Some(request)) => Proof::Unknown(format!(
            "{} seems to get through, and the evaluator does not confirm it",
            told(&request)
        )),
        (false, ..) => Proof::Denied,
    }
}

fn denials<'a>(question: &Question<'a>) -> Vec<&'a Statement> {
    let statements = question.documents.iter().flat_map(|document| &document.statements);
    statements.filter(|statement| statement.effect == Effect::Deny).collect()
}

/// Whether a request comes by an endpoint, and the keys that are settled.
type Way = (bool, Vec<(String, Option<String>)>);

/// All requests that must not get through.
struct Space<'a> {
    question: &'a Question<'a>,
    place: &'a ResourcePlace,
    ground: Ground<'a>,
}

impl Space<'_> {
    fn search(
        &self,
        doubt: Doubt,
        unconfirmed: &mut Option<Request>,
        budget: &mut Budget,
    ) -> Option<Request> {
        let (ground, size) = (&self.ground, self.ground.size());
        let callers = CallerKind::all(self.question.documents, &self.place.partition);
        let ways = self.ways();
        for transport in self.transports() {
            let mut open: Vec<(&Way, Refuted)> = self.open(transport, &ways, doubt, budget);
            for caller in &callers {
                for (way, refuted) in &mut open {
                    if !budget.spend(size) {
                        return None;
                    }
                    let circumstances = self.circumstances(transport, caller, way);
                    let found = ground.search(&circumstances, doubt, refuted, budget);
                    match found {
                        Some(request) if doubt == Doubt::Misses || ground.confirms(&request) => {
                            return Some(request);
                        }
                        Some(request) => *unconfirmed = Some(request),
                        None if budget.is_spent() => return None,
                        None => {}
                    }
                }
            }
        }
        None
    }

    /// The ways that are not closed to everybody, with what no caller gets through there.
    fn open<'w>(
        &self,
        transport: Transport,
        ways: &'w [Way],
        doubt: Doubt,
        budget: &mut Budget,
    ) -> Vec<(&'w Way, Refuted)> {
        let size = self.ground.size();
        let is_open = |way: &&Way| {
            let anybody = self.circumstances(transport, &CallerKind::Anonymous, way);
            budget.spend(size) && !self.ground.is_closed(&anybody, doubt)
        };
        ways.iter().filter(is_open).map(|way| (way, Refuted::new())).collect()
    }

    fn tests(&self) -> impl Iterator<Item = &Test> {
        self.ground.denials.iter().flat_map(|denial| &denial.tests)
    }

    fn circumstances(&self, transport: Transport, caller: &CallerKind, way: &Way) -> Circumstances<'_> {
        let (by_endpoint, settled) = way.clone();
        Circumstances { transport, caller: caller.clone(), by_endpoint, place: self.place, settled }
    }

    /// All ways that make a difference to the Denies.
    fn ways(&self) -> Vec<Way> {
        let by_endpoint: &[bool] = match self.tests().any(|test| is_of_network(&test.key)) {
            true => &[false, true],
            false => &[false],
        };
        let settlements = self.settlements();
        let ways = by_endpoint.iter().flat_map(|way| settlements.iter().map(move |it| (*way, it.clone())));
        ways.collect()
    }

    /// Cleartext, and every version below the floor.
    fn transports(&self) -> Vec<Transport> {
        let below = [("1.0", Floor::Tls1_1), ("1.1", Floor::Tls1_2), ("1.2", Floor::Tls1_3)];
        let below =
            below.into_iter().filter(|(_, next)| self.question.floor.is_some_and(|floor| *next <= floor));
        std::iter::once(Transport::Clear).chain(below.map(|(version, _)| Transport::Tls(version))).collect()
    }

    /// The keys that policy variables name: each absent, or with some value.
    fn settlements(&self) -> Vec<Vec<(String, Option<String>)>> {
        let mut keys: Vec<&str> = self.ground.denials.iter().flat_map(|denial| variables(denial)).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut settlements = vec![Vec::new()];
        // More than three are left to the second search.
        for key in keys.into_iter().take(3) {
            let values = [None, Some("somebody".to_owned())];
            settlements = settlements
                .into_iter()
                .flat_map(|settled: Vec<(String, Option<String>)>| {
                    values.clone().map(|value| [&settled[..], &[(key.to_owned(), value)]].concat())
                })
                .collect();
        }
        // What is known of the request anyway is not to be chosen.
        let (transport, caller) = (Transport::Clear, CallerKind::Anonymous);
        let any =
            Circumstances { transport, caller, by_endpoint: false, place: self.place, settled: Vec::new() };
        for settled in &mut settlements {
            settled.retain(|(key, _)| {
                !key.starts_with("aws:principal")
                    && matches!(any.known(key), Known::Free { may_be_absent: true })
            });
        }
        settlements.sort();
        settlements.dedup();
        settlements
    }
}

fn is_of_network(key: &Key) -> bool {
    let key = key.as_str();
    key == "aws:sourceip" || key.starts_with("aws:sourcevpc") || key.starts_with("aws:vpc")
}

/// The keys that a statement's variables name.
fn variables(statement: &Statement) -> Vec<&str> {
    let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
    let of_resources = resources.filter_map(|pattern| match pattern {
        ResourcePattern::Arn(arn) => Some(arn.variables()),
        _ => None,
    });
    let of_resources = of_resources.flatten().map(|variable| variable.key.as_str());
    of_resources.chain(statement.tests.iter().flat_map(variables_of)).collect()
}

fn variables_of(test: &Test) -> Vec<&str> {
    test.operands
        .iter()
        .flat_map(|operand| match operand {
            Operand::Text(pattern) => {
                pattern.variables().map(|variable| variable.key.as_str()).collect::<Vec<_>>()
            }
            Operand::Arn(Some(arn)) => arn.variables().map(|variable| variable.key.as_str()).collect(),
            _ => Vec::new(),
        })
        .collect()
}

impl FromStr for Floor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "1.1" => Ok(Self::Tls1_1),
            "1.2" => Ok(Self::Tls1_2),
            "1.3" => Ok(Self::Tls1_3),
            _ => Err(format!("`{text}` is no version of TLS to hold; write 1.1, 1.2 or 1.3")),
        }
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls1_1 => "1.1",
            Self::Tls1_2 => "1.2",
            Self::Tls1_3 => "1.3",
        })
    }
}
