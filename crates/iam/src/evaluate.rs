//! What AWS decides of a request, in AWS's order, and by which statement.

use serde::Serialize;

use crate::document::{AccountId, Document, Effect, Principal, Statement};
use crate::matching::{concerns, is_meant};
use crate::request::{Caller, Request};

/// What a document is attached to; it says what an Allow in it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A service control policy: of one level of the principal's organisation.
    ServiceControl,
    /// A resource control policy: of one level of the resource's organisation.
    ResourceControl,
    /// The policy of the VPC endpoint by which the request comes.
    Endpoint,
    /// The resource's own.
    Resource,
    /// The principal's.
    Identity,
    /// The principal's permissions boundary.
    Boundary,
    /// The session's.
    Session,
}

/// A document where it is attached.
#[derive(Clone, Debug)]
pub struct Attached<'a> {
    /// To what.
    pub kind: Kind,
    /// What people call it: its file.
    pub name: &'a str,
    /// It.
    pub document: &'a Document,
}

/// A decision, and what decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What was decided.
    pub effect: Decided,
    /// Why, in a sentence.
    pub reason: String,
    /// The statement that decided, with its document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<Decisive>,
}

/// What can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Decided {
    /// The request gets through.
    Allow,
    /// A Deny is about it.
    ExplicitDeny,
    /// Something that had to allow it did not.
    ImplicitDeny,
}

/// The statement that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decisive {
    /// What its document is attached to.
    pub kind: Kind,
    /// What people call the document.
    pub document: String,
    /// The statement's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The line at which it begins.
    pub line: usize,
}

/// Decides about a request. The resource's account decides whether it crosses accounts; without one it does not.
///
/// Several documents of a kind add up, but for service and resource control policies: each is a level of its own,
/// and every level must allow.
pub fn decide(
    request: &Request,
    attached: &[Attached<'_>],
    resource_account: Option<&AccountId>,
) -> Decision {
    let case = Case { request, attached, resource_account };
    // 1. A Deny in any of them.
    if let Some((document, denial)) = case.first(|_| true, Effect::Deny) {
        let reason = format!("{} of {} denies it", denial.name(), document.name);
        return decided(Decided::ExplicitDeny, reason, Some((document, denial)));
    }
    // 2. and 3. Every level of the organisations.
    for (kind, what) in
        [(Kind::ResourceControl, "resource control"), (Kind::ServiceControl, "service control")]
    {
        if let Some(level) = case.of(kind).find(|level| !case.lets_through(level)) {
            return implicit(format!("the {what} policy {} does not allow it", level.name));
        }
    }
    // 8. The way by which it comes: one more that must allow, wherever it stands in the order.
    if let Some(endpoint) = case.of(Kind::Endpoint).next().filter(|_| case.allows(Kind::Endpoint).is_none()) {
        return implicit(format!("the endpoint's policy {} does not allow it", endpoint.name));
    }
    case.granted()
}

struct Case<'a> {
    request: &'a Request,
    attached: &'a [Attached<'a>],
    resource_account: Option<&'a AccountId>,
}

type Found<'a> = (&'a Attached<'a>, &'a Statement);

