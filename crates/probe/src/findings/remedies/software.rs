//! What software a far end seems to be. Signs may lie: a server says what it likes, and a front end speaks for
//! what stands behind it. So a remedy names its software, and the words beside it hold for any.

use hermetic_hop::{Scheme, Transport};

use super::super::Case;
use crate::Outcome;

/// Software that answers TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Software {
    /// nginx, and those that are made of it.
    Nginx,
    /// Apache's HTTP server.
    Apache,
    /// HAProxy.
    Haproxy,
    /// Envoy, and meshes of it.
    Envoy,
    /// Caddy.
    Caddy,
    /// An Application or Network Load Balancer of AWS.
    ElasticLoadBalancing,
    /// CloudFront.
    Cloudfront,
    /// PostgreSQL.
    Postgresql,
    /// MySQL or MariaDB.
    Mysql,
    /// Redis or Valkey.
    Redis,
    /// Postfix.
    Postfix,
    /// Dovecot.
    Dovecot,
    /// Whatever leaves its TLS to OpenSSL's own configuration: what is told where nothing shows what it is.
    Openssl,
}

/// What a far end shows of what it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signs<'a> {
    /// What is spoken there.
    pub scheme: Option<Scheme>,
    /// The host that was asked for.
    pub host: &'a str,
    /// Its `Server` header.
    pub server: Option<&'a str>,
    /// What it said before TLS.
    pub greeting: Option<&'a str>,
    /// Who issued its certificate.
    pub issuer: Option<&'a str>,
}

/// By what a `Server` header or a greeting begins or holds, in small letters.
const WORDS: [(&str, Software); 11] = [
    ("nginx", Software::Nginx),
    ("openresty", Software::Nginx),
    ("apache", Software::Apache),
    ("haproxy", Software::Haproxy),
    ("envoy", Software::Envoy),
    ("caddy", Software::Caddy),
    ("awselb", Software::ElasticLoadBalancing),
    ("cloudfront", Software::Cloudfront),
    ("postfix", Software::Postfix),
    ("dovecot", Software::Dovecot),
    ("mariadb", Software::Mysql),
];

impl<'a> Signs<'a> {
    /// The signs of a scan.
    pub fn of(Case { target, scanned, .. }: Case<'a>) -> Self {
        let issuer = match &scanned.outcome {
            Outcome::Seen(evidence) => match &evidence.transport {
                Transport::Tls(facts) => facts.server.as_ref().map(|server| server.issuer.as_str()),
                Transport::Cleartext { .. } => None,
            },
            Outcome::Unreachable { .. } => None,
        };
        let endpoint = &target.endpoint;
        let web = scanned.beside.as_ref().and_then(|beside| beside.web.as_ref());
        let site = web.and_then(|web| web.site.as_ref().ok());
        let server = site.and_then(|site| site.server.as_deref());
        Self { scheme: Some(endpoint.scheme), host: &endpoint.host, server, greeting: None, issuer }
    }
}

impl Software {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Nginx,
        Self::Apache,
        Self::Haproxy,
        Self::Envoy,
        Self::Caddy,
        Self::ElasticLoadBalancing,
        Self::Cloudfront,
        Self::Postgresql,
        Self::Mysql,
        Self::Redis,
        Self::Postfix,
        Self::Dovecot,
        Self::Openssl,
    ];

    /// Its id, as it stands in reports.
    pub fn id(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "apache",
            Self::Haproxy => "haproxy",
            Self::Envoy => "envoy",
            Self::Caddy => "caddy",
            Self::ElasticLoadBalancing => "elastic-load-balancing",
            Self::Cloudfront => "cloudfront",
            Self::Postgresql => "postgresql",
            Self::Mysql => "mysql",
            Self::Redis => "redis",
            Self::Postfix => "postfix",
            Self::Dovecot => "dovecot",
            Self::Openssl => "openssl",
        }
    }

    /// What it seems to be, by its own word first; `None` where nothing tells.
    pub fn of(signs: &Signs<'_>) -> Option<Self> {
        let said = [signs.server, signs.greeting].into_iter().flatten().map(str::to_ascii_lowercase);
        let by_word = said
            .filter_map(|said| WORDS.iter().find(|(word, _)| said.contains(word)).map(|(_, it)| *it))
            .next();
        by_word.or_else(|| Self::of_host(signs.host)).or(match signs.scheme? {
            Scheme::Postgres => Some(Self::Postgresql),
            Scheme::Mysql => Some(Self::Mysql),
            Scheme::Redis | Scheme::Rediss => Some(Self::Redis),
            // Who has a certificate of Amazon's has no key to serve it with: a service of AWS does. Which one
            // it is shows in its name only; most are load balancers.
            Scheme::Https if signs.issuer.is_some_and(|issuer| issuer.contains("O=Amazon")) => {
                Some(Self::ElasticLoadBalancing)
            }
            _ => None,
        })
    }

    fn of_host(host: &str) -> Option<Self> {
        const HOSTS: [(&str, Software); 2] = [
            (".elb.amazonaws.com", Software::ElasticLoadBalancing),
            (".cloudfront.net", Software::Cloudfront),
        ];
        HOSTS.into_iter().find(|(suffix, _)| host.ends_with(suffix)).map(|(_, software)| software)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::Haproxy => "HAProxy",
            Self::Envoy => "Envoy",
            Self::Caddy => "Caddy",
            Self::ElasticLoadBalancing => "Elastic Load Balancing",
            Self::Cloudfront => "CloudFront",
            Self::Postgresql => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Redis => "Redis",
            Self::Postfix => "Postfix",
            Self::Dovecot => "Dovecot",
            Self::Openssl => "OpenSSL",
        }
    }
}

impl serde::Serialize for Software {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl std::str::FromStr for Software {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ids = || Self::ALL.map(Self::id).join(", ");
        let found = Self::ALL.into_iter().find(|software| software.id() == text);
        found.ok_or_else(|| format!("`{text}` is none of {}", ids()))
    }
}
