//! What is settled of a request before its free keys are: how it travels, who makes it, and by which way it comes.

use super::doubt::example_of_part;
use crate::document::{AccountId, Document, Key, Operand, Principal, Statement};
use crate::request::{Caller, Context};
use crate::services::Service;

/// What is settled.
#[derive(Clone, Debug)]
pub(super) struct Circumstances<'a> {
    pub(super) transport: Transport,
    pub(super) caller: CallerKind,
    /// Whether it comes through a VPC endpoint.
    pub(super) by_endpoint: bool,
    pub(super) place: &'a ResourcePlace,
    /// Keys that policy variables name, settled for this search; `None` is absent.
    pub(super) settled: Vec<(String, Option<String>)>,
}

/// How a request travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Transport {
    /// In cleartext.
    Clear,
    /// Over TLS of this version.
    Tls(&'static str),
}

/// Who makes a request, as far as it is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallerKind {
    Anonymous,
    /// One that a document names.
    Named(String),
    /// One of this account whom no document names.
    Unnamed(Unnamed, AccountId),
}

/// What somebody is whom no document names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unnamed {
    User,
    /// A session of a role.
    Role,
    /// A session that is federated without a role.
    Federated,
}

impl Unnamed {
    const ALL: [Self; 3] = [Self::User, Self::Role, Self::Federated];

    /// The service and the kind in the ARN of the principal.
    fn of_arn(self) -> (&'static str, &'static str) {
        match self {
            Self::User => ("iam", "user"),
            Self::Role => ("iam", "role"),
            Self::Federated => ("sts", "federated-user"),
        }
    }
}

/// Where the resource is.
#[derive(Clone, Debug)]
pub(super) struct ResourcePlace {
    pub(super) service: &'static Service,
    pub(super) partition: String,
    pub(super) region: Option<String>,
    pub(super) account: Option<AccountId>,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Value(String),
    Absent,
    /// Whoever makes the request chooses.
    Free {
        may_be_absent: bool,
    },
    /// It has one value, and nobody here knows which.
    Unsure,
}

impl Circumstances<'_> {
    /// What is known of a key, in lower case.
    pub(super) fn known(&self, key: &str) -> Known {
        if let Some((_, value)) = self.settled.iter().find(|(settled, _)| settled == key) {
            return value.clone().map_or(Known::Absent, Known::Value);
        }
        let by_service = self.place.service.tls_version_key();
        match key {
            "aws:securetransport" => Known::Value((self.transport != Transport::Clear).to_string()),
            _ if key.ends_with(":tlsversion") => match (self.transport, by_service) {
                (Transport::Tls(version), Some(own)) if own.eq_ignore_ascii_case(key) => {
                    Known::Value(version.to_owned())
                }
                _ => Known::Absent,
            },
            // A service of AWS's that calls for itself or for somebody travels in AWS's own network, and the keys
            // of transport are taken from its requests. No hole is looked for there.
            "aws:viaawsservice" => Known::Value("false".to_owned()),
            "aws:calledvia"
            | "aws:calledviafirst"
            | "aws:calledvialast"
            | "aws:principalservicename"
            | "aws:principalservicenameslist"
            | "aws:sourceaccount"
            | "aws:sourcearn"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths" => Known::Absent,
            "aws:currenttime" | "aws:epochtime" => Known::Free { may_be_absent: false },
            "aws:requestedregion" => self.place.region.clone().map_or(FREE, Known::Value),
            "aws:resourceaccount" | "s3:resourceaccount" => {
                self.place.account.as_ref().map_or(Known::Unsure, |account| Known::Value(account.to_string()))
            }
            "aws:resourceorgid" | "aws:resourceorgpaths" => Known::Unsure,
            "aws:sourceip" if self.by_endpoint => Known::Absent,
            "aws:sourceip" => Known::Free { may_be_absent: false },
            "aws:sourcevpc" | "aws:sourcevpce" | "aws:vpcsourceip" if self.by_endpoint => {
                Known::Free { may_be_absent: false }
            }
            "aws:sourcevpc" | "aws:sourcevpce" | "aws:vpcsourceip" => Known::Absent,
            _ if key.starts_with("aws:vpce") || key == "aws:sourcevpcarn" => match self.by_endpoint {
                true => FREE,
                false => Known::Absent,
            },
            _ => self.of_caller(key).unwrap_or(FREE),
        }
    }

    /// What is known of the keys of whoever makes the request.
    fn of_caller(&self, key: &str) -> Option<Known> {
        if !tells_of_caller(key) {
            return None;
        }
        if key == "aws:principaltype" {
            return Some(Known::Value(self.caller.kind().to_owned()));
        }
        // Requests that nobody signed have no key of a principal.
        let Some(account) = self.caller.account() else { return Some(Known::Absent) };
        Some(match (key, &self.caller) {
            ("aws:principalisawsservice", _) => Known::Value("false".to_owned()),
            ("aws:principalaccount", _) => Known::Value(account.to_string()),
            ("aws:principalarn", CallerKind::Named(arn)) => {
                let caller = Caller::Arn(arn.clone());
                Known::Value(caller.role().unwrap_or_else(|| arn.clone()))
            }
            ("aws:principalarn", _) => Known::Free { may_be_absent: false },
            ("aws:username", CallerKind::Unnamed(Unnamed::Role | Unnamed::Federated, _)) => Known::Absent,
            _ => FREE,
        })
    }

    /// The keys of the context that are known, of these.
    pub(super) fn context(&self, keys: &[Key]) -> Context {
        let always =
            ["aws:securetransport", "aws:principalisawsservice", "aws:principalaccount", "aws:principalarn"];
        let always = always.into_iter().chain(self.place.service.tls_version_key());
        let always = always.filter_map(|key| Key::read(key).ok());
        let mut context = Context::default();
        for key in keys.iter().cloned().chain(always) {
            if let Known::Value(value) = self.known(key.as_str()) {
                context = context.with(key, vec![value]);
            }
        }
        context
    }

    /// What the ARN of a principal that is not settled begins with.
    pub(super) fn principal_prefix(&self) -> Option<String> {
        let CallerKind::Unnamed(kind, account) = &self.caller else { return None };
        let (service, kind) = kind.of_arn();
        Some(format!("arn:{}:{service}::{account}:{kind}/", self.place.partition))
    }

    /// Who makes the request, by the ARN that was found for the principal.
    pub(super) fn caller(&self, principal: Option<&str>) -> Caller {
        let prefix = self.principal_prefix().unwrap_or_default();
        let arn = principal.map_or_else(|| format!("{prefix}anyone"), str::to_owned);
        match &self.caller {
            CallerKind::Anonymous => Caller::Anonymous,
            CallerKind::Named(arn) => Caller::Arn(arn.clone()),
            CallerKind::Unnamed(Unnamed::User | Unnamed::Federated, _) => Caller::Arn(arn),
            CallerKind::Unnamed(Unnamed::Role, account) => {
                let name = arn.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("anyone");
                Caller::Arn(format!(
                    "arn:{}:sts::{account}:assumed-role/{name}/session",
                    self.place.partition
                ))
            }
        }
    }
}

