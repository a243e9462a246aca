//! Enforcement: the policy documents that stand on one way, made ready, and what they say of a request.
//!
//! Only a Deny counts. Whether somebody else allows a request (the policy of whoever calls, an access list of the
//! store) is not known where it passes by, so all of them are taken to allow, as `hermetic policy prove` takes them;
//! what is behind goes on to decide by its own.

use std::fmt;
use std::sync::Arc;

use hermetic_iam::compiled::{Asked, Compiled, Told, Unenforceable, Who};
use hermetic_iam::document::{Document, Effect};
use hermetic_iam::request::Caller;
use jiff::Timestamp;

use crate::call::{Call, Unmapped};
use crate::callers::Callers;
use crate::facts::{Facts, Key, Way};
use crate::head::Head;
use crate::home::{Home, HomeError, Stated};
use crate::operations::Operation;
use crate::s3::{self, Buckets};
use crate::service::Service;
use crate::sigv4::{Unproven, signed_service};

/// A policy document, and what is stated of what is behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDocument {
    /// What people call it: its file.
    pub name: String,
    /// It.
    pub document: Document,
    /// What is stated beside it.
    pub stated: Stated,
}

/// The documents on one way, ready.
pub struct Enforcement {
    service: Service,
    home: Home,
    buckets: Buckets,
    callers: Option<Arc<Callers>>,
    documents: Vec<(Arc<PolicyDocument>, Compiled<Key>)>,
    nobody: Who,
}

/// Why documents can't be enforced together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnforcementError {
    /// What is behind can't be told from it.
    #[error("{document}: {source}")]
    Home {
        /// Its name.
        document: String,
        /// Why.
        source: HomeError,
    },
    /// A Deny in it can't be decided.
    #[error("{document}:{source}")]
    Unenforceable {
        /// Its name.
        document: String,
        /// Where, and why.
        source: Unenforceable,
    },
    /// Nothing in it denies.
    #[error(
        "{0}: nothing in it denies, and only a Deny counts here; `hermetic policy fix` adds one for cleartext"
    )]
    DeniesNothing(String),
    /// Two documents are about different things.
    #[error(
        "{document} is for {what} `{other}`, and {before} on the same way for `{first}`; lead them to different routes"
    )]
    Apart {
        /// A document.
        document: String,
        /// The service, region, account or partition.
        what: &'static str,
        /// What it is about.
        other: String,
        /// Another document.
        before: String,
        /// What that is about.
        first: String,
    },
}

/// Why a request may not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// A statement denies it.
    #[error("{0}")]
    Denied(Box<Denied>),
    /// It can't be told what it asks for.
    #[error("what it asks for can't be told: {0}")]
    Unmapped(#[from] Unmapped),
    /// Nobody has proven to have made it.
    #[error("who makes it can't be told: {0}")]
    Unproven(#[from] Unproven),
}

/// A call that a statement denies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The document.
    pub document: String,
    /// The statement in it.
    pub statement: Told,
    /// What was asked for.
    pub call: Call,
    /// By whom.
    pub caller: Caller,
}

/// A request that may pass, by all that the documents say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// What it asks for.
    pub calls: Vec<Call>,
    /// Who makes it.
    pub caller: Caller,
}

impl EnforcementError {
    /// The document that it is about.
    pub fn document(&self) -> &str {
        match self {
            Self::Home { document, .. }
            | Self::Unenforceable { document, .. }
            | Self::DeniesNothing(document)
            | Self::Apart { document, .. } => document,
        }
    }
}

impl Enforcement {
    /// Makes documents ready, of which there is at least one. `callers`: by what those who call are known, where
    /// they are.
    pub fn of(
        documents: &[Arc<PolicyDocument>],
        buckets: Buckets,
        callers: Option<Arc<Callers>>,
    ) -> Result<Option<Self>, EnforcementError> {
        let mut joined: Option<(Service, Home, &PolicyDocument)> = None;
        for document in documents {
            let (service, home) = Home::of(&document.document, &document.stated)
                .map_err(|source| EnforcementError::Home { document: document.name.clone(), source })?;
            joined = Some(match joined {
                None => (service, home, document),
                Some((first, at, before)) => {
                    let names = (document.name.as_str(), before.name.as_str());
                    same("the service", Some(first.as_str()), Some(service.as_str()), names)?;
                    (first, both(at, home, names)?, before)
                }
            });
        }
        let Some((service, home, _)) = joined else { return Ok(None) };
        let compiled = documents.iter().map(|it| Ok((it.clone(), compiled(it, service, callers.is_some())?)));
        let documents = compiled.collect::<Result<_, EnforcementError>>()?;
        let nobody = Who::new(Caller::Anonymous);
        Ok(Some(Self { service, home, buckets, callers, documents, nobody }))
    }

