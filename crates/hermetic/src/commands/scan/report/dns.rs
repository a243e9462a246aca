//! What DNS says, in the words of the report.

use hermetic_probe::certificates::Certificates;
use hermetic_probe::dns::{self, Answered};
use hermetic_probe::judge::{Bound, Permission, bound, permission};
use hermetic_probe::mail_policy::Fetched;
use serde::Serialize;

/// What DNS says of an endpoint, by the word of a resolver.
#[derive(Debug, Serialize)]
pub struct Dns {
    pub resolver: String,
    pub caa: Asked<Caa>,
    /// HTTPS records; `null` where HTTP is not spoken.
    pub https: Option<Asked<Vec<Service>>>,
    pub dane: Asked<Dane>,
    /// `null` where mail is not spoken.
    pub mail: Option<Mail>,
}

/// What was asked for; or why it can't be told.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Asked<T> {
    Told {
        /// Whether DNSSEC authenticates it, by the word of the resolver.
        authenticated: bool,
        #[serde(flatten)]
        what: What<T>,
    },
    CouldNotTell {
        could_not_tell: String,
    },
}

/// Records under one name.
#[derive(Debug, Serialize)]
pub struct What<T> {
    pub found: T,
}

/// Who may issue.
#[derive(Debug, Serialize)]
pub struct Caa {
    /// Whose records they are; `null` where there are none.
    pub name: Option<String>,
    /// Property and value.
    pub records: Vec<String>,
    /// Whether the issuer of the chosen chain may issue: `anybody`, `granted`, `denied` or `could not tell`.
    pub issuer: Option<&'static str>,
    /// Who else may.
    pub allowed: Vec<String>,
}

/// How a site is reached.
#[derive(Debug, Serialize)]
pub struct Service {
    pub priority: u16,
    pub target: String,
    pub protocols: Vec<String>,
    pub port: Option<u16>,
    /// Whether the name in the ClientHello can be encrypted.
    pub ech: bool,
}

/// Whether the certificates are those that DNS binds to the endpoint.
#[derive(Debug, Serialize)]
pub struct Dane {
    /// `no`, `not authenticated`, `unusable`, `verified` or `mismatch`.
    pub bound: &'static str,
    pub records: Vec<String>,
    pub reason: Option<String>,
}

/// What other mail servers are told.
#[derive(Debug, Serialize)]
pub struct Mail {
    pub mta_sts: Asked<Option<String>>,
    /// What the policy says; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mta_sts_policy: Option<Policy>,
    pub tls_rpt: Asked<Vec<String>>,
}

/// The policy of a domain's mail; or what is wrong with it, or why it can't be told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", untagged)]
pub enum Policy {
    Had {
        mode: &'static str,
        mx: Vec<String>,
        /// In seconds.
        max_age: u64,
        /// The domain's mail servers that it does not name; `null` where they could not be told.
        uncovered: Option<Vec<String>>,
    },
    Wrong {
        wrong: String,
    },
    CouldNotTell {
        could_not_tell: String,
    },
}

impl Dns {
    pub fn of(dns: &dns::Dns, certificates: &Certificates) -> Self {
        Self {
            resolver: dns.resolver.to_string(),
            caa: asked(&dns.authorizations, |records| Caa::of(records, certificates)),
            https: dns
                .services
                .as_ref()
                .map(|services| asked(services, |all| all.iter().map(Service::of).collect())),
            dane: match &dns.bindings {
                Ok(answered) => told(answered.authenticated, Dane::of(answered, certificates)),
                Err(reason) => Asked::CouldNotTell { could_not_tell: reason.clone() },
            },
            mail: dns.mail.as_ref().map(Mail::of),
        }
    }
}

fn asked<T, R>(answer: &Result<Answered<T>, String>, of: impl FnOnce(&T) -> R) -> Asked<R> {
    match answer {
        Ok(answered) => told(answered.authenticated, of(&answered.records)),
        Err(reason) => Asked::CouldNotTell { could_not_tell: reason.clone() },
    }
}

fn told<T>(authenticated: bool, found: T) -> Asked<T> {
    Asked::Told { authenticated, what: What { found } }
}

impl Caa {
    fn of(records: &dns::Authorizations, certificates: &Certificates) -> Self {
        let permission = certificates.chosen().and_then(|chain| permission(records, chain));
        let (issuer, allowed) = match permission {
            None => (None, Vec::new()),
            Some(Permission::Anybody) => (Some("anybody"), Vec::new()),
            Some(Permission::Granted(domain)) => (Some("granted"), vec![domain]),
            Some(Permission::Denied(allowed)) => (Some("denied"), allowed),
            Some(Permission::CouldNotTell(allowed)) => (Some("could not tell"), allowed),
        };
        let record = |it: &dns::Authorization| format!("{} {}", it.property, it.value);
        let all = records.records.iter().map(record).collect();
        Self { name: records.name.clone(), records: all, issuer, allowed }
    }
}

impl Service {
    fn of(service: &dns::Service) -> Self {
        Self {
            priority: service.priority,
            target: service.target.clone(),
            protocols: service.protocols.clone(),
            port: service.port,
            ech: service.encrypts_hello,
        }
    }
}

impl Dane {
    fn of(answered: &Answered<Vec<dns::Binding>>, certificates: &Certificates) -> Self {
        let (bound, reason) = match bound(answered, certificates) {
            Bound::No => ("no", None),
            Bound::NotAuthenticated => {
                ("not authenticated", Some("without DNSSEC the records mean nothing".to_owned()))
            }
            Bound::Unusable => ("unusable", Some("none has a form that is known".to_owned())),
            Bound::Verified(by) => ("verified", Some(format!("by {}", by.join("; ")))),
            Bound::Mismatch(chain) => ("mismatch", Some(format!("the chain with {chain} is that of none"))),
        };
        Self { bound, records: answered.records.iter().map(ToString::to_string).collect(), reason }
    }
}

impl Mail {
    fn of(mail: &dns::Mail) -> Self {
        let of_policy = |found: &Option<dns::MailPolicy>| {
            found.as_ref().map(|policy| format!("{}, id {}", policy.domain, policy.id))
        };
        let of_reports = |found: &Option<dns::MailReports>| {
            found.as_ref().map(|reports| reports.places.clone()).unwrap_or_default()
        };
        Self {
            mta_sts: asked(&mail.strict_transport, of_policy),
            mta_sts_policy: mail.policy.as_ref().map(Policy::of),
            tls_rpt: asked(&mail.reports, of_reports),
        }
    }
}

impl Policy {
    fn of(fetched: &Fetched) -> Self {
        match fetched {
            Fetched::Had { policy, uncovered } => Self::Had {
                mode: policy.mode.as_str(),
                mx: policy.exchangers.iter().map(|pattern| pattern.as_str().to_owned()).collect(),
                max_age: policy.max_age.as_secs(),
                uncovered: uncovered.clone().ok(),
            },
            Fetched::Wrong(reason) => Self::Wrong { wrong: reason.clone() },
            Fetched::CouldNotTell(reason) => Self::CouldNotTell { could_not_tell: reason.clone() },
        }
    }
}