/// What the resource's policy gives.
enum Grant<'a> {
    /// To the caller by name, or to everybody: nothing else need allow it, and an implicit refusal of a boundary or a
    /// session does not count.
    Whole(Found<'a>),
    /// To the caller's role: boundary and session still count.
    ToRole(Found<'a>),
    /// To the caller's account, which may give it on.
    ToAccount(Found<'a>),
    Nothing,
}

impl<'a> Case<'a> {
    fn of(&self, kind: Kind) -> impl Iterator<Item = &'a Attached<'a>> + use<'a> {
        self.attached.iter().filter(move |attached| attached.kind == kind)
    }

    fn first(&self, which: impl Fn(Kind) -> bool, effect: Effect) -> Option<Found<'a>> {
        let attached = self.attached.iter().filter(|attached| which(attached.kind));
        let statements =
            attached.flat_map(|attached| attached.document.statements.iter().map(move |it| (attached, it)));
        let mut about = statements.filter(|(_, statement)| statement.effect == effect);
        about.find(|(_, statement)| concerns(statement, self.request).is_ok())
    }

    fn allows(&self, kind: Kind) -> Option<Found<'a>> {
        self.first(|it| it == kind, Effect::Allow)
    }

    /// Whether a level of an organisation lets it through.
    fn lets_through(&self, level: &Attached<'_>) -> bool {
        // Everybody's resource control policies begin with RCPFullAWSAccess: only a Deny in them counts.
        if level.kind == Kind::ResourceControl {
            return true;
        }
        let statements =
            level.document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
        { statements }.any(|statement| concerns(statement, self.request).is_ok())
    }

    /// 4. to 7., and 9.
    fn granted(&self) -> Decision {
        let grant = self.grant();
        let caller = self.request.principal.account();
        let crosses = match (&caller, self.resource_account) {
            (Some(caller), Some(resource)) => caller != resource,
            _ => false,
        };
        let identity = self.allows(Kind::Identity);
        let is_root = matches!(&self.request.principal, Caller::Arn(arn) if arn.ends_with(":root"));
        let by = match (grant, crosses) {
            (Grant::Whole(found), false) => {
                return allow("the resource's policy gives it to the caller", found);
            }
            // Services and those without a name have no policies of their own.
            (Grant::Whole(found), true) if caller.is_none() => {
                return allow("the resource's policy gives it", found);
            }
            (Grant::ToRole(found), false) => found,
            (Grant::Whole(_) | Grant::ToRole(_) | Grant::ToAccount(_), true) => match identity {
                Some(found) => found,
                None => return implicit("the caller's own account does not allow it".to_owned()),
            },
            (Grant::ToAccount(found), false) if is_root => found,
            (Grant::ToAccount(_) | Grant::Nothing, _) if self.must_be_given() && !self.is_delegated() => {
                return implicit("the resource's policy does not allow it, and nothing else can".to_owned());
            }
            (Grant::Nothing, true) => return implicit("the resource's account does not allow it".to_owned()),
            (Grant::ToAccount(_) | Grant::Nothing, false) => match identity {
                Some(found) => found,
                None if is_root => return of_root(),
                None => return implicit("no policy of the caller's allows it".to_owned()),
            },
        };
        for (kind, what) in [(Kind::Boundary, "permissions boundary"), (Kind::Session, "session's policy")] {
            if self.of(kind).next().is_some() && self.allows(kind).is_none() && !is_root {
                return implicit(format!("the {what} does not allow it"));
            }
        }
        allow("nothing denies it", by)
    }

    /// Keys, and roles that are taken on, are given by their own policies alone.
    fn must_be_given(&self) -> bool {
        let action = self.request.action.to_ascii_lowercase();
        action.starts_with("kms:") || action.starts_with("sts:assumerole")
    }

    fn is_delegated(&self) -> bool {
        matches!(self.grant(), Grant::ToAccount(_))
    }

    fn grant(&self) -> Grant<'a> {
        let caller = &self.request.principal;
        let statements = self
            .of(Kind::Resource)
            .flat_map(|attached| attached.document.statements.iter().map(move |it| (attached, it)));
        let about =
            statements.filter(|(_, it)| it.effect == Effect::Allow && concerns(it, self.request).is_ok());
        let mut best = Grant::Nothing;
        for found in about {
            let named = found.1.principals.iter().flat_map(|principals| &principals.named);
            let meant: Vec<&Principal> = named.filter(|principal| is_meant(principal, caller)).collect();
            let is_by_name = meant.iter().any(|it| match (it, caller) {
                (Principal::Everyone | Principal::Service(_), _) => true,
                (Principal::Arn(named), Caller::Arn(arn)) => named == arn,
                _ => false,
            });
            let is_all_but = found.1.principals.as_ref().is_none_or(|principals| principals.all_but);
            best = match best {
                _ if is_by_name || is_all_but => return Grant::Whole(found),
                Grant::Nothing | Grant::ToAccount(_)
                    if meant.iter().any(|it| matches!(it, Principal::Arn(_))) =>
                {
                    Grant::ToRole(found)
                }
                Grant::Nothing => Grant::ToAccount(found),
                best => best,
            };
        }
        best
    }
}

fn decided(effect: Decided, reason: String, found: Option<Found<'_>>) -> Decision {
    let statement = found.map(|(attached, statement)| Decisive {
        kind: attached.kind,
        document: attached.name.to_owned(),
        sid: statement.sid.clone(),
        line: statement.place.line,
    });
    Decision { effect, reason, statement }
}

fn allow(why: &str, found: Found<'_>) -> Decision {
    let reason = format!("{} of {} allows it: {why}", found.1.name(), found.0.name);
    decided(Decided::Allow, reason, Some(found))
}

fn implicit(reason: String) -> Decision {
    decided(Decided::ImplicitDeny, reason, None)
}

/// The root of an account needs no policy of its own.
fn of_root() -> Decision {
    decided(Decided::Allow, "the root of an account needs no policy of its own".to_owned(), None)
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::{Attached, Decided, Kind, decide};
    use crate::document::{AccountId, Document, Key};
    use crate::request::{Caller, Context, Request};

    /// Fifteen decisions over sets of documents, each cross-read against an open evaluator.
    const VECTORS: &str = include_str!("../tests/vectors/decisions.json");

    fn request(vector: &Json) -> Request {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let secure = vector["secure_transport"].to_string();
        let context = Context::default().with(Key::of("aws:SecureTransport"), vec![secure]);
        let (action, resource) = (text("action"), text("resource"));
        Request { principal: Caller::Arn(text("principal")), action, resource, context }
    }

    #[test]
    fn every_vector_of_decisions_comes_out_as_aws_says() {
        let vectors: Vec<Json> = serde_json::from_str(VECTORS).unwrap();
        assert_eq!(vectors.len(), 15);
        for vector in vectors {
            let kinds = [
                ("identity", Kind::Identity),
                ("resource", Kind::Resource),
                ("boundary", Kind::Boundary),
                ("session", Kind::Session),
                ("scp", Kind::ServiceControl),
                ("rcp", Kind::ResourceControl),
            ];
            let policies = vector["policies"].as_object().unwrap();
            let documents: Vec<(Kind, Document)> = kinds
                .into_iter()
                .filter_map(|(name, kind)| {
                    Some((kind, Document::read(&policies.get(name)?.to_string()).unwrap()))
                })
                .collect();
            assert_eq!(documents.len(), policies.len(), "a kind that is not known");
            let attached: Vec<Attached<'_>> = documents
                .iter()
                .map(|(kind, document)| Attached { kind: *kind, name: "it", document })
                .collect();
            let account = AccountId::read(vector["resource_account"].as_str().unwrap());
            let decision = decide(&request(&vector), &attached, account.as_ref());
            let expected = match vector["expect"].as_str().unwrap() {
                "Allow" => Decided::Allow,
                "ExplicitDeny" => Decided::ExplicitDeny,
                _ => Decided::ImplicitDeny,
            };
            assert_eq!(
                decision.effect, expected,
                "{}: {} but {}",
                vector["id"], vector["why"], decision.reason
            );
        }
    }
}
