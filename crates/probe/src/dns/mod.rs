//! What DNS says beside an endpoint: who may issue for it, how it is reached, and which certificates are its own.
//! Facts only.
//!
//! The resolver is asked, and its word is taken: that of whether a record is authenticated by DNSSEC, too. It is
//! worth as much as the way to the resolver, so ask one that validates, on this machine or over a network of yours.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod authorization;
mod binding;
mod issuers;
mod lookup;
mod mail;
pub mod message;
mod resolver;
mod service;

use std::sync::atomic::AtomicBool;

use hermetic_tls::{DnsName, Randomness};

pub use authorization::{Authorization, Authorizations};
pub use binding::{Binding, Usage};
pub use issuers::caa_domains_of;
pub(crate) use lookup::Lookup;
pub use mail::{Mail, MailPolicy, MailReports};
pub use message::{Message, MessageError, Record};
pub use resolver::{Resolver, ResolverError};
pub use service::Service;

/// What was asked for, and whether it is authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered<T> {
    /// The records; there may be none.
    pub records: T,
    /// Whether the resolver says that DNSSEC authenticates them, or that there are none.
    pub authenticated: bool,
}

/// What DNS says. An error is that it could not be asked, and no fault of the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dns {
    /// Who was asked.
    pub resolver: std::net::SocketAddr,
    /// Who may issue certificates for the name.
    pub authorizations: Result<Answered<Authorizations>, String>,
    /// How HTTPS is reached: HTTPS records; `None` where HTTP is not spoken.
    pub services: Option<Result<Answered<Vec<Service>>, String>>,
    /// Which certificates are the endpoint's: TLSA records.
    pub bindings: Result<Answered<Vec<Binding>>, String>,
    /// What mail servers are told; `None` where mail is not spoken.
    pub mail: Option<Mail>,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) name: &'a DnsName,
    pub(crate) port: u16,
    pub(crate) speaks_http: bool,
    pub(crate) speaks_mail: bool,
}

/// Asks for all of it, one after another.
pub(crate) async fn look(subject: Subject<'_>, resolver: &Resolver, randomness: &dyn Randomness) -> Dns {
    let Subject { name, port, speaks_http, speaks_mail } = subject;
    let (resolver, silent) = (*resolver, AtomicBool::new(false));
    let asking = resolver::Asking { resolver, randomness, silent: &silent };
    let services = match speaks_http {
        true => Some(service::look(name.as_str(), port, asking).await),
        false => None,
    };
    let bindings = binding::look(name.as_str(), port, asking).await;
    let mail = if speaks_mail { Some(mail::look(name.as_str(), asking).await) } else { None };
    // Last, for it climbs to where a resolver of a closed network may have nobody to ask.
    let authorizations = authorization::look(name.as_str(), asking).await;
    Dns { resolver: resolver.address(), authorizations, services, bindings, mail }
}
