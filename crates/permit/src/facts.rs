//! Facts: what is known of a request, by the condition keys of AWS. A Deny that depends on a key of which nothing is
//! known here is refused when its document is read; so what is missing below is never passed over.

use std::net::IpAddr;

use hermetic_iam::compiled::{Fact, Facts as Known, KnownKey, Who};
use hermetic_iam::request::Caller;
use http::HeaderMap;
use jiff::Timestamp;

use crate::head::Head;
use crate::service::Service;
use crate::sigv4::Verified;
use crate::text::percent_decoded;

/// How a request came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Whether it was encrypted on all of it that is known.
    pub secure: bool,
    /// The lowest version of TLS on it, as `s3:TlsVersion` has it; `None` where it was not all TLS.
    pub tls: Option<&'static str>,
    /// From where.
    pub from: IpAddr,
    /// The same, as it is written.
    pub written_from: String,
}

/// What is known of one request.
#[derive(Debug)]
pub struct Facts<'a> {
    way: &'a Way,
    who: &'a Who,
    now: Timestamp,
    service: Service,
    headers: &'a HeaderMap,
    query: Vec<(String, String)>,
    verified: Option<Verified>,
}

/// A condition key of which something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// `aws:SecureTransport`.
    SecureTransport,
    /// `s3:TlsVersion`.
    TlsVersion,
    /// `aws:SourceIp`.
    SourceIp,
    /// `aws:CurrentTime` and `aws:EpochTime`.
    Now,
    /// `aws:PrincipalArn`.
    PrincipalArn,
    /// `aws:PrincipalAccount`.
    PrincipalAccount,
    /// `aws:PrincipalType`.
    PrincipalType,
    /// `aws:username`.
    Username,
    /// A key that is `false` of all that come here: no service of AWS's does.
    Never,
    /// A key that no request has which comes here: those of VPC endpoints, of AWS's services, of temporary sessions.
    Absent,
    /// What a header says.
    Header(&'static str),
    /// What a parameter of the query says.
    Parameter(&'static str),
    /// `s3:x-amz-content-sha256`.
    Payload,
    /// `s3:authType`.
    AuthType,
    /// `s3:signatureversion`.
    SignatureVersion,
}

/// The keys by name, in lower case.
pub(crate) const KEYS: &[(&str, Key)] = &[
    ("aws:securetransport", Key::SecureTransport),
    ("s3:tlsversion", Key::TlsVersion),
    ("aws:sourceip", Key::SourceIp),
    ("aws:currenttime", Key::Now),
    ("aws:epochtime", Key::Now),
    ("aws:useragent", Key::Header("user-agent")),
    ("aws:referer", Key::Header("referer")),
    ("aws:principalarn", Key::PrincipalArn),
    ("aws:principalaccount", Key::PrincipalAccount),
    ("aws:principaltype", Key::PrincipalType),
    ("aws:username", Key::Username),
    ("aws:principalisawsservice", Key::Never),
    ("aws:viaawsservice", Key::Never),
    ("aws:sourcevpc", Key::Absent),
    ("aws:sourcevpcarn", Key::Absent),
    ("aws:sourcevpce", Key::Absent),
    ("aws:vpcsourceip", Key::Absent),
    ("aws:vpceaccount", Key::Absent),
    ("aws:vpceorgid", Key::Absent),
    ("aws:vpceorgpaths", Key::Absent),
    ("aws:sourcearn", Key::Absent),
    ("aws:sourceaccount", Key::Absent),
    ("aws:sourceorgid", Key::Absent),
    ("aws:sourceorgpaths", Key::Absent),
    ("aws:calledvia", Key::Absent),
    ("aws:calledviafirst", Key::Absent),
    ("aws:calledvialast", Key::Absent),
    ("aws:principalservicename", Key::Absent),
    ("aws:principalservicenameslist", Key::Absent),
    ("aws:multifactorauthpresent", Key::Absent),
    ("aws:multifactorauthage", Key::Absent),
    ("s3:authtype", Key::AuthType),
    ("s3:signatureversion", Key::SignatureVersion),
    ("s3:prefix", Key::Parameter("prefix")),
    ("s3:delimiter", Key::Parameter("delimiter")),
    ("s3:max-keys", Key::Parameter("max-keys")),
    ("s3:versionid", Key::Parameter("versionId")),
    ("s3:x-amz-acl", Key::Header("x-amz-acl")),
    ("s3:x-amz-content-sha256", Key::Payload),
    ("s3:x-amz-copy-source", Key::Header("x-amz-copy-source")),
    ("s3:x-amz-grant-full-control", Key::Header("x-amz-grant-full-control")),
    ("s3:x-amz-grant-read", Key::Header("x-amz-grant-read")),
    ("s3:x-amz-grant-read-acp", Key::Header("x-amz-grant-read-acp")),
    ("s3:x-amz-grant-write", Key::Header("x-amz-grant-write")),
    ("s3:x-amz-grant-write-acp", Key::Header("x-amz-grant-write-acp")),
    ("s3:x-amz-metadata-directive", Key::Header("x-amz-metadata-directive")),
    ("s3:x-amz-object-ownership", Key::Header("x-amz-object-ownership")),
    ("s3:x-amz-server-side-encryption", Key::Header("x-amz-server-side-encryption")),
    (
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        Key::Header("x-amz-server-side-encryption-aws-kms-key-id"),
    ),
    (
        "s3:x-amz-server-side-encryption-customer-algorithm",
        Key::Header("x-amz-server-side-encryption-customer-algorithm"),
    ),
    ("s3:x-amz-storage-class", Key::Header("x-amz-storage-class")),
    ("s3:x-amz-website-redirect-location", Key::Header("x-amz-website-redirect-location")),
    ("s3:object-lock-mode", Key::Header("x-amz-object-lock-mode")),
    ("s3:object-lock-legal-hold", Key::Header("x-amz-object-lock-legal-hold")),
    ("s3:object-lock-retain-until-date", Key::Header("x-amz-object-lock-retain-until-date")),
];

impl KnownKey for Key {
    fn named(name: &str) -> Option<Self> {
        KEYS.iter().find(|(known, _)| *known == name).map(|(_, key)| *key)
    }

    // A signature that nobody verifies says nothing.
    fn is_of_caller(self) -> bool {
        matches!(
            self,
            Self::PrincipalArn
                | Self::PrincipalAccount
                | Self::PrincipalType
                | Self::Username
                | Self::AuthType
                | Self::SignatureVersion
        )
    }
}

impl<'a> Facts<'a> {
    /// What is known of a request that came this way at this time, made by `who`.
    pub fn new(head: &Head<'a>, service: Service, way: &'a Way, who: &'a Who, now: Timestamp) -> Self {
        let text = head.target.query().unwrap_or_default();
        let pairs = text.split('&').filter(|_| service == Service::S3 && !text.is_empty());
        let query: Vec<(String, String)> = pairs
            .filter_map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Some((percent_decoded(name)?, percent_decoded(&value.replace('+', " "))?))
            })
            .collect();
        Self { way, who, now, service, headers: head.headers, query, verified: None }
    }

    /// With the signature that was verified, where one was.
    pub(crate) fn signed(self, verified: Option<Verified>) -> Self {
        Self { verified, ..self }
    }

    /// Who makes it.
    pub fn who(&self) -> &'a Who {
        self.who
    }

    fn header(&self, name: &str) -> Option<&str> {
        // Latin letters at most, and what is no text matches nothing that is one.
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// What stands for the payload in what is signed. Who presigns leaves it open, and need not say so.
    fn payload(&self) -> Fact<'_> {
        const NAME: &str = "x-amz-content-sha256";
        let parameter = |name: &str| self.query.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        match (self.header(NAME), parameter(NAME)) {
            (Some(told), _) => Fact::Text(told),
            (None, Some((_, told))) => Fact::Text(told),
            (None, None) if parameter("X-Amz-Signature").is_some() => Fact::Text("UNSIGNED-PAYLOAD"),
            (None, None) => Fact::Absent,
        }
    }

    fn principal_type(&self) -> &'static str {
        match self.who.caller() {
            Caller::Anonymous => "Anonymous",
            Caller::Service(_) => "Service",
            Caller::Arn(arn) if arn.ends_with(":root") => "Account",
            Caller::Arn(arn) if arn.contains(":user/") => "User",
            Caller::Arn(arn) if arn.contains("federated-user/") => "FederatedUser",
            Caller::Arn(_) => "AssumedRole",
        }
    }
}

