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
    /// vsftpd.
    Vsftpd,
    /// OpenLDAP, which does not say what it is.
    Openldap,
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

/// What a far end seems to be, and what shows it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Seeming {
    /// The software.
    #[serde(rename = "id")]
    pub software: Software,
    /// Where that was read.
    pub sign: Sign,
    /// What was read there.
    pub said: String,
}

/// Where it is read what a far end seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// In its `Server` header.
    Server,
    /// In what it said before anybody asked.
    Greeting,
    /// In the name of its host.
    Host,
    /// In the protocol that it speaks, which one software does above all.
    Protocol,
    /// In the name of who issued its certificate.
    Issuer,
}

impl Sign {
    /// Where that is.
    pub fn place(self) -> &'static str {
        match self {
            Self::Server => "its Server header",
            Self::Greeting => "its greeting",
            Self::Host => "the name of its host",
            Self::Protocol => "its protocol",
            Self::Issuer => "who issued its certificate",
        }
    }
}

/// By what a `Server` header or a greeting begins or holds, in small letters.
const WORDS: [(&str, Software); 12] = [
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
    ("vsftpd", Software::Vsftpd),
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
        let greeting = scanned.greeting.as_ref().map(|greeting| greeting.text.as_str());
        Self { scheme: Some(endpoint.scheme), host: &endpoint.host, server, greeting, issuer }
    }
}

impl Software {
    /// All of them.
    pub const ALL: [Self; 15] = [
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
        Self::Vsftpd,
        Self::Openldap,
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
            Self::Vsftpd => "vsftpd",
            Self::Openldap => "openldap",
            Self::Openssl => "openssl",
        }
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
            Self::Vsftpd => "vsftpd",
            Self::Openldap => "OpenLDAP",
            Self::Openssl => "OpenSSL",
        }
    }
}

impl Seeming {
    /// What it seems to be, by its own word first; `None` where nothing tells.
    pub fn of(signs: &Signs<'_>) -> Option<Self> {
        let by_word = [(Sign::Server, signs.server), (Sign::Greeting, signs.greeting)];
        let by_word = by_word.into_iter().find_map(|(sign, said)| {
            let (software, said) = (named_in(said?)?, said?.to_owned());
            Some(Self { software, sign, said })
        });
        let by_host = || {
            let (_, software) = HOSTS.into_iter().find(|(suffix, _)| signs.host.ends_with(suffix))?;
            Some(Self { software, sign: Sign::Host, said: signs.host.to_owned() })
        };
        by_word.or_else(by_host).or_else(|| Self::of_scheme(signs))
    }

    fn of_scheme(signs: &Signs<'_>) -> Option<Self> {
        let scheme = signs.scheme?;
        let by_scheme =
            |software| Some(Self { software, sign: Sign::Protocol, said: scheme.as_str().to_owned() });
        match (scheme, signs.issuer) {
            (Scheme::Postgres, _) => by_scheme(Software::Postgresql),
            (Scheme::Mysql, _) => by_scheme(Software::Mysql),
            (Scheme::Redis | Scheme::Rediss, _) => by_scheme(Software::Redis),
            // Who has a certificate of Amazon's has no key to serve it with: a service of AWS does. Which one
            // it is shows in its name only; most are load balancers.
            (Scheme::Https, Some(issuer)) if issuer.contains("O=Amazon") => Some(Self {
                software: Software::ElasticLoadBalancing,
                sign: Sign::Issuer,
                said: issuer.to_owned(),
            }),
            _ => None,
        }
    }
}

/// The software that a text names.
fn named_in(said: &str) -> Option<Software> {
    let said = said.to_ascii_lowercase();
    WORDS.iter().find(|(word, _)| said.contains(word)).map(|(_, software)| *software)
}

/// Hosts whose names AWS gives.
const HOSTS: [(&str, Software); 2] =
    [(".elb.amazonaws.com", Software::ElasticLoadBalancing), (".cloudfront.net", Software::Cloudfront)];

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
