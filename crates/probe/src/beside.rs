//! What stands beside the handshakes: certificates in depth, HTTP over them, and DNS.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use hermetic_hop::Scheme;
use hermetic_tls::answer::Answer;
use hermetic_tls::{Clock, Identity, Inspection, ProtocolVersion, Randomness, Shown};

use crate::certificates::{self, Asker, Certificates, Extent, Showing};
use crate::dns::{self, Dns, Mail, Resolver, Subject};
use crate::mail_policy::{self, Fetched};
use crate::observe::{Endpoint, Known, Manners, VersionObserved, showing_answers};
use crate::probe::Target;
use crate::way::Command;
use crate::web::{self, Place, Web};

/// The extension that has log timestamps (RFC 6962 section 3.3.1).
const LOG_TIMESTAMPS: u16 = 18;

/// The ports of HTTPS and of HTTP in cleartext.
const HTTPS: u16 = 443;
const HTTP: u16 = 80;

/// What stands beside the handshakes of an endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// Its certificates.
    pub certificates: Certificates,
    /// What it says by HTTP; `None` where it speaks something else.
    pub web: Option<Web>,
    /// What DNS says of it; `None` where it has no name, or nobody was asked.
    pub dns: Option<Dns>,
}

/// What is looked at, and by which means.
pub(crate) struct Look<'a> {
    pub(crate) target: &'a Target,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) manners: &'a Manners,
    pub(crate) extent: &'a Extent,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: &'a dyn Randomness,
}

impl Look<'_> {
    /// Looks. `own` is what the endpoint showed in a handshake before; `seen` is what it
    /// speaks.
    pub(crate) async fn look(&self, own: Option<Showing>, seen: Option<Known<'_>>) -> Beside {
        let (dns, certificates, web) = tokio::join!(self.dns(), self.certificates(own, seen), self.web());
        Beside { certificates, web, dns }
    }

    async fn certificates(&self, own: Option<Showing>, seen: Option<Known<'_>>) -> Certificates {
        let answers = seen.map(|seen| showing_answers(seen.versions)).unwrap_or_default();
        let oldest = seen.and_then(|seen| seen.ssl2_certificate).map(showing_of_ssl2);
        let older: Vec<Showing> = answers.into_iter().filter_map(showing).chain(oldest).collect();
        let modern = |seen: &[VersionObserved]| {
            let spoken = seen.iter().filter(|observed| observed.support.is_yes());
            { spoken }.any(|observed| observed.version >= ProtocolVersion::TLS1_2)
        };
        let is_modern = own.is_some() || seen.is_none_or(|seen| modern(seen.versions));
        let Self { target, endpoint, manners, clock, .. } = self;
        let manners = &manners.of_command(Command::Certificates);
        let asker = Asker::new(target, endpoint, manners, Arc::clone(clock), self.randomness, is_modern);
        certificates::look(&asker, own, &older, &self.extent.believing(&target.trust)).await
    }

    async fn web(&self) -> Option<Web> {
        let Target { endpoint, trust, expected, .. } = self.target;
        if endpoint.scheme != Scheme::Https {
            return None;
        }
        let clock = Arc::clone(&self.clock);
        let inspection = Inspection::new(trust.clone(), expected.clone(), &["http/1.1"], clock).ok()?;
        let Target { revoked, credential, .. } = self.target;
        let inspection = inspection.with_revoked(revoked.clone()).with_credential(credential.clone());
        let usual = (endpoint.port == HTTPS).then_some(HTTP);
        let place = Place {
            host: match expected {
                Identity::Dns(name) => name.as_str(),
                Identity::Ip(_) | Identity::Spiffe(_) => &endpoint.host,
            },
            address: &self.endpoint.address,
            port: endpoint.port,
            plain_port: self.extent.plain_port.or(usual),
        };
        Some(web::look(place, &inspection, &self.manners.of_command(Command::Web)).await)
    }

    async fn dns(&self) -> Option<Dns> {
        let (resolver, name) = (self.extent.resolver.as_ref()?, self.endpoint.server_name.as_ref()?);
        if !is_in_dns(&self.target.endpoint.host) {
            return None;
        }
        let scheme = self.endpoint.scheme;
        let subject = Subject {
            name,
            port: self.target.endpoint.port,
            speaks_http: scheme == Scheme::Https,
            speaks_mail: matches!(scheme, Scheme::Smtp | Scheme::Smtps),
        };
        let mut dns = dns::look(subject, resolver, self.randomness).await;
        if let Some(mail) = &mut dns.mail {
            mail.policy = self.mail_policy(resolver, mail).await;
        }
        Some(dns)
    }

    /// The policy that the record promises.
    async fn mail_policy(&self, resolver: &Resolver, mail: &Mail) -> Option<Fetched> {
        let record = mail.strict_transport.as_ref().ok()?.records.as_ref()?;
        let look = mail_policy::Look {
            domain: &record.domain,
            resolver,
            randomness: self.randomness,
            stores: &self.extent.believing(&self.target.trust).stores,
            manners: &self.manners.of_command(Command::Elsewhere),
            clock: Arc::clone(&self.clock),
            port: self.extent.policy_port,
        };
        Some(look.look().await)
    }
}

/// Whether a host is one that DNS knows: no address, and no name of this machine or network (RFC 6761 section 6.3).
fn is_in_dns(host: &str) -> bool {
    let is_local = host == "localhost" || host.ends_with(".localhost");
    host.parse::<IpAddr>().is_err() && host.contains('.') && !is_local
}

/// What one of SSL 2.0 shows, which knows one certificate and nothing beside it.
fn showing_of_ssl2(certificate: &Bytes) -> Showing {
    let shown = Shown { certificates: vec![certificate.clone()], stapled: None };
    Showing { shown, version: Some(ProtocolVersion::SSL2), timestamps: Some(vec![0, 0]) }
}

/// What an answer below TLS 1.3 shows in clear.
fn showing(answer: &Answer) -> Option<Showing> {
    let timestamps = answer.hello.extensions.iter().find(|(number, _)| *number == LOG_TIMESTAMPS);
    Some(Showing {
        shown: Shown { certificates: answer.certificates.clone()?, stapled: answer.stapled.clone() },
        version: Some(answer.hello.version),
        // Asked for, and none came: that is an empty list.
        timestamps: Some(timestamps.map_or_else(|| vec![0, 0], |(_, list)| list.to_vec())),
    })
}