impl Known<Key> for Facts<'_> {
    fn fact(&self, key: Key) -> Fact<'_> {
        let text = |text: Option<&'static str>| text.map_or(Fact::Absent, Fact::Text);
        match key {
            Key::SecureTransport => Fact::Bool(self.way.secure),
            Key::TlsVersion => text(self.way.tls.filter(|_| self.service == Service::S3)),
            Key::SourceIp => Fact::Address(self.way.from, &self.way.written_from),
            Key::Now => Fact::Instant(self.now),
            Key::PrincipalArn => self.who.arn().map_or(Fact::Absent, Fact::Text),
            Key::PrincipalAccount => self.who.account().map_or(Fact::Absent, |it| Fact::Text(it.as_str())),
            Key::PrincipalType => Fact::Text(self.principal_type()),
            Key::Username => {
                let user = self.who.arn().and_then(|arn| arn.split_once(":user/"));
                user.and_then(|(_, path)| path.rsplit('/').next()).map_or(Fact::Absent, Fact::Text)
            }
            Key::Never => Fact::Bool(false),
            Key::Absent => Fact::Absent,
            Key::Header(name) => self.header(name).map_or(Fact::Absent, Fact::Text),
            Key::Parameter(name) => {
                let found = self.query.iter().find(|(known, _)| known == name);
                found.map_or(Fact::Absent, |(_, value)| Fact::Text(value))
            }
            Key::AuthType => text(self.verified.map(|verified| match verified {
                Verified::InHeader => "REST-HEADER",
                Verified::InQuery => "REST-QUERY-STRING",
            })),
            Key::SignatureVersion => text(self.verified.map(|_| "AWS4-HMAC-SHA256")),
            Key::Payload => self.payload(),
        }
    }
}