    /// The service that is behind.
    pub fn service(&self) -> Service {
        self.service
    }

    /// By what those who call are known.
    pub fn callers(&self) -> Option<&Callers> {
        self.callers.as_deref()
    }

    /// Judges a request. `body`: where [`Head::needs_body`] says that it is needed; `client`: whose certificate came
    /// with it.
    pub fn judge(
        &self,
        head: &Head<'_>,
        body: Option<&[u8]>,
        way: &Way,
        client: Option<&Arc<Who>>,
        now: Timestamp,
    ) -> Result<Passed, Refused> {
        if let Some(other) = signed_service(head).filter(|other| other != self.service.as_str()) {
            return Err(Unmapped::SignedForAnother(crate::call::shown(&other)).into());
        }
        let signer = match &self.callers {
            Some(callers) => callers.signer(head, self.service, body, now)?,
            None => None,
        };
        let who: &Who = signer.map(|(who, _)| who).or(client).map_or(&self.nobody, |who| who);
        let calls = head.calls(self.service, &self.home, &self.buckets, body.unwrap_or_default())?;
        let facts =
            Facts::new(head, self.service, way, who, now).signed(signer.map(|(_, verified)| verified));
        match self.denial(&calls, &facts) {
            None => Ok(Passed { calls, caller: who.caller().clone() }),
            Some((document, statement, call)) => Err(Refused::Denied(Box::new(Denied {
                document: document.name.clone(),
                statement: statement.clone(),
                call: call.clone(),
                caller: who.caller().clone(),
            }))),
        }
    }

    /// The first statement that denies one of these calls. Takes no memory.
    pub fn denial<'a>(
        &'a self,
        calls: &'a [Call],
        facts: &Facts<'_>,
    ) -> Option<(&'a PolicyDocument, &'a Told, &'a Call)> {
        calls.iter().find_map(|call| {
            let asked = Asked { who: facts.who(), action: call.action, resource: call.resource.asked() };
            self.documents.iter().find_map(|(document, compiled)| {
                compiled.denial(&asked, facts).map(|told| (&**document, told, call))
            })
        })
    }
}

/// Two are the same where they were made of the same.
impl PartialEq for Enforcement {
    fn eq(&self, other: &Self) -> bool {
        let documents =
            |it: &Self| it.documents.iter().map(|(document, _)| document.clone()).collect::<Vec<_>>();
        (self.service, &self.home, &self.buckets, &self.callers)
            == (other.service, &other.home, &other.buckets, &other.callers)
            && documents(self) == documents(other)
    }
}

impl Eq for Enforcement {}

impl fmt::Debug for Enforcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.documents.iter().map(|(document, _)| document.name.as_str()).collect();
        write!(f, "Enforcement({} by {names:?}, {:?})", self.service, self.callers)
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { document, statement, call, caller } = self;
        let sid = statement.sid.as_ref().map_or_else(String::new, |sid| format!(" ({sid})"));
        let (line, action, resource) = (statement.line, call.action, call.resource.shown());
        write!(f, "{document}:{line}{sid} denies {action} on {resource} by {caller}")
    }
}

fn compiled(
    document: &PolicyDocument,
    service: Service,
    callers: bool,
) -> Result<Compiled<Key>, EnforcementError> {
    let name = || document.name.clone();
    if !document.document.statements.iter().any(|statement| statement.effect == Effect::Deny) {
        return Err(EnforcementError::DeniesNothing(name()));
    }
    let by_operation = Operation::of(service).iter().map(|operation| operation.action);
    let of_s3 = s3::OPERATIONS.iter().filter(|_| service == Service::S3);
    let of_s3 = of_s3.flat_map(|operation| std::iter::once(operation.action).chain(operation.of_version));
    Compiled::new(&document.document, by_operation.chain(of_s3), callers)
        .map_err(|source| EnforcementError::Unenforceable { document: name(), source })
}

fn both(first: Home, other: Home, names: (&str, &str)) -> Result<Home, EnforcementError> {
    same("the partition", Some(&first.partition), Some(&other.partition), names)?;
    same("the region", first.region.as_deref(), other.region.as_deref(), names)?;
    same("the account", first.account.as_deref(), other.account.as_deref(), names)?;
    Ok(Home {
        region: first.region.or(other.region),
        account: first.account.or(other.account),
        partition: first.partition,
    })
}

fn same(
    what: &'static str,
    first: Option<&str>,
    other: Option<&str>,
    (document, before): (&str, &str),
) -> Result<(), EnforcementError> {
    match (first, other) {
        (Some(first), Some(other)) if first != other => Err(EnforcementError::Apart {
            document: document.to_owned(),
            what,
            other: other.to_owned(),
            before: before.to_owned(),
            first: first.to_owned(),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