/// Whether a key tells of whoever makes the request.
pub(super) fn tells_of_caller(key: &str) -> bool {
    key.starts_with("aws:principal")
        || matches!(
            key,
            "aws:userid"
                | "aws:username"
                | "aws:federatedprovider"
                | "aws:tokenissuetime"
                | "aws:multifactorauthpresent"
                | "aws:multifactorauthage"
                | "aws:sourceidentity"
        )
}

const FREE: Known = Known::Free { may_be_absent: true };

impl CallerKind {
    pub(super) fn account(&self) -> Option<AccountId> {
        match self {
            Self::Anonymous => None,
            Self::Named(arn) => AccountId::of_arn(arn),
            Self::Unnamed(_, account) => Some(account.clone()),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "Anonymous",
            Self::Named(arn) if arn.ends_with(":root") => "Account",
            Self::Named(arn) if arn.contains(":assumed-role/") || arn.contains(":role/") => "AssumedRole",
            Self::Named(arn) if arn.contains(":federated-user/") => "FederatedUser",
            Self::Unnamed(Unnamed::Federated, _) => "FederatedUser",
            Self::Unnamed(Unnamed::Role, _) => "AssumedRole",
            Self::Named(_) | Self::Unnamed(Unnamed::User, _) => "User",
        }
    }

    /// All that make a difference to these documents: who has no name, somebody whom nobody names in every account
    /// that is named and in one that is not, and everybody who is named.
    pub(super) fn all(documents: &[&Document], partition: &str) -> Vec<Self> {
        let mut arns = Vec::new();
        let mut accounts = Vec::new();
        let statements = documents.iter().flat_map(|document| &document.statements);
        for statement in statements {
            named(statement, &mut arns, &mut accounts);
        }
        accounts.extend(arns.iter().filter_map(|arn| AccountId::of_arn(arn)));
        let stranger = ["123456789012", "210987654321", "135792468013", "246801357924"]
            .into_iter()
            .chain(OTHERS)
            .filter_map(AccountId::read)
            .find(|account| !accounts.contains(account));
        let roots = accounts.iter().map(|account| format!("arn:{partition}:iam::{account}:root"));
        arns.extend(roots.collect::<Vec<_>>());
        arns.sort();
        arns.dedup();
        accounts.sort();
        accounts.dedup();
        let accounts: Vec<AccountId> = stranger.into_iter().chain(accounts).collect();
        let of = |kind: Unnamed| accounts.iter().cloned().map(move |account| Self::Unnamed(kind, account));
        let mut all = vec![Self::Anonymous];
        all.extend(Unnamed::ALL.into_iter().flat_map(of));
        // Somebody with a name is the plainer example.
        all.swap(0, 1);
        all.extend(arns.into_iter().map(Self::Named));
        all
    }
}

/// Should a document name all the usual ones.
const OTHERS: [&str; 2] = ["975318642097", "864209753186"];

/// Whom a statement names, and the accounts in it.
fn named(statement: &Statement, arns: &mut Vec<String>, accounts: &mut Vec<AccountId>) {
    for principal in statement.principals.iter().flat_map(|principals| &principals.named) {
        match principal {
            Principal::Arn(arn) if !arn.contains('*') => arns.push(arn.clone()),
            Principal::Account(account) => accounts.push(account.clone()),
            _ => {}
        }
    }
    for test in statement.tests.iter().filter(|test| test.key.as_str().starts_with("aws:principala")) {
        let texts = test.operands.iter().filter_map(|operand| match operand {
            Operand::Text(pattern) => Some(pattern.literal()),
            Operand::Arn(Some(arn)) => arn.0.get(4).map(crate::pattern::Pattern::literal),
            _ => None,
        });
        for text in texts.flatten() {
            accounts.extend(AccountId::read(&text).or_else(|| AccountId::of_arn(&text)));
        }
        accounts.extend(example_of_part(test));
    }
}
